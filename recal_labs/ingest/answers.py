"""Answers to a worklist: a person's words for names and units, checked, and written into the lab's profile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from recal_labs.catalogue import Catalogue, fold_name, suggest
from recal_labs.errors import FileProblem, ProfileError
from recal_labs.ingest.labels import fold_label
from recal_labs.ingest.names import resolve_name, resolve_unit
from recal_labs.ingest.profile_checks import check_words
from recal_labs.ingest.profile_edits import with_entries
from recal_labs.ingest.profiles import Profile, load_profile
from recal_labs.ingest.words import read_words
from recal_labs.spreadsheets import neutral_text
from recal_labs.storage import write_text

NAME, MISSING_UNIT = "name", "unit (missing unit)"
NEEDED = ("what", "text", "answer")
# What cannot be answered in a profile, and what to do instead.
ELSEWHERE = {
    "unit (unknown unit)": "a profile gives units to names, not meanings to spellings: correct the unit in the file, "
    "or add its spelling to units.csv in a catalogue folder of your own",
    "unit (suspect)": "ask the lab; a profile cannot mend it",
}


@dataclass(frozen=True)
class Accepted:
    """What was written into a profile.

    Parameters
    ----------
    profile : Path
    analytes, units : mapping of the lab's name to analyte id, or to unit
    known : int
        Answers that the profile held already.
    unanswered : int
        Rows of the worklist without an answer.
    """

    profile: Path
    analytes: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    known: int = 0
    unanswered: int = 0

    def lines(self) -> list[str]:
        """Return what was done as lines of a terminal."""
        made = [f"{name} = {meaning}" for name, meaning in (*self.analytes.items(), *self.units.items())]
        count = f"{len(made)} answer{'' if len(made) == 1 else 's'} written into {self.profile}."
        rest = [f"{self.known} stood there already."] if self.known else []
        rest += [f"{self.unanswered} on the list without an answer."] if self.unanswered else []
        return [*made, count, *rest]


@dataclass(frozen=True)
class _Answer:
    """One row of the worklist that has an answer, and where it stands."""

    where: str
    what: str
    text: str
    answer: str


def _as_written(cell: str) -> str:
    """Return a text as it was before a spreadsheet was kept from running it."""
    bare = cell[1:]
    return bare if cell.startswith("'") and neutral_text(bare) == cell else cell


def _answers(path: Path) -> tuple[list[_Answer], int]:
    frame = read_words(path)
    absent = [name for name in NEEDED if name not in frame]
    if absent:
        remedy = "add a column answer, with an analyte id or a unit" if absent == ["answer"] else "use worklist.csv"
        raise FileProblem(path, f"it has no column {', '.join(absent)}", "a worklist that was filled in", remedy)
    rows = [
        _Answer(
            f"{path.name} line {row['source_row']}", row["what"] or "", _as_written(row["text"] or ""), row["answer"]
        )
        for row in frame.to_dict("records")
        if isinstance(row["answer"], str)
    ]
    return rows, len(frame) - len(rows)


def analyte_of(answer: str, catalogue: Catalogue) -> str | None:
    """Return the id of an answer that is one, or a spelling of one analyte; None for anything else.

    Examples
    --------
    >>> from recal_labs.catalogue import load_catalogue
    >>> [analyte_of(answer, load_catalogue()) for answer in ("hiaa_5", "5-HIAA", "x")]
    ['hiaa_5', 'hiaa_5', None]
    """
    if answer in catalogue.analytes:
        return answer
    entry = catalogue.names.get(fold_name(answer))
    # A profile maps names to analytes; a spelling that says free or total says more than it can hold.
    return entry.analyte_id if entry and entry.analyte_id and entry.fraction in ("", "unspecified") else None


def _name_fault(asked: _Answer, catalogue: Catalogue) -> str:
    known = [*catalogue.analytes, *(entry.name for entry in catalogue.names.values() if entry.analyte_id)]
    entry = catalogue.names.get(fold_name(asked.answer))
    if entry and entry.candidates:
        hint = f" It may mean {' or '.join(entry.candidates)}; write the id that is meant."
    elif entry and entry.analyte_id:
        hint = f" A profile maps to an analyte without {entry.fraction}; write {entry.analyte_id}."
    else:
        near = suggest(asked.answer, known)
        ids = list(dict.fromkeys(word if word in catalogue.analytes else _id_of(word, catalogue) for word in near))
        hint = (
            f" Did you mean {' or '.join(ids)}?" if ids else " recal-labs codebook results lists what a result holds."
        )
    return (
        f"{asked.where}: {asked.text!r} is answered with {asked.answer!r}, which is no analyte of the catalogue.{hint}"
    )


def _id_of(spelling: str, catalogue: Catalogue) -> str:
    return catalogue.names[fold_name(spelling)].analyte_id


def _sorted(
    answers: list[_Answer], profile: Profile, catalogue: Catalogue, faults: list[str]
) -> Iterator[tuple[str, str, str]]:
    """Yield (table, name, meaning) of each answer that can be taken; what is wrong goes to `faults`."""
    for asked in answers:
        if asked.what == NAME:
            if (found := analyte_of(asked.answer, catalogue)) is None:
                faults.append(_name_fault(asked, catalogue))
            else:
                yield "analytes", asked.text, found
        elif asked.what == MISSING_UNIT:
            named = resolve_name(asked.text, None, profile, catalogue)
            unit = resolve_unit(asked.answer, catalogue.analytes.get(named.analyte_id or ""), profile, catalogue)
            if unit.reason:
                faults.append(f"{asked.where}: {asked.text!r} is answered with {asked.answer!r}. {unit.detail}.")
            else:
                yield "units", asked.text, asked.answer
        else:
            why = ELSEWHERE.get(asked.what, f"{asked.what!r} is nothing that a worklist asks")
            faults.append(f"{asked.where}: the answer for {asked.text!r} cannot be taken; {why}.")


def _contradictions(entries: list[tuple[str, str, str]], own: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    said: dict[tuple[str, str], str] = {}
    for table, name, meaning in entries:
        before = said.setdefault((table, fold_label(name)), meaning)
        if before != meaning:
            yield f"{name!r} is answered with {before!r} and with {meaning!r}; leave one of them."
        stands = own[table].get(fold_label(name))
        if stands not in (None, meaning):
            yield f"{name!r} is answered with {meaning!r}, but the profile's [{table}] says {stands!r}; mend one."


def accept_answers(worklist: str | Path, profile: str | Path, *, catalogue: Catalogue) -> Accepted:
    """Write the answers of a worklist into a lab's profile; the rest of its file stays as it is, comments too.

    Parameters
    ----------
    worklist : path
        A ``worklist.csv`` of a run with a column ``answer``: an analyte id or an unambiguous spelling for a name, a
        unit for an analyte without one. Rows without an answer are left.
    profile : path
        The lab's own TOML.
    catalogue : Catalogue

    Raises
    ------
    FileProblem
        When a file cannot be read, or the profile's tables are not written in a way that can be added to.
    ProfileError
        When an answer is wrong or says something else than the profile; all are named, and nothing is written.
    """
    place = Path(profile)
    if place.suffix != ".toml":
        raise FileProblem(place, "it is no .toml file", "a profile of your own", "write one with recal-labs inspect")
    loaded = load_profile(place)
    answers, unanswered = _answers(Path(worklist))
    faults: list[str] = []
    entries = list(_sorted(answers, loaded, catalogue, faults))
    own = {
        "analytes": {fold_label(name): meaning for name, meaning in loaded.analytes.items()},
        "units": {fold_label(name): meaning for name, meaning in loaded.units.items()},
    }
    faults += _contradictions(entries, own)
    if faults:
        raise ProfileError(f"The answers of {worklist} cannot be taken", faults)
    new: dict[str, dict[str, str]] = {"analytes": {}, "units": {}}
    for table, name, meaning in dict.fromkeys(entries):
        if fold_label(name) not in own[table] and fold_label(name) not in map(fold_label, new[table]):
            new[table][name] = meaning
    if any(new.values()):
        write_text(place, with_entries(place, new))
        check_words(load_profile(place), catalogue)
    known = len(answers) - sum(map(len, new.values()))
    return Accepted(place, new["analytes"], new["units"], known, unanswered)
