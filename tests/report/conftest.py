from __future__ import annotations

import copy
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from made_up import ANALYTES, SCRIPT, disagreement, made_up_inputs

from recal_labs.catalogue.files import data_folder
from recal_labs.report import render
from recal_labs.report.store import store_run

HOSTILE = {
    "title": f"A made-up study {SCRIPT}",
    "question": f"Does {SCRIPT} show as text?",
    "labels": (f"Only for tests {SCRIPT}",),
    "analyte_names": ANALYTES | {"gaba": SCRIPT},
    "disagreement": disagreement(publisher=f"Page {SCRIPT}"),
}


def hostile_inputs():
    """The made-up study with markup in every field that comes from outside."""
    usual = made_up_inputs()
    files = (
        usual.files[0].__class__(**(usual.files[0].to_dict() | {"path": f"panels/{SCRIPT}.csv"})),
        *usual.files[1:],
    )
    rejects = usual.rejects.replace({"panels/lab_a.csv": f"panels/{SCRIPT}.csv"})
    worklist = usual.worklist.assign(text=SCRIPT, example=SCRIPT, suggestion=SCRIPT)
    return made_up_inputs(files=files, rejects=rejects, worklist=worklist, **HOSTILE)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stored run whose texts try to be markup: every test of the page runs on it."""
    folder = tmp_path_factory.mktemp("run")
    store_run(hostile_inputs(), folder)
    return folder


@pytest.fixture(scope="session")
def executed(run_folder: Path):
    """The report's notebook, run once by a real kernel for the whole session."""
    return render._execute(data_folder("notebooks") / render.NOTEBOOK, run_folder)


@pytest.fixture(scope="session")
def page_path(run_folder: Path, executed) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "_execute", lambda *_: copy.deepcopy(executed))
        return render.render_report(run_folder)


@pytest.fixture(scope="session")
def page(page_path: Path) -> str:
    return page_path.read_text(encoding="utf-8")
