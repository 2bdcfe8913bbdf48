"""Where sources disagree: the rows of the catalogue's own table of disagreements, then counts against a plain loop."""

from itertools import combinations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.choices import Choices
from recal_labs.errors import ChoiceError, TableError, UnknownWordError
from recal_labs.normalise import RangeDisagreement, normalise, range_disagreement
from recal_labs.normalise.units import convert

DAY = {"specimen": "urine_24h"}
MAN = {"sex": "male"}

# "Where laboratories disagree" of reference_ranges/README.md: a result of an adult, and what each source there says.
TABLE = [
    ({"analyte_id": "gaba", "value": 450, "unit": "ug/g{creat}"}, {"hm_gaba2": "H", "hm_gaba4": "L"}),
    ({"analyte_id": "serotonin", "value": 150, "unit": "ug/g{creat}"}, {"hm_serotonin3": "H", "hm_serotonin4": "N"}),
    (
        {"analyte_id": "dopamine", "value": 245, "unit": "ug/g{creat}"},
        {"hm_dopamine7": "H", "hm_dopamine5": "L", "uiowa_catur": "N", "uhn_catech": "N"},
    ),
    (
        {"analyte_id": "epinephrine", "value": 8, "unit": "ug/g{creat}"},
        {"hm_epi_pooled": "H", "hm_epi4": "L", "uiowa_catur": "N", "smh_catech": "N", "uhn_catech": "N"},
    ),
    (
        {"analyte_id": "cortisol", "value": 60, "unit": "ug/g{creat}"} | MAN,
        {"arup_cortisol": "H", "mayo_ccfr": "N", "nhsggc_cortisol": "N"},
    ),
    (
        {"analyte_id": "cortisol", "value": 200, "unit": "nmol/(24.h)"} | DAY,
        {"rlbuht_cortisol [superseded]": "N", "rlbuht_cortisol": "H", "exeter_cortisol": "H"},
    ),
    (
        {"analyte_id": "normetanephrine", "value": 600, "unit": "ug/(24.h)", "age_years": 55.0} | DAY | MAN,
        {"mayo_meta3": "H", "labcorp_meta": "H", "ruh_meta": "N", "exeter_meta": "N"},
    ),
    # Two of that row's sources print totals: they speak of a total only.
    (
        {"analyte_id": "normetanephrine", "value": 600, "unit": "ug/(24.h)", "age_years": 55.0, "fraction": "total"}
        | DAY
        | MAN,
        {"uiowa_meta": "N", "li_bhattacharya": "N"},
    ),
    (
        {"analyte_id": "hva", "value": 10, "unit": "mg/(24.h)"} | DAY,
        {"combet2011": "H", "mayo_hva24": "H", "arup_hva": "N"},
    ),
    (
        {"analyte_id": "hiaa_5", "value": 45, "unit": "umol/(24.h)"} | DAY,
        {
            **dict.fromkeys(("basildon_5hiaa", "exeter_5hiaa", "calanchini2019", "uhnm_5hiaa"), "H"),
            **dict.fromkeys(("uiowa_5hiaa", "warde_5hiaa", "adam_5hiaa", "fpnotebook_5hiaa"), "N"),
        },
    ),
]


def said(found):
    """Return the verdict of each source on each row."""
    labels = found.results["source_id"] + np.where(
        found.results["condition"] == "", "", " [" + found.results["condition"] + "]"
    )
    frame = found.results.assign(label=labels)
    return {row: dict(zip(part["label"], part["verdict"], strict=True)) for row, part in frame.groupby("row")}


def test_the_catalogues_table_of_disagreements_comes_out_exactly(results):
    frame = results(*(row | {"specimen_id": f"U{i}", "value": float(row["value"])} for i, (row, _) in enumerate(TABLE)))
    found = range_disagreement(normalise(frame), across_collections=True, conditions=("superseded",), per_result=True)
    verdicts = said(found)
    for number, (row, expected) in enumerate(TABLE):
        assert {source: verdicts[number][source] for source in expected} == expected, row
    assert (found.verdicts["share_differ"] == 1.0).all()


