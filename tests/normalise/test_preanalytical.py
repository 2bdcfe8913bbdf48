"""How a bottle was kept is held against what each of its analytes bears, and the source of every doubt is named."""

import pandas as pd
import polars as pl
import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.normalise import normalise
from recal_labs.normalise.before_analysis import find_preanalytical, unmatched_words
from recal_labs.normalise.handling import (
    handling_lexicons,
    preservatives_of,
    read_bottles,
    read_words,
    temperature_band,
)
from recal_labs.normalise.preanalytical import CODES

COLLECTED = pd.Timestamp(2024, 3, 11, 8)
PANEL = ("dopamine", "norepinephrine", "metanephrine", "cortisol", "hiaa_5", "hva", "vma", "gaba", "creatinine")


def hours(number):
    return COLLECTED + pd.Timedelta(hours=number)


@pytest.fixture
def found(results):
    """Return a function that tells of each bottle which analytes have which codes; list and flags have to agree."""

    def of(*bottles, analytes=PANEL, results_say=None):
        says = results_say or [{}] * len(bottles)
        rows = [
            {
                "specimen_id": f"U{number}",
                "analyte_id": analyte,
                "value": 5.0,
                "unit": "ug/L",
                "collected_at": COLLECTED,
            }
            | more
            for number, more in enumerate(says)
            for analyte in analytes
        ]
        table = pd.DataFrame([{"specimen_id": f"U{number}"} | bottle for number, bottle in enumerate(bottles)])
        made = normalise(results(*rows), specimens=table)
        assert made.frame["specimen_id"].tolist() == [row["specimen_id"] for row in rows]
        listed = find_preanalytical(made, table)
        told = [set(CODES.values()) & set(qc.split(";")) for qc in made.frame["qc"]]
        assert {n: codes for n, codes in enumerate(told) if codes} == {
            n: set(group["code"]) for n, group in listed.groupby("row")
        }
        by_bottle: list[dict] = [{} for _ in bottles]
        for row, codes in zip(rows, told, strict=True):
            if codes:
                by_bottle[int(row["specimen_id"][1:])][row["analyte_id"]] = sorted(codes)
        return by_bottle

    return of


def only(code, *analytes):
    return {analyte: [code] for analyte in analytes}


CATECHOLAMINES = ("dopamine", "norepinephrine")
AMINES = (*CATECHOLAMINES, "metanephrine")
NOT_WARM = (*AMINES, "cortisol", "hva", "vma")
EXERTION = (*CATECHOLAMINES, "hva", "vma")


@pytest.mark.parametrize(
    ("column", "code", "cases"),
    [
        (
            "preservative",
            "preservative_unsuitable",
            [
                # One preserved bottle cannot serve all analytes.
                ("boric acid", (*AMINES, "cortisol")),
                ("25 mL 50% acetic acid", (*AMINES, "cortisol")),
                ("6N HCl, 25 mL", ("cortisol",)),
                ("none", ("hiaa_5",)),
                ("no preservative", ("hiaa_5",)),
                ("thymol", ()),
                ("secret mixture", ()),
                ("HCl never added", ()),
                (None, ()),
            ],
        ),
        (
            "ph",
            "ph_unsuitable",
            [(7.4, CATECHOLAMINES), (7.0, ()), (4.0, ()), (2.0, ()), (1.9, (*AMINES, "hiaa_5")), (None, ())],
        ),
        (
            "storage",
            "storage_unsuitable",
            [
                ("room temperature", NOT_WARM),
                ("22 °C", NOT_WARM),
                ("refrigerated", ()),
                ("frozen -20 C", ()),
                ("in a drawer", ()),
                ("frozen, 22 C", ()),
                (None, ()),
            ],
        ),
        (
            "exercise",
            "exercise_before",
            [
                ("intense", EXERTION),
                ("strenuous run the evening before", EXERTION),
                ("light walk", ()),
                ("none", ()),
                ("no intense exercise", ()),
                (None, ()),
            ],
        ),
        (
            "posture",
            "posture_upright",
            [("upright", ("norepinephrine",)), ("supine", ()), ("sitting", ()), (None, ())],
        ),
    ],
)
def test_each_analyte_has_its_own_demands(found, column, code, cases):
    made = found(*({column: said} for said, _ in cases))
    expected = {said: only(code, *analytes) for said, analytes in cases}
    assert dict(zip(expected, made, strict=True)) == expected


