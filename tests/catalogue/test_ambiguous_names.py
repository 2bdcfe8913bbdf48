"""A name that means something else on another urine report is refused until somebody who knows says which."""

import pytest

from recal_labs.catalogue import data_folder, fold_name, load_catalogue

CATALOGUE = load_catalogue()

# The spellings of the reference tables' own column of ambiguous ones, and what else they may mean.
LISTED = {
    "NA": "sodium",
    "A": "flag",
    "AD": "androstenedione",
    "Urine Dopamine": "3-MT",
    "NMN": "nicotinamide",
    "MN": "manganese",
    "MET": "methionine",
    "Metanephrines, total": "sum",
    "W": "tungsten",
    "KYN": "kynurenate",
    "KA": "keto acids",
    "XAN": "xanthine",
    "PA": "pantothenic",
    "Melatonin, urine": "sulphate",
    "GLU": "glucose",
    "Glx": "sum",
    "TAU": "tau protein",
    "PEA": "palmitoylethanolamide",
    "HIS": "amine",
    "Cortisol, metabolised": "tetrahydro",
    "Cr": "chromium",
}
# Others whose other meaning is measured in urine.
ALSO = {
    "U-Na": "noradrenaline",
    "NAd": "nicotinamide",
    "MAD": "mandelic",
    "QA": "quinaldic",
    "TRA": "tramadol",
    "HA": "hippuric",
    "MHPG-SO4": "sulphate",
    "Metanephrines": "sum",
}


@pytest.mark.parametrize(("name", "other"), {**LISTED, **ALSO}.items())
def test_a_name_with_two_meanings_names_no_analyte_and_says_what_it_may_mean(name, other):
    entry = CATALOGUE.names[fold_name(name)]
    assert entry.analyte_id == ""
    assert entry.candidates
    assert other in entry.note


@pytest.mark.parametrize("name", ["glu", "Glu", "kyn", "Mn", "Tau", "His", "pea", "CR"])
def test_another_case_is_no_other_name(name):
    assert CATALOGUE.names[fold_name(name)].analyte_id == ""


@pytest.mark.parametrize(
    ("name", "candidates"),
    [
        ("NA", {"norepinephrine", "sodium"}),
        ("HIS", {"histidine", "histamine"}),
        ("KYN", {"kynurenine", "kynurenic_acid"}),
        ("Glx", {"glutamine", "glutamate"}),
        ("Melatonin, urine", {"melatonin", "sulfatoxymelatonin_6"}),
        ("Urine Dopamine", {"dopamine", "methoxytyramine_3"}),
    ],
)
def test_both_meanings_that_the_catalogue_holds_are_candidates(name, candidates):
    assert set(CATALOGUE.names[fold_name(name)].candidates) == candidates


# Names that collide in other fields only, or whose other meaning cannot carry a unit of theirs.
CERTAIN = {
    "E": "epinephrine",
    "EPI": "epinephrine",
    "NE": "norepinephrine",
    "DA": "dopamine",
    "NM": "normetanephrine",
    "NMA": "normetanephrine",
    "HMMA": "vma",
    "HK": "hydroxykynurenine_3",
    "XA": "xanthurenic_acid",
    "MEL": "melatonin",
    "TRP": "tryptophan",
    "GLN": "glutamine",
    "GLY": "glycine",
    "TYR": "tyrosine",
    "PHE": "phenylalanine",
    "CRE": "creatinine",
    "CREA": "creatinine",
    "CRT": "creatinine",
}


@pytest.mark.parametrize(("name", "analyte"), CERTAIN.items())
def test_a_name_left_certain_gives_its_reason(name, analyte):
    entry = CATALOGUE.names[fold_name(name)]
    assert entry.analyte_id == analyte
    assert entry.note.startswith("certain")


def test_an_ambiguous_name_is_never_a_suggestion():
    assert "PEA" not in CATALOGUE.suggest("PEAS")
    assert "GABA" in CATALOGUE.suggest("GABBA")


def test_the_page_of_the_catalogue_lists_every_name_that_is_refused_and_every_one_left_certain():
    page = (data_folder("reference_ranges") / "README.md").read_text(encoding="utf-8")
    section = page.split("## Names that mean two things")[1].split("\n## ")[0]
    listed = {fold_name(word) for word in section.split("`")[1::2]}
    for folded, entry in CATALOGUE.names.items():
        if not entry.analyte_id or entry.note.startswith("certain"):
            assert folded in listed, entry.name


def test_a_note_on_a_spelling_is_for_whoever_reads_a_worklist():
    # Notes reach the report: no word of the tools that the package is built from.
    notes = " ".join(meaning.note for meaning in CATALOGUE.names.values()).lower()
    assert "not available" in notes
    assert not {"pandas", "polars", "python", "dataframe"} & set(notes.split())
