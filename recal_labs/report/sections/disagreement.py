"""Where the labs disagree: how many verdicts depend on the source, the intervals side by side, limits in one unit."""

from __future__ import annotations

from typing import Any

from recal_labs.choices import REPORTED_BY_LAB
from recal_labs.report.figures.picture import picture
from recal_labs.report.figures.sources import sources_figure, sources_finding, strips_height, strips_table
from recal_labs.report.gather.disagreement_words import (
    WITHOUT_D,
    WITHOUT_D_OR_PRINTED,
    printed_words,
    share_among,
    some_shares,
)
from recal_labs.report.gather.measured import specimen_words, unit_words
from recal_labs.report.html import Column, Shown, details, figure, paragraphs, stack, table
from recal_labs.report.sections.panel import amount_text, limit
from recal_labs.report.store import Run
from recal_labs.report.wording import MISSING, count, fixed, plural

NOT_ASKED = "This run did not ask where sources of intervals disagree."


def show_disagreement(run: Run) -> Shown:
    """Show for how many results the verdict depends on the source, the intervals, and every limit in one unit."""
    facts = run.facts.get("disagreement")
    if not facts:
        return paragraphs([NOT_ASKED])
    if not facts["rows"]:
        return paragraphs(facts["sentences"])
    return stack(paragraphs(facts["sentences"]), _figure(run), _verdicts(run), _limits(run))


def _figure(run: Run) -> Shown | None:
    facts = run.facts["disagreement"]
    strips = strips_table(facts["rows"], facts["limits"], run.compared)
    if "figure:sources" not in run.numbers or not strips:
        return None
    debated = sum(1 for row in facts["rows"] if row["n_differ"])
    first = f"The {len(strips)} most debated of {debated} are drawn. " if debated > len(strips) else ""
    return figure(
        picture(
            lambda ax, narrow: sources_figure(strips, simulated=facts["simulated"], narrow=narrow, ax=ax),
            wide_height=strips_height(strips),
            narrow_height=strips_height(strips, narrow=True),
        ),
        key="sources",
        number=run.numbers["figure:sources"],
        caption="This study's results in a strip of their own (up and down means nothing in it), and below it what "
        f"each source calls normal, a bar a source; all as multiples of the median result. {first}A bar is pale where "
        "a limit depends on age or sex, and fades where there is no lower limit; lines are the limits."
        f"{_simulated(facts)}",
        alt=sources_finding(facts),
    )


def _named(row: dict[str, Any]) -> str:
    return ", ".join(filter(None, (row["analyte"], specimen_words(row["specimen"]), unit_words(row["unit"]))))


def _span(span: list[float] | None) -> str | None:
    if span is None:
        return None
    low, high = (amount_text(end) for end in span)
    return low if low == high else f"{low} to {high}"


def _simulated(facts: dict[str, Any]) -> str:
    """Say that nobody printed the printed ranges of made-up data."""
    return " The ranges that the labs print are simulated." if facts["simulated"] and facts["printed"] else ""


def _verdicts(run: Run) -> Shown:
    facts = run.facts["disagreement"]
    shares = [ending for _, ending in some_shares(facts)]
    printed = printed_words("printed ranges", simulated=facts["simulated"])
    some = {
        WITHOUT_D: "Without consumer and vendor pages (D)",
        WITHOUT_D_OR_PRINTED: f"Without D and {printed}" if WITHOUT_D in shares else f"Without {printed}",
    }
    rows = [
        {
            "analyte": _named(row),
            "sources": count(row["n_sources"]),
            "differ": share_among(row),
            **{ending: share_among(row, ending) for ending in shares},
            "opposite": count(row["n_opposite"]),
            "low": _span(row["low"]),
            "high": _span(row["high"]),
        }
        for row in facts["rows"]
    ]
    columns = (
        Column("analyte", "Analyte, specimen, unit", "head"),
        Column("sources", "Sources", "number"),
        Column("differ", "Verdict depends on the source", "share"),
        *(Column(ending, some[ending], "share") for ending in shares),
        Column("opposite", "Low to one, high to another", "number"),
        Column("low", "Lower limits", "number"),
        Column("high", "Upper limits", "number"),
    )
    return table(
        rows,
        columns,
        key="disagreement",
        number=run.numbers["table:disagreement"],
        caption="Current results that at least two sources place, and how many of them the sources call differently: "
        f"all sources that were asked{', then some of them' if shares else ''}. {_whole(facts)} Limits are the lowest "
        "and the highest of all that were asked, in the unit of the row.",
    )


def _whole(facts: dict[str, Any]) -> str:
    """Return the shares of all rows together, and what a dash means."""
    shares = [("by all sources", ""), *some_shares(facts)]
    said = [f"{share} {words}" for words, ending in shares if (share := share_among(facts, ending))]
    dash = f" {MISSING} stands where no two of these sources place a result." if len(shares) > 1 else ""
    return f"All rows together: {'; '.join(said)}.{dash}"


SEXES = {"any": "", "female": "women", "male": "men"}


def _age(value: Any) -> str:
    """Return an age in years, or in months below two years.

    Examples
    --------
    >>> _age(0.25), _age(18.0)
    ('3 mo', '18')
    """
    return f"{round(value * 12)} mo" if 0 < value < 2 else fixed(value, 0)


def _whom(line: dict[str, Any]) -> str:
    """Say for whom a limit was printed."""
    low, high = line["age_low"], line["age_high"]
    ages = "no age printed"
    if low is not None or high is not None:
        # Printed bands hold their lower end and not their upper one.
        ages = f"from {_age(low or 0)} y" if high is None else f"{_age(low or 0)} to below {_age(high)} y"
        ages = ages.replace(" mo y", " mo")
    whom = "as the lab chose it" if line["source_id"] == REPORTED_BY_LAB else ages
    return ", ".join(filter(None, (SEXES[line["sex"]], whom, line["condition"])))


def _interval(line: dict[str, Any], unit: str) -> str:
    words = {
        (True, True): "{low} to {high}",
        (True, False): "from {low}",
        (False, True): "up to {high}",
        (False, False): "none",
    }[line["low"] is not None, line["high"] is not None].format(low=limit(line["low"]), high=limit(line["high"]))
    return f"{words} {unit_words(line['unit'])}" if line["unit"] != unit else words


def _limits(run: Run) -> Shown:
    facts = run.facts["disagreement"]
    rows = [
        {
            "analyte": _named(row),
            "source": ": ".join(filter(None, (line["source"], line["title"]))),
            "quality": line["quality"] or None,
            "whom": _whom(line),
            "interval": _interval(line, row["unit"]),
            "n": count(line["n"]) if line["n"] else f"not asked: for {specimen_words(line['collection'])}",
        }
        for row in facts["rows"]
        for line in facts["limits"]
        if line["key"] == row["key"]
    ]
    columns = (
        Column("analyte", "Analyte, specimen, unit", "band"),
        Column("source", "Source", "long"),
        Column("quality", "Quality"),
        Column("whom", "For whom"),
        Column("interval", "Limits", "number"),
        Column("n", "Results held against it", "number"),
    )
    shown = table(
        rows,
        columns,
        key="limits-by-source",
        number=run.numbers["table:limits-by-source"],
        caption="Every interval that was asked about these results, in one unit, and intervals of the same basis that "
        "were printed for another kind of collection. Quality: A the performing lab's own page or a paper, B a copy of "
        "it, C encyclopaedia, D consumer or vendor page.",
    )
    return details(f"Every source's limits ({plural(len(rows), 'interval')})", shown)