def test_dopamine_245_is_high_low_and_normal_in_four_sources(results):
    row = {"analyte_id": "dopamine", "value": 245.0, "unit": "ug/g{creat}"}
    normalised = normalise(results(row))
    four = range_disagreement(normalised, across_collections=True, per_result=True)
    assert said(four)[0] == {"hm_dopamine7": "H", "hm_dopamine5": "L", "uiowa_catur": "N", "uhn_catech": "N"}
    # The fourth prints its ratio for a 24 h bottle, which a single void is not.
    strict = range_disagreement(normalised, per_result=True)
    assert said(strict)[0] == {"hm_dopamine7": "H", "hm_dopamine5": "L", "uiowa_catur": "N"}
    (line,) = four.verdicts.to_dict("records")
    counted = ("n_results", "n_sources", "n_compared", "n_differ", "n_depends", "n_opposite", "n_abnormal")
    assert [line[name] for name in counted] == [1, 4, 1, 1, 1, 1, 1]


def test_limits_stand_in_one_unit_with_all_that_tells_them_apart(results):
    row = {"analyte_id": "dopamine", "value": 245.0, "unit": "ug/g{creat}"}
    limits = range_disagreement(normalise(results(row))).limits
    assert set(limits["unit"]) == {"ug/g{creat}"}
    adult = limits[limits["age_low_years"].isna() | (limits["age_low_years"] == 18)].set_index("source_id")
    bounds = {source: (line["lower"], round(line["upper"])) for source, line in adult.fillna({"lower": -1}).iterrows()}
    assert bounds == {
        "uhn_catech": (-1, 528),
        "uiowa_catur": (0, 250),
        "hm_dopamine5": (250, 400),
        "hm_dopamine7": (130, 240),
    }
    # Listed, and not asked: it was printed for another kind of collection.
    assert (adult.loc["uhn_catech", "collection"], adult.loc["uhn_catech", "n_results"]) == ("urine_24h", 0)
    assert adult["quality"].to_dict() == {
        "uhn_catech": "A",
        "uiowa_catur": "B",
        "hm_dopamine5": "D",
        "hm_dopamine7": "D",
    }
    assert adult.loc["hm_dopamine5", "publisher"] == "healthmatters.io"
    why = limits.groupby("not_asked")["source_id"].unique().map(sorted).to_dict()
    assert why == {
        "": ["hm_dopamine5", "hm_dopamine7", "uiowa_catur"],
        "nobody of that sex and age": ["mayo_catcr", "uiowa_catur"],
        "other collection": ["uhn_catech"],
    }


def test_infants_epinephrine_is_five_to_six_times_apart(results):
    row = {"analyte_id": "epinephrine", "value": 70.0, "unit": "ug/g{creat}"}
    rows = [row | {"specimen_id": f"U{months}", "age_years": months / 12} for months in (3, 8)]
    found = range_disagreement(normalise(results(*rows)), per_result=True)
    used = found.limits[found.limits["n_results"] > 0].set_index(["source_id", "age_low_years"])["upper"]
    assert (used["uiowa_catur", 0.0], used["mayo_catcr", 0.0], used["mayo_catcr", 0.5]) == (380.0, 76.0, 61.0)
    # Intervals without an age are an adult's, so the two consumer pages are not asked about infants.
    assert said(found) == {0: {"mayo_catcr": "N", "uiowa_catur": "N"}, 1: {"mayo_catcr": "H", "uiowa_catur": "N"}}


def test_decision_limits_and_conditions_are_listed_and_never_asked(results):
    row = {"analyte_id": "hiaa_5", "value": 8.0, "unit": "mg/(24.h)"} | DAY
    limits = range_disagreement(normalise(results(row))).limits
    silent = limits[(limits["kind"] == "decision_limit") | (limits["condition"] != "")]
    assert set(silent["condition"]) == {"carcinoid"}
    assert set(silent["not_asked"]) == {"decision limit"}
    cortisol = {"analyte_id": "cortisol", "value": 20.0, "unit": "ug/g{creat}"} | MAN
    for conditions, why in (((), {"condition"}), (("morning 05:45-07:15",), {""})):
        limits = range_disagreement(normalise(results(cortisol)), conditions=conditions).limits
        assert set(limits.loc[limits["condition"] == "morning 05:45-07:15", "not_asked"]) == why


