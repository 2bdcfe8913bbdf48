"""The catalogue: sound as it comes, complete as it was carried over, and added to by a folder of one's own."""

import csv

import pytest

from recal_labs.catalogue import data_folder, fold_name, load_catalogue
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
# Rows that stand below them: facts read since.
ADDED = {"interferences": 5}


@pytest.mark.parametrize(("table", "rows"), CARRIED.items())
def test_every_fact_was_carried_over(table, rows):
    with open(data_folder("reference_ranges") / f"{table}.csv", newline="", encoding="utf-8") as handle:
        assert sum(1 for _ in csv.DictReader(handle)) == rows + ADDED.get(table, 0)


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
        assert catalogue.names[fold_name(spelling)].analyte_id == analyte


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
