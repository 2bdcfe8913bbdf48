"""What moves a result before it is measured: every word leads somewhere, every rule can be read, faults are named."""

import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.catalogue.exposures import meanings_of

WORDS = "word,means,scope,source_id\n"
RULES = "analyte_id,factor,condition,preserved,low,high,unit,verdict,direction,source_id,note\n"
HANDLING = "word,factor,means\n"


@pytest.fixture
def own(tmp_path):
    """Return a function that writes a file of a study's own catalogue and tells its folder."""

    def write(name, text):
        folder = tmp_path / "study" / "catalogue"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        return folder

    return write


def test_words_lead_through_others_to_interferents():
    catalogue = load_catalogue()
    phrases = [row["interferent"] for row in catalogue.interferences]
    meanings = meanings_of(catalogue.interferent_words, phrases)
    assert meanings["Zoloft"] == ("SSRI antidepressants",)
    assert set(meanings["coffee"]) > {"caffeine", "coffee, tea, tobacco"}
    assert "monoamine oxidase inhibitors" in meanings["tranylcypromine"]
    assert all(meanings.values())


def test_words_that_stand_for_each_other_end():
    rows = [{"word": "a", "means": "b", "scope": ""}, {"word": "b", "means": "a", "scope": ""}]
    assert meanings_of(rows, ["b"]) == {"b": ("b",), "a": ("b",)}


def test_a_study_adds_words_and_interferents_of_its_own(own):
    own("sources.csv", "source_id,title,publisher,year,url_or_doi,quality_grade,quality\nours,Ours,,,,A,A\n")
    own("interferences.csv", "analyte_id,interferent,direction,source_id\nhva,our infusion,raises,ours\n")
    folder = own("interferent_words.csv", WORDS + "Drip X,our infusion,,ours\nStudymed,sertraline,,ours\n")
    catalogue = load_catalogue(extra=folder)
    meanings = meanings_of(catalogue.interferent_words, [row["interferent"] for row in catalogue.interferences])
    assert meanings["Drip X"] == ("our infusion",)
    assert meanings["Studymed"] == ("SSRI antidepressants",)


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("interferent_words.csv", WORDS + "Studymed,sertralin,,uhn_catech\n", "leads to no row of interferences.csv"),
        ("interferent_words.csv", WORDS + "?,caffeine,,uhn_catech\n", "word is empty"),
        ("interferent_words.csv", WORDS + "x,caffeine,person,uhn_catech\n", "scope is 'person'"),
        ("interferent_words.csv", WORDS + "x,caffein,kind,uhn_catech\n", "no interferent of interferences.csv"),
        ("interferent_words.csv", WORDS + "pill,caffeine,kind,uhn_catech\n", "expected a kind of intervention"),
        ("interferent_words.csv", WORDS + "egfr<50,caffeine,subject,uhn_catech\n", "egfr < 50"),
        ("interferent_words.csv", WORDS + "x,caffeine,,nowhere\n", "unknown source 'nowhere'"),
        (
            "interferences.csv",
            "analyte_id,interferent,direction,source_id,washout_days\nhva,x,raises,arup_hva,a week\n",
            "washout_days is 'a week'",
        ),
        (
            "handling_words.csv",
            HANDLING + "HCl,preservative,boric_acid\n",
            "and at reference_ranges/handling_words.csv",
        ),
        ("handling_words.csv", HANDLING + "x,flavour,sweet\n", "factor is 'flavour'"),
        ("handling_words.csv", HANDLING + "--,preservative,x\n", "word is empty"),
        ("preanalytical.csv", RULES + "hva,light,,,,,,unsuitable,,arup_hva,\n", "factor is 'light'"),
        ("preanalytical.csv", RULES + "hva,preservative,wine,,,,,unsuitable,,arup_hva,\n", "condition is 'wine'"),
        ("preanalytical.csv", RULES + "hva,delay,frozen,,,,h,unsuitable,,arup_hva,\n", "neither low nor high limit"),
        ("preanalytical.csv", RULES + "hva,delay,warm,,,5,h,unsuitable,,arup_hva,\n", "condition is 'warm'"),
        ("preanalytical.csv", RULES + "hva,delay,frozen,,,5,d,unsuitable,,arup_hva,\n", "unit is 'd'"),
        ("preanalytical.csv", RULES + "hva,ph,,,,7,h,unsuitable,,arup_hva,\n", "unit is 'h'"),
        ("preanalytical.csv", RULES + "hva,ph,,,,acid,[pH],unsuitable,,arup_hva,\n", "high is 'acid'"),
        ("preanalytical.csv", RULES + "hva,ph,,,,7,[pH],forbidden,,arup_hva,\n", "verdict is 'forbidden'"),
        ("preanalytical.csv", RULES + "hva,ph,,maybe,,7,[pH],unsuitable,,arup_hva,\n", "preserved is 'maybe'"),
        ("preanalytical.csv", RULES + "hv,ph,,,,7,[pH],unsuitable,,arup_hva,\n", "unknown analyte 'hv'"),
    ],
)
def test_each_fault_is_named_with_its_line(own, faults, file, text, said):
    found = faults(extra=own(file, text))
    assert any(said in fault and fault.startswith(f"study/catalogue/{file}:2") for fault in found), found
