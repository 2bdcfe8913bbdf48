"""diff says what changed between two runs, counts it, and gives the reason that the manifests record."""

import json
import shutil

import polars as pl
import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.errors import ChoiceError, FileProblem
from recal_labs.trace import diff_runs
from recal_labs.trace.pairs import match_rows
from recal_labs.trace.runs import open_run

from .conftest import altered, remade


def changed(found):
    return {change.column: change for change in found.columns}


def recipe(found):
    return {(part.what, part.name): (part.one, part.two) for part in found.recipe}


def said(found):
    return " ".join(str(found).split())


def test_a_run_and_itself_are_the_same(small):
    found = diff_runs(small, small)
    assert found.same
    assert found.columns == ()
    assert found.recipe == ()
    assert found.verdicts.is_empty()
    assert found.effects is None
    assert "Nothing changed 7 results in both runs, 0 of them changed" in said(found)


def test_a_changed_number_is_counted_with_its_largest_relative_change(small, tmp_path):
    hva = pl.col("analyte_id") == "hva"
    other = altered(
        small,
        tmp_path / "two",
        lambda f: f.with_columns(amount=pl.when(hva).then(pl.col("amount") * 1.25).otherwise("amount")),
    )
    found = diff_runs(small, other)
    assert not found.same
    assert (found.changed_rows, len(found.pairs.one)) == (2, 7)
    assert set(changed(found)) == {"amount"}
    assert changed(found)["amount"].changed == 2
    assert changed(found)["amount"].largest == pytest.approx(0.25)
    assert "something that neither records" in said(found)


def test_numbers_are_compared_exactly_unless_a_tolerance_is_given(small, tmp_path):
    other = altered(small, tmp_path / "two", lambda f: f.with_columns(pl.col("amount") * (1 + 1e-12)))
    assert changed(diff_runs(small, other))["amount"].changed > 0
    assert diff_runs(small, other, tolerance=1e-9).same
    assert "Numbers closer than 1e-09" in said(diff_runs(small, other, tolerance=1e-9))


@pytest.mark.parametrize("tolerance", [-0.1, 1.0, float("nan")])
def test_a_tolerance_out_of_range_is_refused(small, tolerance):
    with pytest.raises(ChoiceError, match="tolerance"):
        diff_runs(small, small, tolerance=tolerance)


def test_what_appears_and_vanishes_is_counted(small, tmp_path):
    other = altered(small, tmp_path / "two", lambda f: f.with_columns(reference_low=pl.lit(None, pl.Float64)))
    low = changed(diff_runs(small, other))["reference_low"]
    assert low.changed == low.vanished > 0
    assert changed(diff_runs(other, small))["reference_low"].appeared == low.vanished


def test_added_and_removed_rows_are_counted_and_listed(small, tmp_path):
    fewer = altered(small, tmp_path / "two", lambda f: f[2:])
    found = diff_runs(small, fewer)
    assert (len(found.pairs.removed), len(found.pairs.added), len(found.pairs.one)) == (2, 0, 5)
    assert "2 only in run 1" in said(found)
    back = diff_runs(fewer, small)
    assert (len(back.pairs.removed), len(back.pairs.added)) == (0, 2)
    listed = pl.read_csv(back.write_csv(tmp_path / "cells.csv"))
    assert listed["change"].to_list() == ["added", "added"]
    assert listed["source_row"].to_list() == [2, 3]


def test_the_order_of_rows_does_not_matter(small, tmp_path):
    other = altered(small, tmp_path / "two", lambda f: f.reverse())
    found = diff_runs(small, other)
    assert found.same
    first, second = (open_run(run).scan().collect() for run in (small, other))
    assert first[found.pairs.one]["value"].equals(second[found.pairs.two]["value"])


def renamed(run, to, names):
    """Copy a run in which files bear other names."""
    other = altered(run, to, lambda f: f.with_columns(pl.col("source_file").replace(names)))

    def rename(manifest):
        for entry in manifest["files"]:
            entry["path"] = names.get(entry["path"], entry["path"])

    remade(other, rename)
    return other


def test_a_renamed_file_with_the_same_bytes_is_the_same_file(small, tmp_path):
    found = diff_runs(small, renamed(small, tmp_path / "two", {"panel_a.csv": "january.csv"}))
    assert found.same
    assert found.pairs.renamed == {"panel_a.csv": "january.csv"}
    assert "january.csv is panel_a.csv of run 1: the same bytes" in said(found)
    assert not [part for part in found.recipe if part.what in ("input", "profile")]


