"""read_panel: panel exports in, results, rejects and no_result out, every position counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from recal_labs.catalogue import Catalogue, load_catalogue
from recal_labs.columns import NO_RESULT, REJECTS, RESULTS, polars_schema
from recal_labs.errors import FileProblem, UnknownWordError
from recal_labs.ingest.containers import open_content
from recal_labs.ingest.profiles import Profile, load_profile
from recal_labs.ingest.resolve import Judged, judge
from recal_labs.ingest.sections import Section, read_sections
from recal_labs.ingest.source_names import distinct_tails, place_of, readable
from recal_labs.ingest.text import EXPECTED
from recal_labs.ingest.worklist import worklist
from recal_labs.provenance import FileRecord
from recal_labs.storage import open_regular, sha256_of_bytes

KINDS = ("pandas", "polars")


@dataclass(frozen=True, eq=False, kw_only=True)
class PanelRead:
    """What was read from panel exports.

    Parameters
    ----------
    results, rejects, no_result : DataFrame
        Tables of `recal_labs.columns`. Positions = results + rejects + no_result, for each file.
    worklist : DataFrame
        Names and units to map.
    files : tuple of FileRecord
        One a file.
    """

    results: Any
    rejects: Any
    no_result: Any
    worklist: Any
    files: tuple[FileRecord, ...]

    @property
    def provenance(self) -> list[dict[str, Any]]:
        """The records of the files as plain values."""
        return [record.to_dict() for record in self.files]

    def _repr_html_(self) -> str:
        counts = "".join(
            f"<li>{record.positions} positions: {record.results} results, {record.rejects} rejects, "
            f"{record.no_result} without a result</li>"
            for record in self.files
        )
        shown = self.results.head(10)
        table = shown.to_html() if hasattr(shown, "to_html") else shown._repr_html_()
        return f"<ul>{counts}</ul>{table}"


def _bytes_of(path: Path) -> bytes:
    try:
        with open_regular(path) as handle:
            return handle.read()
    except FileNotFoundError as err:
        raise FileProblem(path, "there is no such file", EXPECTED, "check the path") from err
    except OSError as err:
        remedy = "check its permissions" if isinstance(err, PermissionError) else ""
        raise FileProblem(path, f"it cannot be read ({err.strerror})", EXPECTED, remedy) from err


def read_export(
    path: Path,
    *,
    name: str,
    profile: Profile | Sequence[Profile] = (),
    lab: str | None = None,
    catalogue: Catalogue,
    strict: bool = False,
    profile_names_lab: bool = False,
) -> tuple[Judged, FileRecord]:
    """Read one panel export.

    Parameters
    ----------
    path : Path
    name : str
        What the file is called in the outputs.
    profile : Profile or sequence of Profile
        How it is read; of several, the one that the content tells. The shipped ones are tried last.
    lab : str, optional
        Lab id; stands above what profile and file say.
    catalogue : Catalogue
    strict : bool
        Raise when the file cannot be read as a whole, instead of giving back one reject.
    profile_names_lab : bool
        Let the profile's lab id, too, stand above what the file says.

    Returns
    -------
    tuple of Judged and FileRecord

    Raises
    ------
    FileProblem
        With `strict`, when the file cannot be read as a whole.
    """
    data: bytes | None = None
    try:
        # The hash is that of the very bytes that are read: the file may be changed or replaced meanwhile.
        data = _bytes_of(path)
        content = open_content(data, str(path))
        sections = read_sections(content, profile, catalogue, str(path))
    except FileProblem as problem:
        if strict:
            raise
        return whole_file_reject(name, problem, sha256="" if data is None else sha256_of_bytes(data))
    judged = Judged.gathered(
        [_judged(section, catalogue, lab=lab, name=name, named=profile_names_lab) for section in sections]
    )
    used = list({section.profile.name: section.profile for section in sections if section.profile}.values())
    labs = {lab or chosen.lab or "" for chosen in used}
    record = FileRecord(
        path=name,
        sha256=sha256_of_bytes(data),
        profile=", ".join(chosen.name for chosen in used),
        profile_fingerprint=", ".join(chosen.fingerprint for chosen in used),
        lab_id=labs.pop() if len(labs) == 1 else "",
        encoding=content.encoding,
        # Counted before anything is judged: this is what the three tables must add up to.
        positions=sum(section.positions.height for section in sections),
        results=judged.results.height,
        rejects=judged.rejects.height,
        no_result=judged.no_result.height,
        rejects_by_reason=_by_reason(judged.rejects),
    )
    return judged, record.check_conservation()


def _judged(section: Section, catalogue: Catalogue, *, lab: str | None, name: str, named: bool) -> Judged:
    # What is no panel has no words to judge; any profile will do.
    profile = section.profile or Profile(name="none")
    return judge(section.positions, profile, catalogue, lab=lab or (profile.lab if named else None), name=name)


def _by_reason(rejects: pl.DataFrame) -> dict[str, int]:
    return dict(rejects.group_by("reason").len().sort("reason").iter_rows())


def whole_file_reject(name: str, problem: FileProblem, sha256: str = "") -> tuple[Judged, FileRecord]:
    """Return one position, rejected, for a file that could not be read at all; nothing in it tells where it lies."""
    shown = FileProblem(name, problem.found, problem.expected, problem.remedy)
    rejects = pl.DataFrame(
        {
            "source_file": [name],
            "source_row": [None],
            "source_place": ["whole file"],
            "reason": ["unreadable_file"],
            "detail": [str(shown)],
            "raw": [""],
        },
        schema=polars_schema(REJECTS),
    )
    judged = Judged(pl.DataFrame(schema=polars_schema(RESULTS)), rejects, pl.DataFrame(schema=polars_schema(NO_RESULT)))
    return judged, FileRecord.unreadable(name, sha256)


def read_panel(
    paths: str | Path | Iterable[str | Path],
    profile: str | Path = "auto",
    lab: str | None = None,
    *,
    catalogue: Catalogue | None = None,
    as_frame: str = "pandas",
) -> PanelRead:
    r"""Read one or many panel exports.

    Parameters
    ----------
    paths : path, or iterable of paths
        With one path a file that cannot be read raises. With several it becomes one reject, and the others go on;
        ``source_file`` is the file's name, or a longer end of its path where two would have the same.
    profile : str or path
        A shipped profile, the path of your own TOML, or ``auto`` to tell from the content.
    lab : str, optional
        Lab id of all files; stands above what the file says.
    catalogue : Catalogue, optional
        Default: the built-in one.
    as_frame : {"pandas", "polars"}
        Kind of the frames given back.

    Returns
    -------
    PanelRead
        Every position of every file is a result, a reject with a reason from one closed list, or declared to hold no
        result.

    Raises
    ------
    FileProblem
        When a single file is missing, empty, binary, of a format not read, or has no header that fits.
    UnknownWordError, ProfileError
        When the profile is unknown or has faults.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name, "export.csv")
    >>> _ = path.write_text("patient,analyte,result,unit,specimen\nS1,HVA,<0.8,mg/g creat,random urine\n")
    >>> read_panel(path).results[["analyte_id", "comparator", "value", "unit"]].values.tolist()
    [['hva', '<', 0.8, 'mg/g{creat}']]
    >>> folder.cleanup()
    """
    if as_frame not in KINDS:
        raise UnknownWordError("kind of frame", as_frame, KINDS, "read_panel")
    catalogue = catalogue or load_catalogue()
    declared: Profile | tuple[Profile, ...] = () if profile == "auto" else load_profile(profile)
    if isinstance(paths, str | Path):
        path = Path(paths)
        name = readable(path.name)
        parts = [read_export(path, name=name, profile=declared, lab=lab, catalogue=catalogue, strict=True)]
    else:
        listed = [Path(path) for path in paths]
        places = [place_of(path) for path in listed]
        names = distinct_tails(places)
        parts = [
            read_export(path, name=names[place], profile=declared, lab=lab, catalogue=catalogue)
            for path, place in zip(listed, places, strict=True)
        ]
    return _gathered(parts, catalogue, as_frame)


def _gathered(parts: Sequence[tuple[Judged, FileRecord]], catalogue: Catalogue, as_frame: str) -> PanelRead:
    def stacked(name: str, schema: dict[str, Any]) -> pl.DataFrame:
        frames = [getattr(judged, name) for judged, _ in parts]
        return pl.concat(frames) if frames else pl.DataFrame(schema=schema)

    rejects = stacked("rejects", polars_schema(REJECTS))
    frames = {
        "results": stacked("results", polars_schema(RESULTS)),
        "rejects": rejects,
        "no_result": stacked("no_result", polars_schema(NO_RESULT)),
        "worklist": worklist(rejects, catalogue),
    }
    given = frames if as_frame == "polars" else {name: frame.to_pandas() for name, frame in frames.items()}
    return PanelRead(files=tuple(record for _, record in parts), **given)
