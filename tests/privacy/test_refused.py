"""Rejects say what and where, in words of the laboratory only."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recal_labs.catalogue import load_catalogue
from recal_labs.columns import REJECTS, polars_schema
from recal_labs.ingest.resolve import UNSTATED_SPECIMEN
from recal_labs.ingest.worklist import worklist
from recal_labs.privacy import Key, with_coded_suggestions
from recal_labs.privacy.codes import Coder
from recal_labs.privacy.refused import FINDINGS, reduced, told, with_reduced_cells, with_reduced_gaps
from recal_labs.privacy.words import KnownWords
from recal_labs.vocabulary import REJECT_REASONS

from .conftest import SECRET

WORDS = KnownWords(load_catalogue())


def cut(raw, reason="unreadable_value"):
    return reduced(raw, reason, Coder(Key(SECRET)), WORDS)


@pytest.mark.parametrize(
    ("raw", "reason", "kept"),
    [
        ("HVA|4.2|mg/L|2 - 8|H", "impossible_value", "HVA|4.2|mg/L|2 - 8|H"),
        ("HVA|ask Ann|mg/L", "unreadable_value", "HVA|withheld|mg/L"),
        ("HVA|4.2|mg/L|see Ann|Ann", "impossible_value", "HVA|4.2|mg/L|withheld|withheld"),
        ("HVA|QNS|mg/L", "not_measured", "HVA|QNS|mg/L"),
        ("HVA|4.2", "missing_unit", "HVA|4.2"),
        ("HVA|5550173942|mg/L", "impossible_value", "HVA|withheld|mg/L"),
        ("S1|U1|Ann|HVA|4.2", "unreadable_row", "withheld"),
        ("HVA|4.2|mg/L", "missing_subject", "withheld"),
        ("17.06.1943", "unreadable_date", "withheld"),
        ("", "unreadable_file", ""),
        (None, "unreadable_value", ""),
    ],
)
def test_what_is_in_its_place_stays_and_the_rest_goes(raw, reason, kept):
    assert cut(raw, reason) == kept


def test_a_value_beside_an_unknown_name_or_unit_may_be_that_of_a_person():
    unknown_name = cut("Phone|4.2|mg/L", "unknown_analyte").split("|")
    assert unknown_name[1:] == ["withheld", "mg/L"]
    assert unknown_name[0].startswith("T-")
    unknown_unit = cut("HVA|4.2|Smith", "unknown_unit").split("|")
    assert unknown_unit[:2] == ["HVA", "withheld"]
    assert unknown_unit[2].startswith("T-")


@given(st.text(), st.sampled_from(sorted(REJECT_REASONS)))
def test_no_text_at_all_comes_through_by_chance(text, reason):
    marked = f"Quill{text}feather"
    pieces = [marked, f"HVA|{marked}|mg/L", f"HVA|4.2|{marked}", f"HVA|4.2|mg/L|{marked}", f"HVA|4.2|mg/L|2-8|{marked}"]
    for raw in pieces:
        kept = cut(raw, reason)
        assert "quill" not in kept.casefold()
        assert "feather" not in kept.casefold()


def test_every_reason_has_a_sentence_without_a_word_of_the_file():
    for reason in REJECT_REASONS:
        sentence = told(reason, "Ann|Smith|mg/Ann", "'Ann' is not in the catalogue, Smith.csv", WORDS)
        assert len(sentence) > 20
        assert "Ann" not in sentence
        assert "Smith" not in sentence


@pytest.mark.parametrize("finding", sorted(FINDINGS))
def test_what_is_wrong_with_a_whole_file_is_told_where_it_quotes_nothing(finding):
    detail = f"Ann: x.csv: {finding}; expected a text; do something."
    assert told("unreadable_file", "", detail, WORDS) == f"The whole file could not be read: {finding}"
    assert told("unreadable_file", "", f"Ann.csv: {finding}.", WORDS).endswith(finding)


def test_findings_are_those_that_the_readers_state(tmp_path):
    from recal_labs.ingest.text import _BINARY

    assert {f"it is {what}" for _, what, _ in _BINARY} <= FINDINGS


def test_gaps_keep_their_analyte_and_lines_beside_the_data_keep_nothing():
    gaps = pl.DataFrame(
        {
            "raw": ["HVA||mg/L", "Phone||", "Dr Smith", "Ann|HVA", "", "mg/L|Ann"],
            "reason": ["empty_cell", "empty_cell", "footer", "header", "empty_cell", "unit_row"],
        }
    )
    kept = with_reduced_gaps(gaps, Coder(Key(SECRET)), WORDS)["raw"].to_list()
    assert kept == ["HVA", "withheld", "withheld", "withheld", "", "withheld"]


def test_cells_of_tables_lose_their_text():
    cells = pl.DataFrame({"reason": ["unreadable_date"], "detail": ["onset is '17.06.1943'"], "raw": ["17.06.1943"]})
    done = with_reduced_cells(cells)
    assert done["raw"].to_list() == ["withheld"]
    assert "1943" not in done["detail"][0]


def test_a_specimen_that_is_not_stated_is_told_apart_from_one_that_is_withheld():
    unstated = told("wrong_specimen", "HVA|4|mg/L", UNSTATED_SPECIMEN, WORDS)
    assert unstated == UNSTATED_SPECIMEN
    for detail in ("'Smith' is no known specimen", f"{UNSTATED_SPECIMEN} Smith", None):
        said = told("wrong_specimen", "HVA|4|mg/L", detail, WORDS)
        assert said.endswith("What the file says there is withheld")
        assert "Smith" not in said


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ("mgg/L", "Did you mean mg/L? Correct it in the file"),
        ("Smith", "the key table has it. Correct it in the file"),
        ("ug/g", "does not say per what"),
    ],
)
def test_a_unit_is_told_only_where_it_is_a_slip_of_the_pen(unit, said):
    sentence = told("unknown_unit", f"HVA|4|{unit}", f"{unit} is not known", WORDS)
    assert said in sentence
    assert "Smith" not in sentence


def test_a_worklist_of_codes_gives_advice_and_no_neighbours_of_the_code(guard):
    rows = [
        ("a.csv", 1, "row 1", "unknown_analyte", "x", "Homovanilic acid|4|mg/L"),
        ("a.csv", 2, "row 2", "unknown_unit", "x", "HVA|4|furlong"),
        ("a.csv", 3, "row 3", "ambiguous_analyte", "x", "NE|4|mg/L"),
    ]
    rejects = guard.rejects(pl.DataFrame(rows, schema=polars_schema(REJECTS), orient="row"))
    words = with_coded_suggestions(worklist(rejects, guard.words.catalogue), rejects)
    advice = dict(zip(words["what"], words["suggestion"], strict=True))
    assert (
        "nearest: " in words.filter(pl.col("text").str.starts_with("T-") & (pl.col("what") == "name"))["suggestion"][0]
    )
    assert "units.csv" in advice["unit (unknown unit)"]
    originals = dict(guard.originals.select("code", "original").iter_rows())
    assert {originals.get(text, text) for text in words["text"]} >= {"Homovanilic acid", "furlong"}
