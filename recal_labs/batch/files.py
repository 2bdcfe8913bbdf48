"""Which files an inbox holds, each once and with a name of its own; what cannot be opened is said, not dropped."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from recal_labs.errors import FileProblem
from recal_labs.ingest.source_names import distinct_tails, place_of, readable
from recal_labs.normalise.dilution_files import FIT_FILE
from recal_labs.privacy import MARK

PARTS = "parts"
OUTPUTS = (
    "normalised.parquet",
    "normalised.csv",
    "rejects.csv",
    "no_result.csv",
    "worklist.csv",
    "manifest.json",
    FIT_FILE,
    MARK,
)
# Those with rows about single people, or with words of the lab that may name one.
ABOUT_PEOPLE = (PARTS, "normalised.parquet", "normalised.csv", "rejects.csv", "no_result.csv", "worklist.csv")
OURS = frozenset({PARTS, *OUTPUTS})
# A folder that holds both has been the --out of a run.
OUTPUT_MARKS = frozenset({PARTS, "manifest.json"})


@dataclass(frozen=True, kw_only=True)
class InboxFile:
    """One file of an inbox.

    Parameters
    ----------
    path : Path
        Where it lies.
    name : str
        What it is called in the outputs; no two files of a run share it.
    inside : str
        Its path below the folder that was given, or its own name: what patterns of a profiles.toml are held against.
    problem : str
        Why it cannot be opened; empty for a file that can.
    """

    path: Path
    name: str
    inside: str
    problem: str = ""


@dataclass
class _Walk:
    """A walk over the given folders: every real folder once, whatever leads to it."""

    out: Path
    configured: Collection[Path]
    seen: set[tuple[int, int]] = field(default_factory=set)
    found: dict[Path, tuple[Path, Path, str]] = field(default_factory=dict)

    def left_out(self, real: Path, below: Path | None) -> bool:
        """Whether a path is an output of this tool, or a file that says how to read the others."""
        if real in self.configured:
            return True
        # Where the outputs go to the very folder that was given, or to one above it, only what this tool writes is
        # left out; a file that was named itself is an output only by its name, too.
        if below is None or below == self.out or self.out in below.parents:
            parts = self.out / PARTS
            return real == parts or parts in real.parents or (real.parent == self.out and real.name in OUTPUTS)
        return real == self.out or self.out in real.parents

    def add(self, path: Path, root: Path, problem: str = "", below: Path | None = None) -> None:
        """Keep a file, unless it has been found already or is left out."""
        # Two links to one file are one file; two links to nothing are two things to mend.
        real = place_of(path) if problem else _real(path)
        if real not in self.found and not self.left_out(real, below):
            self.found[real] = (path, root, problem)

    def folder(self, start: Path, root: Path) -> list[Path]:
        """Find every file below a folder; return the links, which come last: a file's own place names it best."""
        links: list[Path] = []
        waiting = [start]
        while waiting:
            here = waiting.pop()
            if self.left_out(_real(here), root):
                continue
            try:
                status = here.stat()
                entries = sorted(os.scandir(here), key=lambda entry: entry.name)
            except OSError as err:
                self.add(here, root, f"the folder cannot be listed ({err.strerror})", root)
                continue
            if (status.st_dev, status.st_ino) in self.seen:
                continue
            self.seen.add((status.st_dev, status.st_ino))
            # What an earlier run has written elsewhere is no export either.
            written = OURS if {entry.name for entry in entries} >= OUTPUT_MARKS else frozenset()
            for entry in entries:
                path = Path(entry.path)
                if entry.name.startswith(".") or entry.name in written:
                    continue
                if entry.is_symlink():
                    links.append(path)
                elif is_folder(path):
                    waiting.append(path)
                else:
                    self.add(path, root, below=root)
        return sorted(links)

    def links(self, waiting: list[tuple[Path, Path]]) -> None:
        """Follow links; a link to what was found already, or in a circle, adds nothing."""
        while waiting:
            path, root = waiting.pop(0)
            try:
                mode = path.stat().st_mode
            except OSError as err:
                missing = isinstance(err, FileNotFoundError)
                why = "leads to no file" if missing else f"cannot be followed ({err.strerror})"
                self.add(path, root, f"it is a link that {why}", root)
                continue
            if stat.S_ISDIR(mode):
                # A link to a folder above leads in a circle, or to everything that the machine holds.
                if _real(path) == root or _real(path) in root.parents:
                    continue
                waiting.extend((link, root) for link in self.folder(path, root))
            else:
                self.add(path, root, below=root)


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # links in a circle
        return place_of(path)


