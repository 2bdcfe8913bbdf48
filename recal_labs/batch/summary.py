"""What a technician reads on the terminal after a run: a line a file, the totals, and where to look next."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

from recal_labs.batch.inbox import InboxRun
from recal_labs.normalise.censored_shares import censored_words
from recal_labs.provenance import FileRecord

WIDTH = 80
# With more files than this only those that need a look are listed.
LISTED_AT_MOST = 40
SHORTEST_NAME = 12


def count(n: int, what: str) -> str:
    """Return a count with its noun, such as ``"1 file"`` or ``"4,082 results"``."""
    return f"{n:,} {what}" + ("" if n == 1 else "s")


def _plain(text: str) -> str:
    # A file name may hold line ends and codes that move the cursor; on a terminal they are shown as question marks.
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _cut(text: str, width: int) -> str:
    """Shorten a name from the left: its end tells most."""
    return text if len(text) <= width else "..." + text[len(text) - width + 3 :]


def _commonest(record: FileRecord) -> str:
    if not record.rejects_by_reason:
        return ""
    # Of equally common reasons the one that needs a look first.
    reason = max(record.rejects_by_reason, key=lambda why: (record.rejects_by_reason[why], why != "not_measured", why))
    n = record.rejects_by_reason[reason]
    return reason if n == record.rejects else f"most: {reason}"


def _name(run: InboxRun, record: FileRecord) -> str:
    """Return what a technician calls a file, also where the outputs have a code for it."""
    return _plain(run.names.get(record.path, record.path))


def _file_lines(run: InboxRun, listed: list[FileRecord]) -> Iterator[str]:
    rows = [
        (
            _name(run, record),
            _cut(_plain(record.profile) or "not read", 20),
            count(record.results, "result"),
            count(record.rejects, "reject"),
            "  ".join(p for p in (_commonest(record), "already read" * (record.path in run.already_read)) if p),
            _plain(run.failed.get(record.path, "").removeprefix(f"{record.path}: ")),
        )
        for record in listed
    ]
    profile, results, rejects = (max((len(row[i]) for row in rows), default=0) for i in (1, 2, 3))
    longest = max((len(row[0]) for row in rows), default=0)
    fixed = profile + results + rejects + 8
    left = WIDTH - fixed - max((len(row[4]) for row in rows), default=0)
    name = min(longest, max(SHORTEST_NAME, left))
    for row in rows:
        head = f"{_cut(row[0], name):{name}}  {row[1]:{profile}}  {row[2]:>{results}}  {row[3]:>{rejects}}"
        whole = f"{head}  {row[4]}".rstrip()
        # What does not fit beside the counts stands below them.
        yield from [whole] if len(whole) <= WIDTH else [head, *_indented(row[4])]
        if row[5]:
            yield from _indented(row[5])


def _indented(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="    ", subsequent_indent="    ")


def _totals(run: InboxRun) -> str:
    total = {name: sum(getattr(record, name) for record in run.files) for name in ("positions", "results", "rejects")}
    empty = sum(record.no_result for record in run.files)
    read = f" ({run.skipped:,} already read)" if run.skipped else ""
    counts = ", ".join(count(n, name[:-1]) for name, n in total.items())
    return f"{count(len(run.files), 'file')}{read}: {counts}, {empty:,} without a result by design."


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
        A line a file, or of many files those with rejects other than ``not_measured``; for a file without a
        single result, why; the totals; and where rejects and unknown words are listed.
    """
    listed = list(run.files)
    if len(listed) > LISTED_AT_MOST:
        listed = [record for record in listed if record.needs_attention]
    lines = list(_file_lines(run, listed))
    rest = len(run.files) - len(listed)
    if rest:
        lines.append(f"and {count(rest, 'file')} without a reject that needs a look")
    lines += textwrap.wrap(_totals(run), WIDTH)
    if any(counted.censored for counted in run.censored.values()):
        said = censored_words(run.censored)
        lines += textwrap.wrap(f"{said[0].upper()}{said[1:]}.", WIDTH)
    for record in run.tables:
        if record.rejects:
            lines.append(f"{_name(run, record)}: {count(record.rejects, 'cell')} could not be read")
    rejects = sum(record.rejects for record in (*run.files, *run.tables))
    lines.append(f"Rejects: {rejects:,} in {_place(run.out, 'rejects.csv')}")
    lines.append(f"Names and units to map: {run.to_map:,} in {_place(run.out, 'worklist.csv')}")
    return lines
