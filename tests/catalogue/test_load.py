"""The catalogue: sound as it comes, complete as it was carried over, and every planted fault is found."""

import csv
import shutil

import pytest

from recal_labs.catalogue import data_folder, load_catalogue
from recal_labs.errors import CatalogueError, FileProblem

# Rows of each file in the reference tables that the facts were carried over from.
CARRIED = {
    "analytes": 41,
    "reference_intervals": 338,
    "loinc": 58,
    "loinc_context": 9,
    "biological_variation": 13,
    "reliability_statistics": 8,
    "observed_means": 17,
    "interferences": 147,
}


@pytest.mark.parametrize(("table", "rows"), CARRIED.items())
def test_every_fact_was_carried_over(table, rows):
    with open(data_folder("reference_ranges") / f"{table}.csv", newline="", encoding="utf-8") as handle:
        assert sum(1 for _ in csv.DictReader(handle)) == rows


def test_limits_were_carried_over_unchanged():
    # Sums over all printed limits of the tables the facts come from, computed on those tables themselves.
    with open(data_folder("reference_ranges") / "reference_intervals.csv", newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert sum(float(r["lower"]) for r in rows if r["lower"]) == pytest.approx(SUM_LOWER)
    assert sum(float(r["upper"]) for r in rows if r["upper"]) == pytest.approx(SUM_UPPER)


SUM_LOWER, SUM_UPPER = 19635.395, 114807.818


def test_unverified_rows_are_not_loaded():
    assert "unverified.csv" not in load_catalogue().files


def test_names_resolve_to_their_analytes():
    catalogue = load_catalogue()
    for spelling, analyte in [
        ("Noradrenaline", "norepinephrine"),
        ("5-HIES", "hiaa_5"),
        ("β-Phenylethylamine", "pea"),
        ("3_methoxytyramine", "methoxytyramine_3"),
    ]:
        from recal_labs.catalogue import fold_name

        assert catalogue.names[fold_name(spelling)].analyte_id == analyte


def test_na_is_ambiguous():
    assert load_catalogue().names["na"].candidates == ("norepinephrine", "sodium")


@pytest.mark.parametrize(
    ("spelling", "ucum"),
    [
        ("ug/g creat", "ug/g{creat}"),
        ("µg/gCr", "ug/g{creat}"),
        ("μg/g Krea", "ug/g{creat}"),
        ("mcg/24h", "ug/(24.h)"),
        ("mg/d", "mg/(24.h)"),
        ("UMOLL", "umol/L"),
        ("MG/DL", "mg/dL"),
        ("nmol/mmol Cr", "nmol/mmol{creat}"),
        ("mmol/mol creatinine", "mmol/mol{creat}"),
        ("ug/24.h", "ug/(24.h)"),
        ("ug/g", "ug/g"),
    ],
)
def test_unit_spellings(spelling, ucum):
    assert load_catalogue().find_unit(spelling) == ucum


@pytest.fixture
def copy(tmp_path):
    """A copy of the catalogue to plant faults in."""
    folder = tmp_path / "catalogue"
    shutil.copytree(data_folder("reference_ranges"), folder)
    return folder


def _plant(folder, file, old, new):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


FAULTS = [
    ("analytes.csv", "C8H11NO2,153.181", "C8H11NO2,153.9", "disagrees with C8H11NO2"),
    ("analytes.csv", "51-61-6", "51-61-7", "CAS 51-61-7 has a wrong check digit"),
    ("analytes.csv", "\nhva,", "\ndopamine,", "id 'dopamine' is not unique"),
    ("analytes.csv", "massbank|human_gem|drugbank_actor", "massbank|nobody", "unknown source 'nobody'"),
    ("loinc.csv", "2218-6", "2218-7", "LOINC 2218-7 has a wrong check digit"),
    ("names.csv", "\nHVA,hva", "\nDopamine,hva", "names hva, and at"),
    ("reference_intervals.csv", ",60,440,", ",440,60,", "lower 440 is not below upper 60"),
    ("reference_intervals.csv", "any,0,1,240,1290", "any,0,2,240,1290", "the age band overlaps the one at"),
    ("reference_intervals.csv", "arup_catech", "arup_nothing", "unknown source 'arup_nothing'"),
    ("reference_intervals.csv", "60,440,ug/(24.h)", "60,440,ug/g{creat}", "does not fit per_24h"),
    ("reference_intervals.csv", "dopamine,urine_24h", "dopamin,urine_24h", "unknown analyte 'dopamin'"),
    ("reference_intervals.csv", "dopamine,urine_24h", "dopamine,urine_48h", "specimen is 'urine_48h'"),
]


@pytest.mark.parametrize(("file", "old", "new", "message"), FAULTS)
def test_a_planted_fault_is_found_with_file_and_line(copy, file, old, new, message):
    _plant(copy, file, old, new)
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(copy)
    found = [fault for fault in caught.value.faults if message in fault]
    assert found
    assert found[0].startswith(f"{file}:")
    assert found[0].split(":")[1].isdigit()


def test_all_faults_are_said_at_once(copy):
    for file, old, new, _ in FAULTS[:2]:
        _plant(copy, file, old, new)
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(copy)
    assert len(caught.value.faults) == 2


def test_an_edit_is_seen_and_changes_the_version(copy):
    before = load_catalogue(copy).version
    with open(copy / "names.csv", "a", encoding="utf-8") as handle:
        handle.write("Our own HVA,hva,,,\n")
    after = load_catalogue(copy)
    assert after.version != before
    assert after.names["ourownhva"].analyte_id == "hva"


def test_a_folder_of_ones_own_is_added(tmp_path):
    (tmp_path / "sources.csv").write_text(
        "source_id,title,publisher,year,url_or_doi,quality_grade,quality\nour_lab,Ours,Lab,2026,,A,A\n",
        encoding="utf-8",
    )
    (tmp_path / "reference_intervals.csv").write_text(
        "analyte_id,specimen,basis,sex,age_low_years,age_high_years,lower,upper,unit,method,fraction,kind,condition,"
        "source_id,note\nhva,urine_spot,per_creatinine,any,18,,1,7,mg/g{creat},,unspecified,reference_interval,,our_lab,\n",
        encoding="utf-8",
    )
    catalogue = load_catalogue(extra=tmp_path)
    assert len(catalogue.intervals) == CARRIED["reference_intervals"] + 1
    assert catalogue.sources["our_lab"].grade == "A"


def test_a_fault_in_ones_own_folder_names_that_folder(tmp_path):
    (tmp_path / "names.csv").write_text("name,analyte_id\nHVA,vma\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match=rf"{tmp_path.name}/names.csv:2: 'HVA' names vma"):
        load_catalogue(extra=tmp_path)


def test_a_missing_folder_is_said_so(tmp_path):
    with pytest.raises(FileProblem, match="there is no such folder"):
        load_catalogue(extra=tmp_path / "nowhere")