def is_folder(path: Path) -> bool:
    """Whether a path is a folder; False where the system refuses to tell."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _outermost(folders: Iterable[Path]) -> list[Path]:
    whole = sorted(set(folders))
    return [folder for folder in whole if not any(parent in whole for parent in folder.parents)]


def _sorted_inputs(inputs: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Return the folders and the files that were named, each once, in an order that the call does not change."""
    folders, files = set(), set()
    for path in inputs:
        if not os.path.lexists(path):
            raise FileProblem(path, "there is no such file or folder", remedy="check the path")
        if is_folder(path):
            folders.add(_real(path))
        else:
            files.add(place_of(path))
    return _outermost(folders), sorted(files, key=lambda path: (path.is_symlink(), path))


def _named(walk: _Walk, folders: Collection[Path]) -> Iterator[InboxFile]:
    prefixes = {folder: "" if len(folders) == 1 else f"{tail}/" for folder, tail in distinct_tails(folders).items()}
    direct: list[tuple[Path, str]] = []
    taken: set[str] = set()
    for path, root, problem in walk.found.values():
        if root not in prefixes:
            direct.append((path, problem))
            continue
        inside = readable(path.relative_to(root).as_posix() if path != root else root.name)
        taken.add(prefixes[root] + inside)
        yield InboxFile(path=path, name=prefixes[root] + inside, inside=inside, problem=problem)
    tails = distinct_tails((path for path, _ in direct), taken)
    for path, problem in direct:
        yield InboxFile(path=path, name=tails[path], inside=readable(path.name), problem=problem)


def _each_its_own(files: Iterable[InboxFile]) -> Iterator[InboxFile]:
    """Number the names that are still the same, which takes folders named to that end."""
    again: dict[str, int] = {}
    for file in sorted(files, key=lambda file: (file.name, file.path)):
        again[file.name] = again.get(file.name, 0) + 1
        yield file if again[file.name] == 1 else replace(file, name=f"{file.name} ({again[file.name]})")


def find_files(inputs: Iterable[Path], out: Path, configured: Collection[Path] = ()) -> list[InboxFile]:
    """List the files to read: files as named, folders with everything below them, hidden files left out.

    Parameters
    ----------
    inputs : iterable of path
        Files and folders; one that is named twice, under whatever spelling, counts once. Links are followed.
    out : Path
        Everything below it is left out; where it is an input folder or above one, only what this tool writes.
    configured : collection of Path
        Files that say how others are read, made whole; left out.

    Returns
    -------
    list of InboxFile
        In order of name. A folder that cannot be listed and a link that leads nowhere are in it, with their problem.

    Raises
    ------
    FileProblem
        When an input does not exist, or nothing is left to read.
    """
    given = list(inputs)
    folders, files = _sorted_inputs(given)
    walk = _Walk(out=_real(out), configured=configured)
    links = [(link, folder) for folder in folders for link in walk.folder(folder, folder)]
    walk.links(links)
    for path in files:
        try:
            path.stat()
            problem = ""
        except OSError as err:
            problem = f"it cannot be opened ({err.strerror})"
        walk.add(path, path.parent, problem)
    found = sorted(_each_its_own(_named(walk, folders)), key=lambda file: file.name)
    if not found:
        raise FileProblem(", ".join(map(str, given)), "there is no file to read in it", "at least one panel export")
    return found
