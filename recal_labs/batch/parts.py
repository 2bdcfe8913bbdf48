"""What was read from one file, kept so that it need not be read again, and believed only while it is whole."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import polars as pl

from recal_labs.batch.files import PARTS, InboxFile
from recal_labs.batch.ways import Way
from recal_labs.catalogue import Catalogue
from recal_labs.columns import NO_RESULT, REJECTS, RESULTS, Table, polars_schema
from recal_labs.errors import ConservationError, FileProblem, RecalLabsError
from recal_labs.ingest.profiles import Profile, load_profile, shipped_profiles
from recal_labs.ingest.read import read_export, whole_file_reject
from recal_labs.ingest.resolve import Judged
from recal_labs.privacy import Guard, Protection
from recal_labs.privacy.codes import ORIGINALS
from recal_labs.provenance import FileRecord
from recal_labs.storage import sha256_of, sha256_of_text, write_atomic, write_json

TABLES: Mapping[str, Table] = {"results": RESULTS, "rejects": REJECTS, "no_result": NO_RESULT}
RECORD = "record.json"
# The codes that stand in a part; what they stand for is never in it.
CODES = "codes.parquet"
# The code that decides what stands in a part. Other rooms compute from parts; they may change without reading again.
READING_CODE = (
    "ingest/**/*.py",
    "ingest/profiles/*.toml",
    "catalogue/*.py",
    "batch/parts.py",
    "privacy/*.py",
    "columns.py",
    "vocabulary.py",
)
PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one file gave.

    Parameters
    ----------
    folder : Path
        Holds ``results``, ``rejects`` and ``no_result`` as Parquet, and the record.
    record : FileRecord
    skipped : bool
        Whether an earlier run had read it.
    name : str
        What a technician calls the file: the name in the record, unless that is a code.
    originals : DataFrame
        What each code in it stands for, for the key table; without rows where nothing is coded, or nothing was read.
    """

    folder: Path
    record: FileRecord
    skipped: bool
    name: str = ""
    originals: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(ORIGINALS)))


@lru_cache(maxsize=1)
def reading_fingerprint(package: Path = PACKAGE) -> str:
    """Return the SHA-256 of the code that reads: a part is read again when the program would read it differently."""
    files = sorted(path for pattern in READING_CODE for path in package.glob(pattern))
    return sha256_of_text(json.dumps([(path.relative_to(package).as_posix(), sha256_of(path)) for path in files]))


def part_folder(
    out: Path, digest: str, name: str, way: Way, catalogue: Catalogue, protection: Protection | None = None
) -> Path:
    """Return the folder of a file's part; its name changes with everything that could change what it holds."""
    # The name is part of the key: the same bytes under two names are two files, each with its own places.
    recipe = [digest, name, way.recipe, catalogue.version, reading_fingerprint()]
    if protection is None:
        return out / PARTS / sha256_of_text(json.dumps(recipe))[:24]
    # Keyed: whoever holds the same file must not find out from the folder that it was read.
    whole = json.dumps([*recipe, protection.recipe])
    return out / PARTS / protection.key.digest("part", whole).hex()[:24]


def load_part(folder: Path) -> Part | None:
    """Return a part that a former run has finished; None when it is not there, not whole or not the one expected."""
    try:
        content = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if any(sha256_of(folder / f"{name}.parquet") != content["tables"][name] for name in TABLES):
            return None
        record = FileRecord(**content["record"]).check_conservation()
    except (OSError, ValueError, TypeError, KeyError, ConservationError):
        return None
    return Part(folder=folder, record=record, skipped=True)


def _write(folder: Path, judged: Judged, record: FileRecord) -> Part:
    """Write a part; its record comes last and names the hashes of the rest, so a half-written part never counts."""
    tables = {}
    for name in TABLES:
        path = write_atomic(folder / f"{name}.parquet", getattr(judged, name).write_parquet)
        tables[name] = sha256_of(path)
    write_json(folder / RECORD, {"record": record.to_dict(), "tables": tables})
    return Part(folder=folder, record=record, skipped=False)


def _are_known(folder: Path, protection: Protection) -> bool:
    """Whether the key table can tell all codes of a part; one that was lost since is made again."""
    try:
        codes = pl.read_parquet(folder / CODES)["code"]
    except (OSError, pl.exceptions.PolarsError):
        return False
    return protection.known_codes.issuperset(codes)


