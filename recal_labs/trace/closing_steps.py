"""The last steps: what the quality codes mean, and the whole row worked out again and compared."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from recal_labs.columns import NORMALISED, RESULTS
from recal_labs.trace.context import Traced
from recal_labs.trace.facts import Check, Fact, Step
from recal_labs.trace.listing import Listing, counted
from recal_labs.vocabulary import QC_CODES

# What `normalise` makes; the rest of the table came in.
MADE = tuple(name for name in NORMALISED.names if name not in RESULTS.names)
# They come from tables of bottles and interventions, which the folder of a run does not hold.
FROM_OTHER_TABLES = frozenset(
    {
        "delayed",
        "exercise_before",
        "interference",
        "ph_unsuitable",
        "posture_upright",
        "preservative_changed",
        "preservative_unsuitable",
        "storage_unsuitable",
    }
)
# They are judged from the results of many people.
FROM_OTHER_PEOPLE = frozenset({"unit_suspect"})


# Lists of a study's run that say why a row has a code, and what of them is shown.
CAUSES = ("interferences.csv", "preanalytical.csv")
CAUSE_HEADS = ("code", "matched", "direction")


def codes_of(text: str | None) -> list[str]:
    """Return the codes of a ``qc`` cell."""
    return [code for code in (text or "").split(";") if code]


def qc_step(at: Traced) -> Step:
    """Say what each quality code of the result means."""
    codes = codes_of(at["qc"])
    if not codes:
        return Step(title="Quality codes", sentence="None: nothing is amiss that normalise looks for.")
    facts = [Fact(code, QC_CODES.get(code, "not a code that this program knows")) for code in codes]
    return Step(title="Quality codes", inputs=facts, listing=_causes(at))


def _causes(at: Traced) -> Listing | None:
    """Return what the run's own lists say was known of the specimen or the person before the measurement."""
    found = []
    for name in CAUSES:
        path = at.run.folder / name
        if path.is_file():
            told = pl.scan_csv(path, infer_schema=False).filter(pl.col("row") == str(at.place))
            columns = [pl.col(column).fill_null("") for column in (*CAUSE_HEADS, "source_id")]
            found += told.select(columns).collect().rows()
    if not found:
        return None
    return Listing(title="What was known before", columns=(*CAUSE_HEADS, "source"), rows=found)


def _comparable(at: Traced) -> Iterator[Check]:
    """Yield each made column with both its values."""
    for column in MADE:
        if column not in at.run.columns or column not in at.again:
            continue
        stored, worked = at[column], at.again[column]
        if column == "qc":
            unseen = FROM_OTHER_TABLES if at.whole else FROM_OTHER_TABLES | FROM_OTHER_PEOPLE
            stored, worked = (";".join(c for c in codes_of(text) if c not in unseen) for text in (stored, worked))
        yield Check(column, stored, worked)


def again_step(at: Traced) -> Step:
    """Say whether `normalise`, run again on the run's own results, gives the stored row."""
    checks = list(_comparable(at))
    absent = [column for column in MADE if column not in at.run.columns]
    wrong = sum(not check.agrees for check in checks)
    verdict = f"{counted(wrong, 'of them')} DIFFER." if wrong else "They agree to 1 part in 10^12."
    sentence = (
        f"From the results that the run holds, {len(checks)} columns of this row were worked out again under the run's "
        f"choices. {verdict}"
    )
    if unseen := [code for code in codes_of(at["qc"]) if code in FROM_OTHER_TABLES]:
        sentence += f" Not checked, for it needs tables that the run does not hold: {', '.join(unseen)}."
    if not at.whole and "unit_suspect" in codes_of(at["qc"]):
        sentence += " Not checked, for it is judged from the results of many people: unit_suspect."
    if absent:
        sentence += f" The run is of an older program and lacks {', '.join(absent)}."
    return Step(title="The whole row, worked out again", sentence=sentence, checks=checks)
