"""Molar ratios: amounts of substance of one specimen, censoring carried, and a reason wherever there is no number."""

import doctest
import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recal_labs.catalogue import load_catalogue
from recal_labs.columns import RATIOS
from recal_labs.errors import TableError, UnknownWordError
from recal_labs.normalise import derive_ratios, normalise
from recal_labs.normalise.ratio_parts import PART_CODES
from recal_labs.vocabulary import QC_CODES, RATIO_REASONS

CATALOGUE = load_catalogue()


def mass(analyte_id):
    return CATALOGUE.analytes[analyte_id].molar_mass


@pytest.fixture
def one(results):
    """Derive one ratio of the rows, and return its only row."""

    def make(ratio_id, *rows):
        found = derive_ratios(normalise(results(*rows)), ratios=[ratio_id])
        assert len(found) == 1
        return found.iloc[0]

    return make


def spot(analyte_id, value, unit="ug/L", **more):
    return {"analyte_id": analyte_id, "value": value, "unit": unit, **more}


def test_a_ratio_is_one_of_moles(one):
    found = one("hva_da", spot("hva", 5.0, "mg/L"), spot("dopamine", 250.0))
    assert found["ratio"] == pytest.approx((5000 / 182.175) / (250 / 153.181), rel=1e-12)
    assert found["log_ratio"] == pytest.approx(math.log(found["ratio"]), rel=1e-12)
    assert found["ratio_low"] == found["ratio_high"] == found["ratio"]
    assert (found["ratio_comparator"], found["reason"], found["unit"], found["n_parts"]) == ("", "", "1", 2)


# Pestana et al. 1998, group 2: dopamine 1,936, DOPAC 7,938, HVA 27,179 nmol/24 h (means).
@pytest.mark.parametrize(
    ("ratio_id", "expected"),
    [("hva_da", 27179 / 1936), ("dopac_da", 7938 / 1936), ("hva_dopac_da", (27179 + 7938) / 1936)],
)
def test_published_amounts_of_substance_give_their_plain_quotient(results, ratio_id, expected):
    day = {"specimen": "urine_24h", "unit": "nmol/(24.h)"}
    rows = [spot(a, v, **day) for a, v in (("dopamine", 1936.0), ("dopac", 7938.0), ("hva", 27179.0))]
    found = derive_ratios(normalise(results(*rows)), ratios=[ratio_id])
    assert found["ratio"].item() == pytest.approx(expected, rel=1e-12)


def test_published_masses_are_converted_as_their_paper_says(one):
    # ufe1996: free cortisol 30.4 and cortisone 54.6 ug/24 h, "multiply E by 2.78 and F by 2.76" for nmol; ratio 0.54.
    day = {"specimen": "urine_24h"}
    rows = spot("cortisol", 30.4, "ug/(24.h)", **day), spot("cortisone", 54.6, "ug/(24.h)", **day)
    found = one("cortisol_cortisone", *rows)
    # Its two factors have three digits each.
    assert found["ratio"] == pytest.approx(30.4 * 2.76 / (54.6 * 2.78), rel=0.004)
    assert abs(found["ratio"] - 0.54) < 0.05


def test_volume_creatinine_and_time_cancel(results):
    bases = {"ug/L": 1.0, "ug/g{creat}": 0.7, "ug/(24.h)": 1.8, "nmol/L": 1.0, "umol/mol{creat}": 1.0}
    ratios = []
    for unit, dilution in bases.items():
        substance = mass("vma") if unit.startswith(("nmol", "umol")) else 1.0
        other = mass("hva") if unit.startswith(("nmol", "umol")) else 1.0
        rows = spot("vma", 3000.0 * dilution / substance, unit), spot("hva", 4000.0 * dilution / other, unit)
        ratios += derive_ratios(normalise(results(*rows)), ratios="hva_vma")["ratio"].tolist()
    assert ratios == pytest.approx([ratios[0]] * len(bases), rel=1e-12)


def test_no_creatinine_is_needed_and_a_fitted_basis_does_not_matter(one):
    found = one("hva_da", spot("hva", 5.0, "mg/L"), spot("dopamine", 250.0))
    assert "no_creatinine" not in found["qc"]
    assert found["reported_basis"] == "per_volume"


