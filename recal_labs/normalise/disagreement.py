"""Where sources of reference intervals disagree: for these very results, not for intervals in the abstract."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from recal_labs.catalogue import Catalogue, load_catalogue
from recal_labs.choices import QUALITIES, REPORTED_BY_LAB
from recal_labs.columns import NORMALISED, RESULTS, Table
from recal_labs.errors import UnknownWordError
from recal_labs.normalise.core import Normalised, normalise
from recal_labs.normalise.disagreement_tables import (
    CONSUMER,
    WITHOUT_D,
    WITHOUT_D_OR_PRINTED,
    count_verdicts,
    list_limits,
    list_pairs,
)
from recal_labs.normalise.frames import open_frame
from recal_labs.normalise.source_verdicts import GROUP, intervals_by_source, verdicts_by_source, with_groups

_NEEDED = (
    *("analyte_id", "fraction", "specimen", "sex", "age_years", "current", "lab_id"),
    *("position_amount", "position_comparator", "position_basis", "reference_match"),
    *("subject_id", "specimen_id", "timepoint", "reported_basis"),
    *("unit", "reported_low", "reported_high", "lab_interpretation"),
)
_OPTIONAL = (
    *("current", "lab_id", "fraction", "sex", "age_years", "reported_low", "reported_high"),
    *("subject_id", "specimen_id", "timepoint", "reported_basis"),
)
NEEDED = Table(
    "normalised",
    NORMALISED.row,
    tuple(NORMALISED[name] for name in _NEEDED),
    required=tuple(name for name in _NEEDED if name not in _OPTIONAL),
)


@dataclass(frozen=True, eq=False, kw_only=True)
class RangeDisagreement:
    """How often sources of intervals call the same results differently.

    Frames are of the kind that was handed in. Results are told apart by analyte_id, fraction (where it matters),
    specimen (as intervals know it: morning voids are single voids) and basis.

    Parameters
    ----------
    verdicts : DataFrame
        One row a group: ``n_results`` (current ones), ``n_sources`` that placed any of them, ``n_compared`` (results
        placed by two sources at least), ``n_differ`` of these that two sources call differently (L, N or H),
        ``n_depends`` that one source calls L or H and another N, ``n_opposite`` that one calls L and another H,
        ``share_differ`` and ``share_depends`` of those compared (missing without any), ``n_abnormal`` (L or H by any
        source), ``pair`` (the two sources that differ for most results) and ``n_pair``. ``n_compared``, ``n_differ``
        and ``n_opposite`` stand there twice more: ending in ``_without_d`` when consumer and vendor pages (quality D)
        are not asked, in ``_without_d_or_printed`` when the ranges that the labs printed are not asked either.
    pairs : DataFrame
        One row a pair of sources and group: ``n_both`` results placed by both, ``n_differ``, ``share_differ``.
    limits : DataFrame
        Every interval of the catalogue for these groups, in the unit that amounts are analysed in: source_id, title,
        publisher, quality, kind, condition, collection (the specimen it was printed for), sex, age_low_years,
        age_high_years (half-open), lower, upper, unit, ``n_results`` it was held against, and ``not_asked``: why
        against none (decision limit, condition, quality, nobody of that sex and age, other collection, better fit of
        the same source). The lab's printed ranges stand there as ``reported_by_lab``, on the basis of their own unit.
    results : DataFrame or None
        On request, one row a result and source: ``row`` (number of the row in the frame handed in, from 0), the group,
        amount, comparator, source_id, condition, quality (empty for a printed range), verdict.
    qualities, conditions : tuple of str
        What was allowed to speak.
    across_collections : bool
        Whether intervals printed for another kind of collection did.
    catalogue_version : str
    """

    verdicts: Any
    pairs: Any
    limits: Any
    results: Any
    qualities: tuple[str, ...]
    conditions: tuple[str, ...]
    across_collections: bool
    catalogue_version: str

    def _totals(self, *names: str) -> tuple[int, ...]:
        return tuple(int(self.verdicts[name].sum()) for name in names)

    def describe(self) -> str:
        """Return the finding in a few sentences: among all sources, then without those of quality D."""
        compared, differ, depends = self._totals("n_compared", "n_differ", "n_depends")
        if not compared:
            return "No result is placed by two sources, so nothing can be said about where they disagree."
        whole = (
            f"Of {compared:,} results that at least two sources place, {differ:,} ({differ / compared:.0%}) are not "
            f"called the same by all of them; for {depends:,} ({depends / compared:.0%}) it depends on the source "
            "whether they are abnormal at all."
        )
        return " ".join([whole, *self._among_some()])

    def _among_some(self) -> Iterator[str]:
        """Yield the finding again without consumer and vendor pages, and without printed ranges too."""
        printed = bool((self.limits["source_id"] == REPORTED_BY_LAB).any())
        if CONSUMER in self.qualities:
            yield f"Without consumer and vendor pages (quality D) {self._share(WITHOUT_D)}."
        if printed:
            too = " too" if CONSUMER in self.qualities else ""
            yield f"Without the ranges that the labs printed{too} {self._share(WITHOUT_D_OR_PRINTED)}."

    def _share(self, ending: str) -> str:
        compared, differ = self._totals(f"n_compared{ending}", f"n_differ{ending}")
        if not compared:
            return "no result is placed by two sources"
        return f"it is {differ:,} of {compared:,} ({differ / compared:.0%})"

    def __repr__(self) -> str:
        return f"RangeDisagreement: {self.describe()} See .verdicts, .pairs and .limits."

    def _repr_html_(self) -> str:
        frame = self.verdicts.to_pandas() if isinstance(self.verdicts, pl.DataFrame) else self.verdicts
        shown = frame[frame["n_compared"] > 0].sort_values("share_differ", ascending=False, kind="stable")
        table = shown.to_html(index=False, float_format="{:.2f}".format, na_rep="")
        how = f"Sources of quality {', '.join(self.qualities)} and the labs' printed ranges"
        how += f"; conditions {', '.join(self.conditions)}" if self.conditions else ""
        how += "; other kinds of collection too" if self.across_collections else ""
        return (
            f"<p>{html.escape(self.describe())}</p>{table}"
            f"<p>{html.escape(how)}; catalogue {html.escape(self.catalogue_version)}.</p>"
        )


def _columns_needed(frame: Any, more: tuple[str, ...] = ()) -> Any:
    have = frame.collect_schema().names() if isinstance(frame, pl.LazyFrame) else list(frame.columns)
    wanted = [name for name in have if name in (*_NEEDED, *more)]
    return frame.select(wanted) if isinstance(frame, pl.DataFrame | pl.LazyFrame) else frame[wanted]


def _opened(frame: Any) -> tuple[pl.DataFrame, Any]:
    """Return the columns needed as a Polars frame with row numbers, and a function that gives frames back in kind."""
    opened = open_frame(_columns_needed(frame), NEEDED, "range_disagreement")

    def in_kind(made: pl.DataFrame) -> Any:
        return made.to_pandas() if opened.kind == "pandas" else made

    inside: pl.LazyFrame = opened.inside.to_native()
    return inside.rename({"_row": "row"}).collect(), in_kind


def range_disagreement(
    normalised: Any,
    *,
    qualities: tuple[str, ...] = QUALITIES,
    catalogue: Catalogue | None = None,
    conditions: tuple[str, ...] | None = None,
    across_collections: bool = False,
    per_result: bool = False,
) -> RangeDisagreement:
    """Ask every source for its verdict on every result, and count where they disagree.

    Parameters
    ----------
    normalised : Normalised, or a normalised table as pandas or Polars frame
        Only current rows count.
    qualities : tuple of str
        Qualities of sources that may speak. Consumer and vendor pages (D) are among them: they are never used for
        positions unless a study names them, but people act on them.
    catalogue : Catalogue, optional
        Default: the one that the results were normalised with; for a bare frame the built-in one.
    conditions : tuple of str, optional
        Conditions whose intervals may speak, each beside its source's general one. Default: those of the choices that
        the results were normalised with; for a bare frame none.
    across_collections : bool
        Also ask sources that print an interval on the same basis for another kind of collection, such as the creatinine
        ratio of a 24 h bottle for a single void.
    per_result : bool
        Whether ``results`` is kept.

    Returns
    -------
    RangeDisagreement

    Raises
    ------
    TableError
        When a column that cannot be done without is absent or has the wrong type.
    UnknownWordError
        When a quality is not one of A, B, C, D.
    ChoiceError
        When no reference interval of the catalogue has a condition that is named.

    Notes
    -----
    Each source is asked with the interval that fits the very row: analyte, fraction, specimen, basis, sex, age. One
    whose source prints no age is asked about adults and people of unknown age only. Decision limits never speak. A
    result that censoring leaves open for a source (IND) is not placed by it. The range that the lab printed speaks as
    ``reported_by_lab``, for the result as it was reported. Two pages may carry one lab's interval (a hospital's copy of
    its reference lab), so sources are not all independent.

    Examples
    --------
    >>> import pandas as pd
    >>> results = pd.DataFrame({
    ...     "subject_id": ["S1"], "specimen_id": ["U1"], "specimen": "urine_spot", "analyte_id": ["dopamine"],
    ...     "comparator": "", "value": [245.0], "unit": ["ug/g{creat}"], "sex": "female", "age_years": 40.0})
    >>> found = range_disagreement(normalise(results), per_result=True)
    >>> found.results[["source_id", "verdict"]].values.tolist()
    [['hm_dopamine5', 'L'], ['hm_dopamine7', 'H'], ['uiowa_catur', 'N']]
    """
    for word in qualities:
        if word not in QUALITIES:
            raise UnknownWordError("quality", word, QUALITIES, "range_disagreement")
    frame = normalised.frame if isinstance(normalised, Normalised) else normalised
    if isinstance(normalised, Normalised):
        catalogue = catalogue or normalised.catalogue
        conditions = normalised.choices.range_conditions if conditions is None else conditions
    catalogue, conditions = catalogue or load_catalogue(), tuple(conditions or ())
    opened, in_kind = _opened(frame)
    if (opened["reference_match"] == REPORTED_BY_LAB).any():
        # Where the printed range was chosen, the position is the lab's own; the catalogue's sources need theirs.
        again = normalise(_columns_needed(frame, RESULTS.names), catalogue=catalogue)
        opened, _ = _opened(again.frame)
    rows = with_groups(opened, catalogue)
    intervals = intervals_by_source(catalogue, tuple(qualities), conditions, across_collections)
    said = verdicts_by_source(rows, intervals)
    pairs = list_pairs(said)
    return RangeDisagreement(
        verdicts=in_kind(count_verdicts(rows, said, pairs)),
        pairs=in_kind(pairs),
        limits=in_kind(list_limits(rows, said, catalogue, (tuple(qualities), conditions))),
        results=in_kind(said.drop("place").select("row", *GROUP, pl.exclude("row", *GROUP))) if per_result else None,
        qualities=tuple(qualities),
        conditions=conditions,
        across_collections=across_collections,
        catalogue_version=catalogue.version,
    )
