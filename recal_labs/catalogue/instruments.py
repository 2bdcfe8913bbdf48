"""The instruments: item ids, ranges, scoring rules and bands with their sources; no item wordings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from recal_labs.errors import CatalogueError

FOLDER = Path(__file__).parent / "instrument_files"


@dataclass(frozen=True)
class Band:
    """A published severity band, inclusive on both sides."""

    label: str
    low: float
    high: float


@dataclass(frozen=True)
class FlaggedItem:
    """An item whose answer a qualified person must see, whatever the total."""

    item: int
    threshold: float
    topic: str
    action: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Instrument:
    """One questionnaire, scale or test.

    Parameters
    ----------
    id, name, kind, construct : str
    n_items : int
    item_ranges : mapping of item number to (lowest, highest)
    reverse_items : tuple of int
        Scored as lowest + highest - answer.
    rule, formula : str
        How the total is made.
    score_range : tuple of float
    missing_method : str
        The published rule for missing items; ``none`` unless it was seen in a source.
    max_missing : int
        Most missing items at which that rule still gives a total.
    direction : str
        ``higher_is_worse`` or ``higher_is_better``.
    bands : tuple of Band
    flagged : tuple of FlaggedItem
    licence : str
        Status of the instrument's own licence.
    entry : mapping
        The whole entry as it stands in instruments.yaml.
    """

    id: str
    name: str
    kind: str
    construct: str
    n_items: int
    item_ranges: Mapping[int, tuple[float, float]]
    reverse_items: tuple[int, ...]
    rule: str
    formula: str
    score_range: tuple[float, float] | None
    missing_method: str
    max_missing: int
    direction: str
    bands: tuple[Band, ...]
    band_source: str
    flagged: tuple[FlaggedItem, ...]
    licence: str
    entry: Mapping[str, Any]

    @property
    def items(self) -> tuple[str, ...]:
        """Item columns: q1 to qn."""
        return tuple(f"q{number}" for number in range(1, self.n_items + 1))

    @property
    def short_name(self) -> str:
        """The id as people write it: phq9 becomes PHQ-9."""
        letters = self.id.rstrip("0123456789")
        digits = self.id[len(letters) :]
        return letters.upper().replace("_", "-") + (f"-{digits}" if digits and letters.isalpha() else digits)

    @property
    def is_plain_sum(self) -> bool:
        """Whether the total is the sum of all items, some of them reversed, and nothing else."""
        special = ("skip_rules", "special_codes", "item_types", "components")
        whole = self.formula.startswith(("sum(q1..q", "sum after reversing")) and ";" not in self.formula
        return self.rule == "sum" and whole and bool(self.item_ranges) and not any(key in self.entry for key in special)


def _ranges(entry: Mapping[str, Any]) -> dict[int, tuple[float, float]]:
    if entry["item_min"] is None:
        return {}
    common = dict.fromkeys(range(1, entry["n_items"] + 1), (entry["item_min"], entry["item_max"]))
    return common | {int(n): (low, high) for n, (low, high) in (entry.get("item_ranges") or {}).items()}


def _instrument(entry: Mapping[str, Any]) -> Instrument:
    missing = entry["missing"]
    published = missing["method"] if missing.get("verified") else "none"
    span = entry["score_range"]
    return Instrument(
        id=entry["id"],
        name=entry["name"],
        kind=entry["kind"],
        construct=entry["construct"],
        n_items=entry["n_items"],
        item_ranges=_ranges(entry),
        reverse_items=tuple(entry["reverse_items"] or ()),
        rule=entry["total"]["rule"],
        formula=str(entry["total"].get("formula") or ""),
        score_range=(span[0], span[1]) if isinstance(span, list) and len(span) == 2 else None,
        missing_method=published,
        max_missing=(missing.get("max_missing") or 0) if published.startswith("prorate") else 0,
        direction=entry["direction"],
        bands=tuple(Band(b["label"], b["low"], b["high"]) for b in entry["severity_bands"] or ()),
        band_source=entry.get("band_source") or "",
        flagged=tuple(
            FlaggedItem(int(f["item"]), f["threshold"], f["topic"], f["action"]) for f in entry["flagged_items"] or ()
        ),
        licence=entry["licence"]["status"],
        entry=entry,
    )


def _faults(entries: list[Mapping[str, Any]]) -> Iterator[str]:
    ids = [entry.get("id") for entry in entries]
    for place, entry in enumerate(entries):
        at = f"instruments.yaml, entry {place + 1} ({entry.get('id')})"
        if ids.count(entry.get("id")) > 1:
            yield f"{at}: the id is not unique"
        for key in ("name", "n_items", "total", "missing", "licence", "flagged_items", "severity_bands"):
            if key not in entry:
                yield f"{at}: no {key}"
        bands = entry.get("severity_bands") or []
        for one, two in pairwise(bands):
            if not one["low"] <= one["high"] < two["low"]:
                yield f"{at}: the bands {one['label']} and {two['label']} overlap"


@lru_cache(maxsize=4)
def load_instruments(folder: Path = FOLDER) -> Mapping[str, Instrument]:
    """Load and check the instrument catalogue.

    Returns
    -------
    mapping of id to Instrument

    Raises
    ------
    CatalogueError
        Naming every fault.

    Examples
    --------
    >>> phq9 = load_instruments()["phq9"]
    >>> phq9.score_range, phq9.max_missing, [flag.item for flag in phq9.flagged]
    ((0, 27), 2, [9])
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load((folder / "instruments.yaml").read_text(encoding="utf-8"), Loader=loader)
    entries = content["instruments"]
    if faults := list(_faults(entries)):
        raise CatalogueError("The instrument catalogue cannot be used", faults)
    return {entry["id"]: _instrument(entry) for entry in entries}
