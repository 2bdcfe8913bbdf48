"""A profile says what a lab's export looks like; what it says wrongly is named at once, every fault of it."""

import pytest

from recal_labs.errors import FileProblem, ProfileError, UnknownWordError
from recal_labs.ingest.profile_checks import FIELDS, check_words
from recal_labs.ingest.profiles import SHIPPED, Marks, load_profile, shipped_profiles

from .exports import CATALOGUE


@pytest.fixture
def profile_of(tmp_path):
    """Return a function that writes a profile and loads it."""

    def make(text: str, name: str = "lab.toml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return load_profile(tmp_path / name)

    return make


@pytest.mark.parametrize("name", sorted(path.stem for path in SHIPPED.glob("*.toml")))
def test_every_shipped_profile_loads_says_what_it_is_for_and_speaks_of_known_things(name):
    profile = load_profile(name)
    assert shipped_profiles()[name] == profile.about != ""
    assert set(profile.columns) <= set(FIELDS)
    check_words(profile, CATALOGUE)


def test_a_profile_stands_on_the_one_it_extends_and_joins_its_tables_key_by_key(profile_of):
    mine = profile_of(
        'extends = "generic_long"\nlab = "north"\n[text]\nthousands = ","\n[columns]\nvalue = "Ergebnis"\n'
    )
    base = load_profile("generic_long")
    assert (mine.lab, mine.layout, mine.marks) == ("north", "long", Marks(".", ","))
    assert mine.columns["value"] == ("Ergebnis",)
    assert mine.columns["analyte"] == base.columns["analyte"]
    assert mine.codes == base.codes


def test_a_profile_may_extend_a_file_beside_it(profile_of):
    profile_of('extends = "generic_wide"\nlab = "north"\n', "base.toml")
    mine = profile_of('extends = "base.toml"\nignore = "Courier"\n')
    assert (mine.layout, mine.lab, mine.ignore) == ("wide", "north", ("Courier",))


def test_an_edit_of_the_file_is_seen(profile_of, tmp_path):
    assert profile_of('lab = "north"').lab == "north"
    assert profile_of('lab = "south-east"').lab == "south-east"


@pytest.mark.parametrize("parent", ["lab.toml", "./lab.toml", "other.toml"])
def test_a_profile_that_extends_itself_is_refused(profile_of, tmp_path, parent):
    (tmp_path / "other.toml").write_text(f'extends = "../{tmp_path.name}/lab.toml"')
    with pytest.raises(ProfileError, match="extends itself"):
        profile_of(f'extends = "{parent}"')


def test_a_name_that_is_no_profile_is_answered_with_the_nearest():
    with pytest.raises(UnknownWordError, match="Did you mean 'generic_long'"):
        load_profile("generic_lon")


def test_files_that_are_no_profile(tmp_path):
    with pytest.raises(FileProblem, match="no such file"):
        load_profile(tmp_path / "absent.toml")
    (tmp_path / "broken.toml").write_text("[columns\n")
    with pytest.raises(FileProblem, match="TOML"):
        load_profile(tmp_path / "broken.toml")
    (tmp_path / "latin.toml").write_bytes('lab = "Süd"'.encode("cp1252"))
    with pytest.raises(FileProblem, match="TOML"):
        load_profile(tmp_path / "latin.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('colums = "x"', "unknown key 'colums' in the top level. Did you mean 'columns'?"),
        ('[columns]\nvalues = "x"', r"unknown key 'values' in \[columns\]"),
        ('format = "xlsx"', "expected delimited or hl7v2"),
        ('layout = "tall"', "expected long or wide or survey"),
        ('[text]\ndecimal = ","\nthousands = ","', "same mark"),
        ('[text]\ndecimal = ";"', "expected . or ,"),
        ('[text]\nthousands = "x"', "thousands is 'x'"),
        ('[text]\ndelimiter = "::"', "one character"),
        ("text = 5", r"\[text\] is int; expected a table"),
        ('analytes = "HVA"', r"\[analytes\] is str; expected a table"),
        ("[analytes]\nHVA = 5", "expected an analyte id"),
        ("lab = 5", "expected a text"),
        ("extends = 5", "expected the name of a profile"),
        ("ignore = 5", "expected a list of column names"),
        ("missing = [9]", "expected a list of words"),
        ('per_gram_means_creatinine = "yes"', "expected true or false"),
        ("[columns]\nvalue = [1]", "expected a column name"),
        ('[codes]\nsex = "f"', "expected a table of texts"),
        ("[dates]\nformats = 5", "expected a list of forms"),
        ('[dates]\nformats = ["%Y-%m-%d", "%Q"]', "'%Q' cannot be read back"),
        ('[dates]\nformats = ["%Y %Y"]', "'%Y %Y' cannot be read back"),
        ("[survey]\ndivisor = 0", "expected a positive number"),
        ('[survey.pairs]\nhva = ["VAL"]', "expected two columns an analyte"),
    ],
)
def test_each_fault_is_named_with_what_was_expected(profile_of, text, said):
    with pytest.raises(ProfileError, match=said):
        profile_of(text)


def test_all_faults_are_told_at_once(profile_of):
    with pytest.raises(ProfileError) as told:
        profile_of('layout = "tall"\nlab = 5\ncolour = "red"\n')
    assert len(told.value.faults) == 3


def test_one_date_form_may_stand_without_brackets_and_an_offset_may_be_part_of_it(profile_of):
    assert profile_of('[dates]\nformats = "%d.%m.%Y"').date_formats == ("%d.%m.%Y",)
    assert profile_of('[dates]\nformats = ["%Y-%m-%dT%H:%M%z"]').date_formats == ("%Y-%m-%dT%H:%M%z",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[analytes]\nXX = "homovanillic"', "'XX' means 'homovanillic', which is no analyte id"),
        ('[analytes]\nXX = "dopamin"', "Did you mean 'dopamine'"),
        ('[not_detected]\nHVA = "0.3"', "'HVA', which is no analyte id"),
        ('[defaults]\nspecimen = "urine 24"', "specimen is 'urine 24'"),
    ],
)
def test_words_that_the_catalogue_lacks_are_refused_before_a_row_is_read(profile_of, text, said):
    with pytest.raises(ProfileError, match=said):
        check_words(profile_of(text), CATALOGUE)