def test_the_first_basis_that_has_every_part_is_taken(results):
    rows = [
        spot("hva", 5.0, "mg/L"),
        spot("hva", 4.0, "mg/g{creat}"),
        spot("dopamine", 200.0, "ug/g{creat}"),
        spot("dopamine", 300.0, "ug/(24.h)"),
    ]
    found = derive_ratios(normalise(results(*rows)), ratios=["hva_da"]).iloc[0]
    assert found["reported_basis"] == "per_creatinine"
    assert found["ratio"] == pytest.approx((4000 / mass("hva")) / (200 / mass("dopamine")), rel=1e-12)


REASONS = {
    "missing_part": [spot("hva", 5.0, "mg/L")],
    "unlike_bases": [spot("hva", 5.0, "mg/L"), spot("dopamine", 200.0, "ug/g{creat}")],
    "no_value": [spot("hva", 5.0, "mg/L"), spot("dopamine", None)],
    "no_canonical_unit": [spot("hva", 5.0, "mg/L"), spot("dopamine", 1.0, "[iU]/L")],
    "zero_denominator": [spot("hva", 5.0, "mg/L"), spot("dopamine", 0.0)],
    "negative_amount": [spot("hva", 5.0, "mg/L"), spot("dopamine", -1.0)],
    "several_results": [
        spot("hva", 5.0, "mg/L"),
        spot("dopamine", 200.0, fraction="free"),
        spot("dopamine", 900.0, fraction="total"),
    ],
    "no_specimen_id": [spot("hva", 5.0, "mg/L", specimen_id=None)],
    "open": [spot("hva", 5.0, "mg/L", comparator="<"), spot("dopamine", 200.0, comparator="<")],
}


@pytest.mark.parametrize(("reason", "rows"), REASONS.items(), ids=REASONS)
def test_what_cannot_be_formed_says_why_and_is_never_zero(one, reason, rows):
    found = one("hva_da", *rows)
    assert found["reason"] == reason
    assert math.isnan(found["ratio"])
    assert math.isnan(found["log_ratio"])
    assert found["ratio_comparator"] == ""


def test_every_reason_was_met():
    elsewhere = {"", "interval_only", "unlike_fractions"}
    assert set(REASONS) | elsewhere == set(RATIO_REASONS)


def test_a_numerator_of_zero_is_a_ratio_of_zero_without_a_logarithm(one):
    found = one("hva_da", spot("hva", 0.0, "mg/L"), spot("dopamine", 200.0))
    assert (found["ratio"], found["reason"]) == (0.0, "")
    assert math.isnan(found["log_ratio"])


# Numerator, denominator: what is known of their quotient (q is the quotient of the two printed numbers).
QUOTIENTS = {
    ("", ""): "",
    ("<", ""): "<",
    ("<=", ""): "<=",
    (">", ""): ">",
    (">=", ""): ">=",
    ("", "<"): ">",
    ("", "<="): ">=",
    ("", ">"): "<",
    ("", ">="): "<=",
    ("<", ">"): "<",
    ("<=", ">"): "<",
    ("<", ">="): "<",
    ("<=", ">="): "<=",
    (">", "<"): ">",
    (">=", "<"): ">",
    (">", "<="): ">",
    (">=", "<="): ">=",
    ("<", "<"): None,
    ("<=", "<="): None,
    ("<", "<="): None,
    ("<=", "<"): None,
    (">", ">"): None,
    (">=", ">="): None,
    (">", ">="): None,
    (">=", ">"): None,
}


@pytest.fixture(scope="module")
def quotients():
    """Every pair of comparators, a specimen each."""
    rows = []
    for top, bottom in QUOTIENTS:
        shared = {"subject_id": "S1", "specimen_id": f"{top} over {bottom}", "specimen": "urine_spot"}
        rows.append({**shared, "analyte_id": "hva", "comparator": top, "value": 5.0, "unit": "mg/L"})
        rows.append({**shared, "analyte_id": "dopamine", "comparator": bottom, "value": 250.0, "unit": "ug/L"})
    return derive_ratios(normalise(pd.DataFrame(rows)), ratios=["hva_da"]).set_index("specimen_id")


