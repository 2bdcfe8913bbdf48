"""Which row stands: the stated rule, in whatever order rows and files come; nothing is lost and nothing averaged."""

from datetime import datetime

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recal_labs.normalise import normalise

HVA = {"analyte_id": "hva", "value": 4.0, "unit": "mg/L"}
PER_GRAM = HVA | {"unit": "mg/g{creat}"}
CREATININE = {"analyte_id": "creatinine", "value": 80.0, "unit": "mg/dL"}
CODES = {"duplicate", "rerun", "superseded", "withdrawn"}
STANDS = "stands"


def at(hour):
    return pd.Timestamp(2024, 3, 11, hour)


@pytest.fixture
def verdicts(results):
    """Return a function that tells of each row whether it stands, or why it does not."""

    def of(*rows, base=HVA):
        frame = normalise(results(*(base | row for row in rows))).frame
        codes = [CODES & set(qc.split(";")) for qc in frame["qc"]]
        # Exactly one of the two is said of every row.
        assert [not code for code in codes] == frame["current"].tolist()
        return [next(iter(code), STANDS) for code in codes]

    return of


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"status": "final"}, {"status": "corrected"}, ["superseded", STANDS]),
        ({"status": "corrected"}, {"status": "final"}, [STANDS, "superseded"]),
        ({"status": "preliminary"}, {"status": "final"}, ["superseded", STANDS]),
        ({"status": "final"}, {"status": "preliminary"}, [STANDS, "superseded"]),
        ({"status": "preliminary"}, {"status": "corrected"}, ["superseded", STANDS]),
        ({"status": "corrected"}, {"status": "corrected", "value": 5.0}, ["superseded", STANDS]),
        ({"status": "preliminary"}, {"status": "preliminary", "value": 5.0}, ["rerun", STANDS]),
        ({}, {"value": 5.0}, ["rerun", STANDS]),
        ({}, {}, ["duplicate", STANDS]),
        ({}, {"comparator": "<"}, ["rerun", STANDS]),
        ({}, {"value": None}, [STANDS, "superseded"]),
        ({"status": "preliminary"}, {"value": None}, [STANDS, "superseded"]),
        ({"value": None}, {"value": None}, ["superseded", STANDS]),
    ],
)
def test_of_two_rows_the_status_decides_and_then_the_order(verdicts, first, second, expected):
    assert verdicts(first, second) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"reported_at": at(9)}, {"reported_at": at(8), "value": 5.0}, [STANDS, "rerun"]),
        ({"reported_at": at(8)}, {"reported_at": at(9), "value": 5.0}, ["rerun", STANDS]),
        ({"reported_at": at(8)}, {"reported_at": None, "value": 5.0}, [STANDS, "rerun"]),
        ({"reported_at": at(8)}, {"reported_at": at(9), "status": "preliminary"}, [STANDS, "superseded"]),
        ({"reported_at": at(8), "status": "corrected"}, {"reported_at": at(9)}, [STANDS, "superseded"]),
        ({"reported_at": at(8)}, {"reported_at": at(8)}, ["duplicate", STANDS]),
        ({"reported_at": at(8)}, {"reported_at": at(9)}, ["rerun", STANDS]),
        ({"reported_at": None}, {"reported_at": at(9)}, ["rerun", STANDS]),
        (
            {"reported_at": at(8), "source_file": "a.csv"},
            {"reported_at": at(9), "source_file": "b.csv"},
            ["duplicate", STANDS],
        ),
        (
            {"reported_at": at(8), "source_file": "b.csv"},
            {"reported_at": at(8), "source_file": "a.csv", "value": 5.0},
            [STANDS, "rerun"],
        ),
    ],
)
def test_of_equals_the_newest_report_stands(verdicts, first, second, expected):
    assert verdicts(first, second) == expected


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        ({"source_file": "b.csv", "source_row": 2}, {"source_file": "a.csv", "source_row": 9}),
        ({"source_file": "a.csv", "source_row": 10}, {"source_file": "a.csv", "source_row": 9}),
        (
            {"source_row": 3, "source_place": "msg 1 OBX 2 rep 10"},
            {"source_row": 3, "source_place": "msg 1 OBX 2 rep 9"},
        ),
    ],
)
def test_of_equals_without_a_time_the_last_by_file_row_and_place_stands(verdicts, later, earlier):
    assert verdicts(later, earlier | {"value": 5.0}) == [STANDS, "rerun"]
    assert verdicts(earlier, later | {"value": 5.0}) == ["rerun", STANDS]


