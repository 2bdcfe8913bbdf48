from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from made_up import made_up_inputs

from recal_labs.report.render import render_report
from recal_labs.report.store import store_run


@pytest.fixture(scope="session")
def made_up_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a stored run of the made-up study."""
    folder = tmp_path_factory.mktemp("run")
    store_run(made_up_inputs(), folder)
    return folder


@pytest.fixture(scope="session")
def page_path(made_up_run: Path) -> Path:
    """Its page, rendered once."""
    return render_report(made_up_run)


@pytest.fixture(scope="session")
def page(page_path: Path) -> str:
    return page_path.read_text(encoding="utf-8")
