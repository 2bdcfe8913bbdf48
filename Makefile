# Everything a newcomer needs: `make demo`, `make test`, `make lab`. Python 3.11 and make are all that must be there.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= out
PYTEST_ARGS ?=
# Exit code 3 is "done, with rejects": the sample study has blemishes on purpose.
DONE_WITH_REJECTS := test $$? -eq 3

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-real test lint format lab sample tables readings picture calibrate calibrate-short bench bench-short lock wheel clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 18

$(VENV)/.ready: requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

setup: $(VENV)/.ready  ## make the environment

demo: setup  ## run the main job on the simulated sample study
	$(BIN)/recal-labs run data/sample/study.toml --out $(OUT) || $(DONE_WITH_REJECTS)
	mkdir -p docs/example && cp $(OUT)/report.html docs/example/report.html
	@echo "Open $(OUT)/report.html in a browser."

demo-real: setup  ## the same job on real people (NHANES 2017-2018, urinary metals)
	$(BIN)/recal-labs run data/real/nhanes2017/study.toml --out $(OUT)-real || $(DONE_WITH_REJECTS)
	@echo "Open $(OUT)-real/report.html in a browser."

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint  ## style, types, floors, doctests and tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(PYTEST_ARGS)

format: setup  ## put files into the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lab: setup  ## open JupyterLab in this folder
	$(BIN)/jupyter lab

sample: setup  ## write data/sample anew (same seed, same bytes)
	$(BIN)/python data/sample/simulate.py --out data/sample

tables: setup  ## write the tables of docs/ that are made from the package
	$(BIN)/python docs/write_tables.py
	$(BIN)/python docs/write_ratios.py
	$(BIN)/python docs/write_formats.py

readings: setup  ## write reference_ranges/unit_readings.csv through pint (same bytes)
	$(BIN)/python docs/write_unit_readings.py

picture: setup  ## photograph docs/example/report.html for the README (needs chromium)
	$(BIN)/python docs/example/take_picture.py

calibrate: setup  ## 200 simulated studies through the whole way: are the truths inside the intervals?
	$(BIN)/python benchmarks/calibrate.py --studies 200 --write docs/calibration.md

calibrate-short: setup
	$(BIN)/python benchmarks/calibrate.py --studies 10

bench: setup  ## speed, as ratios in one run
	$(BIN)/python benchmarks/import_time.py
	$(BIN)/python benchmarks/main_job.py
	$(BIN)/python benchmarks/main_job.py --study data/real/nhanes2017/study.toml
	$(BIN)/python benchmarks/normalise_long.py

bench-short: setup
	$(BIN)/python benchmarks/import_time.py --runs 3
	$(BIN)/python benchmarks/normalise_long.py --rows 300000 --pairs 1

lock: setup  ## pin every dependency with its hashes
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate --upgrade pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate -c requirements.lock --extra dev pyproject.toml requirements-build.in -o requirements-dev.lock

wheel: setup  ## build the wheel into dist/
	$(BIN)/python -m build --wheel --no-isolation --outdir dist .

clean:
	rm -rf $(OUT) $(OUT)-real dist .pytest_cache .mypy_cache .ruff_cache