def test_qualities_may_be_left_out(results):
    row = {"analyte_id": "dopamine", "value": 245.0, "unit": "ug/g{creat}"}
    found = range_disagreement(normalise(results(row)), qualities=("A", "B", "C"), per_result=True)
    assert said(found)[0] == {"uiowa_catur": "N"}
    assert set(found.limits.loc[found.limits["quality"] == "D", "not_asked"]) == {"quality"}
    (line,) = found.verdicts.to_dict("records")
    assert (line["n_sources"], line["n_compared"], line["pair"]) == (1, 0, "")
    assert np.isnan(line["share_differ"])
    with pytest.raises(UnknownWordError, match="quality"):
        range_disagreement(normalise(results(row)), qualities=("E",))


def test_unlike_fractions_are_never_compared(results):
    rows = [
        {"analyte_id": "metanephrine", "value": 150.0, "unit": "ug/(24.h)", "fraction": fraction} | DAY
        for fraction in ("free", "total", "unspecified")
    ]
    found = range_disagreement(normalise(results(*rows)), per_result=True)
    named = {row: set(verdicts) for row, verdicts in said(found).items()}
    assert 0 not in named
    assert named[1] & named[2] == set()
    assert "arup_meta" in named[1]
    assert "mayo_meta3" in named[2]
    assert found.verdicts["fraction"].tolist() == ["free", "total", "unspecified"]


def test_what_censoring_leaves_open_is_not_placed(results):
    # Below 300 ug/g may be anything to 130 to 240 (hm_dopamine7), 250 to 400 (hm_dopamine5) and 0 to 250 (uiowa_catur).
    row = {"analyte_id": "dopamine", "value": 300.0, "unit": "ug/g{creat}"}
    rows = [row | {"comparator": comparator, "specimen_id": comparator} for comparator in ("<", "")]
    found = range_disagreement(normalise(results(*rows)), per_result=True)
    assert said(found)[0] == dict.fromkeys(("hm_dopamine5", "hm_dopamine7", "uiowa_catur"), "IND")
    (line,) = found.verdicts.to_dict("records")
    assert (line["n_results"], line["n_compared"], line["n_differ"]) == (2, 1, 1)


PRINTED = {"analyte_id": "hva", "value": 6.0, "unit": "mg/g{creat}", "reported_low": 0.5, "reported_high": 5.0}


@pytest.mark.parametrize("sources", [(), ("reported_by_lab",)])
def test_the_labs_printed_range_is_one_more_source_whatever_was_chosen(results, sources):
    normalised = normalise(results(PRINTED | {"lab_id": "lab_a"}), choices=Choices(range_sources=sources))
    assert normalised.frame["interpretation"].item() == ("H" if sources else "N")
    found = range_disagreement(normalised, per_result=True)
    assert said(found)[0] == {"arup_hva": "N", "reported_by_lab": "H"}
    printed = found.limits.set_index("source_id").loc["reported_by_lab"]
    assert (printed["lower"], printed["upper"], printed["unit"], printed["publisher"]) == (
        0.5,
        5.0,
        "mg/g{creat}",
        "lab_a",
    )
    assert (printed["kind"], printed["n_results"]) == ("printed_range", 1)


@pytest.mark.parametrize("sources", [(), ("reported_by_lab",)])
def test_a_printed_range_keeps_the_basis_of_its_unit(results, sources):
    rows = (
        {"analyte_id": "hva", "value": 12.0, "unit": "mg/L", "reported_high": 10.0},
        {"analyte_id": "creatinine", "value": 2.0, "unit": "g/L"},
    )
    normalised = normalise(results(*rows), choices=Choices(range_sources=sources))
    assert normalised.frame["position_basis"][0] == ("per_volume" if sources else "per_creatinine")
    found = range_disagreement(normalised, per_result=True)
    # 12 mg/L is above 10 mg/L, and 6 mg/g is within 8 mg/g.
    assert said(found)[0] == {"arup_hva": "N", "reported_by_lab": "H"}
    units = found.limits[found.limits["analyte_id"] == "hva"].groupby("source_id")["unit"].first()
    assert (units["arup_hva"], units["reported_by_lab"]) == ("mg/g{creat}", "mg/L")


def test_rows_that_do_not_stand_are_left_out(results):
    row = {"analyte_id": "dopamine", "value": 245.0, "unit": "ug/g{creat}"}
    rows = [row | {"status": status} for status in ("preliminary", "corrected")]
    found = range_disagreement(normalise(results(*rows)), per_result=True)
    assert set(found.results["row"]) == {1}
    assert found.verdicts["n_results"].tolist() == [1]


