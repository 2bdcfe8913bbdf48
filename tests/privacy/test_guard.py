"""The guard: same rows, same order, same kind of frame, and the same codes in every table."""

import datetime as dt

import pandas as pd
import polars as pl
import pytest

from recal_labs.columns import NO_RESULT, REJECTS, RESULTS, polars_schema
from recal_labs.errors import ChoiceError, TableError
from recal_labs.ingest.profiles import Marks
from recal_labs.ingest.ranges import read_range
from recal_labs.privacy import Key, Protection
from recal_labs.provenance import FileRecord

from .conftest import SECRET

ROWS = [
    {
        "subject_id": "S1",
        "specimen_id": "U1",
        "collected_at": dt.datetime(2024, 3, 1, 7, 30),
        "reported_at": dt.datetime(2024, 3, 4),
        "utc_offset_min": 60,
        "specimen": "urine_spot",
        "age_years": 93.7,
        "analyte_id": "hva",
        "comparator": "<",
        "value": 4.0,
        "unit": "mg/L",
        "reported_name": "HVA",
        "reported_value": "less than 4",
        "reported_unit": "mg/L",
        "reported_range": "2 - 8 says Ann",
        "reported_low": 2.0,
        "reported_high": 8.0,
        "reported_flag": "H",
        "loinc": "99999-9",
        "replaces": "U0",
        "lab_id": "Dr Ann",
        "method": "by Ann",
        "source_file": "Ann.csv",
        "source_row": 2,
        "source_place": "row 2 column HVA",
    },
    {
        "subject_id": "S1",
        "specimen_id": "U0",
        "collected_at": dt.datetime(2024, 2, 1),
        "specimen": "urine_spot",
        "age_years": 1.3,
        "analyte_id": "dopamine",
        "comparator": "",
        "value": 160.5,
        "unit": "ug/L",
        "reported_name": "DA of Ann",
        "reported_value": "160,5 *",
        "lab_id": "lab_a",
        "method": "LC-MS/MS",
        "source_file": "Ann.csv",
        "source_row": 3,
        "source_place": "row 3 column DA of Ann",
    },
]
RESULT_ROWS = pl.DataFrame(ROWS, schema=polars_schema(RESULTS))


def test_results_keep_rows_order_numbers_and_closed_words(guard):
    coded = guard.results(RESULT_ROWS, labs=["lab_a"])
    assert coded.columns == RESULT_ROWS.columns
    assert coded.schema == RESULT_ROWS.schema
    same = ["collected_at", "reported_at", "specimen", "analyte_id", "comparator", "value", "unit", "source_row"]
    assert coded.select(same).equals(RESULT_ROWS.select(same))


def test_results_lose_every_word_that_is_not_known(guard):
    first, second = guard.results(RESULT_ROWS, labs=["lab_a"]).iter_rows(named=True)
    assert "Ann" not in str((first, second))
    assert first["reported_value"] == "<4"
    assert second["reported_value"] == "160,5 *"
    assert first["reported_range"] == "2 - 8"
    assert (first["reported_name"], first["reported_unit"], first["reported_flag"]) == ("HVA", "mg/L", "H")
    assert first["loinc"] is None
    assert (first["lab_id"][0], second["lab_id"]) == ("L", "lab_a")
    assert (first["method"][0], second["method"]) == ("T", "LC-MS/MS")
    assert first["source_place"] == "row 2 column HVA"
    assert second["source_place"].startswith("row 3 column T-")


def test_ages_are_coarse(guard):
    assert guard.results(RESULT_ROWS)["age_years"].to_list() == [90.0, pytest.approx(15 / 12)]


def test_a_correction_still_names_the_specimen_that_it_replaces(guard):
    first, second = guard.results(RESULT_ROWS).iter_rows(named=True)
    assert first["replaces"] == second["specimen_id"]
    assert first["subject_id"] == second["subject_id"]


def test_shifted_dates_keep_their_intervals_and_lose_their_offset(shifting):
    coded = shifting.results(RESULT_ROWS)
    apart = [coded[name][0] - coded["collected_at"][1] for name in ("collected_at", "reported_at")]
    assert apart == [RESULT_ROWS[name][0] - RESULT_ROWS["collected_at"][1] for name in ("collected_at", "reported_at")]
    assert coded["collected_at"][0] != RESULT_ROWS["collected_at"][0]
    assert coded["collected_at"][0].time() == dt.time(7, 30)
    assert coded["utc_offset_min"].to_list() == [None, None]


