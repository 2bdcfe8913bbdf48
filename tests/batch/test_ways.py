"""Each file of a mixed inbox is read by its own lab's profile: told by content, or by the patterns of profiles.toml."""

import pandas as pd
import pytest

from recal_labs.batch import normalise_inbox
from recal_labs.errors import FileProblem, ProfileError, UnknownWordError

from .conftest import HL7, LONG, manifest, write

GERMAN = "Patient;Datum;Homovanillinsäure (mg/L)\nS1;11.03.2024;3,5\n"
WIDE = "patient,collected_at,NA (ug/24h)\nS1,2024-03-11,35\n"
NORTH = 'extends = "generic_long"\nlab = "north"\n[text]\ndelimiter = ","\n'
SOUTH = 'extends = "generic_wide_comma"\nlab = "south"\n[defaults]\nspecimen = "urine_spot"\n'
EAST = 'extends = "generic_wide"\nlab = "east"\n[defaults]\nspecimen = "urine_24h"\n[analytes]\nNA = "norepinephrine"\n'
WEST = 'extends = "generic_hl7v2"\nlab = "west"\n'
LABS = {"north": NORTH, "south": SOUTH, "east": EAST, "west": WEST}


@pytest.fixture
def box(tmp_path):
    folder = tmp_path / "inbox"
    write(folder / "1.csv")
    write(folder / "2.csv", GERMAN)
    write(folder / "3.csv", WIDE)
    write(folder / "4.hl7", HL7)
    return folder


@pytest.fixture
def labs(tmp_path):
    return {lab: write(tmp_path / "labs" / f"{lab}.toml", text) for lab, text in LABS.items()}


def read_by(finished) -> dict[str, tuple[str, str]]:
    return {entry["path"]: (entry["profile"], entry["lab_id"]) for entry in manifest(finished.out)}


EACH = {"1.csv": ("north", "north"), "2.csv": ("south", "south"), "3.csv": ("east", "east"), "4.hl7": ("west", "west")}


def test_of_several_profiles_the_content_chooses_whatever_their_order(box, labs, run):
    for chosen in (list(labs.values()), list(labs.values())[::-1]):
        finished = run(box, profile=chosen)
        assert read_by(finished) == EACH
        assert finished.needs_attention == 1  # Mystery
        assert set(pd.read_csv(finished.out / "normalised.csv")["lab_id"]) == set(LABS)


def test_what_fits_none_of_them_is_tried_with_the_shipped_ones(box, labs, run):
    finished = run(box, profile=["auto", labs["south"]])
    assert read_by(finished) == {
        "1.csv": ("generic_long", ""),
        "2.csv": ("south", "south"),
        "3.csv": ("generic_wide", ""),
        "4.hl7": ("generic_hl7v2", ""),
    }


def test_one_profile_alone_reads_every_file(box, labs, run):
    finished = run(box, profile=labs["north"])
    assert set(finished.failed) == {"2.csv", "3.csv", "4.hl7"}
    assert "no header line" in finished.failed["2.csv"]


def test_a_file_that_fits_two_labs_equally_well_is_refused_and_the_map_decides(box, labs, run, tmp_path):
    other = write(tmp_path / "labs" / "other.toml", NORTH.replace("north", "other"))
    finished = run(box / "1.csv", profile=[labs["north"], other, labs["north"]])
    assert "fits the profiles north and other equally well" in finished.failed["1.csv"]
    write(box / "profiles.toml", '"1*" = "../labs/other.toml"\n')
    assert read_by(run(box / "1.csv", profile=[labs["north"], other]))["1.csv"] == ("other", "other")


def test_the_profile_that_names_most_columns_is_the_one(tmp_path, labs, run):
    more = write(tmp_path / "labs" / "more.toml", NORTH.replace("north", "more") + '[columns]\nmethod = "Verfahren"\n')
    path = write(
        tmp_path / "x.csv", LONG.replace("specimen\n", "specimen,Verfahren\n").replace("urine\n", "urine,MS\n")
    )
    assert read_by(run(path, profile=[labs["north"], more]))["x.csv"] == ("more", "more")