def test_dried_urine_is_asked_of_nobody_but_the_lab(results):
    found = range_disagreement(normalise(results(PRINTED | {"specimen": "urine_dried"})), per_result=True)
    assert said(found)[0] == {"reported_by_lab": "H"}
    assert found.verdicts["specimen"].tolist() == ["urine_dried"]


@pytest.fixture(scope="module")
def many():
    rng = np.random.default_rng(4)
    n = 400
    day = rng.random(n) < 0.4
    analytes = ["dopamine", "epinephrine", "cortisol", "hiaa_5", "hva", "metanephrine", "serotonin", "gaba"]
    unit = np.where(day, "ug/(24.h)", "ug/g{creat}")
    ages = np.where(rng.random(n) < 0.1, np.nan, rng.choice([0.1, 0.6, 1.5, 4, 9, 12, 17.9, 18, 40, 75], n))
    low = np.where(rng.random(n) < 0.3, 20.0, np.nan)
    return pd.DataFrame(
        {
            "subject_id": "S",
            "specimen_id": [f"U{i}" for i in range(n)],
            "specimen": np.where(day, "urine_24h", rng.choice(["urine_spot", "urine_first_morning"], n)),
            "analyte_id": rng.choice(analytes, n),
            "fraction": rng.choice(["free", "total", "unspecified"], n),
            "comparator": rng.choice(["", "", "", "<", ">"], n),
            "value": np.exp(rng.normal(4.5, 1.6, n)),
            "unit": unit,
            "sex": rng.choice(["female", "male", "unknown"], n),
            "age_years": ages,
            "reported_low": low,
            "reported_high": low * 10,
        }
    )


def _applies(interval, row, matters):
    specimen = "urine_24h" if row.specimen == "urine_24h" else "urine_spot"
    if (interval.analyte_id, interval.specimen, interval.basis) != (row.analyte_id, specimen, row.position_basis):
        return False
    if interval.condition or interval.kind == "decision_limit" or interval.sex not in ("any", row.sex):
        return False
    if matters and interval.fraction != row.fraction:
        return False
    if np.isnan(interval.age_low) and np.isnan(interval.age_high):
        return np.isnan(row.age_years) or row.age_years >= 18
    low, high = np.nan_to_num(interval.age_low, nan=0.0), np.nan_to_num(interval.age_high, nan=np.inf)
    # 0.333 and 0.583 years are four and seven months.
    return low - 0.001 <= row.age_years < high - 0.001


def _called(row, low, high):
    side = {"": 0, "<": -1, ">": 1}[row.position_comparator]
    below, above = low > 0 and row.position_amount < low, row.position_amount > high
    if side == 0:
        return "L" if below else "H" if above else "N"
    if side < 0:
        return "L" if row.position_amount <= low else "N" if not low > 0 and row.position_amount <= high else "IND"
    return "H" if row.position_amount >= high else "N" if np.isnan(high) and row.position_amount >= low else "IND"


def _by_loop(frame, catalogue):
    """Ask every interval about every row, one by one."""
    answers = {}
    for number, row in enumerate(frame.itertuples()):
        analyte = catalogue.analytes[row.analyte_id]
        for interval in catalogue.intervals:
            if _applies(interval, row, analyte.fraction_matters):
                factor = convert(analyte, interval.unit).factor
                verdict = _called(row, interval.lower * factor, interval.upper * factor)
                answers.setdefault((number, interval.source_id), set()).add(verdict)
        if row.lab_interpretation:
            answers[number, "reported_by_lab"] = {row.lab_interpretation}
    return answers


def test_every_source_that_applies_is_asked_and_no_other(many):
    catalogue = load_catalogue()
    normalised = normalise(many)
    found = range_disagreement(normalised, per_result=True)
    ours = {(row, source): verdict for row, by in said(found).items() for source, verdict in by.items()}
    theirs = _by_loop(normalised.frame, catalogue)
    assert set(ours) == set(theirs)
    assert len(ours) > 600
    # A source with several fitting intervals (a sex of its own and any) is asked with the one that fits best.
    assert all(ours[key] in verdicts for key, verdicts in theirs.items())
    alone = [key for key, verdicts in theirs.items() if len(verdicts) == 1]
    assert len(alone) > 0.98 * len(theirs)


