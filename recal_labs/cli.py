"""The command line: parse arguments, call the room that does the work, turn errors into one sentence."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from recal_labs.choices import ALLOWED, DILUTION_COVARIATES, FITTED_BASES
from recal_labs.cli_profiles import profile_commands
from recal_labs.columns import TABLES
from recal_labs.columns import codebook as codebook_rows
from recal_labs.errors import (
    CatalogueError,
    ChoiceError,
    DilutionFitError,
    FileProblem,
    ProfileError,
    RecalLabsError,
    StudyError,
    TableError,
    UnknownWordError,
)

EXIT_DONE, EXIT_FAILED, EXIT_USAGE, EXIT_REJECTS = 0, 1, 2, 3

app = typer.Typer(
    name="recal-labs",
    help="Urinary neurotransmitter panels: from lab exports to an honest report. Not a diagnosis, no treatment advice.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Out = Annotated[Path, typer.Option("--out", help="Folder for everything that is written.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the full traceback of an error.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress bar.")]
Pseudonymise = Annotated[
    Path | None,
    typer.Option(metavar="KEYFILE", help="Codes in place of ids, no name in any output; make a key with new-key."),
]
ShiftDates = Annotated[
    int | None,
    typer.Option(metavar="DAYS", help="With --pseudonymise: move each subject's dates by one number of days, at most."),
]


def _show_version(asked: bool) -> None:
    if asked:
        from recal_labs.provenance import package_versions

        typer.echo(f"recal-labs {package_versions()['recal-labs']}")
        raise typer.Exit


@app.callback()
def main_options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def _ending(needs_attention: int, out: Path) -> None:
    """Say how it ended; rejects that need a look end with an exit code of their own."""
    if needs_attention:
        noun = "reject needs" if needs_attention == 1 else "rejects need"
        typer.echo(f"Done; {needs_attention:,} {noun} a look: {out / 'rejects.csv'} (exit code {EXIT_REJECTS}).")
        raise typer.Exit(EXIT_REJECTS)
    typer.echo("Done.")


@app.command()
def run(
    study: Annotated[Path, typer.Argument(help="The study.toml.")],
    out: Out = Path("out"),
    pseudonymise: Pseudonymise = None,
    shift_dates: ShiftDates = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Run a study: read, normalise, score, link, analyse, report."""
    from recal_labs.study import run_study

    finished = run_study(study, out, progress=not quiet, pseudonymise=pseudonymise, shift_dates=shift_dates)
    _ending(finished.needs_attention, out)


@app.command("new-key")
def new_key(
    file: Annotated[Path, typer.Argument(help="A new file, outside of every folder that is shared.")],
    debug: Debug = False,
) -> None:
    """Make a key for pseudonyms; with --pseudonymise FILE the outputs of a run name nobody."""
    from recal_labs.privacy import new_key as make_key

    key = make_key(file)
    typer.echo(f"{file} holds a new key; only you can read it. Whoever has it can tell whose results they are.")
    typer.echo(f"What each code stands for will stand in {key.table}. Keep both apart from the outputs, with a copy.")


@app.command()
def demo(out: Out = Path("out"), quiet: Quiet = False, debug: Debug = False) -> None:
    """Run the simulated sample study that comes with the package."""
    from recal_labs.catalogue import data_folder
    from recal_labs.study import run_study

    finished = run_study(data_folder("sample") / "study.toml", out, progress=not quiet)
    _ending(finished.needs_attention, out)