def test_the_same_result_in_another_unit_is_the_same_result(verdicts):
    assert verdicts({"value": 4.0, "unit": "mg/L"}, {"value": 4000.0, "unit": "ug/L"}) == ["duplicate", STANDS]
    assert verdicts({"value": 0.3, "unit": "mg/L"}, {"value": 300.0, "unit": "ug/L"}) == ["duplicate", STANDS]
    assert verdicts({"value": 4.0, "unit": "mg/L"}, {"value": 4.0, "unit": "ug/L"}) == ["rerun", STANDS]


def test_where_the_unit_is_not_known_its_own_text_is_compared(verdicts):
    odd = {"unit": "mm[Hg]"}
    assert verdicts(odd, odd) == ["duplicate", STANDS]
    assert verdicts(odd, {"unit": "furlong"}) == ["rerun", STANDS]


@pytest.mark.parametrize(
    "different",
    [
        {"subject_id": "S2"},
        {"specimen_id": "U2"},
        {"analyte_id": "vma"},
        {"fraction": "free"},
        {"timepoint": "waking"},
        {"unit": "mg/g{creat}"},
        {"specimen_id": None},
    ],
)
def test_what_is_another_measurement_stands_beside_it(verdicts, different):
    assert verdicts({}, different) == [STANDS, STANDS]


def test_rows_without_a_specimen_id_are_never_taken_for_each_other(verdicts):
    nameless = {"specimen_id": None}
    assert verdicts(nameless, nameless, nameless | {"status": "corrected"}) == [STANDS] * 3
    assert verdicts(nameless, nameless | {"status": "entered_in_error"}) == [STANDS, "withdrawn"]


@pytest.mark.parametrize("status", ["cancelled", "entered_in_error"])
def test_a_withdrawal_takes_with_it_what_was_reported_before_and_nothing_after(verdicts, status):
    gone = {"status": status, "reported_at": at(9)}
    assert verdicts({"reported_at": at(8)}, gone) == ["withdrawn", "withdrawn"]
    assert verdicts({"reported_at": at(10)}, gone) == [STANDS, "withdrawn"]
    assert verdicts({"reported_at": at(8)}, gone, {"reported_at": at(10)}) == ["withdrawn", "withdrawn", STANDS]
    assert verdicts(gone, {"reported_at": None}) == ["withdrawn", "withdrawn"]
    assert verdicts({"reported_at": at(8), "status": "corrected"}, gone) == ["withdrawn", "withdrawn"]


def test_a_withdrawal_without_a_time_is_placed_by_its_file_and_row(verdicts):
    gone = {"status": "cancelled", "source_file": "a.csv", "source_row": 3}
    assert verdicts({"source_file": "a.csv", "source_row": 4}, gone) == [STANDS, "withdrawn"]
    assert verdicts({"source_file": "a.csv", "source_row": 2}, gone) == ["withdrawn", "withdrawn"]


@pytest.mark.parametrize("names", [("a.csv", "b.csv"), ("b.csv", "a.csv")])
def test_how_files_are_called_does_not_save_a_result_that_was_taken_back(verdicts, names):
    result, notice = ({"source_file": name} for name in names)
    notice |= {"status": "entered_in_error"}
    assert verdicts(result, notice) == ["withdrawn", "withdrawn"]
    assert verdicts(result | {"reported_at": at(8)}, notice) == ["withdrawn", "withdrawn"]
    assert verdicts(result | {"reported_at": at(8)}, notice | {"reported_at": at(8)}) == ["withdrawn", "withdrawn"]
    assert verdicts(result | {"reported_at": at(9)}, notice | {"reported_at": at(8)}) == [STANDS, "withdrawn"]


def test_a_correction_in_one_basis_leaves_no_uncorrected_result_in_the_other(verdicts):
    corrected = PER_GRAM | {"status": "corrected"}
    assert verdicts({}, corrected) == ["superseded", STANDS]
    assert verdicts(corrected, {}) == [STANDS, "superseded"]
    assert verdicts({}, corrected, {"status": "corrected"}) == ["superseded", STANDS, STANDS]
    assert verdicts({}, corrected | {"fraction": "free"}) == [STANDS, STANDS]


def test_a_withdrawal_of_one_measurement_leaves_the_others(verdicts):
    gone = {"status": "entered_in_error", "fraction": "free"}
    assert verdicts({}, gone) == [STANDS, "withdrawn"]
    assert verdicts({}, {"status": "entered_in_error", "unit": "mg/g{creat}"}) == [STANDS, "withdrawn"]


