"""Data quality: missing data are not headers, and what is not counted here is said to be elsewhere."""

import pandas as pd
import pytest
from made_up import made_up_inputs
from test_sections import run_of

from recal_labs.report.facts import gather_facts
from recal_labs.report.sections.quality import show_quality, show_worklist

NO_RESULT = pd.DataFrame(
    {"source_file": "panels/lab_a.csv", "reason": ["header"] * 5 + ["empty_cell"] * 8 + ["empty_value"] * 2, "raw": ""}
)


@pytest.fixture(scope="module")
def run():
    return run_of(no_result=NO_RESULT)


def test_empty_cells_are_counted_apart_from_headers_and_notes(run):
    files = run.facts["quality"]["files"]
    assert [(f["without_value"], f["no_result"]) for f in files] == [(10, 5), (0, 0)]
    for record in files:
        parts = (record[key] for key in ("results", "rejects", "without_value", "no_result"))
        assert sum(parts) == record["positions"]
    html = show_quality(run)._repr_html_()
    assert ">Empty</th>" in html
    assert "by design" not in html
    assert "10 empty" in html


def test_rejects_that_the_page_does_not_count_are_said_to_be_in_the_file(run):
    said = " ".join(run.facts["quality"]["sentences"])
    assert "rejects.csv also lists what was refused in questionnaires" in said
    assert "Rejects of panel files" in show_quality(run)._repr_html_()


def test_nobody_is_blamed_for_a_name_that_is_not_in_the_catalogue(run):
    assert run.facts["quality"]["sentences"][-1] == (
        "2 names or units are not in the catalogue yet, or have more than one meaning there."
    )
    one = gather_facts(made_up_inputs(worklist=made_up_inputs().worklist.head(1)))
    assert one["quality"]["sentences"][-1].startswith("1 name or unit is not in the catalogue yet")
    assert "nobody" not in (show_worklist(run)._repr_html_() + show_quality(run)._repr_html_()).lower()