@pytest.mark.parametrize(("top", "bottom"), QUOTIENTS)
def test_censoring_is_carried_through_the_quotient(quotients, top, bottom):
    found = quotients.loc[f"{top} over {bottom}"]
    quotient = (5000 / mass("hva")) / (250 / mass("dopamine"))
    expected = QUOTIENTS[top, bottom]
    if expected is None:
        assert (found["reason"], found["ratio_low"]) == ("open", 0.0)
        assert math.isnan(found["ratio"])
        assert math.isnan(found["ratio_high"])
        return
    assert found["ratio_comparator"] == expected
    assert found["ratio"] == pytest.approx(quotient, rel=1e-12)
    low = 0.0 if expected.startswith("<") else quotient
    assert found["ratio_low"] == pytest.approx(low, rel=1e-12)
    assert math.isnan(found["ratio_high"]) == expected.startswith(">")
    assert math.isnan(found["log_ratio"]) == (expected != "")


def test_a_sum_with_one_censored_part_leaves_an_interval(one):
    rows = spot("vma", 3.0, "mg/L"), spot("norepinephrine", 30.0), spot("epinephrine", 2.0, comparator="<")
    found = one("vma_ne_e", *rows)
    vma, ne, e = 3000 / mass("vma"), 30 / mass("norepinephrine"), 2 / mass("epinephrine")
    assert (found["reason"], found["ratio_comparator"]) == ("interval_only", "")
    assert math.isnan(found["ratio"])
    assert [found["ratio_low"], found["ratio_high"]] == pytest.approx([vma / (ne + e), vma / ne], rel=1e-12)


@pytest.mark.parametrize(("comparators", "expected"), [(("<", "<="), ">"), (("<=", "<="), ">="), (("<", "<"), ">")])
def test_a_sum_of_censored_parts_is_bounded_by_the_sum_of_their_limits(one, comparators, expected):
    first, second = comparators
    rows = (
        spot("vma", 3.0, "mg/L"),
        spot("norepinephrine", 30.0, comparator=first),
        spot("epinephrine", 2.0, comparator=second),
    )
    found = one("vma_ne_e", *rows)
    limit = (3000 / mass("vma")) / (30 / mass("norepinephrine") + 2 / mass("epinephrine"))
    assert found["ratio_comparator"] == expected
    assert found["ratio"] == pytest.approx(limit, rel=1e-12)


amounts = st.floats(1e-3, 1e3)
comparators = st.sampled_from(["", "<", "<=", ">", ">="])
part = st.tuples(amounts, comparators, st.floats(0.0, 0.999))
SIDES = ("norepinephrine", "normetanephrine"), ("mhpg", "vma")
ENDS = {"": (1.0, 1.0), "<": (0.0, 1.0), "<=": (0.0, 1.0), ">": (1.0, math.inf), ">=": (1.0, math.inf)}


def true_amount(amount, comparator, share):
    """Return an amount that a result with this comparator may stand for."""
    return {"": amount, "<": amount * share, ">": amount / (1 - share)}[comparator[:1]]


# Forty specimens an example, for normalising is what takes time.
@given(st.lists(st.lists(part, min_size=4, max_size=4), min_size=40, max_size=40))
@settings(deadline=None, max_examples=5)
def test_the_true_ratio_lies_within_bounds_no_wider_than_they_must_be(specimens):
    rows = [
        {"specimen_id": f"U{i}", "analyte_id": name, "comparator": comparator, "value": amount}
        for i, drawn in enumerate(specimens)
        for name, (amount, comparator, _) in zip(SIDES[0] + SIDES[1], drawn, strict=True)
    ]
    frame = pd.DataFrame(rows).assign(subject_id="S1", specimen="urine_spot", unit="nmol/L")
    found = derive_ratios(normalise(frame), ratios=["ne_nmn_mhpg_vma"])
    assert len(found) == len(specimens)
    for drawn, low, high in zip(specimens, found["ratio_low"], found["ratio_high"].fillna(math.inf), strict=True):
        ne, nmn, mhpg, vma = (true_amount(*each) for each in drawn)
        if mhpg + vma > 0:
            assert low * (1 - 1e-9) <= (ne + nmn) / (mhpg + vma) <= high * (1 + 1e-9)
        least, most = ([amount * ENDS[comparator][end] for amount, comparator, _ in drawn] for end in (0, 1))
        assert low == pytest.approx(sum(least[:2]) / sum(most[2:]), rel=1e-9)
        assert high == pytest.approx(sum(most[:2]) / sum(least[2:]) if sum(least[2:]) else math.inf, rel=1e-9)


