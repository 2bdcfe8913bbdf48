"""What each column of an unknown table most likely is, how sure that is, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from recal_labs.catalogue import Catalogue, fold_name
from recal_labs.ingest.column_evidence import Share, is_analyte, shares_of
from recal_labs.ingest.labels import fold_label
from recal_labs.ingest.likely_table import LikelyTable
from recal_labs.ingest.profiles import Profile
from recal_labs.ingest.wide import split_header

SURE, LIKELY, GUESS, UNUSED = "sure", "likely", "a guess", "not used"
# In hundredths, as rapidfuzz counts: Unti and unit are 75 alike, Rezult and result 83.
NEAR, SHORTEST = 75, 4
HALF, MOST = 0.5, 0.7
# Fields that the cells alone tell, with the share from which they do; some names of a panel are never known.
TOLD_BY_CELLS: Mapping[str, float] = {
    "loinc": 0.8,
    "unit": MOST,
    "analyte": 0.3,
    "range": MOST,
    "specimen": 0.8,
    "collected_at": 0.8,
    "sex": 0.8,
    "timepoint": 0.8,
    "comparator": 0.8,
    "flag": MOST,
}
# Of a wide table: what a row is of. The rest of the fields belongs to one result, and there a column is one.
OF_A_RESULT = frozenset(
    {
        "analyte",
        "loinc",
        "fraction",
        "value",
        "comparator",
        "verbatim",
        "unit",
        "range",
        "range_low",
        "range_high",
        "flag",
    }
)


@dataclass(frozen=True)
class ColumnGuess:
    """What one column is taken for.

    Parameters
    ----------
    number : int
        From 0.
    name : str
    field : str
        A field of profiles, ``analyte`` in a wide table with its id in `analyte_id`; empty where it is not used.
    confidence : {"sure", "likely", "a guess", "not used"}
    reason : str
        One clause.
    example : str
        The first cell that is not empty.
    analyte_id : str
    """

    number: int
    name: str
    field: str = ""
    confidence: str = UNUSED
    reason: str = ""
    example: str = ""
    analyte_id: str = ""


def _nearest(name: str, spellings: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, float]]:
    """Return, for each field with a spelling near to a name, the nearest one and how near it is."""
    from rapidfuzz import fuzz

    label = fold_label(name)
    if len(label) < SHORTEST:
        return {}
    found = {}
    for field, words in spellings.items():
        near = max(((fuzz.ratio(label, fold_label(word)), word) for word in words), default=(0.0, ""))
        if near[0] >= NEAR:
            found[field] = (near[1], near[0])
    return found


def _by_name(field: str, share: Share | None) -> tuple[str, str]:
    """Return how sure a column is whose name is known, and why."""
    named = "its name is one that profiles know"
    if share is None:
        return SURE, named
    if not share.total:
        return LIKELY, f"{named}; the column is empty"
    if share.share >= HALF:
        return SURE, f"{named}, and {share.sentence}"
    return (LIKELY if share.hits else GUESS), f"{named}, but only {share.sentence}"


def _cells_say_otherwise(field: str, shares: Mapping[str, Share]) -> bool:
    """Tell whether no cell is what the name promises, and the cells tell another field: a time under "Collection"."""
    own = shares.get(field)
    told = (shares[other].share >= least for other, least in TOLD_BY_CELLS.items() if other not in (field, "flag"))
    return own is not None and own.total > 1 and not own.hits and any(told)


def _candidates(
    number: int, name: str, shares: Mapping[str, Share], spellings: Mapping[str, Sequence[str]]
) -> list[tuple[float, str, str, str, int]]:
    """Return what a column may be: (how much speaks for it, field, confidence, reason, number)."""
    found = []
    for field, (word, ratio) in _nearest(name, spellings).items():
        share = shares.get(field)
        if share is None:
            found.append((ratio / 100, field, GUESS, f"its name is near {word!r}; the cells cannot tell", number))
        elif share.share >= (TOLD_BY_CELLS.get(field, HALF) if field == "analyte" else HALF):
            found.append((1 + share.share, field, LIKELY, f"its name is near {word!r}, and {share.sentence}", number))
    for field, least in TOLD_BY_CELLS.items():
        share = shares[field]
        if field in spellings and share.share >= least and share.hits > 1:
            sure = LIKELY if share.share >= MOST and field != "flag" else GUESS
            found.append((share.share, field, sure, f"{share.sentence}, whatever its name says", number))
    return found


def _named_fields(table: LikelyTable, spellings: Mapping[str, Sequence[str]]) -> dict[int, str]:
    """Return the field of each column that bears a known name; of several spellings the first one's column counts."""
    places: dict[str, int] = {}
    for number, name in enumerate(table.header):
        if name:
            places.setdefault(fold_label(name), number)
    taken: dict[int, str] = {}
    for field, words in spellings.items():
        hits = [places[fold_label(word)] for word in words if fold_label(word) in places]
        if hits and hits[0] not in taken:
            taken[hits[0]] = field
    return taken


