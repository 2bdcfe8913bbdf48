"""What people take, eat and have on record meets the results it is known to move, at the time it was there."""

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recal_labs.catalogue import load_catalogue
from recal_labs.errors import TableError
from recal_labs.normalise import normalise
from recal_labs.normalise.before_analysis import find_interferences, unmatched_words
from recal_labs.normalise.interference import takes_caffeine

DAY = pd.Timestamp(2024, 3, 11, 8)


def row(analyte="serotonin", at=DAY, **more):
    return {"analyte_id": analyte, "value": 80.0, "unit": "ug/g{creat}", "collected_at": at} | more


def taken(*names, start="2024-01-01", stop=None, kind="pharmaceutical", subject="S1", dose=None, unit=None):
    return pd.DataFrame(
        {
            "subject_id": subject,
            "kind": kind,
            "name": list(names),
            "dose": dose,
            "unit": unit,
            "start": pd.to_datetime(start),
            "stop": pd.to_datetime(stop),
        }
    )


@pytest.fixture
def flagged(results):
    """Return a function that tells which rows are flagged; the list has to agree with the flags."""

    def of(*rows, **tables):
        made = normalise(results(*rows), **tables)
        found = find_interferences(made, **tables)
        codes = ["interference" in qc.split(";") for qc in made.frame["qc"]]
        assert sorted(set(found.loc[found["code"] != "", "row"])) == [n for n, code in enumerate(codes) if code]
        assert len(made.frame) == len(rows)
        return codes

    return of


NAMES = [
    ("sertraline", "serotonin", True),
    ("Zoloft", "serotonin", True),
    ("SERTRALINE 50 mg tablets", "serotonin", True),
    ("sertraline", "hva", False),
    ("acetaminophen", "hiaa_5", True),
    ("Panadol", "metanephrine", True),
    ("L-DOPA", "hva", True),
    ("levodopa/carbidopa", "dopamine", True),
    ("Sinemet 25/100", "dopamine", True),
    ("Mucuna pruriens extract", "dopamine", True),
    ("5-HTP", "hiaa_5", True),
    ("5HTP 100 mg", "hiaa_5", True),
    ("L-tryptophan", "hiaa_5", True),
    ("phenelzine", "hiaa_5", True),
    ("Emsam", "pea", True),
    ("nortriptyline", "normetanephrine", True),
    ("promethazine", "metanephrine", True),
    ("prednisone", "cortisol", True),
    ("prednisone", "histamine", True),
    ("loratadine", "histamine", True),
    ("famotidine", "histamine", True),
    ("salbutamol inhaler", "norepinephrine", True),
    ("pseudoephedrine", "epinephrine", True),
    ("methylphenidate", "pea", True),
    ("vitamin B6", "normetanephrine", True),
    ("metformin", "norepinephrine", False),
    ("dopamine support", "dopamine", False),
    ("norepinephrine reuptake inhibitor", "norepinephrine", False),
    ("placebo (sertraline)", "serotonin", False),
    ("stopped sertraline", "serotonin", False),
    ("decaf coffee", "norepinephrine", False),
    ("caffeine-free diet", "norepinephrine", False),
    ("clonidine withdrawal", "norepinephrine", True),
]


def test_names_are_known_as_people_write_them(flagged):
    people = [f"S{number}" for number in range(len(NAMES))]
    rows = [row(analyte, subject_id=who) for who, (_, analyte, _) in zip(people, NAMES, strict=True)]
    drugs = taken(*(name for name, _, _ in NAMES), subject=people)
    found = dict(zip(NAMES, flagged(*rows, interventions=drugs), strict=True))
    assert found == {case: case[2] for case in NAMES}


TIMES = [
    ("2024-03-09 23:59", "minute", False),
    ("2024-03-10 00:00", "minute", True),
    ("2024-03-20 23:59", "minute", True),
    ("2024-03-21 00:00", "minute", False),
    ("2024-03-09", "day", False),
    ("2024-03-10", "day", True),
    ("2024-03-20", "day", True),
    ("2024-03-21", "day", False),
    ("2024-02-01", "month", False),
    ("2024-03-01", "month", True),
    ("2024-04-01", "month", False),
    (None, None, False),
]


def test_without_a_washout_a_medicine_counts_on_its_own_days_and_no_others(flagged):
    # Serotonin and SSRI: the source asks for no days without it.
    rows = [
        row(at=pd.Timestamp(at) if at else pd.NaT, collected_precision=precision, specimen_id=f"U{number}")
        for number, (at, precision, _) in enumerate(TIMES)
    ]
    found = flagged(*rows, interventions=taken("sertraline", start="2024-03-10", stop="2024-03-20"))
    assert dict(zip(TIMES, found, strict=True)) == {case: case[2] for case in TIMES}


