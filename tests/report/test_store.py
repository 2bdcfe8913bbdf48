"""No run is opened, and so no page is made, without its statement and the debate."""

import copy
import json

import pytest
from made_up import made_up_inputs

from recal_labs.errors import FileProblem, ReportError
from recal_labs.report.facts import gather_facts
from recal_labs.report.render import render_report
from recal_labs.report.store import open_run, store_run

FACTS = gather_facts(made_up_inputs())


def without(*path):
    def change(facts):
        inside = facts
        for name in path[:-1]:
            inside = inside[name]
        del inside[path[-1]]

    return change


def put(value, *path):
    def change(facts):
        inside = facts
        for name in path[:-1]:
            inside = inside[name]
        inside[path[-1]] = value

    return change


WAYS = {
    "no statement": without("statement"),
    "statement is null": put(None, "statement"),
    "statement is a bare sentence": put("It is fine.", "statement"),
    "no headline": without("statement", "headline"),
    "blank headline": put("  ", "statement", "headline"),
    "nothing it cannot show": put([], "statement", "cannot_show"),
    "blank lines instead of what it cannot show": put([""], "statement", "cannot_show"),
    "no closing": put("", "statement", "closing"),
    "nobody it is for": put("", "statement", "for_whom"),
    "no fingerprint": put("", "statement", "statement_id"),
    "a stronger headline than was written": put("Dopamine causes depression.", "statement", "headline"),
    "a weakness taken out": put([], "statement", "weakens"),
    "change without its statement": without("change", "statement"),
    "change with half a statement": put([], "change", "statement", "cannot_show"),
    "no section on clinical use": without("utility"),
    "an empty section on clinical use": put([], "utility", "sentences"),
    "no limits": without("limits"),
    "facts of another version": put(99, "schema"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_page_without_its_statement_cannot_be_made(way, tmp_path):
    facts = copy.deepcopy(FACTS)
    WAYS[way](facts)
    (tmp_path / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(ReportError):
        render_report(tmp_path)
    assert not (tmp_path / "report.html").exists()


def test_a_stored_run_opens_again_the_same(tmp_path):
    facts = store_run(made_up_inputs(), tmp_path)
    run = open_run(tmp_path)
    assert run.facts == facts
    assert len(run.positions) == 600
    assert "subject_id" not in run.positions
    assert repr(run).startswith("Run of 'A made-up study'")


def test_without_stored_positions_the_strip_is_left_out_and_numbers_close_up(tmp_path):
    store_run(made_up_inputs(), tmp_path)
    (tmp_path / "tables" / "positions.parquet").unlink()
    numbers = open_run(tmp_path).numbers
    assert "figure:places" not in numbers
    figures = [number for key, number in numbers.items() if key.startswith("figure:")]
    assert figures == [f"Figure {i}" for i in range(1, len(figures) + 1)]


def test_a_folder_without_a_run_is_named(tmp_path):
    with pytest.raises(FileProblem, match=r"facts\.json: there is no such file.*run the study first"):
        open_run(tmp_path)


@pytest.mark.parametrize("content", ["{broken", "[]"])
def test_a_broken_file_of_facts_is_named(content, tmp_path):
    (tmp_path / "facts.json").write_text(content, encoding="utf-8")
    with pytest.raises(FileProblem, match=r"facts\.json"):
        open_run(tmp_path)