def test_a_wide_profile_does_not_take_a_table_with_a_row_a_result(tmp_path, labs, run):
    path = write(tmp_path / "x.csv", LONG.replace("patient,", "patient,collected_at,").replace("S1,", "S1,2024-03-11,"))
    assert read_by(run(path, profile=[labs["east"], labs["south"]]))["x.csv"] == ("generic_long", "")


def test_a_survey_is_told_by_its_pairs(tmp_path, labs, run):
    survey = write(
        tmp_path / "labs" / "survey.toml",
        'extends = "survey_comment_codes"\n[columns]\nsubject_id = "SEQN"\n[defaults]\nspecimen = "urine_spot"\n'
        'unit = "ug/L"\n[survey.pairs]\ndopamine = ["URXDA", "URDDALC"]\n',
    )
    path = write(tmp_path / "x.csv", "SEQN,URXDA,URDDALC\n1,120,0\n")
    finished = run(path, profile=[labs["east"], survey])
    assert read_by(finished)["x.csv"][0] == "survey"
    assert finished.files[0].results == 1


def test_a_map_in_the_inbox_names_profiles_and_labs_by_pattern(box, labs, run):
    write(
        box / "profiles.toml",
        '"[12].csv" = { profile = "generic_wide_comma", lab = "mapped" }\n"1.csv" = "../labs/north.toml"\n'
        '"deeper/*.csv" = { lab = "deep" }\n"*.hl7" = "../labs/west.toml"\n',
    )
    write(box / "deeper" / "9.csv")
    finished = run(box)
    assert read_by(finished) == {
        "1.csv": ("", ""),  # the first pattern that fits decides, and this profile finds no header
        "2.csv": ("generic_wide_comma", "mapped"),
        "3.csv": ("generic_wide", ""),
        "4.hl7": ("west", "west"),
        "deeper/9.csv": ("generic_long", "deep"),
    }
    assert {entry["lab_id"] for entry in manifest(run(box, lab="all").out)} == {"all", ""}


def test_a_map_that_is_named_stands_above_the_one_in_the_inbox_and_profiles_read_the_rest(box, labs, run, tmp_path):
    write(box / "profiles.toml", '"*.hl7" = { lab = "below" }\n"2.csv" = "../labs/south.toml"\n')
    above = write(tmp_path / "map.toml", '"*.hl7" = { profile = "labs/west.toml", lab = "above" }\n')
    finished = run(box, profiles=above, profile=[labs["north"], labs["east"]])
    assert read_by(finished) == {**EACH, "4.hl7": ("west", "above")}


def test_an_edit_of_a_map_reads_again_only_what_it_changes(box, labs, run):
    write(box / "profiles.toml", '"4.hl7" = { lab = "a" }\n')
    run(box)
    write(box / "profiles.toml", '"4.hl7" = { lab = "b" }\n')
    assert run(box).already_read == {"1.csv", "2.csv", "3.csv"}


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ('"*.csv" = 5', ProfileError, "expected a profile, or a table"),
        ('"*.csv" = { profil = "x" }', ProfileError, "unknown key 'profil'.*Did you mean 'profile'"),
        ('"*.csv" = { lab = 5 }', ProfileError, "expected a text"),
        ('"*.csv" = ', FileProblem, "cannot be read as TOML"),
        ('"*.csv" = "nope.toml"', FileProblem, "no such file"),
        ('"*.csv" = "generic_lang"', UnknownWordError, "generic_long"),
    ],
)
def test_what_a_map_says_wrongly_is_said_before_anything_is_read(box, tmp_path, text, error, said):
    write(box / "profiles.toml", text)
    with pytest.raises(error, match=said):
        normalise_inbox([box], tmp_path / "out", progress=False)
    with pytest.raises(FileProblem, match="no such file"):
        normalise_inbox([tmp_path / "inbox" / "1.csv"], tmp_path / "out", profiles=tmp_path / "no.toml", progress=False)


def test_profiles_that_lie_in_the_inbox_are_not_read_as_exports(box, run):
    write(box / "base.toml", 'extends = "generic_long"\n')
    write(box / "north.toml", 'extends = "base.toml"\nlab = "north"\n')
    write(box / "profiles.toml", '"1.csv" = "north.toml"\n')
    assert set(read_by(run(box))) == set(EACH)
