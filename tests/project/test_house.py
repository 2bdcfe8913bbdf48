"""The floors hold, the front door is light and complete, and no file tells where it was made."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import recal_labs as rl

ROOT = Path(__file__).parents[2]


def test_imports_go_down_the_floors_only():
    from importlinter.cli import lint_imports

    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_nobody_inside_comes_in_by_the_front_door():
    strays = []
    for path in sorted((ROOT / "recal_labs").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            plain = isinstance(node, ast.Import) and any(name.name == "recal_labs" for name in node.names)
            if plain or (isinstance(node, ast.ImportFrom) and node.module == "recal_labs"):
                strays.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert strays == []


def test_front_door_loads_no_heavy_room():
    script = "import sys, recal_labs; print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    for heavy in ("polars", "narwhals", "scipy", "matplotlib", "pint", "sklearn", "statsmodels", "nbconvert"):
        assert f"'{heavy}'" not in loaded


@pytest.mark.parametrize("name", rl.__all__)
def test_every_public_name_is_there_and_explained(name):
    thing = getattr(rl, name)
    assert name == "__version__" or thing.__doc__


def test_normalise_stays_a_function_after_its_room_is_imported():
    import recal_labs.normalise.units  # noqa: F401

    assert callable(rl.normalise)
    assert rl.normalise.__name__ == "normalise"


def test_no_committed_file_tells_where_it_was_made():
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout")
    telling = re.compile(r"/ro" r"ot/|/wo" r"rk/|pythonho" r"sted|py" r"pi\.org|registry\.npm" r"js")
    for name in listing.stdout.splitlines():
        path = ROOT / name
        if path.is_file() and path.suffix not in {".png", ".pdf", ".parquet", ".xpt", ".xlsx"}:
            assert not telling.search(path.read_text(encoding="utf-8", errors="replace")), name
