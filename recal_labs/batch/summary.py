"""What a technician reads on the terminal after a run: a line a file, the totals, and where to look next."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from recal_labs.batch.examples import HARMLESS, Example
from recal_labs.batch.inbox import InboxRun
from recal_labs.normalise.censored_shares import censored_words
from recal_labs.provenance import FileRecord

WIDTH = 80
# With more files than this only those that need a look are listed.
LISTED_AT_MOST = 40
# Of the reasons for which a file's rows were refused; the others are in rejects.csv.
REASONS_SHOWN = 3
INDENT = "    "
EMPTY = "It was read, and it holds no results: there are no rows under its header, or empty ones."
# Holds a count and its noun together where a line is broken.
TIED = "\u00a0"


def count(n: int, what: str) -> str:
    """Return a count with its noun, such as ``"1 file"`` or ``"4,082 results"``."""
    return f"{n:,} {what}" + ("" if n == 1 else "s")


def _plain(text: str) -> str:
    # A file name may hold line ends and codes that move the cursor; on a terminal they are shown as question marks.
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _folded(text: str) -> list[str]:
    """Break a name into lines at the width, without losing a letter: only the whole name finds the file."""
    return [text[start : start + WIDTH] for start in range(0, len(text), WIDTH)] or [""]


def _commonest(record: FileRecord) -> str:
    if not record.rejects_by_reason:
        return ""
    # Of equally common reasons the one that needs a look first.
    reason = max(record.rejects_by_reason, key=lambda why: (record.rejects_by_reason[why], why != HARMLESS, why))
    n = record.rejects_by_reason[reason]
    return reason if n == record.rejects else f"most: {reason}"


def _name(run: InboxRun, path: str) -> str:
    """Return what a technician calls a file, also where the outputs have a code for it."""
    return _plain(run.names.get(path, path))


def _file_lines(run: InboxRun, listed: list[FileRecord]) -> Iterator[str]:
    rows = [
        (
            _name(run, record.path),
            _plain(record.profile) or "not read",
            count(record.results, "result"),
            count(record.rejects, "reject"),
            "  ".join(p for p in (_commonest(record), "already read" * (record.path in run.already_read)) if p),
        )
        for record in listed
    ]
    profile, results, rejects = (max((len(row[i]) for row in rows), default=0) for i in (1, 2, 3))
    # A name that leaves no room for its counts stands above them; the others make the column.
    room = WIDTH - (profile + results + rejects + 6)
    name = max((len(row[0]) for row in rows if len(row[0]) <= room), default=0)
    for record, row in zip(listed, rows, strict=True):
        counts = f"{row[1]:{profile}}  {row[2]:>{results}}  {row[3]:>{rejects}}"
        above = len(row[0]) > name
        if above:
            yield from _folded(row[0])
        head = f"{'' if above else row[0]:{name}}  {counts}"
        whole = f"{head}  {row[4]}".rstrip()
        # What does not fit beside the counts stands below them.
        if len(whole) <= WIDTH:
            yield whole
        else:
            yield from [head] if len(head) <= WIDTH else _indented(counts)
            yield from _indented(row[4])
        yield from _remarks(run, record)


def _is_empty(record: FileRecord) -> bool:
    return not record.results and not record.rejects


def _remarks(run: InboxRun, record: FileRecord) -> Iterator[str]:
    """Yield an example of each reason for which rows of a file were refused, or that it holds nothing."""
    if _is_empty(record):
        yield from _indented(EMPTY)
    examples = run.examples.get(record.path, ())
    telling = [one for one in examples if one.reason != HARMLESS] or ([] if record.results else list(examples))
    yield from _examples(telling, record.path)


def _examples(examples: Sequence[Example], path: str) -> Iterator[str]:
    for one in examples[:REASONS_SHOWN]:
        detail = _sentence(_plain(one.detail).removeprefix(f"{path}: "))
        many = f"{one.count:,} {one.reason}, the first in " if one.count > 1 else ""
        reason = "" if many or len(examples) == 1 else f", {one.reason}"
        yield from _indented(f"{many}{one.place}{reason}: {detail}" if one.place else detail)
    if more := examples[REASONS_SHOWN:]:
        yield from _indented("also: " + ", ".join(f"{one.count:,}{TIED}{one.reason}" for one in more))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _indented(text: str) -> list[str]:
    lines = textwrap.wrap(text, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT, break_on_hyphens=False)
    return [line.replace(TIED, " ") for line in lines]


def _wrapped(sentence: str) -> list[str]:
    return textwrap.wrap(f"{sentence[0].upper()}{_sentence(sentence[1:])}", WIDTH, break_on_hyphens=False)


def _totals(run: InboxRun) -> str:
    total = {name: sum(getattr(record, name) for record in run.files) for name in ("positions", "results", "rejects")}
    empty = sum(record.no_result for record in run.files)
    read = f" ({run.skipped:,} already read)" if run.skipped else ""
    counts = ", ".join(count(n, name[:-1]) for name, n in total.items())
    return f"{count(len(run.files), 'file')}{read}: {counts}, {empty:,} without a result by design."


def _amounts(run: InboxRun) -> Iterator[str]:
    """Yield what is amiss with the numbers themselves: bounded ones, missing ones, units that do not fit."""
    if any(counted.censored for counted in run.censored.values()):
        yield from _wrapped(censored_words(run.censored))
    if lacking := run.missing.words(run.choices.basis):
        yield from _wrapped(lacking)
    for asked in run.questions:
        yield from _wrapped(f"Unit in doubt: {_plain(asked.sentence)}")
        yield from _indented(f"The first of them: {_name(run, asked.file)} {_plain(asked.place)}".rstrip())


def _tables(run: InboxRun) -> Iterator[str]:
    for record in run.tables:
        if not record.positions:
            yield from textwrap.wrap(f"{_name(run, record.path)}: it holds no rows.", WIDTH)
        if record.rejects:
            yield from textwrap.wrap(
                f"{_name(run, record.path)}: {count(record.rejects, 'cell')} could not be read", WIDTH
            )
            yield from _examples(run.examples.get(record.path, ()), record.path)


def _place(out: Path, name: str) -> str:
    return _plain(str(out / name))


def summary_lines(run: InboxRun) -> list[str]:
    """Return what is shown of a run, in lines of at most 80 columns where the names of the outputs allow it.

    Parameters
    ----------
    run : InboxRun

    Returns
    -------
    list of str
        A line a file, or of many files those that need a look, with an example of each of its commonest reasons; no
        name is shortened. Then the totals; results without an amount, and units to ask a lab about; and where rejects
        and unknown words are listed.
    """
    listed = list(run.files)
    if len(listed) > LISTED_AT_MOST:
        listed = [record for record in listed if record.needs_attention or _is_empty(record)]
    lines = list(_file_lines(run, listed))
    rest = len(run.files) - len(listed)
    if rest:
        lines.append(f"and {count(rest, 'file')} without a reject that needs a look")
    lines += textwrap.wrap(_totals(run), WIDTH)
    lines += [*_amounts(run), *_tables(run)]
    rejects = sum(record.rejects for record in (*run.files, *run.tables))
    lines.append(f"Rejects: {rejects:,} in {_place(run.out, 'rejects.csv')}")
    lines.append(f"Names and units to map: {run.to_map:,} in {_place(run.out, 'worklist.csv')}")
    if run.questions:
        lines.append(f"Units to ask a lab about: {len(run.questions):,} in {_place(run.out, 'worklist.csv')}")
    return lines
