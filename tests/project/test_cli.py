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
