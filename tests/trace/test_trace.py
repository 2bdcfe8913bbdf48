"""A trace tells where a number came from, and is a check: a step that gives another number is said loudly."""

import json
import random
from pathlib import Path

import polars as pl
import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.choices import Choices
from recal_labs.errors import FileProblem, UnknownWordError
from recal_labs.trace import trace_result
from recal_labs.trace.closing_steps import FROM_OTHER_TABLES, MADE
from recal_labs.trace.core import STEPS, Tracer
from recal_labs.trace.facts import agree
from recal_labs.trace.runs import ROW, open_run

from .conftest import PANEL, altered, remade, small_run

pytestmark = pytest.mark.xdist_group("sample_trace")
SEED, SAMPLED = 20260101, 250


def step(trace, title):
    return next(made for made in trace.steps if made.title == title)


@pytest.fixture(scope="module")
def tracer(sample_run):
    return Tracer(open_run(sample_run), load_catalogue())


@pytest.fixture(scope="module")
def table(sample_run):
    return open_run(sample_run).numbered().collect()


def without_other_tables(codes):
    """Return codes without those that come from tables which the folder of a run does not hold."""
    return codes.str.split(";").list.set_difference(list(FROM_OTHER_TABLES)).list.sort().list.join(";")


def test_every_row_of_the_sample_study_is_worked_out_again_as_it_is_stored(tracer, table):
    stored, again = tracer._whole
    assert stored.height == table.height > 6000
    for column in MADE:
        one, two = stored[column], again[column]
        if column == "qc":
            one = without_other_tables(one)
        if one.dtype.is_float():
            both = pl.DataFrame({"a": one, "b": two})
            far = (pl.col("a") - pl.col("b")).abs() > 1e-12 * pl.col("a").abs()
            assert both.filter(far | (pl.col("a").is_null() != pl.col("b").is_null())).is_empty(), column
        else:
            assert one.eq_missing(two).all(), column


def test_the_steps_of_a_sample_of_rows_and_of_every_kind_of_row_give_the_stored_numbers(tracer, table):
    # One row of each kind, as far as lab, basis, censoring, interval and what is amiss go; and rows at random.
    kinds = ("lab_id", "unit", "comparator", "basis", "reference_match", "current", "qc")
    places = set(table.unique(kinds, keep="first", maintain_order=True)[ROW])
    places |= set(random.Random(SEED).sample(range(table.height), SAMPLED))
    for place in sorted(places):
        trace = tracer.trace(place)
        assert trace.agrees, (place, [str(check) for check in trace.mismatches])
        checked = {check.column for made in trace.steps for check in made.checks}
        assert {"amount", "position_amount", "zlog", "midpoint_ratio", "interpretation", "qc", "current"} <= checked


def test_terminal_lines_fit_80_columns_and_move_no_cursor(tracer, table):
    for place in random.Random(SEED).sample(range(table.height), 40):
        for line in tracer.trace(place).lines():
            assert len(line) <= 80
            assert line.isprintable()


def test_a_worked_example(small):
    # By hand: 1100 nmol/L x 153.181 g/mol = 168.4991 ug/L; / 1.45 g/L = 116.2062759 ug/g. 145 mg/dL are 1.45 g/L.
    trace = trace_result(small, "U17 dopamine")
    assert [made.title for made in trace.steps][:2] == ["What the lab sent", "Which analyte"]
    words = {fact.name: str(fact) for fact in step(trace, "What the lab sent").inputs}
    assert words["value"] == '"1100"'
    assert words["flag"] == '"H"'
    assert words["SHA-256 of the file"] == json.loads((small / "manifest.json").read_text())["files"][0]["sha256"]
    assert words["place"] == "row 4"
    unit = step(trace, "Unit")
    assert unit.formula == "1100 nmol/L x 0.153181 = 168.4991 ug/L"
    assert ("molar mass", "153.181 g/mol of dopamine") in [(fact.name, str(fact)) for fact in unit.inputs]
    specimen = {fact.name.strip(): str(fact) for fact in step(trace, "The specimen").inputs}
    assert specimen["creatinine"] == "1.45 g/L"
    assert specimen["as reported"] == "145 mg/dL"
    assert specimen["at"] == "panel_a.csv row 2 (#2)"
    amount = step(trace, "Amount, what is analysed")
    assert amount.formula == "168.4991 ug/L / 1.45 (creatinine in g/L) = 116.206275862 ug/g{creat}"
    assert agree(float(trace.row["amount"]), 1100 * 0.153181 / 1.45)


