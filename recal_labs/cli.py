"""The command line: parse arguments, call the room that does the work, turn errors into one sentence."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from recal_labs.columns import TABLES
from recal_labs.columns import codebook as codebook_rows
from recal_labs.errors import (
    CatalogueError,
    ChoiceError,
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
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Run a study: read, normalise, score, link, analyse, report."""
    from recal_labs.study import run_study

    finished = run_study(study, out, progress=not quiet)
    _ending(finished.needs_attention, out)


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
    catalogue: Annotated[
        Path | None, typer.Option(help="Your own catalogue folder, added to the built-in one.")
    ] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Read and normalise an inbox: one clean table, every refused value explained, safe to run again."""
    from recal_labs.batch import normalise_inbox, summary_lines
    from recal_labs.catalogue import load_catalogue

    finished = normalise_inbox(
        inputs,
        out,
        profile=profile or "auto",
        profiles=profiles,
        lab=lab,
        subjects=subjects,
        specimens=specimens,
        catalogue=load_catalogue(extra=catalogue),
        progress=not quiet,
    )
    for line in summary_lines(finished):
        typer.echo(line)
    _ending(finished.needs_attention, out)


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
def profiles(debug: Debug = False) -> None:
    """List the shipped profiles."""
    from recal_labs.ingest import shipped_profiles

    for name, about in shipped_profiles().items():
        typer.echo(f"{name:22} {about}")


@app.command()
def codebook(table: Annotated[str, typer.Argument(help=f"One of {', '.join(TABLES)}.")], debug: Debug = False) -> None:
    """Print the columns of a table with their units and meanings."""
    if table not in TABLES:
        raise UnknownWordError("table", table, tuple(TABLES))
    for row in codebook_rows(TABLES[table]):
        unit = f" [{row['unit']}]" if row["unit"] else ""
        typer.echo(f"{row['column']:24} {row['kind']:8} {row['meaning']}{unit}")


def _exit_code(error: RecalLabsError) -> int:
    usage = (StudyError, ProfileError, CatalogueError, ChoiceError, UnknownWordError, FileProblem, TableError)
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
