"""study.toml: whatever is wrong with it is said at once, in sentences, before a file is read."""

import pytest

from recal_labs.errors import ChoiceError, FileProblem, StudyError, UnknownWordError
from recal_labs.study import read_study, run_study

from .conftest import STUDY, write_tiny_study


@pytest.fixture
def changed(tmp_path):
    """Return a function that reads the tiny study with a part of its study.toml changed."""

    def change(old, new):
        assert old in STUDY
        return read_study(write_tiny_study(tmp_path, n=3, study=STUDY.replace(old, new)))

    return change


def test_paths_start_from_the_folder_of_the_study(tiny_study):
    study = read_study(tiny_study)
    assert study.panels[0].path == tiny_study.parent / "panel.csv"
    assert study.outcomes[0].instrument == "phq9"
    assert study.choices.window_days == 14


WRONG_KINDS = [
    ('title = "A made-up study"', 'title = ["a"]', "title in [study] is ['a']; expected a text in quotes"),
    ("simulated = true", 'simulated = "no"', "simulated in [study] is 'no'; expected true or false"),
    ('subjects = "subjects.csv"', "subjects = 3", "subjects in [files] is 3; expected a path in quotes"),
    ('subjects = "subjects.csv"', "subjects = { columns = {} }", "[files] subjects has no path"),
    ('path = "panel.csv"', "path = 3", "path in [[files.panels]] number 1 is 3"),
    ('profile = "generic_long"', "profile = 3", "profile in [[files.panels]] number 1 is 3"),
    ("[[files.panels]]", "[files.panels]", "no [[files.panels]]"),
    ('instrument = "phq9"', 'instrument = "phq9"\nsentinels = "7"', "expected a list of numbers, such as [7, 9]"),
    ('instrument = "phq9"', "", "has no instrument"),
    ("[choices]", "[choises]", "Did you mean 'choices'"),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG_KINDS)
def test_a_value_of_another_kind_is_named_with_its_place_and_what_was_expected(changed, old, new, said):
    with pytest.raises(StudyError) as raised:
        changed(old, new)
    assert said in str(raised.value)
    assert "study.toml" in str(raised.value)


WRONG_CHOICES = [
    ('window_days = "x"', "window_days is 'x'; expected a whole number"),
    ("window_days = 14.5", "window_days is 14.5; expected a whole number"),
    ("window_days = -1", "expected 0 or more days"),
    ("confidence = 95", "expected a number between 0 and 1"),
    ('planned = "yes"', "planned is 'yes'; expected true or false"),
    ('covariates = "sex"', "covariates is 'sex'; expected a list of texts"),
    ("analytes = [1]", "analytes is [1]; expected a list of texts"),
    ("creatinine_limits_g_per_l = [0.3]", "expected two rising positive numbers"),
    ('creatinine_limits_g_per_l = ["a", "b"]', "expected two numbers"),
    ("min_n = 0", "expected 1 or more subjects"),
    ("seed = -1", "expected 0 or more"),
    ("retest_correlation = 3", "expected a correlation from -1 to 1"),
    ("max_censored = 2", "expected a share from 0 to 1"),
]


@pytest.mark.parametrize(("line", "said"), WRONG_CHOICES)
def test_a_choice_that_cannot_be_carried_out_is_named(changed, line, said):
    with pytest.raises(ChoiceError) as raised:
        changed("window_days = 14", line)
    assert said in str(raised.value)
    assert "study.toml [choices]" in str(raised.value)


@pytest.mark.parametrize(
    ("line", "near"),
    [
        ('adjust = "fdr"', "fdr_bh"),
        ('basis = "per_creatinin"', "per_creatinine"),
        ('range_qualities = ["E"]', "A, B, C, D"),
        ('specimens = ["urine_spott"]', "urine_spot"),
    ],
)
def test_a_word_outside_its_list_is_refused_with_the_nearest(changed, line, near):
    with pytest.raises(UnknownWordError, match=near):
        changed("window_days = 14", line)


@pytest.mark.parametrize("content", ["", "title = ", "study = 'a'", "\xff"])
def test_a_file_that_is_no_study_is_said_so(tmp_path, content):
    path = tmp_path / "study.toml"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises((StudyError, FileProblem), match=r"study\.toml"):
        read_study(path)


def test_a_byte_order_mark_before_the_study_is_passed_over(tmp_path):
    path = write_tiny_study(tmp_path, n=3)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_study(path).title == "A made-up study"


def test_a_folder_named_as_the_study_is_said_so(tmp_path):
    with pytest.raises(FileProblem, match=r"it is a folder; expected a study\.toml; name the study\.toml in it"):
        read_study(tmp_path)


def test_a_measure_of_dilution_is_no_analyte(tmp_path):
    path = write_tiny_study(tmp_path, n=3, study=STUDY.replace("window_days = 14", 'analytes = ["creatinine"]'))
    with pytest.raises(ChoiceError, match="creatinine is a measure of dilution"):
        run_study(path, tmp_path / "out", progress=False)


def test_every_missing_file_is_named_at_once(tmp_path):
    path = write_tiny_study(tmp_path, n=3)
    for name in ("panel.csv", "phq9.csv", "subjects.csv"):
        (tmp_path / name).unlink()
    with pytest.raises(StudyError) as raised:
        read_study(path)
    assert [name in str(raised.value) for name in ("panel.csv", "phq9.csv", "subjects.csv")] == [True] * 3


def test_a_folder_in_place_of_a_file_is_said_so(changed):
    with pytest.raises(StudyError, match="is a folder; expected a file"):
        changed('"panel.csv"', '"."')


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('profile = "generic_long"', 'profile = "generic_lon"', "Did you mean 'generic_long'"),
        ('instrument = "phq9"', 'instrument = "phq"', "Unknown instrument 'phq'"),
        ("window_days = 14", 'analytes = ["dopamin"]', "Did you mean 'dopamine'"),
        ("window_days = 14", 'range_sources = ["arup_hv"]', "Did you mean 'arup_hva'"),
        ("window_days = 14", 'entry_outcome = "phq8"', "Unknown outcome 'phq8'.*Did you mean 'phq9'"),
        ("window_days = 14", 'outcomes = ["gad7"]', "Unknown outcome 'gad7'.*Known: phq9"),
    ],
)
def test_unknown_words_are_refused_before_any_file_is_read(tmp_path, old, new, said):
    path = write_tiny_study(tmp_path / "study", n=3, study=STUDY.replace(old, new))
    (path.parent / "panel.csv").write_bytes(b"\x00 unreadable")
    with pytest.raises(UnknownWordError, match=said):
        run_study(path, tmp_path / "out", progress=False)
    assert not (tmp_path / "out" / "normalised.csv").exists()