def test_every_table_of_one_subject_moves_alike(shifting):
    day = pd.Timestamp("2024-03-01")
    results = shifting.results(RESULT_ROWS)
    moved = results["collected_at"][0] - ROWS[0]["collected_at"]
    tables = {
        "assessed_at": shifting.outcomes(
            pd.DataFrame({"subject_id": ["S1"], "assessed_at": [day], "instrument": "phq9", "score": 1.0})
        ),
        "start": shifting.interventions(
            pd.DataFrame(
                {"subject_id": ["S1"], "kind": "nutritional", "name": "iron", "start": [day], "stop": [pd.NaT]}
            )
        ),
        "onset": shifting.adverse_events(
            pd.DataFrame({"subject_id": ["S1"], "onset": [day], "category": "sleep", "note": "Ann"})
        ),
        "received_at": shifting.specimens(pd.DataFrame({"specimen_id": ["U1"], "received_at": [day]})),
    }
    for column, table in tables.items():
        assert table[column][0] - day == moved, column
    assert "note" not in tables["onset"]
    assert tables["start"]["stop"].isna().all()


def test_a_bottle_of_nobody_loses_its_date_only_where_dates_move(guard, shifting):
    bottles = pd.DataFrame({"specimen_id": ["U9"], "received_at": [pd.Timestamp("2024-03-01")]})
    assert shifting.specimens(bottles)["received_at"].isna().all()
    assert guard.specimens(bottles)["received_at"].notna().all()


def test_a_form_of_nobody_moves_with_its_file(shifting):
    items = pd.DataFrame(
        {
            "subject_id": [None, None, "S1"],
            "source_file": ["a.csv", "a.csv", "a.csv"],
            "source_row": [2, 3, 4],
            "assessed_at": pd.to_datetime(["2024-03-01", "2024-03-08", "2024-03-01"]),
            "reported_date": ["1.3.24", None, "1.3.24"],
            "q1": ["1", "2", "3"],
        }
    )
    coded = shifting.items(items)
    assert (coded["assessed_at"][1] - coded["assessed_at"][0]).days == 7
    assert coded["assessed_at"][0] != items["assessed_at"][0]
    assert coded["reported_date"].isna().tolist() == [False, True, False]
    assert coded["q1"].tolist() == ["1", "2", "3"]
    assert coded["subject_id"].isna().tolist() == [True, True, False]


def test_subjects_lose_birth_years_and_strange_columns(guard):
    people = pd.DataFrame(
        {
            "subject_id": ["S1", "S2"],
            "birth_year": [1930, 1980],
            "age_years": [93.0, 44.5],
            "Name": ["Ann", "Bob"],
            "site": ["x", "y"],
            "group": ["Ann's", None],
        },
        index=[7, 8],
    )
    coded = guard.subjects(people, keep=["site"])
    assert list(coded.columns) == ["subject_id", "age_years", "site", "group"]
    # An index may be the numbers of patients.
    assert list(coded.index) == [0, 1]
    assert coded["age_years"].tolist() == [90.0, 44.0]
    assert not coded.astype(str).apply(lambda c: c.str.contains("Ann|Bob|^x$")).any(axis=None)


def test_words_of_a_closed_list_stay_however_few_share_them(guard):
    """A covariate is kept by name; sex unknown of one person is no code that nothing downstream would know."""
    people = pd.DataFrame({"subject_id": ["S1", "S2", "S3"], "sex": ["female", "unknown", "male"]})
    assert guard.subjects(people, keep=["sex", "age_years"])["sex"].tolist() == ["female", "unknown", "male"]


def test_rejects_of_panels_and_of_tables_are_told_apart_and_keep_their_order(guard):
    rows = [
        ("Ann.csv", 2, "row 2", "unknown_unit", "'Ann' is no unit", "HVA|4|Ann"),
        ("people.csv", 3, "age_years", "unreadable_value", "age_years is 'Ann'", "Ann"),
        ("forms.csv", 4, "q3", "impossible_value", "q3 is '9'", "9"),
        ("Ann.csv", 5, "row 5", "unreadable_row", "Ann", "Ann|Smith"),
    ]
    rejects = pl.DataFrame(rows, schema=polars_schema(REJECTS), orient="row")
    coded = guard.rejects(rejects)
    assert coded.select("source_row", "source_place", "reason").equals(
        rejects.select("source_row", "source_place", "reason")
    )
    assert "Ann" not in str(coded.to_dicts())
    assert coded["raw"][1:].to_list() == ["withheld"] * 3