def test_unpreserved_5_hiaa_needs_the_freezer(found):
    bottles = [
        {"preservative": "none", "storage": "4 C"},
        {"preservative": "none", "storage": "-20 C"},
        {"preservative": "HCl", "storage": "4 C"},
    ]
    assert [made.get("hiaa_5") for made in found(*bottles, analytes=["hiaa_5"])] == [
        ["preservative_unsuitable", "storage_unsuitable"],
        ["preservative_unsuitable"],
        None,
    ]


WEEK = 168.0
DELAYS = [
    # A week refrigerated: HVA and VMA (arup_hva, arup_vma), cortisol (beaumont_ufc), 5-HIAA (warde_5hiaa).
    ({"storage": "refrigerated", "preservative": "HCl"}, WEEK, ()),
    (
        {"storage": "refrigerated", "preservative": "HCl"},
        WEEK + 0.1,
        ("hva", "vma", "cortisol", "hiaa_5", *CATECHOLAMINES),
    ),
    # Nobody tells of a preservative: the bottle is not taken for one without.
    ({"storage": "refrigerated"}, WEEK + 1, ("hva", "vma", "cortisol", "hiaa_5", *CATECHOLAMINES)),
    ({"storage": "frozen"}, WEEK + 1, ()),
    ({"storage": "frozen", "preservative": "none"}, WEEK + 1, ("hiaa_5",)),
    ({"storage": "frozen"}, 2 * WEEK + 1, ("hva", "vma", "cortisol")),
    # Nobody tells how it was stored: only what is too late in any case.
    ({"storage": None}, 2 * WEEK + 1, ("vma",)),
    ({"storage": "refrigerated"}, -5.0, ()),
    ({"storage": "refrigerated", "preservative": "none"}, 2 * WEEK + 1, (*AMINES, "cortisol", "hiaa_5", "hva", "vma")),
]


def test_a_delay_is_counted_from_the_collection(found):
    made = found(*(bottle | {"received_at": hours(after)} for bottle, after, _ in DELAYS))
    late = [{analyte for analyte, codes in told.items() if "delayed" in codes} for told in made]
    assert late == [set(analytes) for _, _, analytes in DELAYS]


def test_what_may_have_come_in_time_is_not_called_late(found):
    cases = [
        ({"collected_precision": "day"}, WEEK + 23, False),
        ({"collected_precision": "day", "collected_at": pd.Timestamp(2024, 3, 11)}, WEEK + 17, True),
        ({"collected_precision": "month", "collected_at": pd.Timestamp(2024, 3, 1)}, WEEK + 23, False),
        ({"specimen": "urine_24h"}, WEEK + 23, False),
        ({"specimen": "urine_24h"}, WEEK + 25, True),
        ({"specimen": "urine_24h", "collection_hours": 20.0}, WEEK + 21, True),
        ({"collected_at": pd.NaT}, WEEK + 999, False),
    ]
    bottles = [{"storage": "refrigerated", "received_at": hours(after)} for _, after, _ in cases]
    made = found(*bottles, analytes=["hva"], results_say=[more for more, _, _ in cases])
    assert [told == only("delayed", "hva") for told in made] == [late for _, _, late in cases]


def test_where_laboratories_contradict_each_other_both_are_named(results):
    rows = [{"analyte_id": "metanephrine", "value": 5.0, "unit": "ug/L", "source_file": "a.csv", "source_row": 3}]
    bottles = pd.DataFrame([{"specimen_id": "U1", "preservative": "Boric acid", "ph": 7.5}])
    (listed,) = find_preanalytical(normalise(results(*rows)), bottles).to_dict("records")
    assert listed["source_id"] == "arup_meta"
    assert listed["contradicted_by"] == "mayo_metaf"
    assert listed["matched"] == "preservative 'Boric acid'"
    assert (listed["row"], listed["source_file"], listed["source_row"]) == (0, "a.csv", 3)
    sources = load_catalogue().sources
    assert listed["source_id"] in sources
    assert listed["contradicted_by"] in sources