def test_a_renamed_file_with_other_bytes_is_another_file(small, tmp_path):
    other = renamed(small, tmp_path / "two", {"panel_a.csv": "january.csv"})
    remade(other, lambda manifest: manifest["files"][0].update(sha256="0" * 64))
    found = diff_runs(small, other)
    assert (len(found.pairs.removed), len(found.pairs.added)) == (7, 7)
    assert recipe(found)[("input", "january.csv")] == ("none", "0" * 12)


@pytest.mark.xdist_group("sample_trace")
def test_two_files_that_exchanged_their_names_are_matched_by_their_bytes(sample_run, tmp_path):
    swap = {"lab_a.csv": "lab_b.csv", "lab_b.csv": "lab_a.csv"}
    found = diff_runs(sample_run, renamed(sample_run, tmp_path / "two", swap))
    assert found.same
    assert dict(found.pairs.renamed) == swap


def test_several_results_at_one_place_are_told_apart(small, tmp_path):
    one, two = (
        altered(small, tmp_path / name, lambda f: f.with_columns(source_row=pl.lit(1), source_place=pl.lit("same")))
        for name in ("one", "two")
    )
    pairs = match_rows(open_run(one), open_run(two))
    assert pairs.one.to_list() == pairs.two.to_list() == list(range(7))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"reference_source": pl.lit("another")}, "interval source"),
        ({"reference_high": pl.col("reference_high") / 9}, "limits of the source"),
        ({"position_amount": pl.col("position_amount") * 9}, "unit factor"),
        ({"position_amount": pl.col("position_amount") * 9, "value": pl.col("value") * 9}, "reported value"),
        ({"position_amount": pl.col("position_amount") * 9, "unit": pl.lit("g/L")}, "unit"),
        (
            {"position_amount": pl.col("position_amount") * 9, "creatinine_g_per_l": pl.col("creatinine_g_per_l") / 9},
            "creatinine",
        ),
        (
            {"position_basis": pl.lit("per_volume"), "reference_source": pl.lit("another")},
            "position basis, interval source",
        ),
        ({}, "another rule"),
    ],
)
def test_a_changed_verdict_says_what_changed_under_it(small, tmp_path, change, why):
    mine = (pl.col("analyte_id") == "hva") & (pl.col("specimen_id") == "U17")
    made = {**change, "interpretation": pl.lit("H")}
    other = altered(
        small,
        tmp_path / "two",
        lambda f: f.with_columns(**{name: pl.when(mine).then(value).otherwise(name) for name, value in made.items()}),
    )
    found = diff_runs(small, other)
    assert found.verdicts.to_dicts() == [{"analyte_id": "hva", "before": "N", "after": "H", "why": why, "results": 1}]
    assert f"hva N -> H 1 {why}" in said(found)


def test_quality_codes_that_came_and_went_are_counted(small, tmp_path):
    other = altered(
        small, tmp_path / "two", lambda f: f.with_columns(pl.col("qc").str.replace("one_sided_reference", "too_dilute"))
    )
    codes = {row["code"]: row for row in diff_runs(small, other).codes.to_dicts()}
    assert codes["one_sided_reference"]["lost"] == codes["too_dilute"]["gained"] == 6
    assert codes["too_dilute"]["lost"] == 0


def test_what_the_runs_were_made_with_is_compared(small, tmp_path):
    other = altered(small, tmp_path / "two", lambda f: f)

    def change(manifest):
        manifest["choices"].update(basis="none", range_sources=["mayo_catcr", "arup_catech"])
        del manifest["choices"]["seed"]
        manifest["versions"]["polars"] = "0.1"
        manifest["catalogue_version"] = "0" * 12
        manifest["files"][0].update(profile="generic_wide", profile_fingerprint="f" * 64)

    remade(other, change)
    found = diff_runs(small, other)
    assert found.same, "the numbers are"
    parts = recipe(found)
    assert parts[("choice", "basis")] == ("by_specimen", "none")
    assert parts[("choice", "range_sources")] == ("(empty)", "mayo_catcr/arup_catech")
    assert parts[("choice", "seed")][1] == "not recorded"
    assert parts[("catalogue", "version")] == (load_catalogue().version, "0" * 12)
    assert parts[("program", "polars")][1] == "0.1"
    assert parts[("profile", "panel_a.csv")][1] == "generic_wide ffffffffffff"


def test_files_of_the_catalogue_are_compared_where_both_record_them(small, tmp_path):
    one, two = (altered(small, tmp_path / name, lambda f: f) for name in ("one", "two"))
    remade(one, lambda m: m.update(catalogue_files={"units.csv": "a" * 64, "names.csv": "b" * 64}))
    remade(
        two, lambda m: m.update(catalogue_files={"units.csv": "c" * 64, "names.csv": "b" * 64, "mine/x.csv": "d" * 64})
    )
    parts = recipe(diff_runs(one, two))
    assert parts == {
        ("catalogue file", "units.csv"): ("a" * 12, "c" * 12),
        ("catalogue file", "mine/x.csv"): ("none", "d" * 12),
    }


