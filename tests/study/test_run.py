"""The whole way on a tiny study: every output, every count, and what must never be in the report."""

import json
import re

import pandas as pd
import pytest

from recal_labs.errors import EmptyCohortError, FileProblem, StudyError, UnknownWordError
from recal_labs.study import run_study


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    from .conftest import write_tiny_study

    folder = tmp_path_factory.mktemp("run")
    return run_study(write_tiny_study(folder / "study"), folder / "out", progress=False)


OUTPUTS = (
    "report.html",
    "normalised.parquet",
    "normalised.csv",
    "rejects.csv",
    "no_result.csv",
    "worklist.csv",
    "interferences.csv",
    "preanalytical.csv",
    "unmatched_words.csv",
    "outcomes.csv",
    "effects.csv",
    "effects.statement.md",
    "change.csv",
    "change.statement.md",
    "safety_flags.csv",
    "manifest.json",
    "facts.json",
)

pytestmark = pytest.mark.xdist_group("tiny_run")


@pytest.mark.parametrize("name", OUTPUTS)
def test_every_output_is_written(finished, name):
    assert (finished.out / name).stat().st_size > 0


def test_every_position_of_every_file_is_accounted_for(finished):
    manifest = json.loads((finished.out / "manifest.json").read_text())
    assert {entry["path"] for entry in manifest["files"]} == {"panel.csv", "phq9.csv"}
    for entry in manifest["files"]:
        assert entry["positions"] == entry["results"] + entry["rejects"] + entry["no_result"]
    # 30 people x 2 visits x 3 analytes, and the header.
    panel = next(entry for entry in manifest["files"] if entry["path"] == "panel.csv")
    assert (panel["positions"], panel["results"], panel["no_result"]) == (181, 180, 1)


def test_manifest_holds_hashes_versions_choices_and_seed(finished):
    manifest = json.loads((finished.out / "manifest.json").read_text())
    assert set(manifest["inputs"]) == {"study.toml", "panel.csv", "phq9.csv", "subjects.csv", "interventions.csv"}
    assert len(manifest["inputs"]["panel.csv"]) == 64
    assert manifest["choices"]["window_days"] == 14
    assert manifest["seed"] == finished.study.choices.seed
    assert manifest["versions"]["polars"]
    assert len(manifest["catalogue_version"]) == 12


def test_how_much_of_each_analyte_is_censored_stands_in_manifest_effects_and_stages(finished):
    censored = json.loads((finished.out / "manifest.json").read_text())["censored"]
    assert {entry["n"] for entry in censored.values()} == {60}
    assert {(entry["below"], entry["above"], entry["open"], entry["share"]) for entry in censored.values()} == {
        (0, 0, 0, 0)
    }
    effects = pd.read_csv(finished.out / "effects.csv")
    assert (effects["share_censored"] == 0).all()
    said = next(stage.line for stage in finished.stages if stage.name == "normalise")
    assert said.endswith("none of 180 amounts lies beyond a limit of detection")


def test_the_stage_that_writes_says_which_files_it_counts(finished):
    said = next(stage.line for stage in finished.stages if stage.name == "write")
    assert "every position of 1 panel file and 1 form file is accounted for in manifest.json" in said


def test_a_source_of_intervals_is_named_with_its_institution_and_its_document(finished):
    facts = json.loads((finished.out / "facts.json").read_text(encoding="utf-8"))
    sources = {met["source"] for row in facts["reference"]["measured"] for met in row["intervals"]}
    assert any(source.startswith("University of Iowa Health Care: Catecholamines") for source in sources)


def test_outputs_do_not_tell_where_the_study_lies(finished):
    for path in finished.out.rglob("*"):
        if path.is_file() and path.suffix in {".csv", ".json", ".md", ".html"}:
            assert str(finished.study.folder) not in path.read_text(encoding="utf-8"), path.name


def test_a_positive_item_nine_is_in_its_file_and_never_in_the_report(finished):
    flags = pd.read_csv(finished.out / "safety_flags.csv")
    assert set(flags["subject_id"]) == {"S003"}
    report = (finished.out / "report.html").read_text(encoding="utf-8")
    facts = (finished.out / "facts.json").read_text(encoding="utf-8")
    for text in (report, facts):
        for word in ("safety_flags", "flagged", "item 9", "item nine", "suicid", "self-harm", "S003"):
            assert word not in text, word
        # A word of its own: the name of the instrument ends with the same letters.
        assert not re.search(r"\bq9\b", text)


