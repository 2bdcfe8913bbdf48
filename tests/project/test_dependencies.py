"""pyproject.toml, environment.yml and the lock files name the same dependencies, and no address."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CONDA_NAMES = {"matplotlib-base": "matplotlib", "great-tables": "great_tables"}
# What conda users need beside the run-time dependencies: the interpreter, pip itself, and the test runner.
CONDA_ONLY = {"python", "pip", "pytest"}


def _split(requirement: str) -> tuple[str, str]:
    name, bound = re.fullmatch(r"([A-Za-z0-9_.-]+)(.*)", requirement.strip()).groups()
    return name, bound.replace(" ", "")


def _pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _conda() -> dict[str, str]:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    plain = [entry for entry in listed if isinstance(entry, str)]
    nested = [line for entry in listed if isinstance(entry, dict) for line in entry["pip"] if not line.startswith("-")]
    found = dict(_split(entry) for entry in plain + nested)
    return {CONDA_NAMES.get(name, name): bound for name, bound in found.items()}


def test_conda_environment_names_the_same_dependencies_and_bounds():
    wanted = dict(_split(entry) for entry in _pyproject()["dependencies"])
    found = {name: bound for name, bound in _conda().items() if name not in CONDA_ONLY}
    assert found == wanted


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_pin_everything_with_hashes_and_hold_no_address(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    pins = re.findall(r"^[A-Za-z0-9_.\[\]-]+==\S+", text, flags=re.MULTILINE)
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(pins) == len(blocks)
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text
    assert "--index" not in text


def test_lock_holds_every_declared_dependency():
    locked = {
        name.lower().replace("_", "-")
        for name in re.findall(r"^([A-Za-z0-9_.-]+)==", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE)
    }
    declared = {_split(entry)[0].lower().replace("_", "-") for entry in _pyproject()["dependencies"]}
    assert declared <= locked


def test_version_is_the_same_in_package_and_project():
    import recal_labs

    assert recal_labs.__version__ == _pyproject()["version"]