def test_a_censored_value_says_what_it_may_be(small):
    amount = step(trace_result(small, "U17 epinephrine"), "Amount, what is analysed")
    assert "at least 0 and at most 1.37931034483" in amount.sentence
    assert str(amount.output) == "<1.37931034483 ug/g{creat}"


def test_the_other_rows_of_the_measurement_are_listed(small):
    trace = trace_result(small, "panel_a.csv:6")
    listing = step(trace, "Which row stands").listing
    assert [row[0] for row in listing.rows] == ["#6", "#7"]
    assert listing.rows[0][-1] == "superseded (this one)"
    assert listing.rows[1][-1] == "current"
    assert "a corrected or later result replaces this one" in step(trace, "Which row stands").sentence


def test_quality_codes_have_their_meaning(small):
    codes = {fact.name: fact.value for fact in step(trace_result(small, "panel_a.csv:6"), "Quality codes").inputs}
    assert codes["superseded"] == "a corrected or later result replaces this one"


def test_the_interval_says_its_source_and_what_was_passed_over(small):
    made = step(trace_result(small, "U17 dopamine"), "Reference interval")
    catalogue = load_catalogue()
    facts = {fact.name: str(fact) for fact in made.inputs}
    source = catalogue.sources[trace_result(small, "U17 dopamine").row["reference_source"]]
    assert facts["link"] == source.link
    assert source.title in facts["source"]
    assert facts["quality"] == source.quality
    assert any("quality D is not among range_qualities" in row[-1] for row in made.listing.rows)


@pytest.mark.parametrize(
    ("column", "title"),
    [
        ("amount", "Amount, what is analysed"),
        ("position_amount", "What is compared with the interval"),
        ("reference_high", "Reference interval"),
        ("creatinine_g_per_l", "The specimen"),
        ("amount_high", "The whole row, worked out again"),
    ],
)
def test_a_number_that_was_altered_is_said_loudly(small, tmp_path, column, title):
    run = altered(small, tmp_path / "altered", lambda f: f.with_columns(pl.col(column) * (1 + 1e-9)))
    trace = trace_result(run, "U17 hva")
    assert not trace.agrees
    assert column in {check.column for check in trace.mismatches}
    assert column in {check.column for check in step(trace, title).faults}
    assert f"DIFFERS: {column} is " in " ".join(str(trace).split())
    assert "DIFFERS" in trace._repr_html_()


@pytest.mark.parametrize(
    ("column", "value"),
    [("interpretation", "H"), ("qc", ""), ("basis", "per_24h"), ("current", False), ("reference_source", "mayo_catcr")],
)
def test_a_word_that_was_altered_is_said_loudly(small, tmp_path, column, value):
    run = altered(small, tmp_path / "altered", lambda f: f.with_columns(pl.lit(value).alias(column)))
    assert column in {check.column for check in trace_result(run, "U17 hva").mismatches}


def test_another_catalogue_is_named_with_the_files_that_differ(small, tmp_path):
    run = altered(small, tmp_path / "older", lambda f: f)

    def older(manifest):
        manifest["catalogue_version"] = "0" * 12
        manifest["catalogue_files"] = {**load_catalogue().files, "units.csv": "0" * 64, "mine/names.csv": "1" * 64}

    remade(run, older)
    said = " ".join(trace_result(run, "U17 hva").notes)
    assert "made with catalogue 000000000000" in said
    assert "Files that differ: units.csv." in said
    assert "a folder of its own, mine: name it with --catalogue" in said