def test_safety_is_said_loudly_on_the_terminal(tmp_path, tiny_study, capsys):
    run_study(tiny_study, tmp_path / "out", progress=True)
    shown = capsys.readouterr()
    assert "*** SAFETY: 2 positive answers" in shown.err
    assert "Dr Example" in shown.err
    stages = [line.split()[0] for line in shown.out.splitlines() if line.strip()]
    assert stages == ["read", "normalise", "score", "link", "analyse", "write", "report"]


def test_one_visit_per_subject_is_analysed(finished):
    analysed = finished.cohort.visits[finished.cohort.visits["analysed"]]
    assert analysed["subject_id"].is_unique
    assert (analysed["visit"] == 1).all()
    assert len(analysed) == 30


def test_a_person_without_sex_and_age_is_kept_for_the_raw_correlation_only(finished):
    table = finished.associations.table.set_index(["analyte_id", "effect"])["n"]
    assert table["dopamine", "spearman_rho"] == 30
    assert table["dopamine", "partial_spearman_rho"] == 29


def test_change_stands_beside_regression_to_the_mean_and_the_sentence(finished):
    row = finished.change.table.query("outcome == 'phq9'").iloc[0]
    assert row["n"] == 12
    assert pd.notna(row["expected_rtm"])
    assert "no control group" in str(finished.change.statement)


def test_effects_carry_the_id_of_their_statement(finished):
    effects = pd.read_csv(finished.out / "effects.csv")
    statement = (finished.out / "effects.statement.md").read_text()
    assert effects["statement_id"].unique().tolist() == [finished.associations.statement.statement_id]
    assert finished.associations.statement.statement_id in statement


def test_a_second_run_writes_the_same_tables_byte_for_byte(finished, tmp_path):
    again = run_study(finished.study.path, tmp_path / "again", progress=False)
    for name in ("normalised.parquet", "normalised.csv", "effects.csv", "change.csv", "rejects.csv", "outcomes.csv"):
        assert (again.out / name).read_bytes() == (finished.out / name).read_bytes(), name


def test_no_overlap_names_where_everybody_was_lost_and_keeps_the_tables(tmp_path, tiny_study):
    forms = tiny_study.parent / "phq9.csv"
    forms.write_text(forms.read_text().replace("S0", "T0"), encoding="utf-8")
    out = tmp_path / "out"
    out.mkdir()
    (out / "report.html").write_text("of a former run", encoding="utf-8")
    with pytest.raises(EmptyCohortError, match="No subject has a panel and an outcome"):
        run_study(tiny_study, out, progress=False)
    assert (out / "normalised.csv").exists()
    assert (out / "manifest.json").exists()
    assert not (out / "report.html").exists()


def test_an_empty_panel_is_said_so(tmp_path, tiny_study):
    panel = tiny_study.parent / "panel.csv"
    panel.write_text(panel.read_text().splitlines()[0] + "\n", encoding="utf-8")
    with pytest.raises(EmptyCohortError, match="no panel that can be analysed"):
        run_study(tiny_study, tmp_path / "out", progress=False)


def test_an_unknown_covariate_is_refused_with_the_nearest(tmp_path, tiny_study):
    tiny_study.write_text(tiny_study.read_text() + 'covariates = ["age_yeers"]\n', encoding="utf-8")
    with pytest.raises(UnknownWordError, match="Did you mean 'age_years'"):
        run_study(tiny_study, tmp_path / "out", progress=False)


def test_script_in_any_field_shows_as_text(tmp_path, tiny_study):
    evil = "<script>alert(1)</script>"
    folder = tiny_study.parent
    panel = folder / "panel.csv"
    line = f"S001,{evil},2024-03-01,random urine,{evil},1.0,{evil},{evil}"
    panel.write_text(panel.read_text() + line + "\n", encoding="utf-8")
    tiny_study.write_text(tiny_study.read_text().replace("A made-up study", evil), encoding="utf-8")
    (folder / "subjects.csv").write_text(
        (folder / "subjects.csv").read_text().replace(",a\n", f",{evil}\n"), encoding="utf-8"
    )
    run = run_study(tiny_study, tmp_path / "out", progress=False)
    page = run.report.read_text(encoding="utf-8")
    assert evil not in page
    assert "&lt;script&gt;alert(1)" in page


