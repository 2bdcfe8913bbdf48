"""The real study: carried over untouched, decoded back to censored values, labelled with what it cannot say."""

import hashlib
from pathlib import Path

import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.ingest import read_panel
from recal_labs.study.declared import read_study

NHANES = Path(__file__).parents[2] / "data" / "real" / "nhanes2017"
METALS = 11


@pytest.fixture(scope="module")
def study():
    return read_study(NHANES / "study.toml")


@pytest.fixture(scope="module")
def read(study):
    catalogue = load_catalogue(extra=study.catalogue_extra)
    return read_panel(study.panels[0].path, study.panels[0].profile, catalogue=catalogue)


def test_the_file_is_the_one_that_was_carried_over():
    digest = hashlib.sha256((NHANES / "nhanes2017.csv").read_bytes()).hexdigest()
    assert digest == "868ee27b5b903ff049c1f917427d3a27429fdcf8ca816621809aeac0f04f2050"


def test_the_study_says_what_it_cannot_say(study):
    labels = " ".join(study.labels)
    assert not study.simulated
    for words in ("Unweighted: not nationally representative", "Dilution unknown", "Not a neurotransmitter panel"):
        assert words in labels
    assert study.choices.basis == "none"
    assert study.outcomes[0].sentinels == (7, 9)


def test_its_catalogue_adds_eleven_analytes_and_no_interval(study):
    plain, extended = load_catalogue(), load_catalogue(extra=study.catalogue_extra)
    added = set(extended.analytes) - set(plain.analytes)
    assert len(added) == METALS
    assert len(extended.intervals) == len(plain.intervals)
    assert extended.names["mn"].analyte_id == ""
    assert extended.names["mn"].candidates == ("manganese", "metanephrine")
    assert all(extended.analytes[metal].molar_mass > 50 for metal in added)


def test_every_cell_is_a_result_or_empty(read):
    record = read.files[0]
    assert record.positions == 1859 * METALS + 1
    assert record.rejects == 0
    assert set(read.results["unit"]) == {"ug/L"}


def test_values_below_the_limit_are_censored_at_the_limit(read):
    below = read.results[read.results["comparator"] == "<"]
    manganese = read.results[read.results["analyte_id"] == "manganese"]
    # Counted in the file: comment code 1 of URDUMNLC, and the printed 0.092 times the square root of 2.
    assert (manganese["comparator"] == "<").sum() == 1186
    assert len(manganese) == 1805
    assert set(manganese.loc[manganese["comparator"] == "<", "value"]) == {0.1301}
    assert below.groupby("analyte_id")["value"].nunique().max() == 1
