"""How often the plausibility check of units doubts what is right, and how often it finds a planted slip.

Every interval of the catalogue is judged by the other laboratories, every page that repeats its own left out: once as
it is printed, and once under each unit that could have been written by mistake, the numbers left as they are. Results
of people are put in its place as well: the middle of the interval as the median of thirty results, and, for illness,
that median times ten and times thirty.
"""

import argparse
import math
from collections import Counter, defaultdict
from collections.abc import Iterator

import polars as pl

from recal_labs.catalogue import Catalogue, Interval, load_catalogue
from recal_labs.normalise.known_limits import conversions, rivals
from recal_labs.normalise.plausible import EVIDENCE
from recal_labs.normalise.unit_verdicts import CANNOT_TELL, SUSPECT, judge_groups

# A middle for intervals without a lower limit: the geometric one of an interval eight times as wide as low.
ONE_SIDED_MIDDLE = math.sqrt(8)
# Hospitals print the intervals of those they send to; such pages are no second opinion.
REFERENCE_LABORATORIES = ("ARUP", "Mayo", "Quest", "Labcorp")
AS_PRINTED, ILL_10, ILL_30 = "as printed", "ten times as high", "thirty times as high"


def _group(interval: Interval, unit: str, kind: str, times: float = 1.0) -> dict[str, object]:
    """Return the evidence that an interval gives under a unit: its printed limits, or thirty results in its middle."""
    low, high = (None if math.isnan(x) else x for x in (interval.lower, interval.upper))
    middle = math.sqrt(low * high) if low and high else (high / ONE_SIDED_MIDDLE if high else low or math.nan)
    printed = kind == "printed range"
    return {
        "lab_id": interval.source_id,
        "analyte_id": interval.analyte_id,
        "unit": unit,
        "specimen_class": "timed" if interval.specimen == "urine_24h" else "single",
        "fraction": interval.fraction,
        "n": 30,
        "n_exact": 0 if printed else 30,
        "median_value": None if printed else middle * times,
        "n_ranges": 30 if printed else 0,
        "median_low": low if printed and low else None,
        "median_high": high if printed else None,
    }


def _cases(catalogue: Catalogue, interval: Interval, kind: str) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Yield what was done, the unit that is right, and the evidence."""
    right = interval.unit
    yield AS_PRINTED, right, _group(interval, right, kind)
    if kind == "results" and interval.analyte_id != "creatinine":
        yield ILL_10, right, _group(interval, right, kind, 10.0)
        yield ILL_30, right, _group(interval, right, kind, 30.0)
    table = conversions(catalogue)
    for wrong in rivals(catalogue, interval.analyte_id, right):
        # Only a slip that the check could name: the right unit is a rival of the wrong one.
        if any(r.unit == right for r in rivals(catalogue, interval.analyte_id, wrong.unit)):
            basis = table[interval.analyte_id, right].basis
            name = f"{wrong.slip}, {basis}" if wrong.slip == "volume" else wrong.slip
            factor = f"{min(wrong.factor, 1 / wrong.factor):.0e}" if wrong.slip == "prefix" else ""
            same = " under one prefix" if wrong.rank == 4 else ""
            yield " ".join(f"{name} {factor}{same}".split()), right, _group(interval, wrong.unit, kind)


def house_of(catalogue: Catalogue, source_id: str) -> str:
    """Return the laboratory whose interval a source prints."""
    source = catalogue.sources[source_id]
    words = f"{source.title} {source.publisher} {source.quality}"
    return next((name for name in REFERENCE_LABORATORIES if name in words), source_id)


def measure(catalogue: Catalogue, kind: str) -> tuple[dict[str, Counter[str]], list[dict[str, object]]]:
    """Return counts of verdicts by what was done, and the groups doubted although they are as printed."""
    by_house: dict[str, list[tuple[str, str, dict[str, object]]]] = defaultdict(list)
    houses: dict[str, set[str]] = defaultdict(set)
    for source in catalogue.sources:
        houses[house_of(catalogue, source)].add(source)
    for interval in catalogue.intervals:
        if (interval.analyte_id, interval.unit) in conversions(catalogue):
            by_house[house_of(catalogue, interval.source_id)] += _cases(catalogue, interval, kind)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    doubted = []
    for house, cases in by_house.items():
        evidence = pl.DataFrame([case[2] for case in cases], schema=dict(EVIDENCE))
        judged = judge_groups(evidence, catalogue, without=frozenset(houses[house]))
        for (done, right, _), row in zip(cases, judged.iter_rows(named=True), strict=True):
            verdict = row["verdict"]
            if verdict == CANNOT_TELL and not row["judged_by"]:
                verdict = "nothing to judge by"
            elif verdict == SUSPECT and done not in (AS_PRINTED, ILL_10, ILL_30):
                verdict = "found" if row["suspected_unit"] == right else "found, another unit named"
            elif verdict == SUSPECT:
                doubted.append({"done": done, **row})
            counts[done][verdict] += 1
    return counts, doubted


def report(counts: dict[str, Counter[str]]) -> str:
    """Return a Markdown table of shares among what could be judged."""
    columns = ("fits", "found", "found, another unit named", SUSPECT, CANNOT_TELL)
    lines = ["| what was done | judged | " + " | ".join(columns) + " |", "|---|---|" + "---|" * len(columns)]
    for done, found in sorted(counts.items()):
        judged = sum(found.values()) - found["nothing to judge by"]
        shares = [f"{100 * found[name] / judged:.1f} %" if judged else "" for name in columns]
        lines.append(f"| {done} | {judged} | " + " | ".join(shares) + " |")
    return "\n".join(lines)


def main() -> None:
    """Print both tables and what is doubted although it is as printed."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    catalogue = load_catalogue()
    for kind in ("printed range", "results"):
        counts, doubted = measure(catalogue, kind)
        print(f"\n{kind}\n\n{report(counts)}\n")
        for row in doubted:
            print(row["done"], row["lab_id"], row["sentence"])


if __name__ == "__main__":
    main()
