"""Which result is meant: by file and place, by specimen and analyte, or by its row in normalised.csv."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from recal_labs.catalogue import Catalogue, fold_name
from recal_labs.errors import RecalLabsError
from recal_labs.trace.listing import counted, number, plain
from recal_labs.trace.runs import ROW, FinishedRun

WAYS = "'panel.csv:Sheet1!D14', 'panel.csv:14', 'U17 dopamine' or '#123' (a row of normalised.csv)"
SHOWN = ("specimen_id", "analyte_id", "fraction", "timepoint", "comparator", "value", "unit")
NAMES = ("subject_id", "source_file", "source_row", "source_place", "reported_name", "reported_basis", "current")
MOST_LISTED = 12
# Above the header of normalised.csv there is nothing, and the header itself is its first row.
FIRST_ROW = 2


class UnknownResultError(RecalLabsError, LookupError):
    """No result of the run answers to the words.

    Parameters
    ----------
    words : str
        As they were given.
    why : str
        What was not found, with the nearest that is there.
    """

    def __init__(self, words: str, why: str):
        super().__init__(words, why)
        self.words, self.why = words, why

    def __str__(self) -> str:
        why = self.why if self.why.endswith((".", "?", "!")) else f"{self.why}."
        return f"No result is {self.words!r}: {why} Name it as {WAYS}."


class AmbiguousResultError(RecalLabsError, LookupError):
    """Several results answer to the words.

    Parameters
    ----------
    words : str
        As they were given.
    candidates : sequence of str
        One line a result, each beginning with an address of its own.
    """

    def __init__(self, words: str, candidates: Sequence[str]):
        super().__init__(words, candidates)
        self.words, self.candidates = words, tuple(candidates)

    def __str__(self) -> str:
        listed = list(self.candidates[:MOST_LISTED])
        if rest := len(self.candidates) - len(listed):
            listed.append(f"and {rest} more")
        head = f"{self.words!r} may be {counted(len(self.candidates), 'result')}; name one by its row:"
        return "\n  ".join([head, *listed])


def line_of(place: int) -> int:
    """Return the row of normalised.csv, as a spreadsheet counts, at which the table's row `place` (from 0) stands."""
    return place + FIRST_ROW


def _index(run: FinishedRun) -> pl.LazyFrame:
    return run.numbered().select(ROW, *(name for name in (*SHOWN, *NAMES) if name in run.columns))


def described(row: dict[str, object]) -> str:
    """Return a result as one line that begins with its address."""
    value = row.get("value")
    amount = f"{row.get('comparator') or ''}{number(value if isinstance(value, int | float) else None)}"
    timed = " ".join(str(row.get(name) or "") for name in ("timepoint", "fraction")).replace("unspecified", "").strip()
    standing = "" if row.get("current") else "not current"
    place = f"{row.get('source_file')} {row.get('source_place') or row.get('source_row')}"
    parts = (
        f"{row['specimen_id']} {row['analyte_id']}",
        timed,
        f"{amount} {row.get('unit') or ''}".strip(),
        place,
        standing,
    )
    return plain(f"#{line_of(int(str(row[ROW])))}  " + "  ".join(part for part in parts if part))


def _one(words: str, found: pl.DataFrame) -> int:
    """Return the only row, or the only current one; raise when several remain."""
    standing = found.filter(pl.col("current")) if found.height > 1 else found
    if standing.height == 1:
        return int(standing[ROW][0])
    raise AmbiguousResultError(words, [described(row) for row in found.sort(ROW).iter_rows(named=True)])


def _by_row(words: str, run: FinishedRun) -> int:
    total = int(run.scan().select(pl.len()).collect().item())
    text = words.lstrip("#").strip().replace(",", "")
    place = int(text) - FIRST_ROW if text.isdigit() else -1
    if 0 <= place < total:
        return place
    why = f"normalised.csv has rows {FIRST_ROW} to {total + 1}; its first row is the header."
    raise UnknownResultError(words, why if total else "normalised.csv holds no result.")


def _splits(words: str, marks: str) -> Iterator[tuple[str, str]]:
    """Yield every way to cut a text at one of the marks, the last one first: names may hold the marks themselves."""
    for at in range(len(words) - 1, 0, -1):
        if words[at] in marks and words[:at].strip() and words[at + 1 :].strip():
            yield words[:at].strip(), words[at + 1 :].strip()


def _near(word: str, known: pl.Series) -> str:
    from rapidfuzz import fuzz, process

    # Numbers of specimens differ in a digit: nearest by letters, whatever their case.
    found = process.extract(word, known.to_list(), scorer=fuzz.ratio, limit=3, score_cutoff=60, processor=str.casefold)
    return f" Nearest: {', '.join(plain(text) for text, _, _ in found)}." if found else ""