def _profiles(way: Way, record: FileRecord) -> tuple[Profile, ...]:
    """Return the profiles that may have read a file: those declared for it, and the shipped one of that name."""
    shipped = (load_profile(record.profile),) if record.profile in shipped_profiles() else ()
    return (*way.profiles, *shipped)


def protect_part(
    judged: Judged, record: FileRecord, way: Way, catalogue: Catalogue, protection: Protection
) -> tuple[Judged, FileRecord, pl.DataFrame]:
    """Put codes in the place of identifiers, before anything of a file is written.

    Returns
    -------
    judged, record
        With the same positions.
    originals : DataFrame
        kind, code, original: for the key table.
    """
    guard = Guard.of(protection, catalogue, _profiles(way, record))
    coded = Judged(
        results=guard.results(judged.results, labs=[record.lab_id] if record.lab_id else ()),
        rejects=guard.rejects(judged.rejects),
        no_result=guard.no_result(judged.no_result),
    )
    return coded, guard.record(record), guard.originals


def _read(file: InboxFile, way: Way, catalogue: Catalogue) -> tuple[Judged, FileRecord, bool]:
    """Read a file; the last says whether another run may rely on what was read."""
    if file.problem:
        return *whole_file_reject(file.name, FileProblem(file.name, file.problem)), False
    try:
        judged, record = read_export(
            file.path,
            name=file.name,
            profile=way.profile,
            lab=way.lab,
            catalogue=catalogue,
            profile_names_lab=True,
        )
    except RecalLabsError:
        raise
    except Exception as err:
        # A fault of ours in one file must not cost the lab its night; it is said, and the file is read again next time.
        found = f"an unexpected fault of recal_labs ({type(err).__name__}: {err})"
        problem = FileProblem(file.name, found, remedy="report it with the file")
        return *whole_file_reject(file.name, problem), False
    return judged, record, bool(record.sha256)


def take_part(file: InboxFile, out: Path, way: Way, catalogue: Catalogue, protection: Protection | None = None) -> Part:
    """Return a file's part: the one that a former run has finished, or a new one.

    Parameters
    ----------
    file : InboxFile
    out : Path
    way : Way
        How it is read.
    catalogue : Catalogue
    protection : Protection, optional
        With one, no part holds an identifier; its `originals` are for the key table.

    Returns
    -------
    Part
        A file that cannot be read gives one reject, and is tried again by the next run.
    """
    try:
        digest = "" if file.problem else sha256_of(file.path)
    except OSError:
        digest = ""
    known = load_part(part_folder(out, digest, file.name, way, catalogue, protection)) if digest else None
    if known is not None and (protection is None or _are_known(known.folder, protection)):
        return replace(known, name=file.name)
    judged, record, lasting = _read(file, way, catalogue)
    # Under the hash of what was read: the file may have been replaced since it was looked at.
    folder = part_folder(out, record.sha256 if lasting else "", file.name, way, catalogue, protection)
    if protection is None:
        return replace(_write(folder, judged, record), name=file.name)
    try:
        judged, record, originals = protect_part(judged, record, way, catalogue, protection)
    except Exception as err:
        # Neither may it cost the lab its night, nor may anything go out unprotected.
        problem = FileProblem(file.name, f"an unexpected fault of recal_labs ({type(err).__name__})")
        lost = whole_file_reject(file.name, problem)
        judged, record, originals = protect_part(*lost, way, catalogue, protection)
        folder = part_folder(out, "", file.name, way, catalogue, protection)
    write_atomic(folder / CODES, originals.select("code").write_parquet)
    return replace(_write(folder, judged, record), name=file.name, originals=originals)


def originals_of(parts: Sequence[Part]) -> pl.DataFrame:
    """Return what the codes of all parts stand for, as far as they were read anew: for the key table."""
    return pl.concat([pl.DataFrame(schema=dict(ORIGINALS)), *(part.originals for part in parts)]).unique()


def scan(parts: Sequence[Part], name: str) -> pl.LazyFrame:
    """Return one table of all parts, in their order, without reading it yet."""
    paths = [part.folder / f"{name}.parquet" for part in parts]
    return pl.scan_parquet(paths) if paths else pl.LazyFrame(schema=polars_schema(TABLES[name]))


def gather(parts: Sequence[Part], name: str) -> pl.DataFrame:
    """Return one table of all parts, in their order; a part of a file that is no longer there is not among them."""
    return scan(parts, name).collect()
