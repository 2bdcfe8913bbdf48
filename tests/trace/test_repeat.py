"""What a run recorded of itself is enough to repeat it: the same choices give the same bytes."""

import json

import pytest

from recal_labs.batch import normalise_inbox
from recal_labs.choices import Choices
from recal_labs.trace import diff_runs
from recal_labs.trace.runs import open_run
from tests.study.conftest import STUDY, write_tiny_study

from .conftest import altered, remade, small_run

CHOICES = Choices(basis="none", range_sources=("mayo_catcr",), creatinine_limits_g_per_l=(0.5, 2.5), window_days=3)


def same_bytes(one, two):
    for name in ("normalised.csv", "normalised.parquet"):
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


@pytest.fixture(scope="module")
def declared(tmp_path_factory):
    """A small run under choices of its own."""
    return small_run(tmp_path_factory.mktemp("declared"), choices=CHOICES)


def test_choices_survive_the_manifest(declared):
    assert open_run(declared).choices().fingerprint() == CHOICES.fingerprint()


def test_an_inbox_repeated_from_its_manifest_gives_the_same_bytes(declared, tmp_path):
    inbox, again = declared.parent / "inbox", open_run(declared).choices()
    normalise_inbox([inbox], tmp_path, profile="generic_long", lab="lab_x", choices=again, progress=False)
    same_bytes(declared, tmp_path)
    found = diff_runs(declared, tmp_path)
    assert found.same
    assert found.recipe == ()


def test_other_choices_do_not(declared, small):
    found = diff_runs(declared, small)
    assert not found.same
    assert ("basis", "none", "by_specimen") in [(part.name, part.one, part.two) for part in found.recipe]


@pytest.fixture
def without_report(monkeypatch):
    """Leave the page out of a study's run: it takes most of the time, and no number comes from it."""

    def no_page(out, *rest):
        page = out / "report.html"
        page.write_text("", encoding="utf-8")
        return page

    monkeypatch.setattr("recal_labs.study.run.render_report", no_page)


def test_a_study_repeated_from_its_manifest_gives_the_same_bytes(tmp_path, without_report):
    from recal_labs.study import run_study

    with_choices = STUDY + 'basis = "none"\nrange_sources = ["mayo_catcr"]\ncreatinine_limits_g_per_l = [0.5, 1.5]\n'
    study = write_tiny_study(tmp_path / "study", study=with_choices)
    run_study(study, tmp_path / "one", progress=False)
    recorded = json.loads((tmp_path / "one" / "manifest.json").read_text(encoding="utf-8"))["choices"]
    # A choice that nothing was said of is recorded as null, which TOML does not know.
    lines = [f"{name} = {json.dumps(value)}" for name, value in recorded.items() if value is not None]
    head = STUDY.split("[choices]")[0]
    study.write_text(head + "[choices]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    run_study(study, tmp_path / "two", progress=False)
    same_bytes(tmp_path / "one", tmp_path / "two")
    found = diff_runs(tmp_path / "one", tmp_path / "two")
    assert found.same
    assert found.effects is not None
    assert {(part.what, part.name) for part in found.recipe} == {("input", "study.toml")}


def test_choices_of_an_older_program_have_their_defaults(declared, tmp_path):
    run = altered(declared, tmp_path / "older", lambda f: f)
    remade(run, lambda manifest: manifest["choices"].pop("window_days"))
    assert open_run(run).choices().window_days == Choices().window_days
    assert open_run(run).choices().basis == "none"