EFFECTS = (
    "analyte_id,outcome,n,n_subjects,estimate,ci_low,ci_high,p_value,p_adjusted,method,effect,unit,reason\n"
    "hva,phq9,30,30,0.25,0.10,0.40,0.01,0.02,m,spearman_rho,1,\n"
    "vma,phq9,30,30,,,,,,m,spearman_rho,1,too few\n"
)


def test_effects_are_compared_when_both_runs_have_them(small, tmp_path):
    one, two = (altered(small, tmp_path / name, lambda f: f) for name in ("one", "two"))
    (one / "effects.csv").write_text(EFFECTS, encoding="utf-8")
    assert diff_runs(one, two).effects is None
    (two / "effects.csv").write_text(EFFECTS, encoding="utf-8")
    assert diff_runs(one, two).same
    later = EFFECTS.replace("0.25,", "0.2500001,").replace("vma", "mhpg")
    (two / "effects.csv").write_text(later, encoding="utf-8")
    found = diff_runs(one, two)
    assert not found.same
    assert sorted(found.effects["change"]) == ["added", "changed", "removed"]
    assert "hva phq9 0.25 [0.1, 0.4]" in said(found)
    assert sorted(diff_runs(one, two, tolerance=1e-5).effects["change"]) == ["added", "removed"]


def test_an_effect_whose_estimate_stays_says_what_else_changed(small, tmp_path):
    one, two = (altered(small, tmp_path / name, lambda f: f) for name in ("one", "two"))
    (one / "effects.csv").write_text(EFFECTS, encoding="utf-8")
    (two / "effects.csv").write_text(
        EFFECTS.replace("30,30,0.25", "31,30,0.25").replace("0.02", "0.03"), encoding="utf-8"
    )
    assert "p_adjusted, n" in said(diff_runs(one, two))


def test_columns_of_one_run_alone_are_named(small, tmp_path):
    other = altered(small, tmp_path / "two", lambda f: f.drop("zlog").with_columns(mine=pl.lit(1)))
    found = diff_runs(small, other)
    assert (found.only_one, found.only_two) == (("zlog",), ("mine",))
    assert not found.same
    assert "Columns that only run 1 has: zlog." in said(found)


def test_every_changed_cell_is_listed_and_no_spreadsheet_runs_it(small, tmp_path):
    other = altered(
        small, tmp_path / "two", lambda f: f.with_columns(reported_flag=pl.lit("=1+1"), value=pl.col("value") * 2)
    )
    listed = pl.read_csv(diff_runs(small, other).write_csv(tmp_path / "cells.csv"))
    assert set(listed["column"]) == {"reported_flag", "value"}
    assert set(listed.filter(pl.col("column") == "reported_flag")["run2"]) == {"'=1+1"}
    assert set(listed.filter(pl.col("column") == "value")["relative_change"]) == {1.0}
    assert set(listed["change"]) == {"changed"}
    assert listed.height == 14


def test_a_table_that_pandas_wrote_equals_one_that_polars_wrote(small, tmp_path):
    other = tmp_path / "two"
    shutil.copytree(small, other)
    pl.read_parquet(small / "normalised.parquet").to_pandas().to_parquet(other / "normalised.parquet", index=False)
    assert diff_runs(small, other).same


def test_lines_fit_80_columns_and_the_notebook_shows_the_same(small, tmp_path):
    other = altered(
        small,
        tmp_path / "two",
        lambda f: f.with_columns(pl.col("amount") * 2, interpretation=pl.lit("H"), qc=pl.lit("x")),
    )
    remade(other, lambda m: m.update(choices={**m["choices"], "family": "every analyte by every outcome " * 4}))
    found = diff_runs(small, other)
    # The folders stand where the test runs; everything else is ours.
    lines = [line for line in found.lines() if "two" not in line and "out" not in line]
    assert max(map(len, lines)) <= 80
    page = found._repr_html_()
    for word in ("amount", "another rule", "Quality codes that changed"):
        assert word in page


def test_a_folder_that_is_no_finished_run_is_refused(small, tmp_path):
    with pytest.raises(FileProblem, match="no such folder"):
        diff_runs(small, tmp_path / "none")


def test_the_manifest_of_a_run_is_left_as_it_is(small):
    before = (small / "manifest.json").read_bytes()
    diff_runs(small, small)
    assert (small / "manifest.json").read_bytes() == before
    assert json.loads(before)["choices"]