@pytest.mark.parametrize(("days", "expected"), [(0, True), (2, True), (3, False)])
def test_the_washout_is_counted_from_the_end_of_the_last_day(flagged, days, expected):
    # Paracetamol before 5-HIAA: 2 days (centracare_hiaa).
    at = pd.Timestamp("2024-03-20 12:00") + pd.Timedelta(days=days)
    assert flagged(row("hiaa_5", at), interventions=taken("paracetamol", stop="2024-03-20")) == [expected]


def test_a_washout_of_half_a_day_and_a_stop_with_a_time(flagged):
    # Injections of catecholamines: 12 h (mayo_catu).
    given_drip = taken("dopamine infusion", start="2024-03-11 02:00", stop="2024-03-11 08:00")
    times = ["2024-03-11 01:00", "2024-03-11 19:59", "2024-03-11 20:00"]
    rows = [row("dopamine", pd.Timestamp(at), specimen_id=at) for at in times]
    assert flagged(*rows, interventions=given_drip) == [False, True, False]


def test_a_missing_start_or_stop_has_no_bound(flagged):
    assert flagged(row(), interventions=taken("sertraline", start=None, stop="2024-06-01")) == [True]
    assert flagged(row(), interventions=taken("sertraline", start="2020-01-01")) == [True]
    assert flagged(row(at=pd.NaT), interventions=taken("sertraline", start=None)) == [True]


def test_a_timed_collection_counts_to_its_end(flagged):
    timed = {"specimen": "urine_24h", "unit": "ug/(24.h)"}
    begun = taken("sertraline", start="2024-03-12 06:00")
    assert flagged(row(**timed), interventions=begun) == [True]
    assert flagged(row(**timed, collection_hours=20.0), interventions=begun) == [False]
    bottles = pd.DataFrame({"specimen_id": ["U1"], "collection_hours": [20.0]})
    assert flagged(row(**timed), interventions=begun, specimens=bottles) == [False]


def test_it_is_that_persons_and_nobody_elses(flagged):
    rows = row(), row(subject_id="S2", specimen_id="U2"), row(subject_id=None, specimen_id="U3")
    assert flagged(*rows, interventions=taken("sertraline")) == [True, False, False]


PEOPLE = [
    ({"smoker": True}, "dopamine", True),
    ({"smoker": True}, "serotonin", True),
    ({"smoker": False}, "dopamine", False),
    ({"smoker": None}, "dopamine", False),
    ({"caffeine": "two a day"}, "norepinephrine", True),
    ({"caffeine": "none"}, "norepinephrine", False),
    ({"caffeine": "unknown"}, "norepinephrine", False),
    ({"caffeine": None}, "norepinephrine", False),
    ({"egfr": 42.0}, "cortisol", True),
    ({"egfr": 50.0}, "cortisol", False),
    ({"egfr": 42.0}, "dopamine", False),
    ({"pregnant": True}, "cortisol", False),
]


def test_what_the_table_of_subjects_says_holds_for_every_collection(flagged):
    ids = [f"S{number}" for number in range(len(PEOPLE))]
    subjects = pd.DataFrame([{"subject_id": who} | case[0] for who, case in zip(ids, PEOPLE, strict=True)])
    for at in (DAY, pd.NaT):
        rows = [row(analyte, at, subject_id=who) for who, (_, analyte, _) in zip(ids, PEOPLE, strict=True)]
        assert flagged(*rows, subjects=subjects) == [expected for _, _, expected in PEOPLE]


@pytest.mark.parametrize(
    ("text", "takes"),
    [
        ("1-2 cups", True),
        ("daily", True),
        ("0", False),
        ("No", False),
        ("no coffee", False),
        ("decaf only", False),
        ("T-ABCDEFGHIJKLMNOP", False),
        ("", False),
    ],
)
def test_free_words_of_caffeine(text, takes):
    assert takes_caffeine(text) is takes


def test_a_general_precaution_is_listed_and_is_no_flag(results):
    made = normalise(results(row("hva")), interventions=taken("metformin"))
    assert "interference" not in made.frame["qc"].item().split(";")
    found = find_interferences(made, interventions=taken("metformin"))
    assert set(found["what"]) == {"all non-essential medication", "over-the-counter medicines, herbal products"}
    assert (found["code"] == "").all()
    eaten = find_interferences(made, interventions=taken("magnesium", kind="nutritional"))
    assert eaten["what"].tolist() == ["over-the-counter medicines, herbal products"]
    assert find_interferences(made, interventions=taken("therapy", kind="behavioural")).empty