def test_an_output_never_stands_in_the_place_of_an_input(tiny_study):
    forms = tiny_study.parent / "phq9.csv"
    renamed = forms.rename(tiny_study.parent / "effects.csv")
    tiny_study.write_text(tiny_study.read_text().replace("phq9.csv", "effects.csv"), encoding="utf-8")
    before = renamed.read_bytes()
    with pytest.raises(StudyError, match=r"effects\.csv is an input"):
        run_study(tiny_study, tiny_study.parent, progress=False)
    assert renamed.read_bytes() == before


def test_a_mistyped_study_leaves_the_former_run_alone(tmp_path):
    (tmp_path / "report.html").write_text("of a former run", encoding="utf-8")
    with pytest.raises(FileProblem, match="there is no such file"):
        run_study(tmp_path / "nope.toml", tmp_path, progress=False)
    assert (tmp_path / "report.html").read_text() == "of a former run"


def test_one_faulty_file_of_forms_does_not_hide_the_flagged_answers_of_another(tmp_path, tiny_study, capsys):
    (tiny_study.parent / "gad7.csv").write_text("subject_id,q1\nS001,1\n", encoding="utf-8")
    more = '\n[[files.outcomes]]\npath = "gad7.csv"\ninstrument = "gad7"\n\n[choices]'
    tiny_study.write_text(tiny_study.read_text().replace("\n[choices]", more), encoding="utf-8")
    with pytest.raises(StudyError, match=r"gad7\.csv.*q2, q3, q4, q5, q6, q7 are missing"):
        run_study(tiny_study, tmp_path / "out", progress=False)
    assert set(pd.read_csv(tmp_path / "out" / "safety_flags.csv")["subject_id"]) == {"S003"}
    assert "*** SAFETY: 2 positive answers" in capsys.readouterr().err
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    faulty = next(entry for entry in manifest["files"] if entry["path"] == "gad7.csv")
    assert faulty["rejects_by_reason"] == {"unreadable_file": 1}
    rejects = (tmp_path / "out" / "rejects.csv").read_text()
    assert "gad7.csv" in rejects
    assert str(tiny_study.parent) not in rejects


def test_panels_elsewhere_of_one_name_are_told_apart(tmp_path, tiny_study):
    text = (tiny_study.parent / "panel.csv").read_text()
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "panel.csv").write_text(text, encoding="utf-8")
    panels = "".join(
        f'[[files.panels]]\npath = "{tmp_path / folder}/panel.csv"\nprofile = "generic_long"\n' for folder in "ab"
    )
    old = '[[files.panels]]\npath = "panel.csv"\nprofile = "generic_long"\nlab = "lab_x"\n'
    assert old in tiny_study.read_text()
    tiny_study.write_text(tiny_study.read_text().replace(old, panels), encoding="utf-8")
    run = run_study(tiny_study, tmp_path / "out", progress=False)
    assert {record.path for record in run.files} == {"a/panel.csv", "b/panel.csv", "phq9.csv"}
    assert set(run.normalised.frame["source_file"]) == {"a/panel.csv", "b/panel.csv"}
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert {"a/panel.csv", "b/panel.csv"} <= set(manifest["inputs"])


def test_a_panel_named_twice_is_refused(tmp_path, tiny_study):
    twice = '[[files.panels]]\npath = "./panel.csv"\n\n[[files.outcomes]]'
    tiny_study.write_text(tiny_study.read_text().replace("[[files.outcomes]]", twice), encoding="utf-8")
    with pytest.raises(StudyError, match="stands twice"):
        run_study(tiny_study, tmp_path / "out", progress=False)


def test_an_output_folder_that_is_a_file_is_said_so(tmp_path, tiny_study):
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(FileProblem, match="it is a file; expected a folder for the outputs"):
        run_study(tiny_study, tmp_path / "out", progress=False)


def test_forms_of_another_instrument_are_refused_not_scored_by_their_first_items(tmp_path, tiny_study):
    tiny_study.write_text(
        tiny_study.read_text().replace('instrument = "phq9"', 'instrument = "gad7"'), encoding="utf-8"
    )
    with pytest.raises(StudyError, match="the table has q8, q9 too"):
        run_study(tiny_study, tmp_path / "out", progress=False)


def test_a_panel_file_of_which_nothing_was_read_is_said_loudly(tmp_path, tiny_study, capsys):
    (tiny_study.parent / "more.csv").write_bytes(b"%PDF-1.7 ...")
    more = '\n[[files.panels]]\npath = "more.csv"\nprofile = "generic_long"\n\n[[files.outcomes]]'
    tiny_study.write_text(tiny_study.read_text().replace("\n[[files.outcomes]]", more), encoding="utf-8")
    run = run_study(tiny_study, tmp_path / "out", progress=False)
    assert "*** NOT READ: more.csv: all of its results are missing" in capsys.readouterr().err
    assert run.needs_attention == 1


