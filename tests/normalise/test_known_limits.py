"""What is printed anywhere, and which units may have been meant instead of the one written."""

import math

import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.normalise.known_limits import ACCEPTED_CREATININE_G_PER_L, Band, conversions, known_bands, rivals

CATALOGUE = load_catalogue()
BANDS = known_bands(CATALOGUE)


def band(analyte, basis, fraction="unspecified"):
    return BANDS[analyte, basis, fraction]


def test_a_band_reaches_from_the_lowest_to_the_highest_printed_limit():
    # Dopamine per gram of creatinine: lower limits from 80 (ARUP), upper ones from 240 to 2675 (Mayo, infants).
    found = band("dopamine", "per_creatinine")
    assert (found.low, found.upper_low, found.high, found.upper_high) == (80, 240, 2675, 2675)
    assert found.sources >= 5


def test_every_interval_lies_in_its_band():
    table = conversions(CATALOGUE)
    for interval in CATALOGUE.intervals:
        known = table[interval.analyte_id, interval.unit]
        # A fraction that is stated is judged by its like, one that is not by all.
        found = band(interval.analyte_id, known.basis, interval.fraction)
        if interval.upper > 0:
            assert found.upper_low <= interval.upper * known.factor <= found.upper_high, interval


def test_where_only_upper_limits_are_printed_the_band_reaches_down_as_far_as_two_sided_ones_do():
    # HVA per creatinine has no positive lower limit; two-sided intervals are at most some twenty times as wide as low.
    found = band("hva", "per_creatinine")
    assert found.upper_low / 40 < found.low < found.upper_low / 10


def test_observed_means_are_never_implausible():
    # MHPG: one vendor's range of 0.03 to 0.36 ug/mg, an observed mean of 2.2 ug/mg.
    assert band("mhpg", "per_creatinine").high == pytest.approx(2200)


def test_a_lower_limit_alone_gives_no_upper_end():
    # Melatonin: only "below = low excretor" is printed.
    assert math.isnan(band("melatonin", "per_volume").high)


def test_free_is_not_judged_by_total():
    # What is printed for total counts for total and for results that say nothing; never for free.
    sources = {i.source_id for i in CATALOGUE.intervals if i.analyte_id == "normetanephrine" and i.fraction == "total"}
    assert sources
    free, total = (band("normetanephrine", "per_24h", fraction).sources for fraction in ("free", "total"))
    assert free == total - len(sources) == band("normetanephrine", "per_24h").sources - len(sources)


def test_a_basis_without_sources_has_the_band_of_the_other_times_creatinine_a_day():
    day, ratio = band("creatinine", "per_24h"), band("glycine", "per_creatinine")
    assert band("glycine", "per_24h").low == pytest.approx(ratio.low * day.low)
    assert band("glycine", "per_24h").high == pytest.approx(ratio.high * day.high)


def test_a_concentration_has_the_ratio_times_the_accepted_creatinine():
    low, high = ACCEPTED_CREATININE_G_PER_L
    ratio, litre = band("vma", "per_creatinine"), band("vma", "per_volume")
    assert (litre.low, litre.high) == (pytest.approx(ratio.low * low), pytest.approx(ratio.high * high))


def test_the_accepted_creatinine_is_that_of_the_catalogue():
    accepted = [i for i in CATALOGUE.intervals if i.source_id == "cocker2011"]
    assert [(i.lower, i.upper, i.unit) for i in accepted] == [(*ACCEPTED_CREATININE_G_PER_L, "g/L")]
    assert (band("creatinine", "per_volume").low, band("creatinine", "per_volume").high) == ACCEPTED_CREATININE_G_PER_L


def test_a_source_that_is_left_out_does_not_count():
    without = known_bands(CATALOGUE, frozenset({"mayo_catcr"}))
    assert without["dopamine", "per_creatinine", "unspecified"].upper_high == 1290
    assert ("quinolinic_acid", "per_creatinine", "unspecified") not in known_bands(CATALOGUE, frozenset({"hm_quin3"}))


def test_a_band_of_one_source_is_widened_and_one_of_two_is_not():
    one, wide = Band(1, 2, 2, 2, sources=1), Band(0.1, 20, 3, 20, sources=4)
    assert one.or_else(wide) == Band(0.1, 20, 2, 20, sources=4)
    two = Band(1, 2, 2, 2, sources=2)
    assert two.or_else(wide) == two
    assert Band().or_else(wide) == wide


def named(analyte, unit):
    return {rival.unit: rival for rival in rivals(CATALOGUE, analyte, unit)}


def test_rivals_differ_in_one_thing_and_are_of_the_same_basis():
    found = named("hva", "mg/g{creat}")
    assert set(found) == {
        "g/g{creat}",
        "ug/g{creat}",
        "ng/g{creat}",
        "umol/g{creat}",
        "mmol/g{creat}",
        "mg/mmol{creat}",
    }
    assert found["g/g{creat}"].factor == pytest.approx(1000)
    # Micromoles taken for milligrams: the molar mass over a thousand.
    assert found["umol/g{creat}"].factor == pytest.approx(0.182175)
    assert found["mg/mmol{creat}"].factor == pytest.approx(1000 / 113.12)


def test_creatinine_is_told_in_three_units_for_one_another():
    assert {"g/L", "mmol/L", "mg/L"} <= set(named("creatinine", "mg/dL"))
    assert {"mg/dL", "g/L", "umol/L"} <= set(named("creatinine", "mmol/L"))
    assert {"mg/dL", "mmol/L", "mg/L"} <= set(named("creatinine", "g/L"))


def test_the_simplest_slip_comes_first():
    assert [rival.rank for rival in rivals(CATALOGUE, "cortisol", "nmol/(24.h)")] == [1, 1, 1, 1, 2, 4]


def test_a_number_without_a_substance_has_the_rivals_it_is_told_in():
    assert [rival.unit for rival in rivals(CATALOGUE, "specific_gravity", "1")] == ["10*-3"]
    assert rivals(CATALOGUE, "osmolality", "mosm/kg") == ()


@pytest.mark.parametrize(("analyte", "unit"), [("hva", "mg/g"), ("hva", "mmHg"), ("unheard_of", "mg/L")])
def test_a_unit_that_cannot_be_read_has_no_rivals(analyte, unit):
    assert rivals(CATALOGUE, analyte, unit) == ()