def test_a_withdrawal_without_number_and_unit_speaks_of_every_basis(verdicts):
    gone = {"status": "entered_in_error", "value": None, "unit": None}
    assert verdicts({}, {"unit": "mg/g{creat}"}, gone) == ["withdrawn"] * 3
    assert verdicts({}, gone | {"fraction": "free"}) == [STANDS, "withdrawn"]
    assert verdicts(gone, {}) == ["withdrawn", STANDS]


def test_a_correction_that_takes_the_number_back_leaves_none(verdicts):
    taken_back = {"status": "corrected", "value": None, "unit": None}
    assert verdicts({}, {"unit": "mg/g{creat}"}, taken_back) == ["superseded", "superseded", STANDS]
    assert verdicts(taken_back, {}) == [STANDS, "superseded"]
    assert verdicts(taken_back, {"status": "corrected"}) == ["superseded", STANDS]
    assert verdicts({"status": "corrected"}, taken_back) == ["superseded", STANDS]


def test_a_row_that_replaces_another_accession_takes_its_place(verdicts):
    newer = {"specimen_id": "U2", "replaces": "U1", "unit": "mg/g{creat}"}
    rows = ({}, {"analyte_id": "vma"}, {"fraction": "free"}, {"subject_id": "S2"}, newer)
    assert verdicts(*rows) == ["superseded", STANDS, STANDS, STANDS, STANDS]
    assert verdicts(*rows[::-1]) == [STANDS, STANDS, STANDS, STANDS, "superseded"]


def test_each_link_of_a_chain_of_replacements_is_superseded_but_the_last(verdicts):
    second, third = {"specimen_id": "U2", "replaces": "U1"}, {"specimen_id": "U3", "replaces": "U2"}
    assert verdicts({}, second, third) == ["superseded", "superseded", STANDS]
    assert verdicts(third, second, {}) == [STANDS, "superseded", "superseded"]


def test_every_run_of_a_replaced_accession_is_superseded(verdicts):
    rows = ({}, {"value": 5.0}, {"status": "corrected"}, {"specimen_id": "U2", "replaces": "U1"})
    assert verdicts(*rows) == ["superseded", "superseded", "superseded", STANDS]


def test_a_withdrawn_row_replaces_nothing(verdicts):
    assert verdicts({}, {"specimen_id": "U2", "replaces": "U1", "status": "cancelled"}) == [STANDS, "withdrawn"]


def test_what_was_withdrawn_stays_so_when_it_is_replaced(verdicts):
    gone = {"status": "entered_in_error"}
    assert verdicts({}, gone, {"specimen_id": "U2", "replaces": "U1"}) == ["withdrawn", "withdrawn", STANDS]


def test_two_accessions_that_each_replace_the_other_say_nothing(verdicts):
    rows = ({"replaces": "U2"}, {"specimen_id": "U2", "replaces": "U1"})
    assert verdicts(*rows) == [STANDS, STANDS]
    assert verdicts(*rows, {"specimen_id": "U3", "replaces": "U1"}) == ["superseded", STANDS, STANDS]


def test_a_row_that_replaces_what_its_own_accession_said_is_a_correction(verdicts):
    first, second = {"reported_at": at(9)}, {"reported_at": at(8), "replaces": "U1", "value": 5.0}
    assert verdicts(first, second) == ["superseded", STANDS]


def test_a_row_without_a_specimen_id_may_replace_an_accession(verdicts):
    assert verdicts({}, {"specimen_id": None, "replaces": "U1"}) == ["superseded", STANDS]


def test_of_several_creatinines_the_newest_is_used_and_none_is_averaged(results):
    first, second = CREATININE | {"reported_at": at(9)}, CREATININE | {"value": 100.0, "reported_at": at(8)}
    frame = normalise(results(HVA, first, second)).frame
    assert frame["amount"].iloc[0] == pytest.approx(4.0 / 0.8)
    assert frame["current"].tolist() == [True, True, False]
    assert frame["value"].tolist() == [4.0, 80.0, 100.0]
    assert frame["qc"].str.split(";").map(lambda codes: "several_creatinines" in codes).tolist() == [True] * 3


def test_a_creatinine_that_was_corrected_or_withdrawn_is_not_used(results):
    corrected = CREATININE | {"value": 100.0, "status": "corrected"}
    assert normalise(results(HVA, corrected, CREATININE)).frame["amount"].iloc[0] == pytest.approx(4.0)
    withdrawn = CREATININE | {"status": "entered_in_error"}
    assert normalise(results(HVA, CREATININE, withdrawn)).frame["amount"].isna().iloc[0]


STATUSES = ["final", "final", "corrected", "preliminary", "cancelled", "entered_in_error"]