def test_a_delay_names_the_hours_and_who_would_still_accept_it(results):
    rows = [{"analyte_id": "hva", "value": 5.0, "unit": "ug/L", "collected_at": COLLECTED}]
    bottles = pd.DataFrame(
        [{"specimen_id": "U1", "storage": "fridge", "received_at": hours(200), "preservative": "HCl"}]
    )
    (listed,) = find_preanalytical(normalise(results(*rows)), bottles).to_dict("records")
    assert listed["what"] == "more than 168 h refrigerated"
    assert listed["matched"] == "storage 'fridge', 200.0 h after the collection"
    assert (listed["source_id"], listed["contradicted_by"]) == ("arup_hva", "mayo_hva24")
    assert listed["direction"] == "assay"


def test_of_two_entries_of_a_bottle_the_last_counts(results):
    rows = [{"analyte_id": "dopamine", "value": 5.0, "unit": "ug/L"}]
    bottles = pd.DataFrame({"specimen_id": ["U1", None, "U1"], "preservative": ["boric acid", "boric acid", "HCl"]})
    assert find_preanalytical(normalise(results(*rows)), bottles).empty


@pytest.mark.parametrize("kind", ["polars", "polars_lazy"])
def test_the_list_is_the_same_on_any_frame(results, kind):
    frame = results(
        *({"analyte_id": analyte, "value": 5.0, "unit": "ug/L", "collected_at": COLLECTED} for analyte in PANEL)
    )
    bottles = pd.DataFrame([{"specimen_id": "U1", "preservative": "none", "storage": "RT", "received_at": hours(300)}])
    expected = find_preanalytical(normalise(frame), bottles)
    own = pl.from_pandas(frame) if kind == "polars" else pl.from_pandas(frame).lazy()
    made = find_preanalytical(normalise(own), pl.from_pandas(bottles))
    assert made.lazy().collect().rows() == pl.from_pandas(expected).rows()


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("-20 °C", "frozen"),
        ("−80°C", "frozen"),
        ("minus 18 C", "frozen"),
        ("4 C", "refrigerated"),
        ("2-8 °C", "refrigerated"),
        ("2 - 8 C", "refrigerated"),
        ("20,5 °C", "ambient"),
        ("25 deg C", "ambient"),
        ("12 C", ""),
        ("40 C", ""),
        ("B12 Chest", ""),
        ("", ""),
    ],
)
def test_temperatures_of_storage(text, band):
    assert temperature_band(text) == band


def test_two_preservatives_are_both_held_against_the_analytes():
    lexicon = handling_lexicons(load_catalogue())["preservative"]
    assert read_words("preservative", "HCl and boric acid", lexicon) == ("hydrochloric_acid", "boric_acid")


def test_one_preservative_in_two_spellings_is_one():
    texts = ["HCl", "25 mL hydrochloric acid", "Mix A", " mix a ", "", None]
    bottles = read_bottles(pd.DataFrame({"specimen_id": [f"U{n}" for n in range(6)], "preservative": texts}))
    told = preservatives_of(bottles, load_catalogue())["preservative"].to_list()
    assert told == ["hydrochloric_acid", "hydrochloric_acid", "mix a", "mix a", None, None]


def test_words_of_a_bottle_that_nothing_is_known_of_are_listed():
    bottles = pd.DataFrame(
        {
            "specimen_id": ["U1", "U2", "U3"],
            "preservative": ["Mix A", "Mix A", "HCl"],
            "storage": ["fridge then frozen", None, "4 C"],
        }
    )
    assert unmatched_words(specimens=pl.from_pandas(bottles)).rows() == [
        ("specimens", "preservative", "Mix A", 2, "no word known"),
        ("specimens", "storage", "fridge then frozen", 1, "its words contradict each other"),
    ]


def test_every_condition_of_the_catalogue_has_its_code():
    assert {rule["factor"] for rule in load_catalogue().preanalytical} == set(CODES)