def test_free_is_set_against_free_and_total_against_total(results):
    rows = [
        spot("normetanephrine", 30.0, fraction="free"),
        spot("normetanephrine", 300.0, fraction="total"),
        spot("mhpg", 1500.0, fraction="total"),
        spot("norepinephrine", 40.0),
    ]
    found = derive_ratios(normalise(results(*rows)), ratios=["nmn_ne", "nmn_mhpg"]).set_index(["ratio_id", "fraction"])
    per_ne = mass("norepinephrine") / mass("normetanephrine") / 40
    assert found.loc[("nmn_ne", "free"), "ratio"] == pytest.approx(30 * per_ne, rel=1e-12)
    assert found.loc[("nmn_ne", "total"), "ratio"] == pytest.approx(300 * per_ne, rel=1e-12)
    assert found.loc[("nmn_mhpg", "total"), "reason"] == ""
    assert found.loc[("nmn_mhpg", "free"), "reason"] == "unlike_fractions"
    assert list(found.index) == [("nmn_ne", "free"), ("nmn_ne", "total"), ("nmn_mhpg", "free"), ("nmn_mhpg", "total")]


def test_an_unstated_fraction_meets_an_unstated_one_only_and_says_so(results):
    rows = spot("normetanephrine", 300.0), spot("mhpg", 1500.0), spot("mhpg", 900.0, fraction="free")
    found = derive_ratios(normalise(results(*rows)), ratios=["nmn_mhpg"]).set_index("fraction")
    assert found.loc["unspecified", "reason"] == ""
    assert "fraction_unstated" in found.loc["unspecified", "qc"]
    assert found.loc["free", "reason"] == "unlike_fractions"


def test_without_a_part_of_any_fraction_the_ratio_is_listed_once(one):
    found = one("nmn_ne", spot("norepinephrine", 40.0))
    assert (found["fraction"], found["reason"], found["n_parts"]) == ("", "missing_part", 1)


def test_pooled_rows_are_kept_apart_from_timed_ones(results):
    rows = [
        spot("cortisol", 40.0, "ug/g{creat}", timepoint="waking"),
        spot("cortisone", 80.0, "ug/g{creat}", timepoint="pooled"),
        spot("cortisol", 20.0, "ug/g{creat}", timepoint="pooled"),
    ]
    found = derive_ratios(normalise(results(*rows)), ratios=["cortisol_cortisone"])
    assert list(zip(found["timepoint"], found["reason"], strict=True)) == [("waking", "missing_part"), ("pooled", "")]
    assert found["ratio"].iloc[1] == pytest.approx(20 / 80 * mass("cortisone") / mass("cortisol"), rel=1e-12)


@pytest.mark.parametrize("other", [{"specimen_id": "U2"}, {"subject_id": "S2"}, {"timepoint": "night"}])
def test_parts_of_two_specimens_never_meet(results, other):
    frame = normalise(results(spot("hva", 5.0, "mg/L"), spot("dopamine", 250.0, **other)))
    found = derive_ratios(frame, ratios=["hva_da"])
    assert found["reason"].tolist() == ["missing_part", "missing_part"]


def test_results_without_a_specimen_id_are_never_set_against_each_other(results):
    rows = spot("hva", 5.0, "mg/L", specimen_id=None), spot("dopamine", 250.0, specimen_id=None)
    found = derive_ratios(normalise(results(*rows)), ratios=["hva_da"])
    assert found["reason"].tolist() == ["no_specimen_id"] * 2


def test_only_current_results_are_used(one):
    rows = (
        spot("hva", 50.0, "mg/L"),
        spot("hva", 5.0, "mg/L", status="corrected"),
        spot("dopamine", 250.0),
        spot("epinephrine", 9.0, status="cancelled"),
    )
    assert one("hva_da", *rows)["ratio"] == pytest.approx((5000 / mass("hva")) / (250 / mass("dopamine")), rel=1e-12)


def test_codes_that_touch_a_part_are_carried_and_those_of_its_position_are_not(results):
    frame = normalise(results(spot("hva", 5.0, "mg/L"), spot("dopamine", 250.0))).frame
    frame["qc"] = ["interference;no_interval", "delayed;interference;one_sided_reference"]
    assert derive_ratios(frame, ratios=["hva_da"])["qc"].item() == "delayed;interference"
    assert set(PART_CODES) <= set(QC_CODES)
    assert list(PART_CODES) == sorted(PART_CODES)


def test_a_ratio_that_is_not_in_the_catalogue_is_refused_with_a_hint(results):
    with pytest.raises(UnknownWordError, match=r"Unknown ratio 'hva_dopamine' in derive_ratios\. Did you mean"):
        derive_ratios(normalise(results(spot("hva", 5.0))), ratios=["hva_dopamine"])