def test_counts_are_those_of_a_plain_loop(many):
    found = range_disagreement(normalise(many), per_result=True)
    counted = {tuple(line[:4]): line for line in found.verdicts.itertuples(index=False, name=None)}
    columns = list(found.verdicts.columns)
    groups = found.results.groupby(["analyte_id", "fraction", "specimen", "basis"])
    for group, part in groups:
        verdicts = [set(v) & {"L", "N", "H"} for _, v in part.groupby("row")["verdict"]]
        sizes = [sum(word in ("L", "N", "H") for word in v) for _, v in part.groupby("row")["verdict"]]
        several = [v for v, n in zip(verdicts, sizes, strict=True) if n > 1]
        line = dict(zip(columns, counted[group], strict=True))
        assert line["n_compared"] == len(several)
        assert line["n_differ"] == sum(len(v) > 1 for v in several)
        assert line["n_depends"] == sum("N" in v and len(v) > 1 for v in several)
        assert line["n_opposite"] == sum({"L", "H"} <= v for v in several)
        assert line["n_abnormal"] == sum(bool(v & {"L", "H"}) for v in several)
        assert line["n_differ"] <= line["n_abnormal"] <= line["n_compared"] <= line["n_results"]
    assert found.verdicts["n_compared"].sum() > 100
    assert found.verdicts["n_results"].sum() == len(many)


def test_pairs_are_those_of_a_plain_loop(many):
    found = range_disagreement(normalise(many), per_result=True)
    expected: dict = {}
    for _, part in found.results[found.results["verdict"] != "IND"].groupby("row"):
        group = tuple(part.iloc[0][["analyte_id", "fraction", "specimen", "basis"]])
        spoken = sorted(zip(part["source_id"], part["verdict"], strict=True))
        for (a, verdict_a), (b, verdict_b) in combinations(spoken, 2):
            both, differ = expected.get((*group, a, b), (0, 0))
            expected[(*group, a, b)] = (both + 1, differ + (verdict_a != verdict_b))
    pairs = {tuple(line[:6]): (line[6], line[7]) for line in found.pairs.itertuples(index=False, name=None)}
    assert pairs == expected
    worst = found.verdicts[found.verdicts["n_pair"] > 0]
    for line in worst.itertuples():
        mine = {key[4:]: n[1] for key, n in expected.items() if key[:4] == tuple(line[1:5])}
        assert mine[tuple(line.pair.split(" / "))] == max(mine.values()) == line.n_pair


def test_pandas_polars_and_lazy_frames_give_the_same(many):
    frames = [range_disagreement(normalise(kind(many)), per_result=True) for kind in (lambda f: f, pl.from_pandas)]
    lazy = range_disagreement(normalise(pl.from_pandas(many).lazy()).frame, per_result=True)
    for name in ("verdicts", "pairs", "limits", "results"):
        pandas, polars = (getattr(found, name) for found in frames)
        assert isinstance(pandas, pd.DataFrame)
        assert isinstance(polars, pl.DataFrame)
        assert polars.equals(getattr(lazy, name))
        pd.testing.assert_frame_equal(pandas, polars.to_pandas())


def test_results_are_kept_on_request_only_and_the_finding_is_said(results):
    rows = [
        {"analyte_id": "dopamine", "value": value, "unit": "ug/g{creat}", "specimen_id": f"U{value}"}
        for value in (100.0, 245.0, 1000.0)
    ]
    found = range_disagreement(normalise(results(*rows)))
    assert isinstance(found, RangeDisagreement)
    assert found.results is None
    # 1000 is high everywhere; 100 is low on the consumer pages and normal at ARUP.
    assert found.describe() == (
        "Of 3 results that at least two sources place, 2 (67%) are not called the same by all of them; for 2 (67%) it "
        "depends on the source whether they are abnormal at all. Without consumer and vendor pages (quality D) no "
        "result is placed by two sources."
    )
    shown = found._repr_html_()
    assert "hm_dopamine5 / uiowa_catur" in shown
    assert found.catalogue_version in shown
    assert "See .verdicts" in repr(found)


SOME = {
    "_without_d": lambda row: row["quality"] != "D",
    "_without_d_or_printed": lambda row: row["quality"] not in ("D", ""),
}