def test_a_catalogue_with_another_limit_makes_the_trace_differ(small, tmp_path):
    extra = tmp_path / "extra"
    extra.mkdir()
    (extra / "sources.csv").write_text(
        "source_id,title,publisher,year,url_or_doi,quality_grade,quality\n"
        "a_lab,A lab,A lab,2024,made up,A,A: made up\n",
        encoding="utf-8",
    )
    (extra / "reference_intervals.csv").write_text(
        "analyte_id,specimen,basis,sex,age_low_years,age_high_years,lower,upper,unit,method,fraction,kind,condition,"
        "source_id,note\nhva,urine_spot,per_creatinine,female,18,,1,3,mg/g{creat},,unspecified,reference_interval,,a_lab,\n",
        encoding="utf-8",
    )
    trace = trace_result(small, "U17 hva", catalogue=load_catalogue(extra=extra))
    assert {"reference_high", "interpretation"} <= {check.column for check in trace.mismatches}
    assert "Whatever differs below may come from that" in str(trace.notes)


@pytest.mark.parametrize(
    "choices",
    [
        Choices(basis="none"),
        Choices(basis="specific_gravity"),
        Choices(range_sources=("reported_by_lab",), zero_lower_rule="fifteen_percent"),
        Choices(range_sources=("hm_dopamine5",), creatinine_limits_g_per_l=(1.5, 2.0)),
    ],
    ids=lambda choices: choices.fingerprint()[:8],
)
def test_a_run_under_other_choices_is_traced_under_them(tmp_path, choices):
    text = PANEL + "S1,U17,Specific gravity,1.012,1,random urine,female,58,,,\n"
    run = small_run(tmp_path, text, choices=choices)
    tracer = Tracer(open_run(run), load_catalogue())
    traces = [tracer.trace(place) for place in range(8)]
    for trace in traces:
        assert trace.agrees, [str(check) for check in trace.mismatches]
    dopamine = str(traces[2])
    if choices.basis == "specific_gravity":
        assert "(specific gravity 1.012 less 1)" in " ".join(dopamine.split())
    if choices.zero_lower_rule == "fifteen_percent":
        assert "The range that the lab printed" in dopamine
    if choices.range_sources == ("hm_dopamine5",):
        assert "is named first in range_sources" in " ".join(dopamine.split())


def test_nothing_but_the_folder_of_the_run_is_needed(small, tmp_path):
    trace = trace_result(small, "U17 hva", inputs=tmp_path)
    assert trace.agrees
    assert "is not in" in step(trace, "The input itself").sentence


def test_the_line_itself_is_shown_only_when_its_file_is_the_one_that_was_read(small, tmp_path):
    shown = step(trace_result(small, "U17 hva", inputs=small.parent / "inbox"), "The input itself")
    assert shown.formula == "S1,U17,HVA,6.2,mg/L,random urine,female,58,1.8 - 7.3,,"
    (tmp_path / "panel_a.csv").write_text(PANEL.replace("6.2", "6.3"), encoding="utf-8")
    other = step(trace_result(small, "U17 hva", inputs=tmp_path), "The input itself")
    assert other.formula == ""
    assert "its bytes are not those that were read" in other.sentence


def test_inputs_of_a_pseudonymised_run_are_not_opened(small, tmp_path):
    run = altered(small, tmp_path / "coded", lambda f: f)
    remade(run, lambda manifest: manifest.update(privacy={"contains": "pseudonyms"}))
    shown = step(trace_result(run, "U17 hva", inputs=small.parent / "inbox"), "The input itself")
    assert shown.formula == ""
    assert "pseudonymised" in shown.sentence


def test_no_file_outside_the_named_folder_is_opened(small, tmp_path):
    (tmp_path / "secret.csv").write_text(PANEL, encoding="utf-8")
    (tmp_path / "inbox").mkdir()
    run = altered(small, tmp_path / "escaped", lambda f: f.with_columns(source_file=pl.lit("../secret.csv")))
    remade(run, lambda manifest: manifest["files"][0].update(path="../secret.csv"))
    assert "is not in" in step(trace_result(run, "#3", inputs=tmp_path / "inbox"), "The input itself").sentence


def test_a_persons_rows_alone_give_the_same_as_the_whole_table(sample_run, table, monkeypatch):
    monkeypatch.setattr("recal_labs.trace.core.WHOLE_TABLE", 100)
    apart = Tracer(open_run(sample_run), load_catalogue())
    assert not apart.is_small
    for place in random.Random(SEED).sample(range(table.height), 2):
        assert apart.trace(place).agrees


