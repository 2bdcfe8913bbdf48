"""The command line: exit codes, one sentence an error, no traceback without --debug."""

import pytest

from recal_labs.cli import main
from tests.study.conftest import STUDY, write_tiny_study


def run(*words):
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return ended.value.code


def test_missing_study_is_usage(capsys, tmp_path):
    assert run("run", str(tmp_path / "no.toml"), "--out", str(tmp_path)) == 2
    shown = capsys.readouterr().err
    assert "there is no such file" in shown
    assert "Traceback" not in shown


def test_unknown_key_names_the_nearest(capsys, tmp_path):
    study = write_tiny_study(tmp_path, study=STUDY.replace("window_days", "window_dayz"))
    assert run("run", str(study), "--out", str(tmp_path / "out"), "--quiet") == 2
    assert "Did you mean 'window_days'" in capsys.readouterr().err


def test_every_fault_of_a_study_is_said_at_once(capsys, tmp_path):
    study = write_tiny_study(tmp_path, study=STUDY.replace("title", "titel").replace('path = "panel.csv"', 'pth = "p"'))
    assert run("run", str(study), "--out", str(tmp_path / "out")) == 2
    shown = capsys.readouterr().err
    for part in ("'titel'", "Did you mean 'title'", "'pth'", "has no path", "has no title"):
        assert part in shown


def test_rejects_end_with_3_and_not_measured_with_0(tmp_path, capsys):
    bad, quiet = tmp_path / "bad.csv", tmp_path / "quiet.csv"
    head = "patient,analyte,result,unit,specimen\nS1,HVA,{},mg/g creat,urine\n"
    bad.write_text(head.format("4 or so"), encoding="utf-8")
    quiet.write_text(head.format("QNS"), encoding="utf-8")
    assert run("normalise", str(bad), "--out", str(tmp_path / "a"), "--quiet") == 3
    assert run("normalise", str(quiet), "--out", str(tmp_path / "b"), "--quiet") == 0
    assert "1 file: 2 positions, 0 results, 1 reject, 1" in capsys.readouterr().out


def test_debug_shows_the_traceback(tmp_path):
    from recal_labs.errors import FileProblem

    with pytest.raises(FileProblem):
        main(["run", str(tmp_path / "no.toml"), "--debug"])


def test_an_unexpected_fault_is_one_sentence(monkeypatch, capsys, tmp_path):
    import recal_labs.study

    def broken(*args, **kwargs):
        raise RuntimeError("the sky fell")

    monkeypatch.setattr(recal_labs.study, "run_study", broken)
    assert run("run", str(tmp_path / "s.toml")) == 1
    shown = capsys.readouterr().err
    assert "the sky fell" in shown
    assert "--debug" in shown
    assert "Traceback" not in shown


def test_a_report_is_rendered_again_from_what_the_run_stored(capsys, tmp_path, monkeypatch):
    import recal_labs.report

    asked = []
    monkeypatch.setattr(
        recal_labs.report, "render_report", lambda *given: asked.append(given) or tmp_path / "report.html"
    )
    assert run("render", str(tmp_path)) == 0
    assert asked == [(tmp_path, None)]
    assert "report.html was written" in capsys.readouterr().out


def test_a_folder_without_a_run_cannot_be_rendered(capsys, tmp_path):
    assert run("render", str(tmp_path)) == 2
    assert "run the study first" in capsys.readouterr().err


def test_profiles_and_codebook_are_listed(capsys):
    assert run("profiles") == 0
    assert "generic_hl7v2" in capsys.readouterr().out
    assert run("codebook", "normalised") == 0
    assert "zlog" in capsys.readouterr().out
    assert run("codebook", "nosuch") == 2
    assert "Known: adverse_events, before_analysis" in capsys.readouterr().err


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    from tests.trace.conftest import small_run

    return small_run(tmp_path_factory.mktemp("finished"))


def test_a_number_is_traced_and_one_that_was_altered_ends_with_1(finished, capsys, tmp_path):
    import polars as pl

    from tests.trace.conftest import altered

    assert run("trace", str(finished), "U17", "dopamine") == 0
    shown = capsys.readouterr().out
    assert "1100 nmol/L x 0.153181 = 168.4991 ug/L" in shown
    assert "They agree to 1 part in 10^12." in shown
    assert max(map(len, shown.splitlines()[2:])) <= 80
    other = altered(finished, tmp_path / "altered", lambda f: f.with_columns(pl.col("amount") + 1e-6))
    assert run("trace", str(other), "U17 dopamine") == 1
    assert "*** DIFFERS: amount is " in capsys.readouterr().out


def test_the_line_itself_is_shown_when_the_inputs_are_named(finished, capsys):
    assert run("trace", str(finished), "#3", "--inputs", str(finished.parent / "inbox")) == 0
    assert "S1,U17,HVA,6.2,mg/L,random urine" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("U17 dopamne", "Nearest: dopamine"),
        ("S9 hva", "no specimen, subject or file is called 'S9'"),
        ("#99", "rows 2 to 8"),
    ],
)
def test_a_result_that_is_not_there_is_usage(finished, capsys, words, said):
    assert run("trace", str(finished), words) == 2
    shown = capsys.readouterr().err
    assert "No result is" in shown
    assert said in shown
    assert "Traceback" not in shown