@app.command()
def normalise(
    inputs: Annotated[list[Path], typer.Argument(help="Panel exports and folders of them.")],
    out: Out = Path("out"),
    profile: Annotated[
        list[str] | None,
        typer.Option(help="A shipped profile, your own .toml, or auto; of several the content of a file chooses."),
    ] = None,
    profiles: Annotated[
        Path | None, typer.Option(help="A profiles.toml: patterns of file names and the profile of each.")
    ] = None,
    lab: Annotated[str | None, typer.Option(help="Lab id of all files.")] = None,
    subjects: Annotated[Path | None, typer.Option(help="Table with sex and age of the subjects.")] = None,
    specimens: Annotated[Path | None, typer.Option(help="Table with volume and hours of the specimens.")] = None,
    interventions: Annotated[
        Path | None, typer.Option(help="Table of medicines, with their first and last day.")
    ] = None,
    catalogue: Annotated[
        Path | None, typer.Option(help="Your own catalogue folder, added to the built-in one.")
    ] = None,
    basis: Annotated[
        str | None, typer.Option(help=f"One of {', '.join(ALLOWED['basis'])}. Default: by_specimen, or the fit's.")
    ] = None,
    dilution_fit: Annotated[
        Path | None, typer.Option(metavar="FIT.json", help="The correction that a fitted basis needs (fit-dilution).")
    ] = None,
    pseudonymise: Pseudonymise = None,
    shift_dates: ShiftDates = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Read and normalise an inbox: one clean table, every refused value explained, safe to run again."""
    from recal_labs.batch import normalise_inbox, summary_lines
    from recal_labs.batch.fitting import choices_of
    from recal_labs.catalogue import load_catalogue
    from recal_labs.normalise import DilutionFit

    fit = DilutionFit.load(dilution_fit) if dilution_fit is not None else None
    finished = normalise_inbox(
        inputs,
        out,
        profile=profile or "auto",
        profiles=profiles,
        lab=lab,
        subjects=subjects,
        specimens=specimens,
        interventions=interventions,
        choices=choices_of(basis, fit),
        catalogue=load_catalogue(extra=catalogue),
        dilution_fit=fit,
        progress=not quiet,
        pseudonymise=pseudonymise,
        shift_dates=shift_dates,
    )
    for line in summary_lines(finished):
        typer.echo(line)
    _ending(finished.needs_attention, out)


@app.command("fit-dilution")
def fit_dilution(
    normalised: Annotated[Path, typer.Argument(help="normalised.parquet or .csv of a run, or a table of results.")],
    basis: Annotated[str, typer.Option(help=f"One of {', '.join(FITTED_BASES)}.")],
    sample: Annotated[str, typer.Option(help="Whose specimens these are, in words; they travel with the fit.")],
    out: Annotated[Path, typer.Option("--out", help="The file that gets the fit.")] = Path("fit.json"),
    covariate: Annotated[
        list[str] | None,
        typer.Option(help=f"One of {', '.join(DILUTION_COVARIATES)}; repeat it. Default: age_years and sex."),
    ] = None,
    specimen: Annotated[
        list[str] | None, typer.Option(help="Kind of specimen to use; repeat it. Default: single voids.")
    ] = None,
    catalogue: Annotated[
        Path | None, typer.Option(help="Your own catalogue folder, added to the built-in one.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Fit a correction for dilution on a stated sample and save it; normalise --dilution-fit applies it elsewhere."""
    from recal_labs.batch.fitting import fit_file, fit_lines
    from recal_labs.catalogue import load_catalogue

    made = fit_file(
        normalised,
        basis=basis,
        sample=sample,
        covariates=covariate,
        specimens=specimen,
        catalogue=load_catalogue(extra=catalogue),
    )
    for line in fit_lines(made):
        typer.echo(line)
    typer.echo(f"{made.save(out)} was written.")


@app.command()
def render(
    folder: Annotated[Path, typer.Argument(help="The folder that a run has written.")],
    out: Annotated[Path | None, typer.Option("--out", help="The page. Default: report.html in that folder.")] = None,
    debug: Debug = False,
) -> None:
    """Render the report of a finished run again, from what the run stored; the raw data are not needed."""
    from recal_labs.report import render_report

    typer.echo(f"{render_report(folder, out)} was written.")


@app.command()
def trace(
    run: Annotated[Path, typer.Argument(help="The folder that a run has written.")],
    result: Annotated[
        list[str],
        typer.Argument(
            help="panel.csv:Sheet1!D14, panel.csv:14, U17 dopamine, or #123 (row of normalised.csv; quote the #)."
        ),
    ],
    inputs: Annotated[
        Path | None, typer.Option(help="Where the input files lie now: the line itself is shown too.")
    ] = None,
    catalogue: Annotated[Path | None, typer.Option(help="The catalogue folder that the run added.")] = None,
    debug: Debug = False,
) -> None:
    """Show the input behind a number and each step it took; exit code 1 when a step gives another number."""
    from recal_labs.catalogue import load_catalogue
    from recal_labs.trace import trace_result

    traced = trace_result(run, " ".join(result), catalogue=load_catalogue(extra=catalogue), inputs=inputs)
    for line in traced.lines():
        typer.echo(line)
    if not traced.agrees:
        raise typer.Exit(EXIT_FAILED)


@app.command()
def diff(
    run1: Annotated[Path, typer.Argument(help="The folder of the first run.")],
    run2: Annotated[Path, typer.Argument(help="The folder of the second run.")],
    csv: Annotated[Path | None, typer.Option(help="Write every changed cell to this file.")] = None,
    tolerance: Annotated[
        float, typer.Option(help="Share of the larger number within which two numbers count as equal.")
    ] = 0.0,
    debug: Debug = False,
) -> None:
    """Say what changed between two runs, and why; exit code 0 when nothing did, 3 when something did."""
    from recal_labs.trace import diff_runs

    found = diff_runs(run1, run2, tolerance=tolerance)
    for line in found.lines():
        typer.echo(line)
    if csv is not None:
        typer.echo(f"Every changed cell: {found.write_csv(csv)}")
    if not found.same:
        raise typer.Exit(EXIT_REJECTS)


# Without a name of its own: its commands stand beside the others.
app.add_typer(profile_commands)


@app.command()
def codebook(table: Annotated[str, typer.Argument(help=f"One of {', '.join(TABLES)}.")], debug: Debug = False) -> None:
    """Print the columns of a table with their units and meanings."""
    if table not in TABLES:
        raise UnknownWordError("table", table, tuple(TABLES))
    for row in codebook_rows(TABLES[table]):
        unit = f" [{row['unit']}]" if row["unit"] else ""
        typer.echo(f"{row['column']:24} {row['kind']:8} {row['meaning']}{unit}")


def _exit_code(error: RecalLabsError) -> int:
    # LookupError: a word that names nothing, or several things.
    usage = (
        StudyError,
        ProfileError,
        CatalogueError,
        ChoiceError,
        DilutionFitError,
        LookupError,
        FileProblem,
        TableError,
    )
    return EXIT_USAGE if isinstance(error, usage) else EXIT_FAILED


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; no traceback reaches the user without ``--debug``."""
    words = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in words
    try:
        app(args=words, standalone_mode=True)
    except RecalLabsError as error:
        if debug:
            raise
        typer.echo(f"recal-labs: {error}", err=True)
        raise SystemExit(_exit_code(error)) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:
        if debug:
            raise
        typer.echo(
            f"recal-labs: an unexpected fault ({type(error).__name__}: {error}). Run again with --debug for the "
            "details and report it.",
            err=True,
        )
        raise SystemExit(EXIT_FAILED) from None
