"""Where numbers come from: the record of one input file, and the versions of everything that touched it."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from importlib import metadata
from typing import Any

from recal_labs.errors import ConservationError

NAMED_PACKAGES = (
    "recal-labs",
    "numpy",
    "pandas",
    "polars",
    "narwhals",
    "scipy",
    "statsmodels",
    "scikit-learn",
    "pint",
    "ucumvert",
    "nbconvert",
    "papermill",
)


# Reject reasons of vocabulary.REJECT_REASONS that a record is asked about.
UNREADABLE, HARMLESS = "unreadable_file", "not_measured"


@dataclass(frozen=True, kw_only=True)
class FileRecord:
    """What became of one input file: every position is counted once.

    Parameters
    ----------
    path : str
        The file's name in every output (`source_file`); never where it lies on a machine.
    sha256 : str
        Of the file's bytes.
    profile, profile_fingerprint, lab_id, encoding : str
        How it was read.
    positions, results, rejects, no_result : int
        Counts; the first is the sum of the other three.
    rejects_by_reason : mapping of str to int
        How many of the rejects each reason accounts for.
    """

    path: str
    sha256: str
    profile: str = ""
    profile_fingerprint: str = ""
    lab_id: str = ""
    encoding: str = ""
    positions: int = 0
    results: int = 0
    rejects: int = 0
    no_result: int = 0
    rejects_by_reason: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def unreadable(cls, path: str, sha256: str = "", profile: str = "") -> FileRecord:
        """Make the record of a file that could not be read at all: one position, rejected."""
        reasons = {UNREADABLE: 1}
        return cls(path=path, sha256=sha256, profile=profile, positions=1, rejects=1, rejects_by_reason=reasons)

    @property
    def is_unreadable(self) -> bool:
        """Whether the file could not be read at all."""
        return UNREADABLE in self.rejects_by_reason

    @property
    def needs_attention(self) -> int:
        """Rejects that are more than "the lab did not measure it"."""
        return sum(n for reason, n in self.rejects_by_reason.items() if reason != HARMLESS)

    def check_conservation(self) -> FileRecord:
        """Return the record itself, or raise when a position was lost or counted twice."""
        if self.positions != self.results + self.rejects + self.no_result:
            raise ConservationError(
                f"{self.path}: {self.positions} positions became {self.results} results, {self.rejects} rejects and "
                f"{self.no_result} without a result. Please report this as a fault of recal_labs."
            )
        return self

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)


def package_versions() -> dict[str, str]:
    """Return the versions of Python, this package and the libraries that compute its numbers."""
    versions = {"python": platform.python_version()}
    for name in NAMED_PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return versions


def utc_now() -> str:
    """Return the present moment in UTC, ISO 8601, to the second."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