def test_runs_that_are_the_same_end_with_0_and_others_with_3(finished, capsys, tmp_path):
    import polars as pl

    from tests.trace.conftest import altered

    assert run("diff", str(finished), str(finished)) == 0
    assert "Nothing changed" in capsys.readouterr().out
    other = altered(finished, tmp_path / "altered", lambda f: f.with_columns(pl.col("amount") * (1 + 1e-9)))
    cells = tmp_path / "cells.csv"
    assert run("diff", str(finished), str(other), "--csv", str(cells)) == 3
    assert "Cells that changed, by column" in capsys.readouterr().out
    assert cells.read_text(encoding="utf-8").startswith("change,source_file")
    assert run("diff", str(finished), str(other), "--tolerance", "1e-6") == 0
    assert run("diff", str(finished), str(tmp_path / "none")) == 2
    assert run("diff", str(finished), str(other), "--tolerance", "2") == 2


def test_a_correction_is_fitted_saved_and_applied_to_another_inbox(capsys, tmp_path):
    import numpy as np
    import pandas as pd

    from recal_labs.normalise import DilutionFit
    from tests.normalise.simulated import people

    results = people(np.random.default_rng(1), 30, exponent=0.6)
    results.to_parquet(tmp_path / "training.parquet")
    results.to_csv(tmp_path / "training.csv", index=False)
    asked = ("--basis", "conditional", "--sample", "30 simulated adults", "--covariate", "sex")
    for kind in ("parquet", "csv"):
        saved = str(tmp_path / f"{kind}.json")
        assert run("fit-dilution", str(tmp_path / f"training.{kind}"), *asked, "--out", saved) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "fitted on 30 simulated adults: 30 specimens of 30 people, sex" in said
    assert "1 of 1 models fitted. Every row was used." in said
    fit = DilutionFit.load(tmp_path / "parquet.json")
    assert fit.models[0].estimate("log_creatinine") == pytest.approx(
        DilutionFit.load(tmp_path / "csv.json").models[0].estimate("log_creatinine")
    )
    export = tmp_path / "inbox" / "export.csv"
    export.parent.mkdir()
    export.write_text(
        "patient,specimen_id,analyte,result,unit,specimen,sex\n"
        "S1,U1,HVA,4.0,mg/L,random urine,F\nS1,U1,Creatinine,0.5,g/L,random urine,F\n",
        encoding="utf-8",
    )
    out = tmp_path / "out"
    assert run("normalise", str(export.parent), "--out", str(out), "--dilution-fit", saved, "--quiet") == 0
    table = pd.read_parquet(out / "normalised.parquet")
    assert table["basis"].tolist() == ["conditional", "per_volume"]
    assert table["conditional_z"].notna().tolist() == [True, False]
    assert (out / "dilution_fit.json").is_file()


def test_what_cannot_be_fitted_is_one_sentence(capsys, tmp_path):
    assert run("fit-dilution", str(tmp_path / "no.parquet"), "--basis", "conditional", "--sample", "x") == 2
    assert "there is no such file" in capsys.readouterr().err
    assert run("normalise", str(tmp_path), "--basis", "conditional", "--out", str(tmp_path / "out")) == 2
    said = capsys.readouterr().err
    assert "needs a correction that was fitted before" in said
    assert said.index("recal-labs fit-dilution") < said.index("rl.fit_dilution")
    (tmp_path / "fit.json").write_text('{"kind": "x"}', encoding="utf-8")
    assert run("normalise", str(tmp_path), "--dilution-fit", str(tmp_path / "fit.json")) == 2
    assert "kind in the fit is 'x'" in capsys.readouterr().err


def test_a_fit_says_what_it_left_out_and_refuses_a_covariate_that_it_would_not_use(capsys, tmp_path):
    import numpy as np

    from tests.normalise.simulated import people

    results = people(np.random.default_rng(1), 30, exponent=0.6)
    results.loc[results["subject_id"] == results["subject_id"].iloc[0], "specimen"] = "urine_24h"
    results.to_parquet(tmp_path / "training.parquet")
    asked = ["fit-dilution", str(tmp_path / "training.parquet"), "--basis", "power_functional", "--sample", "29 adults"]
    out = tmp_path / "fit.json"
    assert run(*asked, "--out", str(out), "--covariate", "weight_kg", "--covariate", "sex") == 2
    assert "--covariate weight_kg --covariate sex would change nothing" in capsys.readouterr().err
    assert not out.exists()
    assert run(*asked, "--out", str(out)) == 0
    shown = capsys.readouterr().out
    assert "1 of 1 models fitted." in shown
    assert "Rows not used: 2 kind of specimen not chosen." in shown
    assert max(map(len, shown.splitlines()[:-1])) <= 80