def test_records_keep_counts_and_lose_name_and_hash(guard):
    record = FileRecord(path="Ann.csv", sha256="ab" * 32, positions=2, results=1, rejects=1, rejects_by_reason={"x": 1})
    coded = guard.record(record)
    assert coded.path == guard.file("Ann.csv")
    assert coded.sha256.startswith("hmac:")
    assert coded.check_conservation().rejects_by_reason == {"x": 1}


@pytest.mark.parametrize("kind", ["pandas", "polars", "lazy"])
def test_the_kind_that_came_in_comes_back_with_the_same_values(guard, kind):
    given = {"pandas": RESULT_ROWS.to_pandas(), "polars": RESULT_ROWS, "lazy": RESULT_ROWS.lazy()}[kind]
    coded = guard.results(given)
    assert type(coded) is type(given)
    whole = coded.collect() if kind == "lazy" else coded
    whole = pl.from_pandas(whole) if kind == "pandas" else whole
    for name in ("subject_id", "specimen_id", "reported_value", "source_place", "age_years"):
        assert whole[name].to_list() == guard.results(RESULT_ROWS)[name].to_list(), name


def test_empty_tables_pass(guard, shifting):
    for table, work in ((RESULTS, shifting.results), (REJECTS, guard.rejects), (NO_RESULT, guard.no_result)):
        empty = pl.DataFrame(schema=polars_schema(table))
        assert work(empty).equals(empty)
        assert len(work(pd.DataFrame(columns=list(table.names)))) == 0


def test_what_comes_in_is_not_changed(guard):
    frame = RESULT_ROWS.to_pandas()
    before = frame.copy()
    guard.results(frame)
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("days", [-1, 3651])
def test_a_distance_out_of_range_is_refused(days):
    with pytest.raises(ChoiceError, match="expected a whole number from 1 to 3650"):
        Protection(Key(SECRET), days)


def test_categories_become_texts_that_remember_nothing(guard):
    names = ["Anna Schmidt", "Bob"]
    people = pd.DataFrame({"subject_id": pd.Categorical(names), "group": pd.Categorical(names)})
    for frame in (people, pl.from_pandas(people)):
        coded = guard.subjects(frame)
        assert not any(str(dtype).lower().startswith(("cat", "enum")) for dtype in coded.dtypes)
        shown = str(coded.to_dict()) if isinstance(coded, pd.DataFrame) else str(coded.to_dicts())
        assert "Anna" not in shown
        assert "P-" in shown
        assert "T-" in shown


def test_numbers_serve_as_ids_and_groups(guard):
    people = pd.DataFrame({"subject_id": [17, 18], "group": [5550173942, 1], "weight_kg": [70, 80]})
    coded = guard.subjects(people)
    assert coded["subject_id"].str.startswith("P-").all()
    assert coded["group"].str.startswith("T-").all()
    assert coded["weight_kg"].tolist() == [70, 80]


def test_dates_that_are_texts_are_refused_where_they_should_move(shifting):
    frame = pd.DataFrame({"subject_id": ["S1"], "instrument": "phq9", "assessed_at": ["2024-01-05"]})
    with pytest.raises(TableError, match=r"pandas\.to_datetime"):
        shifting.outcomes(frame)


@pytest.mark.parametrize("printed", ["0171-9998887", "<19500312", "0171 - 9998887 Anna"])
def test_a_range_that_may_be_a_telephone_number_goes_with_its_limits(guard, printed):
    low, high = read_range(printed, Marks())
    frame = pd.DataFrame(
        {"subject_id": ["S1"], "reported_range": [printed], "reported_low": [low], "reported_high": [high]}
    ).astype({"reported_low": float, "reported_high": float})
    coded = guard.results(frame)
    assert coded["reported_range"].tolist() == ["withheld"]
    assert coded[["reported_low", "reported_high"]].isna().all(axis=None)
