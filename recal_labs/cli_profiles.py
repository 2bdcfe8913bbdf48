"""Commands about profiles: list them, propose one for an unknown file, take a person's answers into one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

profile_commands = typer.Typer()

Debug = Annotated[bool, typer.Option("--debug", help="Show the full traceback of an error.")]
Folder = Annotated[Path | None, typer.Option(help="Your own catalogue folder, added to the built-in one.")]


@profile_commands.command()
def profiles(debug: Debug = False) -> None:
    """List the shipped profiles."""
    from recal_labs.ingest import shipped_profiles

    for name, about in shipped_profiles().items():
        typer.echo(f"{name:22} {about}")


@profile_commands.command()
def inspect(
    file: Annotated[Path, typer.Argument(help="An export that no profile is known for.")],
    write: Annotated[
        Path | None, typer.Option(metavar="PROFILE.toml", help="Write the proposed profile; no file is overwritten.")
    ] = None,
    specimen: Annotated[
        str | None, typer.Option(help="What the specimens are, such as urine_24h, where the file does not say.")
    ] = None,
    catalogue: Folder = None,
    debug: Debug = False,
) -> None:
    """Propose a profile for a file: what each column is, how sure that is, what is read, what is rejected."""
    from recal_labs.catalogue import load_catalogue
    from recal_labs.ingest import inspect_export

    found = inspect_export(file, specimen=specimen, catalogue=load_catalogue(extra=catalogue))
    for line in found.lines():
        typer.echo(line)
    typer.echo("")
    if write is None:
        typer.echo("The proposed profile (--write my_lab.toml saves it for editing):\n")
        typer.echo(found.profile_toml, nl=False)
        return
    typer.echo(f"{found.write(write)} was written. Edit it, then read with --profile {write}")


@profile_commands.command()
def accept(
    worklist: Annotated[Path, typer.Argument(help="The worklist.csv of a run, with a column answer filled in.")],
    profile: Annotated[Path, typer.Option(help="Your own profile, which gets the answers.")],
    catalogue: Folder = None,
    debug: Debug = False,
) -> None:
    """Write the answers of a worklist into a profile; every one is checked, and the rest of the file stays as it is."""
    from recal_labs.catalogue import load_catalogue
    from recal_labs.ingest import accept_answers

    for line in accept_answers(worklist, profile, catalogue=load_catalogue(extra=catalogue)).lines():
        typer.echo(line)