def _assigned(
    table: LikelyTable, spellings: Mapping[str, Sequence[str]], shares: Sequence[Mapping[str, Share]]
) -> dict[int, ColumnGuess]:
    """Return the columns that are one of some fields, each field once."""
    made: dict[int, ColumnGuess] = {}
    for number, field in _named_fields(table, spellings).items():
        if _cells_say_otherwise(field, shares[number]):
            continue
        sure, reason = _by_name(field, shares[number].get(field))
        made[number] = ColumnGuess(number, table.header[number], field, sure, reason)
    rest = [number for number, name in enumerate(table.header) if name and number not in made]
    offers = [offer for n in rest for offer in _candidates(n, table.header[n], shares[n], spellings)]
    for _, field, sure, reason, number in sorted(offers, key=lambda offer: -offer[0]):
        if number not in made and field not in {column.field for column in made.values()}:
            made[number] = ColumnGuess(number, table.header[number], field, sure, reason)
    return made


def _numbers_left(
    table: LikelyTable, made: Mapping[int, ColumnGuess], shares: Sequence[Mapping[str, Share]]
) -> list[int]:
    """Return the columns of numbers that are not told to be anything."""
    return [
        number
        for number, name in enumerate(table.header)
        if name and number not in made and shares[number]["value"].share >= MOST
    ]


def _with_value(
    table: LikelyTable, made: dict[int, ColumnGuess], shares: Sequence[Mapping[str, Share]]
) -> dict[int, ColumnGuess]:
    """Take the only column of numbers that is left for the values; of several, none: one may be a limit or an age."""
    left = _numbers_left(table, made, shares)
    if "value" in {column.field for column in made.values()} or len(left) != 1:
        return made
    number = left[0]
    reason = f"{shares[number]['value'].sentence}, and no other column holds numbers"
    return made | {number: ColumnGuess(number, table.header[number], "value", GUESS, reason)}


def _unused(table: LikelyTable, number: int, made: Mapping[int, ColumnGuess]) -> ColumnGuess:
    name = table.header[number]
    if not name:
        return ColumnGuess(number, name, reason="it has no name; name it in the header if it is needed")
    if name in table.header[:number]:
        return ColumnGuess(number, name, reason="the name stands more than once; the first of them is looked at")
    if "subject_id" not in {column.field for column in made.values()} and table.cells(number):
        return ColumnGuess(
            number, name, reason="nothing tells what it is; if it says whose result it is, it is subject_id"
        )
    return ColumnGuess(number, name, reason="neither its name nor its cells tell what it is")


def _stand_in(guesses: list[ColumnGuess]) -> list[ColumnGuess]:
    """Let the specimen's number stand for the person where no column says who it is: nobody is mixed with another."""
    fields = {guess.field: guess for guess in guesses if guess.field}
    if "subject_id" in fields or "specimen_id" not in fields:
        return guesses
    reason = "no column says whose result it is; the specimen's number stands for the person until you say better"
    return [*guesses, replace(fields["specimen_id"], field="subject_id", confidence=GUESS, reason=reason)]