def test_results_that_were_not_normalised_are_refused(results):
    with pytest.raises(TableError, match="no column current"):
        derive_ratios(results(spot("hva", 5.0)))


def test_nothing_asked_or_nothing_measured_gives_an_empty_table(results):
    frame = normalise(results(spot("hva", 5.0)))
    for found in (derive_ratios(frame, ratios=[]), derive_ratios(frame, ratios=["glu_gaba"])):
        assert found.empty
        assert tuple(found.columns) == RATIOS.names


def test_a_study_derives_a_ratio_of_its_own(results, tmp_path):
    (tmp_path / "ratios.csv").write_text(
        "ratio_id,name,numerator,denominator,meaning,support,source_id,caveat\n"
        "tyr_trp,Tyr / Trp,tyrosine,tryptophan,Two precursors.,urine,fila2024,Ours alone.\n"
    )
    catalogue = load_catalogue(extra=tmp_path)
    rows = results(spot("tyrosine", 50.0, "umol/L"), spot("tryptophan", 25.0, "umol/L"))
    found = derive_ratios(normalise(rows, catalogue=catalogue), ratios="tyr_trp")
    assert found["ratio"].item() == pytest.approx(2.0, rel=1e-12)


def simulated(n=60, seed=20260105):
    """Panels of several labs: bases, fractions, comparators and gaps at random."""
    rng = np.random.default_rng(seed)
    names = sorted({part for ratio in CATALOGUE.ratios.values() for part in ratio.parts})
    rows = []
    for i, name in itertools.product(range(n), names):
        if rng.random() < 0.3:
            continue
        unit = rng.choice(["nmol/L", "ug/L", "nmol/mmol{creat}", "ug/(24.h)"], p=[0.5, 0.3, 0.1, 0.1])
        matters = CATALOGUE.analytes[name].fraction_matters
        rows.append(
            {
                "subject_id": f"S{i % 7}",
                "specimen_id": f"U{i}",
                "specimen": "urine_spot",
                "timepoint": ["", "pooled"][i % 2],
                "analyte_id": name,
                "fraction": rng.choice(["free", "total", "unspecified"]) if matters else "unspecified",
                "comparator": rng.choice(["", "<", "<=", ">", ">="], p=[0.8, 0.1, 0.04, 0.03, 0.03]),
                "value": rng.lognormal(3, 1) if rng.random() > 0.02 else 0.0,
                "unit": unit,
            }
        )
    return pd.DataFrame(rows)


def by_hand(frame):
    """Derive ratios with plain Python, specimen by specimen, knowing nothing of the package but the definitions."""
    per = {"nmol/L": ("v", None), "ug/L": ("v", 1e3), "nmol/mmol{creat}": ("c", None), "ug/(24.h)": ("t", 1e3)}
    bounds = {}
    for row in frame.to_dict("records"):
        basis, micro = per[row["unit"]]
        name = row["analyte_id"]
        amount = row["value"] * (1.0 if micro is None else micro / mass(name))
        low = 0.0 if row["comparator"].startswith("<") else amount
        high = math.inf if row["comparator"].startswith(">") else amount
        matters = CATALOGUE.analytes[name].fraction_matters
        for fraction in [row["fraction"]] if matters else ["free", "total", "unspecified"]:
            bounds[row["specimen_id"], name, fraction, basis] = low, high
    found = {}
    for specimen, ratio in itertools.product(frame["specimen_id"].unique(), CATALOGUE.ratios.values()):
        for fraction, basis in itertools.product(("free", "total", "unspecified"), "vct"):
            sides = [
                [bounds.get((specimen, part, fraction, basis)) for part in side]
                for side in (ratio.numerator, ratio.denominator)
            ]
            if None in sides[0] + sides[1]:
                continue
            top, bottom = ([sum(part[i] for part in side) for i in (0, 1)] for side in sides)
            if bottom[1] > 0:
                low = 0.0 if bottom[1] == math.inf else top[0] / bottom[1]
                found[specimen, ratio.id, fraction, basis] = low, top[1] / bottom[0] if bottom[0] > 0 else math.inf
    return found


