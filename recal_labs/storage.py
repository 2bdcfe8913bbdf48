"""Files written whole or not at all, and fingerprints of files read."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO

from recal_labs.errors import FileProblem

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
# A temporary file older than this belongs to a run that died; a younger one may be another run's, at work.
STALE_AFTER_S = 24 * 3600


def open_regular(path: Path) -> BinaryIO:
    """Open a file for reading, but nothing that could keep a reader waiting for ever.

    Raises
    ------
    OSError
        When it cannot be opened, or is a folder, pipe, socket or device; ``strerror`` says which.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        kind = next((words for is_kind, words in _KINDS if is_kind(mode)), "something else")
        raise OSError(errno.EINVAL, f"it is {kind}, not a file", str(path))
    return open(path, "rb")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as hex digits."""
    digest = hashlib.sha256()
    with open_regular(path) as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def sha256_of_bytes(data: bytes) -> str:
    """Return the SHA-256 of bytes as hex digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_of_text(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8 as hex digits."""
    return sha256_of_bytes(text.encode("utf-8"))


def open_folder(path: Path) -> Path:
    """Make a folder for outputs, and make sure that files can be written into it.

    Raises
    ------
    FileProblem
        When it is a file, or cannot be made or written.
    """
    try:
        if path.exists() and not path.is_dir():
            raise FileProblem(path, "it is a file", "a folder for the outputs", "name another one with --out")
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as err:
        raise FileProblem(
            path, f"nothing can be written there ({err.strerror})", "a folder for the outputs", "name another one"
        ) from err
    return path


def remove_stale(folders: Iterable[Path]) -> None:
    """Remove the temporary files that runs which died have left in these folders."""
    for folder in folders:
        for path in folder.glob(".*.*"):
            # Gone, or not ours to remove: nothing reads it either way.
            try:
                if _is_temporary(path.name) and time.time() - path.stat().st_mtime > STALE_AFTER_S:
                    path.unlink()
            except OSError:
                continue


def _is_temporary(name: str) -> bool:
    """Whether a name is one that `write_atomic` gives: ``.results.parquet.x1y2z3a4.parquet``."""
    parts = name.split(".")
    return len(parts) >= 5 and parts[0] == "" and parts[-1] == parts[-3] and len(parts[-2]) == 8


def write_atomic(path: Path, write: Callable[[Path], object], mode: int = 0o644) -> Path:
    """Let `write` fill a temporary file beside `path`, then put it in place in one step.

    A reader sees the old file or the new one, never half of one. The temporary file is removed if writing fails. Until
    it is in place only its owner can read it; `mode` says who can then.

    Raises
    ------
    FileProblem
        When the system refuses: no permission, no space, a file where a folder is needed.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
    except OSError as err:
        raise _not_written(path, err) from err
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException as err:
        temporary.unlink(missing_ok=True)
        # An error that names another file is no fault of this folder.
        if isinstance(err, OSError) and err.filename in (None, name):
            raise _not_written(path, err) from err
        raise
    return path


def _not_written(path: Path, err: OSError) -> FileProblem:
    return FileProblem(path, f"it cannot be written ({err.strerror or err})", remedy="choose another folder")


def write_text(path: Path, text: str) -> Path:
    """Write a text as UTF-8 with LF line ends, whole or not at all."""
    return write_atomic(path, lambda temporary: temporary.write_text(text, encoding="utf-8", newline="\n"))


def write_json(path: Path, content: Any) -> Path:
    """Write JSON that reads the same on every run: sorted keys, NaN refused."""
    return write_text(path, json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n")