def _with_examples(table: LikelyTable, guesses: Sequence[ColumnGuess]) -> list[ColumnGuess]:
    return [replace(guess, example=next(iter(table.cells(guess.number)), "")) for guess in guesses]


def is_wide(table: LikelyTable, catalogue: Catalogue) -> bool:
    """Tell whether the header names analytes, rather than a column of cells that do."""
    entries = [catalogue.names.get(fold_name(split_header(name, catalogue)[0])) for name in table.header if name]
    named = sum(entry is not None for entry in entries)
    # Single letters are short forms of several analytes: one name must be certain.
    if not any(entry and entry.analyte_id for entry in entries):
        return False
    if named > 1:
        return True
    in_cells = any(
        sum(is_analyte(text, catalogue) for text in table.cells(number)) > 1 for number in range(len(table.header))
    )
    return named == 1 and not in_cells


def guess_long(table: LikelyTable, profile: Profile, catalogue: Catalogue) -> list[ColumnGuess]:
    """Return what each column of a table with one row a result is taken for."""
    shares = [shares_of(table.cells(number), catalogue) for number in range(len(table.header))]
    made = _with_value(table, _assigned(table, profile.columns, shares), shares)
    every = range(len(table.header))
    return _stand_in(_with_examples(table, [made.get(n) or _unused(table, n, made) for n in every]))


def guess_wide(table: LikelyTable, profile: Profile, catalogue: Catalogue) -> list[ColumnGuess]:
    """Return what each column of a table with one column an analyte is taken for."""
    spellings = {field: words for field, words in profile.columns.items() if field not in OF_A_RESULT}
    table = replace(table, rows=_without_units(table, catalogue))
    shares = [shares_of(table.cells(number), catalogue) for number in range(len(table.header))]
    analytes = {
        number: column
        for number, name in enumerate(table.header)
        if name and (column := _known_analyte(number, name, shares[number]["value"], catalogue)) is not None
    }
    others = replace(table, header=tuple("" if n in analytes else name for n, name in enumerate(table.header)))
    made = _assigned(others, spellings, shares) | analytes
    for number, name in enumerate(table.header):
        share = shares[number]["value"]
        if name and number not in made and share.share >= HALF:
            near = catalogue.suggest(split_header(name, catalogue)[0])
            hint = f"; nearest: {', '.join(near)}" if near else ""
            reason = f"{share.sentence}, but the catalogue does not know the name{hint}"
            made[number] = ColumnGuess(number, name, "analyte", GUESS, reason)
    every = range(len(table.header))
    return _stand_in(_with_examples(table, [made.get(n) or _unused(table, n, made) for n in every]))


def _known_analyte(number: int, name: str, share: Share, catalogue: Catalogue) -> ColumnGuess | None:
    plain, unit = split_header(name, catalogue)
    entry = catalogue.names.get(fold_name(plain)) if is_analyte(plain, catalogue) else None
    if entry is None:
        return None
    if not entry.analyte_id:
        reason = f"its name may mean {' or '.join(entry.candidates)}; say which in [analytes]"
        return ColumnGuess(number, name, "analyte", GUESS, reason)
    said = f"its name means {entry.analyte_id}" + (f", its unit is {unit}" if unit else "")
    if share.total and share.share < HALF:
        return ColumnGuess(number, name, "analyte", GUESS, f"{said}, but only {share.sentence}", "", entry.analyte_id)
    return ColumnGuess(number, name, "analyte", SURE, f"{said}, and {share.sentence}", "", entry.analyte_id)


def _without_units(table: LikelyTable, catalogue: Catalogue) -> tuple[tuple[str, ...], ...]:
    """Return the rows without a first one that holds the units of the columns."""
    first = [cell.strip("()[] ") for cell in table.rows[0] if cell] if table.rows else []
    return table.rows[1:] if first and all(catalogue.find_unit(cell) for cell in first) else table.rows