def _refused(run: FinishedRun, files: pl.Series, wanted: str) -> str:
    """Say that a place holds a reject, or no result by design; empty when it holds neither."""
    for name, what in (("rejects.csv", "is a reject"), ("no_result.csv", "holds no result by design")):
        path = run.folder / name
        if not path.is_file():
            continue
        place = pl.col("source_place").str.to_lowercase().str.strip_prefix("row ")
        here = pl.col("source_file").is_in(files.to_list()) & ((place == wanted) | (pl.col("source_row") == wanted))
        found = pl.scan_csv(path, infer_schema=False).filter(here).collect()
        if found.height:
            detail = found["detail"][0] if "detail" in found.columns else None
            return plain(f"{what} ({found['reason'][0]}){f': {detail}' if detail else '.'}")
    return ""


def _by_place(words: str, run: FinishedRun) -> int | None:
    """Return the row of a ``file:place``; None when the text before no colon is a file of the run."""
    if "source_file" not in run.columns:
        return None
    files = run.scan().select(pl.col("source_file").unique()).collect()["source_file"].drop_nulls()
    for name, place in _splits(words, ":"):
        exact = files.filter(files == name)
        named = exact if len(exact) else files.filter(files.str.ends_with(f"/{name}"))
        if not len(named):
            continue
        wanted = place.casefold().removeprefix("row ").removeprefix("line ")
        at = pl.col("source_place").str.to_lowercase().is_in([place.lower(), wanted, f"row {wanted}"])
        if wanted.isdigit():
            at = at | (pl.col("source_row") == int(wanted))
        found = _index(run).filter(pl.col("source_file").is_in(named.to_list()) & at).collect()
        if found.height:
            # The place was named, so a superseded result may be the one that is meant.
            return _one(words, found) if found.height > 1 else int(found[ROW][0])
        if refused := _refused(run, named, wanted):
            raise UnknownResultError(words, f"{plain(named[0])} {place} {refused}")
        here = _index(run).filter(pl.col("source_file").is_in(named.to_list()))
        near = _near(place, here.select(pl.col("source_place").unique()).collect()["source_place"].drop_nulls())
        raise UnknownResultError(words, f"{plain(named[0])} gave no result at {place!r}.{near}")
    return None


def _analytes(word: str, catalogue: Catalogue) -> list[str]:
    """Return the analyte ids that a word may stand for."""
    if word in catalogue.analytes:
        return [word]
    entry = catalogue.names.get(fold_name(word))
    return [] if entry is None else [entry.analyte_id] if entry.analyte_id else list(entry.candidates)


def _by_specimen(words: str, run: FinishedRun, catalogue: Catalogue) -> int:
    index, known = _index(run), ""
    for who, what in _splits(words, " /\t"):
        here = index.filter((pl.col("specimen_id") == who) | (pl.col("subject_id") == who)).collect()
        if not here.height:
            continue
        named = pl.col("reported_name").str.to_lowercase() == what.lower()
        found = here.filter(pl.col("analyte_id").is_in(_analytes(what, catalogue)) | named)
        if found.height:
            return _one(words, found)
        measured = here["analyte_id"].drop_nulls().unique().sort()
        known = known or f"{who} has no result of {what!r}.{_near(what, measured)} It has {', '.join(measured)}."
    if known:
        raise UnknownResultError(words, known)
    who = next((who for who, what in _splits(words, " /\t") if _analytes(what, catalogue)), words)
    names = ["specimen_id", *(["source_file"] if "source_file" in run.columns else [])]
    called = [run.scan().select(pl.col(name).unique()).collect()[name].drop_nulls().rename("name") for name in names]
    near = _near(who, pl.concat(called))
    raise UnknownResultError(words, f"no specimen, subject or file is called {plain(who)!r}.{near}")


def find_result(run: FinishedRun, words: str, catalogue: Catalogue) -> int:
    """Return the row, from 0, of the result that is meant.

    Parameters
    ----------
    run : FinishedRun
    words : str
        ``file:place`` or ``file:row``, ``specimen analyte`` (or ``specimen/analyte``, or a subject in place of the
        specimen), or ``#row`` of normalised.csv, whose header is row 1. Of several results of a specimen the current
        one is meant, when there is one.

    Raises
    ------
    UnknownResultError
        With the nearest words of the run.
    AmbiguousResultError
        Listing every result that may be meant.
    """
    words = words.strip()
    if words.startswith("#") or words.isdigit():
        return _by_row(words, run)
    place = _by_place(words, run)
    return _by_specimen(words, run, catalogue) if place is None else place