def _row():
    return st.fixed_dictionaries(
        {
            "subject_id": st.sampled_from(["S1", "S2", "S3", "S4", "S5", "S6"]),
            "specimen_id": st.sampled_from(["U1", "U1", "U1", None]),
            "unit": st.sampled_from(["mg/L", "mg/L", "mg/g{creat}"]),
            "value": st.sampled_from([4.0, 4.0, 5.0, None]),
            "status": st.sampled_from(STATUSES),
            "reported_at": st.sampled_from([None, at(8), at(9), at(10)]),
            "source_file": st.sampled_from(["a.hl7", "b.hl7"]),
        }
    )


def _expected(rows):
    """Return the verdict on each row by the rule as it is written, one key after the other."""
    rank = {"preliminary": 2, "final": 3, "corrected": 4, "cancelled": 0, "entered_in_error": 0}

    def order(index):
        row = rows[index]
        return (row["reported_at"] or datetime(1, 1, 1), row["source_file"], row["source_row"])

    def rank_of(index):
        row = rows[index]
        return 1 if row["value"] is None and rank[row["status"]] in (2, 3) else rank[row["status"]]

    def surely_after(index, notice):
        mine, other = rows[index], rows[notice]
        if mine["reported_at"] == other["reported_at"]:
            return mine["source_file"] == other["source_file"] and mine["source_row"] > other["source_row"]
        return None not in (mine["reported_at"], other["reported_at"]) and mine["reported_at"] > other["reported_at"]

    verdict, standing_of = {}, {}
    keys = [
        (row["subject_id"], row["specimen_id"] or f"nameless {index}", row["unit"]) for index, row in enumerate(rows)
    ]
    for key in set(keys):
        mine = [index for index in range(len(rows)) if keys[index] == key]
        gone = [index for index in mine if rank_of(index) == 0]
        after = [index for index in mine if rank_of(index) and all(surely_after(index, g) for g in gone)]
        standing_of[key] = max(after, key=lambda index: (rank_of(index), order(index)), default=None), mine, after
    corrected = {key[:2] for key, (best, _, _) in standing_of.items() if best is not None and rank_of(best) == 4}
    for key, (standing, mine, after) in standing_of.items():
        overruled = key[:2] in corrected and standing is not None and rank_of(standing) < 4
        for index in mine:
            if index not in after:
                verdict[index] = "withdrawn"
            elif overruled:
                verdict[index] = "superseded"
            elif index == standing:
                verdict[index] = STANDS
            elif rank_of(index) != rank_of(standing) or rank_of(index) == 1:
                verdict[index] = "superseded"
            else:
                row, best = rows[index], rows[standing]
                again = row["reported_at"] == best["reported_at"] or row["source_file"] != best["source_file"]
                if row["value"] is not None and row["value"] == best["value"] and again:
                    verdict[index] = "duplicate"
                else:
                    verdict[index] = "superseded" if rank_of(index) == 4 else "rerun"
    return [verdict[index] for index in range(len(rows))]


@settings(max_examples=15, deadline=None)
@given(rows=st.lists(_row(), min_size=1, max_size=50), shuffle=st.randoms(use_true_random=False))
def test_the_verdict_is_that_of_the_rule_in_any_order_of_rows_and_files(rows, shuffle):
    rows = [row | {"source_row": number} for number, row in enumerate(rows)]
    base = {"specimen": "urine_spot", "analyte_id": "hva", "comparator": ""}
    frame = pd.DataFrame([base | row for row in rows])

    def told(handed):
        made = normalise(handed).frame
        codes = [next(iter(CODES & set(qc.split(";"))), STANDS) for qc in made["qc"]]
        assert made["current"].tolist() == [code == STANDS for code in codes]
        assert len(made) == len(handed)
        return dict(zip(made["source_row"], codes, strict=True))

    found = told(frame)
    assert [found[number] for number in range(len(rows))] == _expected(rows)
    places = list(range(len(rows)))
    shuffle.shuffle(places)
    assert told(frame.iloc[places]) == found


def test_a_lazy_frame_gives_the_same(results):
    frame = results(HVA, HVA, HVA | {"status": "cancelled", "specimen_id": "U2"}, CREATININE)
    eager = normalise(frame).frame[["current", "qc"]]
    lazy = normalise(pl.from_pandas(frame).lazy()).frame.select("current", "qc").collect()
    assert lazy.rows() == list(eager.itertuples(index=False, name=None))


def test_a_creatinine_that_was_sent_twice_is_one(results):
    frame = normalise(results(HVA, CREATININE, CREATININE)).frame
    assert not frame["qc"].str.contains("several_creatinines").any()
    again = normalise(results(HVA, CREATININE, CREATININE | {"value": 120.0})).frame
    assert again["qc"].str.contains("several_creatinines").all()
