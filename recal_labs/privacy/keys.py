"""The key: one secret of 32 random bytes in a file of its own, kept where only its owner can read it."""

from __future__ import annotations

import base64
import hmac
import os
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from recal_labs.errors import FileProblem
from recal_labs.storage import open_regular

# NIST SP 800-107 recommends a key as long as the digest's chaining value: 32 bytes for SHA-256 (as quoted in the
# documentation of ring::hmac).
KEY_BYTES = 32
# Of 32 random bytes some 30 differ; a secret of so few was typed, not drawn.
FEWEST_DIFFERENT = 16
LARGEST_FILE = 4096
ABOUT = (
    "# A key of recal-labs for pseudonyms. Whoever holds it can tell whose results they are.\n"
    "# Keep a copy in a safe place: without it the same people get other codes.\n"
)
OTHERS = stat.S_IRWXG | stat.S_IRWXO
# A folder with files of these kinds is one of exports, or of what a run wrote; key tables are neither.
SHARED_KINDS = frozenset({".csv", ".tsv", ".hl7", ".parquet", ".xlsx", ".xls"})
KEY_TABLE = ".table.csv"


@dataclass(frozen=True, repr=False)
class Key:
    """A secret, and the file that it came from.

    Parameters
    ----------
    secret : bytes
        At least 32 random bytes. It is never shown and never written into an output.
    path : Path, optional
        Its file; the key table is kept beside it.
    """

    secret: bytes
    path: Path | None = None

    def __repr__(self) -> str:
        return f"Key({self.fingerprint})"

    def digest(self, domain: str, text: str) -> bytes:
        """Return the HMAC-SHA-256 of a text; the same text in another domain has nothing in common with it."""
        message = f"{domain}\x00{text}".encode("utf-8", "surrogatepass")
        return hmac.digest(self.secret, message, "sha256")

    def word(self, domain: str, text: str) -> str:
        """Return the first 80 bits of the digest as 16 letters and digits (base32, A to Z and 2 to 7)."""
        return base64.b32encode(self.digest(domain, text)[:10]).decode("ascii")

    @property
    def fingerprint(self) -> str:
        """A word that tells one key from another and says nothing of the secret."""
        return f"K-{self.word('key', '')}"

    @property
    def table(self) -> Path | None:
        """Where the key table is kept: beside the key, or nowhere for a key without a file."""
        return None if self.path is None else self.path.with_name(f"{self.path.name}{KEY_TABLE}")


def new_key(path: Path | str) -> Key:
    """Draw a new key and write it into a file that only its owner can read.

    Parameters
    ----------
    path : path
        A file that does not exist yet; a key is never written over.

    Raises
    ------
    FileProblem
        When the file exists, cannot be written, or would lie among exports or outputs, where no run would take it.
    """
    path = Path(path)
    _refuse_shared_folder(path)
    secret = secrets.token_bytes(KEY_BYTES)
    try:
        # In one step with the permissions: at no time can anybody else open it.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as err:
        raise FileProblem(
            path, "there is a file of this name already", "a new file", "choose another name; a key is never replaced"
        ) from err
    except OSError as err:
        raise FileProblem(path, f"it cannot be written ({err.strerror})", remedy="choose another folder") from err
    with os.fdopen(handle, "w", encoding="ascii", newline="\n") as file:
        file.write(f"{ABOUT}{secret.hex()}\n")
    return Key(secret, path)


def _refuse_shared_folder(path: Path) -> None:
    """Raise when a new key would lie beside exports: the run would refuse it, once people have come to rely on it."""
    if path.exists():
        return
    try:
        names = sorted(other.name for other in path.absolute().parent.iterdir())
    except OSError:
        # Whether a key can be written there is told by the attempt.
        return
    beside = [n for n in names if Path(n).suffix.lower() in SHARED_KINDS and not n.endswith(KEY_TABLE)]
    if beside:
        raise FileProblem(
            path,
            f"the folder holds other data ({beside[0]}{' and more' if len(beside) > 1 else ''}), and whoever gets the "
            "folder would get the key",
            "a key in a folder of its own, outside of exports and outputs",
            f"make a folder for it, such as keys/{path.name}",
        )


def read_key(path: Path | str) -> Key:
    """Read a key from its file.

    Raises
    ------
    FileProblem
        When there is none, when others than its owner can read it, or when it is short, no key, or not random.
    """
    path = Path(path)
    make_one = f"make one with: recal-labs new-key {path}"
    try:
        with open_regular(path) as file:
            mode, content = os.fstat(file.fileno()).st_mode, file.read(LARGEST_FILE + 1)
    except FileNotFoundError as err:
        # Never made on the way: after a slip of the pen everybody would get new codes, without a word.
        raise FileProblem(path, "there is no such key file", "a key", make_one) from err
    except OSError as err:
        raise FileProblem(path, f"the key cannot be read ({err.strerror})", "a key file", make_one) from err
    if os.name == "posix" and mode & OTHERS:
        raise FileProblem(
            path,
            f"others than its owner can open the key (permissions {stat.S_IMODE(mode):03o})",
            "a key that only its owner can read (600)",
            f"run: chmod 600 {path}",
        )
    # Where it truly lies: the key table is kept there, never beside a link to it.
    return Key(_secret(path, content, make_one), path.resolve())


def _secret(path: Path, content: bytes, make_one: str) -> bytes:
    lines = [line.strip() for line in content[:LARGEST_FILE].splitlines()]
    written = [line for line in lines if line and not line.startswith(b"#")]
    try:
        secret = (
            bytes.fromhex(written[0].decode("ascii")) if len(written) == 1 and len(content) <= LARGEST_FILE else None
        )
    except ValueError:
        secret = None
    if secret is None:
        raise FileProblem(path, "it is no key", f"one line of {2 * KEY_BYTES} hexadecimal digits", make_one)
    if len(secret) < KEY_BYTES:
        raise FileProblem(
            path, f"the key is short ({len(secret)} bytes)", f"at least {KEY_BYTES} random bytes", make_one
        )
    if len(set(secret)) < FEWEST_DIFFERENT:
        raise FileProblem(path, "the key is not random: its bytes repeat", f"{KEY_BYTES} random bytes", make_one)
    return secret


def check_place(key: Key, out: Path, folders: Iterable[Path] = (), files: Iterable[Path] = ()) -> None:
    """Refuse a key that would leave the house together with what it protects.

    Parameters
    ----------
    key : Key
    out : Path
        The folder of the outputs.
    folders : iterable of Path
        Folders that are read as a whole, such as an inbox.
    files : iterable of Path
        Files that are read.

    Raises
    ------
    FileProblem
        When the key lies in one of the folders, or is one of the files.
    """
    if key.path is None:
        return
    place = key.path.resolve()
    if out.resolve() in place.parents:
        raise FileProblem(
            key.path,
            f"the key lies in the output folder {out}; whoever gets the outputs would get it too",
            "a key outside of it",
            "move the key, or name another folder with --out",
        )
    for folder in folders:
        if folder.resolve() in place.parents:
            raise FileProblem(
                key.path,
                f"the key lies in {folder}, whose files are read as exports",
                "a key in a folder of its own",
                "move the key",
            )
    if place in {file.resolve() for file in files}:
        raise FileProblem(key.path, "it is one of the files to read", "the key file", "check the command")