def test_a_folder_that_is_no_finished_run_is_refused(tmp_path):
    with pytest.raises(FileProblem, match="no such folder"):
        trace_result(tmp_path / "none", "#2")
    with pytest.raises(FileProblem, match="no manifest"):
        trace_result(tmp_path, "#2")
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(FileProblem, match="no normalised"):
        trace_result(tmp_path, "#2")
    (tmp_path / "manifest.json").write_text("[", encoding="utf-8")
    with pytest.raises(FileProblem, match="cannot be read"):
        trace_result(tmp_path, "#2")


def test_choices_of_a_newer_program_are_refused_by_name(small, tmp_path):
    run = altered(small, tmp_path / "newer", lambda f: f)
    remade(run, lambda manifest: manifest["choices"].update(basis_of_tomorrow="x"))
    with pytest.raises(UnknownWordError, match="basis_of_tomorrow"):
        trace_result(run, "U17 hva")


def test_a_trace_shows_itself_in_a_notebook(small):
    page = trace_result(small, "U17 dopamine")._repr_html_()
    assert page.count("<li>") == len(STEPS)
    assert "ug/g{creat}" in page


def test_words_of_a_lab_are_escaped(small, tmp_path):
    words = pl.lit("<b>1.8 - 7.3\x1b[2J</b>")
    trace = trace_result(altered(small, tmp_path / "odd", lambda f: f.with_columns(reported_range=words)), "U17 hva")
    assert "<b>" not in trace._repr_html_()
    assert "\x1b" not in str(trace)


def test_the_excerpt_in_the_docs_is_what_is_shown(small):
    page = (Path(__file__).parents[2] / "docs" / "trace.md").read_text(encoding="utf-8")
    excerpt = page.split("```text\n")[1].split("```")[0].rstrip()
    shown = "\n".join(trace_result(small, "U17 dopamine").lines())
    for part in excerpt.split("\n\n"):
        assert part in shown


@pytest.fixture(scope="module")
def fitted(tmp_path_factory, sample_run):
    """A run on a fitted basis, with the manifest that a study writes."""
    from recal_labs.normalise import fit_dilution, normalise
    from recal_labs.storage import sha256_of

    results = pl.read_parquet(sample_run / "normalised.parquet")
    choices = Choices(basis="conditional")
    fit = fit_dilution(results, basis="conditional", sample="the sample study")
    made = normalise(results, choices=choices, dilution_fit=fit).frame
    run = altered(sample_run, tmp_path_factory.mktemp("fitted") / "out", lambda f: made)
    fit.save(run / "dilution_fit.json")
    about = {"basis": fit.basis, "sample": fit.sample, "sha256": sha256_of(run / "dilution_fit.json")}
    remade(run, lambda manifest: manifest.update(choices=choices.to_dict(), dilution_fit=about))
    return run


def test_a_fitted_basis_shows_what_was_expected_and_by_whom(fitted):
    tracer = Tracer(open_run(fitted), load_catalogue())
    on_it = tracer.run.numbered().filter((pl.col("basis") == "conditional") & pl.col("conditional_z").is_not_null())
    for place in on_it.collect()[ROW].sample(20, seed=SEED):
        trace = tracer.trace(place)
        assert trace.agrees, [str(check) for check in trace.mismatches]
        facts = {fact.name: fact.value for fact in step(trace, "Amount, what is analysed").inputs}
        assert facts["fitted on"] == "the sample study"
        assert "(log_creatinine)" in facts["expected logarithm"]


def test_another_fitted_correction_than_the_runs_is_said_loudly(fitted, tmp_path):
    run = altered(fitted, tmp_path / "other", lambda f: f)
    path = run / "dilution_fit.json"
    path.write_text(path.read_text(encoding="utf-8").replace("the sample study", "somebody else"), encoding="utf-8")
    assert any("not the one that the run was made with" in note for note in trace_result(run, "#3").notes)
    from recal_labs.trace import diff_runs

    remade(run, lambda manifest: manifest["dilution_fit"].update(sample="somebody else"))
    parts = {(part.what, part.name): (part.one, part.two) for part in diff_runs(fitted, run).recipe}
    assert parts == {("fitted correction", "sample"): ("the sample study", "somebody else")}