def test_rejects_of_panels_forms_and_tables_stand_in_one_file_and_are_all_counted(tmp_path, tiny_study):
    folder = tiny_study.parent
    for name, old, new in (
        ("panel.csv", "Dopamine,", "Agmatine,"),
        ("phq9.csv", "S005,2024-03-01,", "S005,01/03/2024,"),
        ("interventions.csv", "S001,behavioural", "S001,surgery"),
        ("subjects.csv", "S004,male,34", "S004,male,thirty-four"),
    ):
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    run = run_study(tiny_study, tmp_path / "out", progress=False)
    rejects = pd.read_csv(tmp_path / "out" / "rejects.csv")
    found = dict(zip(rejects["source_file"], rejects["reason"], strict=True))
    assert found == {
        "panel.csv": "unknown_analyte",
        "phq9.csv": "unreadable_date",
        "interventions.csv": "unreadable_value",
        "subjects.csv": "unreadable_value",
    }
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert sum(entry["rejects"] for entry in (*manifest["files"], *manifest["tables"])) == len(rejects)
    assert run.needs_attention == len(rejects)
    outcomes = pd.read_csv(tmp_path / "out" / "outcomes.csv")
    assert outcomes.loc[outcomes["status"] == "undated", "subject_id"].tolist() == ["S005"]


def test_positions_of_forms_are_their_items(finished):
    manifest = json.loads((finished.out / "manifest.json").read_text())
    forms = next(entry for entry in manifest["files"] if entry["path"] == "phq9.csv")
    assert (forms["positions"], forms["results"], forms["rejects"]) == (60 * 9, 60 * 9, 0)


def test_dates_in_a_declared_form_are_read(tmp_path, tiny_study):
    forms = tiny_study.parent / "phq9.csv"
    forms.write_text(forms.read_text().replace("2024-03-01", "01/03/2024").replace("2024-05-01", "01/05/2024"))
    tiny_study.write_text(
        tiny_study.read_text().replace('instrument = "phq9"', 'instrument = "phq9"\ndates = ["%d/%m/%Y"]')
    )
    assert run_study(tiny_study, tmp_path / "out", progress=False).cohort.n_subjects == 30


def test_medicines_and_bottles_meet_the_results_and_what_is_not_known_of_is_listed(tmp_path, tiny_study):
    folder = tiny_study
    interventions = folder.parent / "interventions.csv"
    with interventions.open("a", encoding="utf-8") as handle:
        handle.write(
            "S000,pharmaceutical,Sinemet,100,mg,2024-02-01,\nS001,pharmaceutical,Unheard of,1,mg,2024-02-01,\n"
        )
    bottles = ["specimen_id,preservative,storage,received_at", "S000-0,boric acid,frozen,2024-03-02 08:00"]
    (folder.parent / "specimens.csv").write_text("\n".join([*bottles, "S001-0,our own mix,,"]) + "\n", encoding="utf-8")
    text = folder.read_text(encoding="utf-8")
    folder.write_text(text.replace("[files]", '[files]\nspecimens = "specimens.csv"'), encoding="utf-8")
    run = run_study(folder, tmp_path / "out", progress=False)
    frame = run.normalised.frame
    coded = frame[frame["qc"].str.split(";").map(lambda codes: "interference" in codes)]
    assert set(coded["subject_id"]) == {"S000"}
    assert set(coded["analyte_id"]) == {"hva", "dopamine"}
    listed = pd.read_csv(run.out / "interferences.csv", keep_default_na=False)
    flagged = listed[listed["code"] == "interference"]
    assert sorted(set(flagged["row"])) == coded.index.tolist()
    assert set(flagged["what"]) == {"levodopa"}
    (bottle,) = pd.read_csv(run.out / "preanalytical.csv").to_dict("records")
    assert (bottle["analyte_id"], bottle["code"]) == ("dopamine", "preservative_unsuitable")
    unmatched = pd.read_csv(run.out / "unmatched_words.csv")
    assert set(unmatched["text"]) == {"sleep training", "Unheard of", "our own mix"}
    quality = json.loads((run.out / "facts.json").read_text())["quality"]
    assert quality["n_before_analysis"] == len(coded)
    assert any("on record before the analysis" in sentence for sentence in quality["sentences"])