def test_a_simulated_lab_agrees_with_ratios_derived_by_hand():
    frame = simulated()
    found = derive_ratios(normalise(frame))
    known = found[found["ratio_low"].notna()]
    basis = known["reported_basis"].map({"per_volume": "v", "per_creatinine": "c", "per_24h": "t"})
    expected = by_hand(frame)
    assert len(known) > 300
    for row, kind in zip(known.to_dict("records"), basis, strict=True):
        # A ratio without a fraction is the same for each.
        key = row["specimen_id"], row["ratio_id"], row["fraction"] or "free", kind
        low, high = expected[key]
        assert row["ratio_low"] == pytest.approx(low, rel=1e-11)
        assert (math.inf if math.isnan(row["ratio_high"]) else row["ratio_high"]) == pytest.approx(high, rel=1e-11)
    formed = set(zip(known["specimen_id"], known["ratio_id"], strict=True))
    assert formed == {key[:2] for key in expected}


def test_pandas_polars_eager_and_lazy_give_the_same_table():
    frame = normalise(simulated(20)).frame
    eager = derive_ratios(pl.from_pandas(frame))
    lazy = derive_ratios(pl.from_pandas(frame).lazy())
    pandas = derive_ratios(frame)
    assert isinstance(pandas, pd.DataFrame)
    assert isinstance(eager, pl.DataFrame)
    assert isinstance(lazy, pl.LazyFrame)
    assert lazy.collect().equals(eager)
    assert pl.from_pandas(pandas, nan_to_null=True).cast(dict(eager.schema)).equals(eager)
    assert eager.columns == list(RATIOS.names)


def test_what_is_asked_of_a_lazy_table_is_not_asked_of_its_parts():
    lazy = derive_ratios(pl.from_pandas(normalise(simulated(20)).frame).lazy())
    whole = lazy.collect()
    for wanted in (pl.col("timepoint") == "pooled", pl.col("ratio") > 1):
        found = lazy.filter(wanted).select("ratio_id", "ratio").collect()
        assert found.equals(whole.filter(wanted).select("ratio_id", "ratio"))
    assert lazy.head(3).collect().equals(whole.head(3))


def test_the_order_is_that_of_specimens_then_ratios_whatever_the_order_of_rows():
    frame = normalise(simulated(20)).frame
    found = derive_ratios(frame)
    assert found["specimen_id"].drop_duplicates().tolist() == frame["specimen_id"].drop_duplicates().tolist()
    places = found["ratio_id"].map({name: i for i, name in enumerate(CATALOGUE.ratios)})
    assert places.groupby(found["specimen_id"]).is_monotonic_increasing.all()
    shuffled = derive_ratios(frame.sample(frac=1.0, random_state=1))
    keys = ["specimen_id", "ratio_id", "fraction"]
    pd.testing.assert_frame_equal(
        found.sort_values(keys, ignore_index=True), shuffled.sort_values(keys, ignore_index=True), check_exact=False
    )


def test_no_row_stands_twice():
    found = derive_ratios(normalise(simulated()))
    assert not found.duplicated(["subject_id", "specimen_id", "timepoint", "ratio_id", "fraction"]).any()
    assert set(found["reason"]) >= {"", "missing_part", "interval_only", "open", "unlike_bases", "unlike_fractions"}


def test_the_unit_of_a_part_does_not_matter():
    scales = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3}
    units = [f"{prefix}{base}/{volume}" for prefix in scales for base in ("g", "mol") for volume in ("L", "mL", "dL")]
    units = [unit for unit in units if unit in CATALOGUE.units.values()]
    litres = {"L": 1.0, "mL": 1e-3, "dL": 0.1}
    rows = []
    for unit in units:
        number = 3e-6 * litres[unit.split("/")[1]] / scales[unit[0]] * (1.0 if "mol" in unit else mass("hva"))
        rows.append({"specimen_id": unit, "analyte_id": "hva", "value": number, "unit": unit})
        rows.append({"specimen_id": unit, "analyte_id": "dopamine", "value": 1.0, "unit": "umol/L"})
    frame = pd.DataFrame(rows).assign(subject_id="S1", specimen="urine_spot", comparator="")
    found = derive_ratios(normalise(frame), ratios="hva_da")
    assert len(units) > 8
    assert found["ratio"].tolist() == pytest.approx([3.0] * len(units), rel=1e-12)


def test_the_examples_of_the_page_of_derived_markers_run():
    page = Path(__file__).parents[2] / "docs" / "derived_markers.md"
    failed, tried = doctest.testfile(str(page), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert (failed, tried >= 8) == (0, True)
