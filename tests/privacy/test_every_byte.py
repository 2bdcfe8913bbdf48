"""With a key no byte of any output holds an identifier, wherever exports had one; without, the search finds them."""

import contextlib
import io
import json
import re

import pandas as pd
import polars as pl
import pytest

from recal_labs.batch.files import find_files
from recal_labs.batch.parts import take_part
from recal_labs.batch.people import read_details
from recal_labs.batch.ways import Way
from recal_labs.catalogue import load_catalogue
from recal_labs.privacy import MARK, Protection, read_key, read_key_table
from recal_labs.study import run_study

from .conftest import SECRET
from .planted import IDENTIFIERS, found_in, write_inbox, write_study

pytestmark = pytest.mark.xdist_group("every_byte")

# Planted where no reader looks: they leave the house in no case.
NEVER_READ = {"99887-XT", "PLACER4417"}
CODE = re.compile(r"[PUFLT]-[A-Z2-7]{16}")


def write_key(folder, name="keys"):
    path = folder / name / "test.key"
    path.parent.mkdir()
    path.write_text(SECRET.hex() + "\n", encoding="ascii")
    path.chmod(0o600)
    return path


@contextlib.contextmanager
def without_page():
    """Leave out the page, which takes longer than all the rest; its facts are written all the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("recal_labs.study.run.render_report", lambda out: out / "facts.json")
        yield


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("every_byte")


@pytest.fixture(scope="module")
def key_file(home):
    return write_key(home)


@pytest.fixture(scope="module")
def study(home):
    return write_study(home / "study")


@pytest.fixture(scope="module")
def plain(home, study):
    with without_page():
        return run_study(study, home / "plain", progress=False)


@pytest.fixture(scope="module")
def coded(home, study, key_file):
    return run_study(study, home / "coded", progress=False, pseudonymise=key_file, shift_dates=100)


@pytest.fixture(scope="module")
def inbox(home):
    return write_inbox(home / "lab")


def test_the_search_finds_what_a_run_without_a_key_writes(plain):
    found = {word for word, _ in found_in(plain.out)}
    assert found == set(IDENTIFIERS) - NEVER_READ
    assert json.loads((plain.out / "manifest.json").read_text())["contains"].startswith("identifiers")


def test_no_output_of_a_study_holds_an_identifier(coded):
    assert found_in(coded.out) == []
    assert len(list(coded.out.rglob("*.parquet"))) >= 3
    assert (coded.out / "report.html").stat().st_size > 100_000


def test_manifest_and_mark_say_that_there_are_pseudonyms(coded):
    manifest = json.loads((coded.out / "manifest.json").read_text())
    assert manifest["contains"].startswith("pseudonyms")
    assert "safety_flags.csv" in manifest["about_single_people"]
    assert (coded.out / MARK).exists()
    for entry in (*manifest["files"], *manifest["tables"]):
        assert CODE.match(entry["path"])
        assert entry["sha256"].startswith("hmac:")
    assert all(CODE.match(name) for name in manifest["inputs"])


def test_every_position_is_still_accounted_for(plain, coded):
    counts = [
        sorted((r.positions, r.results, r.rejects, r.no_result) for r in (*run.files, *run.tables))
        for run in (plain, coded)
    ]
    assert counts[0] == counts[1]
    for name in ("rejects.csv", "no_result.csv"):
        before, after = (pd.read_csv(run.out / name, dtype=str) for run in (plain, coded))
        assert before["reason"].tolist() == after["reason"].tolist()
        assert before["source_row"].fillna("").tolist() == after["source_row"].fillna("").tolist()


def test_the_numbers_are_those_of_the_run_without_a_key(plain, coded):
    before, after = plain.normalised.frame, coded.normalised.frame
    same = [
        "specimen",
        "analyte_id",
        "value",
        "unit",
        "amount",
        "zlog",
        "current",
        "qc",
        "interpretation",
        "reference_source",
    ]
    pd.testing.assert_frame_equal(before[same], after[same])
    assert before["subject_id"].nunique() == after["subject_id"].nunique()
    assert before["specimen_id"].nunique() == after["specimen_id"].nunique()
    effects = [run.associations.table.query("effect == 'spearman_rho'")["estimate"].tolist() for run in (plain, coded)]
    assert effects[0] == pytest.approx(effects[1], nan_ok=True)


def test_nobody_keeps_a_date_and_everybody_keeps_the_days_between(plain, coded):
    before, after = plain.normalised.frame, coded.normalised.frame
    moved = (after["collected_at"] - before["collected_at"]).dt.days
    assert moved.abs().between(1, 100).all()
    assert moved.groupby(before["subject_id"]).nunique().max() == 1
    assert moved.groupby(before["subject_id"]).first().nunique() > 10
    days = [run.cohort.visits.groupby("visit")["phq9_days"].sum().tolist() for run in (plain, coded)]
    assert days[0] == days[1]


def test_ages_are_whole_and_nobody_is_older_than_ninety(plain, coded):
    ages = coded.normalised.frame["age_years"].dropna()
    assert (ages == ages.round()).all()
    assert ages.max() <= 90
    assert plain.normalised.frame["age_years"].max() > 89
    assert coded.cohort.covariates["age_years"].max() <= 90


def test_the_named_person_can_find_who_it_is(coded, key_file):
    flags = pd.read_csv(coded.out / "safety_flags.csv", dtype=str)
    table = read_key_table(read_key(key_file))
    back = dict(table.select("code", "original").iter_rows())
    assert {back[code] for code in flags["subject_id"].dropna()} == {"ZZSUBJ-003"}
    nobody = flags[flags["subject_id"].isna()]
    assert back[nobody["source_file"].iloc[0]] == "forms_of_quillfeather.csv"
    assert nobody["source_row"].tolist() == ["64"]


def test_every_code_of_the_outputs_is_in_the_key_table(coded, key_file):
    known = set(read_key_table(read_key(key_file))["code"])
    for path in coded.out.rglob("*"):
        if path.suffix in {".csv", ".json", ".html"}:
            codes = set(re.findall(r"\b[PUFLT]-[A-Z2-7]{16}(?:\.[a-z0-9]+)?\b", path.read_text(encoding="utf-8")))
            assert {code for code in codes if code.removesuffix(".") not in known} <= {
                code for code in codes if any(code.startswith(one) for one in known)
            }, path.name


def test_key_and_key_table_are_nowhere_in_the_outputs(coded, key_file):
    assert not any(path.name.endswith((".key", ".table.csv")) for path in coded.out.rglob("*"))
    for path in coded.out.rglob("*"):
        if path.is_file():
            assert SECRET not in path.read_bytes()
            assert SECRET.hex().encode() not in path.read_bytes().lower()


@pytest.fixture(scope="module")
def again(home, key_file):
    """The same study once more; its study.toml names the key, and the page is left out."""
    path = write_study(home / "declared" / "study")
    declared = f'\n[privacy]\npseudonymise = "{key_file}"\nshift_dates = 100\n'
    path.write_text(path.read_text(encoding="utf-8") + declared, encoding="utf-8")
    with without_page(), contextlib.redirect_stderr(io.StringIO()) as said:
        return run_study(path, home / "again", progress=False), said


def test_the_alarm_says_where_the_people_are_found(again, key_file):
    said = again[1].getvalue()
    assert "*** SAFETY: 3 positive answers" in said
    assert f"stands in {key_file}.table.csv" in said
    # The technician's own terminal tells which file to look at.
    assert "NOT READ: praxis_folder_77/quillfeather_report.pdf" in said


def test_two_runs_write_the_same_codes_byte_for_byte(again, coded):
    assert again[0].study.shift_days == 100
    assert found_in(again[0].out) == []
    for name in ("normalised.parquet", "normalised.csv", "rejects.csv", "outcomes.csv", "effects.csv", "worklist.csv"):
        assert (again[0].out / name).read_bytes() == (coded.out / name).read_bytes(), name


def test_no_part_of_an_inbox_holds_an_identifier(home, inbox):
    catalogue, protection = load_catalogue(), Protection(read_key(write_key(home, "keys_of_parts")), 100)
    out = home / "parts_only"
    parts = [take_part(file, out, Way(), catalogue, protection) for file in find_files([inbox], out)]
    assert sum(part.record.results for part in parts) == 185
    assert found_in(out) == []
    # Not yet in the key table: nobody could tell the codes back, so the file is read once more.
    assert not take_part(find_files([inbox], out)[0], out, Way(), catalogue, Protection(protection.key, 100)).skipped
    protection.remember(pl.concat([part.originals for part in parts]))
    again = take_part(find_files([inbox], out)[0], out, Way(), catalogue, Protection(protection.key, 100))
    assert again.skipped
    assert again.originals.is_empty()
    assert again.name == "hl7_oberwinkler.hl7"


def test_parts_of_another_key_or_distance_are_read_anew(home, inbox, key_file):
    catalogue, out = load_catalogue(), home / "parts_of_keys"
    file = find_files([inbox], out)[0]
    key = read_key(key_file)
    folders = {
        take_part(file, out, Way(), catalogue, protection).folder
        for protection in (None, Protection(key), Protection(key, 9), Protection(type(key)(SECRET[::-1]), 9))
    }
    assert len(folders) == 4


def test_tables_beside_an_inbox_fill_in_ages_of_true_dates(home, inbox, key_file):
    protection = Protection(read_key(key_file), 100)
    tables = (home / "lab" / "people_of_hollowmere.csv", home / "lab" / "bottles_of_hollowmere.csv")
    out = home / "parts_filled"
    parts = [take_part(file, out, Way(), load_catalogue(), protection) for file in find_files([inbox], out)]
    results = pl.concat(pl.read_parquet(part.folder / "results.parquet") for part in parts)
    details = read_details(*tables, protection=protection).owned_by(results.lazy())
    filled = details.fill(results)
    true = read_details(*tables).fill(
        pl.concat(
            pl.read_parquet(take_part(file, home / "parts_true", Way(), load_catalogue()).folder / "results.parquet")
            for file in find_files([inbox], home / "parts_true")
        )
    )
    expected = true["age_years"].floor().clip(upper_bound=90)
    assert filled["age_years"].to_list() == expected.to_list()
    assert filled["sex"].to_list() == true["sex"].to_list()
    # Born in 1928, they are above 89 on the true day of 2019.
    assert 90.0 in filled["age_years"].to_list()
    bottle = details.bottles.filter(pl.col("received_at").is_not_null())
    owner = filled.filter(pl.col("specimen_id") == bottle["specimen_id"][0])
    assert (bottle["received_at"][0] - owner["collected_at"][0]).total_seconds() == 25.5 * 3600
    assert {record.path[0] for record in details.records} == {"F"}
    assert "Hollowmere" not in str(details.rejects.to_dicts())
    assert sorted(details.names.values()) == ["bottles_of_hollowmere.csv", "people_of_hollowmere.csv"]


def test_no_output_of_an_inbox_holds_an_identifier(home, inbox, key_file, capsys):
    from recal_labs.cli import main

    lab = home / "lab"
    words = ["normalise", str(inbox), "--subjects", str(lab / "people_of_hollowmere.csv"), "--quiet"]
    words += ["--specimens", str(lab / "bottles_of_hollowmere.csv"), "--out"]
    coded = [str(home / "inbox_coded"), "--pseudonymise", str(key_file), "--shift-dates", "100"]
    for options, ending in (([str(home / "inbox_plain")], 3), (coded, 3), (coded, 3)):
        with pytest.raises(SystemExit) as ended:
            main([*words, *options])
        assert ended.value.code == ending
    assert {word for word, _ in found_in(home / "inbox_plain")} == set(IDENTIFIERS) - NEVER_READ
    assert found_in(home / "inbox_coded") == []
    manifests = [json.loads((home / name / "manifest.json").read_text()) for name in ("inbox_plain", "inbox_coded")]
    assert [content["contains"].split(":")[0] for content in manifests] == ["identifiers", "pseudonyms"]
    assert manifests[1]["skipped"] == 4
    before, after = (pl.read_parquet(home / name / "normalised.parquet") for name in ("inbox_plain", "inbox_coded"))
    same = ["specimen", "analyte_id", "value", "amount", "zlog", "current", "interpretation"]
    assert before.select(same).equals(after.select(same))
    said = capsys.readouterr().out
    assert "...quillfeather_report.pdf" in said or "report.pdf" in said


def test_parts_of_a_run_that_died_are_names_too(home, inbox, key_file):
    from recal_labs.batch import normalise_inbox
    from recal_labs.errors import FileProblem

    out = home / "died"
    take_part(find_files([inbox], out)[0], out, Way(), load_catalogue())
    with pytest.raises(FileProblem, match="without pseudonyms"):
        normalise_inbox([inbox], out, pseudonymise=key_file, progress=False)


def test_a_folder_of_names_takes_no_codes_and_the_other_way_round(home, study, key_file):
    from recal_labs.errors import FileProblem

    run_options = {"progress": False}
    with pytest.raises(FileProblem, match="without pseudonyms"):
        run_study(study, home / "plain", pseudonymise=key_file, **run_options)
    with pytest.raises(FileProblem, match="with pseudonyms"):
        run_study(study, home / "coded", **run_options)
    with pytest.raises(FileProblem, match="output folder"):
        run_study(study, key_file.parent, pseudonymise=key_file, **run_options)
