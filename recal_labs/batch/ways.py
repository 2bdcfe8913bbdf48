"""How each file of an inbox is read: the profiles that were named, and the patterns of a profiles.toml."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from recal_labs.batch.files import InboxFile, is_folder
from recal_labs.catalogue import Catalogue
from recal_labs.errors import FileProblem, ProfileError, nearest
from recal_labs.ingest import Profile, load_profile
from recal_labs.ingest.profile_checks import check_words
from recal_labs.ingest.source_names import place_of
from recal_labs.storage import open_regular

MAP_NAME = "profiles.toml"
AUTO = "auto"
KEYS = ("profile", "lab")


@dataclass(frozen=True, kw_only=True)
class Way:
    """How one file is read.

    Parameters
    ----------
    profile : Profile or tuple of Profile
        The one, or those among which the content chooses; the shipped ones are tried last.
    lab : str or None
        Lab id that stands above what profile and file say.
    """

    profile: Profile | tuple[Profile, ...] = ()
    lab: str | None = None

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """Every declared profile that may read the file."""
        return (self.profile,) if isinstance(self.profile, Profile) else self.profile

    @property
    def recipe(self) -> str:
        """What changes when the file would be read in another way."""
        return json.dumps([isinstance(self.profile, Profile), [p.fingerprint for p in self.profiles], self.lab])


@dataclass(frozen=True, kw_only=True)
class PatternMap:
    """The patterns of one profiles.toml, in the order in which they stand; the first that fits a file decides."""

    path: Path
    entries: Mapping[str, Way]

    def way_for(self, inside: str) -> Way | None:
        """Return how a file is read, or None when no pattern fits.

        Parameters
        ----------
        inside : str
            Its path below the folder; a pattern without ``/`` is held against the last part alone.
        """
        name = inside.rsplit("/", 1)[-1]
        for pattern, way in self.entries.items():
            if fnmatchcase(inside if "/" in pattern else name, pattern):
                return way
        return None


@dataclass(frozen=True, kw_only=True)
class Ways:
    """How every file of an inbox is read.

    Parameters
    ----------
    default : Way
        For files that no pattern fits.
    given : PatternMap or None
        The file that was named; stands above those in the folders.
    found : mapping of Path to PatternMap
        The profiles.toml of each folder.
    lab : str or None
        Lab id of all files; stands above every other.
    """

    default: Way
    given: PatternMap | None = None
    found: Mapping[Path, PatternMap] = field(default_factory=dict)
    lab: str | None = None

    def way_for(self, file: InboxFile) -> Way:
        """Return how a file is read."""
        way = self.given.way_for(file.inside) if self.given else None
        for folder in file.path.parents:
            if way is None and folder in self.found:
                way = self.found[folder].way_for(file.path.relative_to(folder).as_posix())
        way = way or self.default
        return Way(profile=way.profile, lab=self.lab or way.lab)

    @property
    def files(self) -> frozenset[Path]:
        """Every file that says how others are read, made whole."""
        maps = [*self.found.values(), *([self.given] if self.given else [])]
        ways = [self.default, *(way for one in maps for way in one.entries.values())]
        profiles = (path for way in ways for profile in way.profiles for path in profile.files)
        return frozenset(path.resolve() for path in (*profiles, *(one.path for one in maps)))


def _entry(pattern: str, value: Any, path: Path) -> tuple[Way | None, str]:
    """Return the way that an entry declares, or None and its fault."""
    where = f"{path.name}: {pattern!r}"
    content = {"profile": value} if isinstance(value, str) else value
    if not isinstance(content, dict):
        return None, f"{where} is {type(value).__name__}; expected a profile, or a table with profile and lab"
    for key, word in content.items():
        if key not in KEYS:
            return None, f"{where} has the unknown key {key!r}; expected profile or lab.{nearest(key, KEYS)}"
        if not isinstance(word, str) or not word:
            return None, f"{where} has {key} = {word!r}; expected a text"
    name = content.get("profile", AUTO)
    named = path.parent / name if name.endswith(".toml") else name
    return Way(profile=() if name == AUTO else load_profile(named), lab=content.get("lab")), ""


def read_map(path: Path) -> PatternMap:
    """Read a profiles.toml: ``"lab_b*.csv" = "lab_b.toml"``, or ``{ profile = "lab_b.toml", lab = "lab_b" }``.

    Raises
    ------
    FileProblem
        When it, or a profile that it names, cannot be read. Paths start from its folder.
    ProfileError
        Naming every entry that is no such pair.
    UnknownWordError
        When no shipped profile has the name.
    """
    try:
        with open_regular(path) as handle:
            content = tomllib.loads(handle.read().decode("utf-8"))
    except FileNotFoundError as err:
        raise FileProblem(path, "there is no such file", "patterns and profiles in TOML", "check the path") from err
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as err:
        what = "patterns in quotes, each with its profile"
        raise FileProblem(path, f"it cannot be read as TOML ({err})", what, "mend that line") from err
    read = {pattern: _entry(pattern, value, path) for pattern, value in content.items()}
    if faults := [fault for _, fault in read.values() if fault]:
        raise ProfileError(f"{path} cannot be used", faults)
    return PatternMap(path=path, entries={pattern: way for pattern, (way, _) in read.items() if way is not None})


def _maps(inputs: Iterable[Path]) -> Iterator[tuple[Path, PatternMap]]:
    for path in inputs:
        folder = path.resolve() if is_folder(path) else place_of(path).parent
        if os.path.lexists(folder / MAP_NAME):
            yield folder, read_map(folder / MAP_NAME)


def read_ways(
    inputs: Iterable[Path],
    profile: str | Path | Sequence[str | Path],
    mapped: Path | None,
    lab: str | None,
    catalogue: Catalogue,
) -> Ways:
    """Load and check every profile, before any file is read.

    Parameters
    ----------
    inputs : iterable of Path
        Files and folders; a profiles.toml in a folder, or beside a file, holds for what lies there.
    profile : str, path, or sequence of them
        One: it reads every file that no pattern fits. Several, or ``auto``: the content chooses among them.
    mapped : Path or None
        A profiles.toml of any name, for all inputs.
    lab : str or None
    catalogue : Catalogue

    Raises
    ------
    FileProblem, ProfileError, UnknownWordError
        When a profile or a profiles.toml cannot be used.
    """
    words = [profile] if isinstance(profile, str | Path) else list(profile)
    declared = tuple(load_profile(word) for word in words if str(word) != AUTO)
    default = Way(profile=declared[0] if len(declared) == 1 == len(words) else declared)
    ways = Ways(default=default, given=read_map(mapped) if mapped else None, found=dict(_maps(inputs)), lab=lab or None)
    maps = [*ways.found.values(), *([ways.given] if ways.given else [])]
    for way in (default, *(way for one in maps for way in one.entries.values())):
        for one in way.profiles:
            check_words(one, catalogue)
    return ways