def test_a_fitted_basis_without_its_fit_cannot_be_traced(fitted, tmp_path):
    run = altered(fitted, tmp_path / "lost", lambda f: f)
    (run / "dilution_fit.json").unlink()
    with pytest.raises(FileProblem, match="fitted correction of the run is missing"):
        trace_result(run, "#3")


ODD = [
    {"analyte_id": "hva", "unit": "ug/g"},
    {"analyte_id": "hva", "unit": None},
    {"analyte_id": "hva", "value": None},
    {"analyte_id": "hva", "value": 0.0},
    {"analyte_id": "hva", "specimen_id": None},
    {"analyte_id": "hva", "unit": "mg/(24.h)", "specimen": "urine_24h"},
    {"analyte_id": "hva", "specimen": "urine_of_another_kind"},
    {"analyte_id": "unheard_of"},
    {"analyte_id": "specific_gravity", "value": 1.02, "unit": "1"},
    {"analyte_id": "hva", "sex": "unknown", "age_years": None},
    {"analyte_id": "hva", "comparator": "<", "specimen_id": "U2"},
    {"analyte_id": "hva", "comparator": ">", "specimen_id": "U2"},
    {"analyte_id": "creatinine", "value": 0.5, "unit": "g/L", "comparator": "<", "specimen_id": "U2"},
    {"analyte_id": "vma", "unit": "mg/g{creat}", "specimen_id": "U2"},
    {"analyte_id": "hva", "specimen_id": "U3", "status": "cancelled"},
    {"analyte_id": "hva", "specimen_id": "U3", "replaces": "U4"},
    {"analyte_id": "hva", "specimen_id": "U4"},
]


@pytest.mark.parametrize("basis", ["by_specimen", "specific_gravity"])
def test_rows_of_which_little_can_be_made_are_traced_too(small, tmp_path, basis):
    from recal_labs.normalise import normalise

    plain = {
        "subject_id": "S1",
        "specimen_id": "U1",
        "specimen": "urine_spot",
        "comparator": "",
        "value": 4.0,
        "unit": "mg/L",
        "sex": "female",
        "age_years": 40.0,
        "source_file": "panel_a.csv",
    }
    schema = {name: kind for name, kind in open_run(small).scan().collect_schema().items() if name not in MADE}
    rows = [{**plain, **odd, "source_row": place, "source_place": f"row {place}"} for place, odd in enumerate(ODD, 2)]
    results = pl.DataFrame(rows, schema=schema)
    choices = Choices(basis=basis)
    run = altered(small, tmp_path / "odd", lambda f: normalise(results, choices=choices).frame)
    remade(run, lambda manifest: manifest.update(choices=choices.to_dict()))
    tracer = Tracer(open_run(run), load_catalogue())
    for place, odd in enumerate(ODD):
        trace = tracer.trace(place)
        assert trace.agrees, (odd, [str(check) for check in trace.mismatches])
        assert max(map(len, list(trace.lines())[2:])) <= 80
        assert trace._repr_html_()


def test_a_run_without_a_result_says_so(small, tmp_path):
    from recal_labs.trace import UnknownResultError, diff_runs

    empty = altered(small, tmp_path / "empty", lambda f: f.clear())
    with pytest.raises(UnknownResultError, match="holds no result"):
        trace_result(empty, "#2")
    assert len(diff_runs(small, empty).pairs.removed) == 7
    assert diff_runs(empty, empty).same


def test_a_code_of_what_was_known_before_is_quoted_with_its_source(small, tmp_path):
    run = altered(small, tmp_path / "known", lambda frame: frame)
    (run / "preanalytical.csv").write_text(
        "row,code,matched,direction,source_id\n0,preservative_unsuitable,preservative 'none',lowers,corcuff2017\n"
    )
    table = pl.read_parquet(run / "normalised.parquet")
    code = pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("preservative_unsuitable")).otherwise("qc").alias("qc")
    table.with_columns(code).write_parquet(run / "normalised.parquet")
    lines = "\n".join(Tracer(open_run(run), load_catalogue()).trace(0).lines())
    assert "What was known before" in lines
    assert "corcuff2017" in lines