@pytest.mark.parametrize("ending", SOME)
def test_counts_among_some_of_the_sources_are_those_of_a_plain_loop(many, ending):
    found = range_disagreement(normalise(many), per_result=True)
    expected = {}
    for _, part in found.results.groupby("row"):
        group = tuple(part.iloc[0][["analyte_id", "fraction", "specimen", "basis"]])
        words = [row["verdict"] for _, row in part.iterrows() if SOME[ending](row) and row["verdict"] != "IND"]
        counts = expected.setdefault(group, [0, 0, 0])
        if len(words) > 1:
            expected[group] = [
                counts[0] + 1,
                counts[1] + (len(set(words)) > 1),
                counts[2] + ({"L", "H"} <= set(words)),
            ]
    names = [f"{name}{ending}" for name in ("n_compared", "n_differ", "n_opposite")]
    for line in found.verdicts.to_dict("records"):
        group = tuple(line[name] for name in ("analyte_id", "fraction", "specimen", "basis"))
        assert [line[name] for name in names] == expected.get(group, [0, 0, 0])
    # What a study without consumer pages would have counted.
    alone = range_disagreement(normalise(many), qualities=("A", "B", "C")).verdicts
    if ending == "_without_d":
        assert found.verdicts["n_differ_without_d"].tolist() == alone["n_differ"].tolist()
        assert found.verdicts["n_compared_without_d"].tolist() == alone["n_compared"].tolist()


def test_the_finding_stands_beside_that_without_consumer_pages_and_printed_ranges(many):
    found = range_disagreement(normalise(many))
    total = found.verdicts.filter(like="n_").sum()
    said = found.describe()
    for ending, words in (
        ("_without_d", "Without consumer and vendor pages (quality D) it is"),
        ("_without_d_or_printed", "Without the ranges that the labs printed too it is"),
    ):
        differ, compared = total[f"n_differ{ending}"], total[f"n_compared{ending}"]
        assert 0 < differ < compared
        assert f"{words} {differ:,} of {compared:,} ({differ / compared:.0%})." in said
        assert words in found._repr_html_()
    strict = range_disagreement(normalise(many), qualities=("A", "B")).describe()
    assert "quality D" not in strict
    assert "Without the ranges that the labs printed it is" in strict


def test_without_two_sources_nothing_is_said_about_disagreement(results):
    found = range_disagreement(normalise(results({"analyte_id": "dopac", "value": 1.0, "unit": "mg/L"}).head(0)))
    assert len(found.verdicts) == len(found.limits) == len(found.pairs) == 0
    assert "No result is placed by two sources" in found.describe()


def test_a_table_that_was_not_normalised_and_an_unknown_condition_are_refused(results):
    frame = results({"analyte_id": "dopamine", "value": 245.0, "unit": "ug/g{creat}"})
    with pytest.raises(TableError, match="position_amount"):
        range_disagreement(frame)
    with pytest.raises(ChoiceError, match=r"Known conditions: .*superseded"):
        range_disagreement(normalise(frame), conditions=("supersede",))


def test_conditions_of_the_choices_speak_beside_general_use(results):
    row = {"analyte_id": "cortisol", "value": 40.0, "unit": "ug/g{creat}"}
    normalised = normalise(results(row), choices=Choices(range_conditions=("pregnancy",)))
    assert normalised.frame["reference_match"].item() == "condition"
    found = range_disagreement(normalised, per_result=True)
    assert said(found)[0] | {"arup_cortisol": "H", "arup_cortisol [pregnancy]": "N"} == said(found)[0]
    assert found.conditions == ("pregnancy",)
    assert range_disagreement(normalised.frame).conditions == ()


def test_a_result_in_two_forms_is_asked_about_once(results):
    creatinine = {"analyte_id": "creatinine", "value": 100.0, "unit": "mg/dL"}
    rows = [
        row | {"subject_id": f"S{n}", "specimen_id": f"U{n}"}
        for n in range(5)
        for row in ({"analyte_id": "dopamine", "value": 245.0, "unit": "ug/L"}, creatinine)
        for row in (row, row | {"unit": "ug/g{creat}"})
        if row["analyte_id"] == "dopamine" or row["unit"] == "mg/dL"
    ]
    verdicts = range_disagreement(normalise(results(*rows))).verdicts
    assert verdicts.loc[verdicts["analyte_id"] == "dopamine", "n_results"].tolist() == [5]