def test_the_list_names_what_was_found_and_where_it_is_from(results):
    source = {"source_file": "a.csv", "source_row": 7, "source_place": "row 7"}
    rows = row("vma"), row("hiaa_5", **source), row("creatinine", unit="g/L")
    drug = taken("Tylenol", start="2024-03-10", stop="2024-03-11", dose=500.0, unit="mg")
    found = find_interferences(normalise(results(*rows)), interventions=drug)
    told = found[found["code"] == "interference"].iloc[0]
    fact = next(
        fact
        for fact in load_catalogue().interferences
        if fact["analyte_id"] == "hiaa_5" and fact["interferent"] == "paracetamol (acetaminophen)"
    )
    assert told["what"] == fact["interferent"]
    assert told["factor"] == fact["interferent_kind"] == "drug"
    assert told["direction"] == fact["direction"]
    assert told["source_id"] == fact["source_id"]
    assert told["washout_days"] == float(fact["washout_days"])
    assert told["matched"] == "pharmaceutical intervention 'Tylenol' 500 mg from 2024-03-10 to 2024-03-11"
    assert (told["row"], told["source_file"], told["source_row"], told["source_place"]) == (1, "a.csv", 7, "row 7")


def test_without_tables_nothing_is_found_and_nothing_changes(results):
    made = normalise(results(row()))
    assert find_interferences(made).empty
    pd.testing.assert_frame_equal(normalise(results(row()), interventions=taken("metformin")).frame, made.frame)


@pytest.mark.parametrize("kind", ["pandas", "polars", "polars_lazy"])
def test_the_list_is_of_the_kind_of_the_frame(results, kind):
    frame = results(row(), row("hiaa_5"))
    drugs = taken("sertraline", "paracetamol")
    expected = find_interferences(normalise(frame), interventions=drugs)
    own = {"pandas": frame, "polars": pl.from_pandas(frame), "polars_lazy": pl.from_pandas(frame).lazy()}[kind]
    found = find_interferences(normalise(own), interventions=pl.from_pandas(drugs))
    assert type(found).__module__.startswith("pandas" if kind == "pandas" else "polars")
    told = found.collect() if kind == "polars_lazy" else found if kind == "polars" else pl.from_pandas(found)
    assert told.rows() == pl.from_pandas(expected).rows()


def test_empty_tables_find_nothing(flagged):
    assert flagged(row(), interventions=taken("sertraline").iloc[:0], subjects=pd.DataFrame({"subject_id": []})) == [
        False
    ]


def test_a_table_without_a_needed_column_or_of_another_kind_is_refused(results):
    with pytest.raises(TableError, match="interventions"):
        normalise(results(row()), interventions=pd.DataFrame({"subject_id": ["S1"]}))
    with pytest.raises(TableError, match="kind holds 'pill'"):
        normalise(results(row()), interventions=taken("sertraline", kind="pill"))


def test_names_that_nothing_is_known_of_are_listed_for_a_person():
    drugs = taken("metformin", "metformin", "sertraline", "no sertraline")
    assert list(unmatched_words(interventions=drugs).itertuples(index=False, name=None)) == [
        ("interventions", "name", "metformin", 2, "no word known"),
        ("interventions", "name", "no sertraline", 1, "a word beside it turns it round"),
    ]


def test_every_interferent_that_a_table_can_tell_of_is_reached_by_its_own_words():
    catalogue = load_catalogue()
    # Conditions that no table records stay in the catalogue for readers.
    told = {fact["interferent"] for fact in catalogue.interferences if fact["interferent_kind"] in ("drug", "food")}
    for phrase in sorted(told):
        found = unmatched_words(interventions=taken(phrase), catalogue=catalogue)
        assert found.empty, phrase


SPANS = st.tuples(st.integers(-6, 6), st.integers(0, 5), st.booleans(), st.booleans())


@settings(max_examples=15, deadline=None)
@given(spans=st.lists(SPANS, min_size=1, max_size=6), days=st.lists(st.integers(-9, 9), min_size=1, max_size=6))
def test_a_row_is_flagged_when_any_span_and_its_washout_reach_it(spans, days):
    # Paracetamol before metanephrines: 7 days (ruh_meta).
    drugs = pd.concat(
        [
            taken(
                "paracetamol",
                start=None if open_start else DAY.normalize() + pd.Timedelta(days=start),
                stop=None if open_stop else DAY.normalize() + pd.Timedelta(days=start + length),
            )
            for start, length, open_start, open_stop in spans
        ],
        ignore_index=True,
    )
    frame = pd.DataFrame(
        [
            {"subject_id": "S1", "specimen_id": f"U{n}", "specimen": "urine_spot", "comparator": ""}
            | row("metanephrine", DAY + pd.Timedelta(days=day))
            for n, day in enumerate(days)
        ]
    )
    made = normalise(frame, interventions=drugs).frame
    expected = [
        any(
            (open_start or start <= day) and (open_stop or day < start + length + 1 + 7)
            for start, length, open_start, open_stop in spans
        )
        for day in days
    ]
    assert [("interference" in qc.split(";")) for qc in made["qc"]] == expected
    assert made["specimen_id"].tolist() == frame["specimen_id"].tolist()
