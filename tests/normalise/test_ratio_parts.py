"""Parts of one bottle on unlike bases, brought together by its volume."""

import numpy as np
import pandas as pd
import pytest

from recal_labs.normalise import derive_ratios, normalise
from tests.normalise.test_derived import mass, simulated, spot


def one(results, ratio_id, *rows):
    """Derive one ratio of the rows, and return its only row."""
    (found,) = derive_ratios(normalise(results(*rows)), ratios=[ratio_id]).to_dict("records")
    return found


BOTTLE = {"specimen": "urine_24h", "collection_volume_l": 2.0, "collection_hours": 24.0}


def test_parts_per_litre_of_a_bottle_are_brought_to_24_h_beside_parts_per_24_h(results):
    rows = spot("hva", 4.0, "mg/(24.h)", **BOTTLE), spot("dopamine", 100.0, **BOTTLE)
    found = one(results, "hva_da", *rows)
    assert (found["reason"], found["reported_basis"], found["ratio_comparator"]) == ("", "per_24h_by_volume", "")
    assert found["ratio"] == pytest.approx((4000 / mass("hva")) / (200 / mass("dopamine")), rel=1e-12)
    half = {"collection_hours": 12.0}
    found = one(results, "hva_da", rows[0] | half, rows[1] | half | {"comparator": "<"})
    assert found["ratio_comparator"] == ">"
    assert found["ratio"] == pytest.approx((4000 / mass("hva")) / (400 / mass("dopamine")), rel=1e-12)


@pytest.mark.parametrize("unknown", ["collection_volume_l", "collection_hours"])
def test_without_volume_or_hours_bases_stay_unlike(results, unknown):
    bottle = BOTTLE | {unknown: None}
    found = one(results, "hva_da", spot("hva", 4.0, "mg/(24.h)", **bottle), spot("dopamine", 100.0, **bottle))
    assert found["reason"] == "unlike_bases"
    assert pd.isna(found["reported_basis"])


def test_a_basis_that_has_every_part_comes_before_the_volume(results):
    rows = [
        spot("hva", 4.0, "mg/(24.h)", **BOTTLE),
        spot("dopamine", 190.0, "ug/(24.h)", **BOTTLE),
        spot("dopamine", 100.0, **BOTTLE),
    ]
    found = one(results, "hva_da", *rows)
    assert found["reported_basis"] == "per_24h"
    assert found["ratio"] == pytest.approx((4000 / mass("hva")) / (190 / mass("dopamine")), rel=1e-12)


@pytest.mark.parametrize(("daily", "expected"), [(3.0, 3.0), (None, 4.0)])
def test_of_a_part_in_both_forms_the_one_per_24_h_counts_where_it_holds_a_number(results, daily, expected):
    rows = [
        spot("vma", 4.0, "mg/(24.h)", **BOTTLE),
        spot("norepinephrine", 15.0, **BOTTLE),
        spot("epinephrine", 2.0, **BOTTLE),
        spot("epinephrine", daily, "ug/(24.h)", **BOTTLE),
    ]
    found = one(results, "vma_ne_e", *rows)
    parts = 30 / mass("norepinephrine") + expected / mass("epinephrine")
    assert (found["reason"], found["reported_basis"]) == ("", "per_24h_by_volume")
    assert found["ratio"] == pytest.approx((4000 / mass("vma")) / parts, rel=1e-12)


def test_a_bottle_of_mixed_bases_has_the_ratios_of_one_that_is_all_per_24_h():
    frame = simulated(30, seed=7)
    rng = np.random.default_rng(8)
    frame["unit"] = rng.choice(["ug/L", "ug/(24.h)"], len(frame))
    volumes = frame.groupby("specimen_id")["specimen_id"].transform("first").str[1:].astype(float) / 20 + 0.5
    frame = frame.assign(specimen="urine_24h", collection_volume_l=volumes, collection_hours=25.0)
    litres = np.where(frame["unit"] == "ug/L", frame["collection_volume_l"] * 24 / 25, 1.0)
    whole = frame.assign(unit="ug/(24.h)", value=frame["value"] * litres)
    found, expected = (derive_ratios(normalise(each)) for each in (frame, whole))
    assert (found["reported_basis"] == "per_24h_by_volume").sum() > 100
    numbers = ["ratio", "ratio_low", "ratio_high", "ratio_comparator", "reason"]
    pd.testing.assert_frame_equal(found[numbers], expected[numbers], rtol=1e-11)
