"""The command line makes keys and says in one sentence what is wrong with one."""

import stat

import pytest

from recal_labs.cli import main
from recal_labs.privacy import read_key
from tests.study.conftest import write_tiny_study

from .conftest import SECRET


def run(*words):
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return ended.value.code


def test_new_key_makes_a_key_and_says_what_it_is_for(tmp_path, capsys):
    path = tmp_path / "lab.key"
    assert run("new-key", path) == 0
    assert len(read_key(path).secret) == 32
    said = capsys.readouterr().out
    assert "only you can read it" in said
    assert f"{path}.table.csv" in said
    assert read_key(path).secret.hex() not in said
    assert run("new-key", path) == 2
    assert "a key is never replaced" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--pseudonymise", "no.key"], "recal-labs new-key"),
        (["--shift-dates", "30"], "--pseudonymise KEYFILE"),
        (["--pseudonymise", "KEY", "--shift-dates", "-3"], "expected a whole number from 1 to 3650"),
    ],
)
def test_a_run_that_cannot_be_protected_is_not_begun(tmp_path, key_file, capsys, options, why):
    study = write_tiny_study(tmp_path / "study", n=3)
    words = [str(key_file) if word == "KEY" else word for word in options]
    assert run("run", study, "--out", tmp_path / "out", "--quiet", *words) == 2
    assert why in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_key_in_the_output_folder_is_refused_before_anything_is_written(tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    path = out / "my.key"
    path.write_text(SECRET.hex(), encoding="ascii")
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    study = write_tiny_study(tmp_path / "study", n=3)
    assert run("run", study, "--out", out, "--quiet", "--pseudonymise", path) == 2
    assert "the key lies in the output folder" in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == ["my.key"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("pseudonymise = 3", "expected a text"),
        ('shift_dates = "many"', "expected a whole number of days"),
        ("shift_dates = true", "expected a whole number of days"),
        ('keep = "bmi"', "expected a list of texts"),
        ('pseudonymize = "k"', "Did you mean 'pseudonymise'"),
    ],
)
def test_a_privacy_table_with_faults_is_refused(tmp_path, capsys, line, why):
    study = write_tiny_study(tmp_path / "study", n=3)
    study.write_text(study.read_text(encoding="utf-8") + f"\n[privacy]\n{line}\n", encoding="utf-8")
    assert run("run", study, "--out", tmp_path / "out", "--quiet") == 2
    assert why in capsys.readouterr().err
