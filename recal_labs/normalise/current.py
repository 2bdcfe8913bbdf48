"""Which row stands when a result was sent more than once: the newest valid one, the others stay visible."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from recal_labs.normalise.frames import ROW

# What makes two rows the same measurement; a lab may print one of them per volume and per gram of creatinine.
KEY = ("subject_id", "specimen_id", "analyte_id", "fraction", "timepoint", "reported_basis")
# The same without the basis, which a row without a number need not tell.
MEASURAND = KEY[:-1]
# What is enough to find the few rows that may stand more than once; the rest of the key is looked at among them only.
_COARSE = ("specimen_id", "analyte_id")

# A correction beats a final result, which beats a preliminary one, which beats a row that holds no number and is no
# correction; what the lab withdrew never stands.
WITHDRAWN, NO_NUMBER, PRELIMINARY, FINAL, CORRECTED = range(5)
_RANK = {"preliminary": PRELIMINARY, "final": FINAL, "corrected": CORRECTED}
# Rank and place in one number: more rows than this no table has.
_STEP = 2**40
# Why a row does not stand; of two reasons the higher one counts.
STANDS, DUPLICATE, RERUN, SUPERSEDED, GONE = range(5)
_WORDS = {DUPLICATE: "duplicate", RERUN: "rerun", SUPERSEDED: "superseded", GONE: "withdrawn"}
# Two spellings of one unit may differ in the last bit after conversion.
_SAME = 1e-9


def _rank() -> Any:
    """Return the expression of how much a row's status counts."""
    stated = nw.col("status").replace_strict(
        list(_RANK), list(_RANK.values()), default=WITHDRAWN, return_dtype=nw.Int64
    )
    # A row that replaces what was reported under its own accession is a correction, whatever its status says.
    own = (nw.col("replaces") == nw.col("specimen_id")).fill_null(False)
    return (
        nw.when(stated == WITHDRAWN)
        .then(nw.lit(WITHDRAWN, dtype=nw.Int64))
        .when((stated == CORRECTED) | own)
        .then(nw.lit(CORRECTED, dtype=nw.Int64))
        .when(nw.col("value").is_null())
        .then(nw.lit(NO_NUMBER, dtype=nw.Int64))
        .otherwise(stated)
    )


def _in_order(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add ``_at``: by time of report (missing: the oldest), then by file, row and place, then as handed in."""
    # Of two texts that number a place, the shorter one has the smaller number: rep 2 comes before rep 10.
    frame = frame.with_columns(_place_length=nw.col("source_place").str.len_chars())
    order = ("reported_at", "source_file", "source_row", "_place_length", "source_place", ROW)
    return frame.with_row_index("_at", order_by=order).with_columns(_at=nw.col("_at").cast(nw.Int64))


def _with_escape(frame: nw.LazyFrame[Any], notice: Any, over: str, name: str) -> nw.LazyFrame[Any]:
    """Add whether a row is surely later than every notice of its group; null where there is none.

    Surely later is: by time of report, or at the same or no time further down in the same file. How two files are
    called must not decide whether a result stands that the lab took back.
    """
    time, file = nw.col("reported_at"), nw.col("source_file").fill_null("")
    frame = frame.with_columns(
        _noted=nw.when(notice).then(time).max().over(over),
        _undated=nw.when(notice).then(time.is_null().cast(nw.Int64)).max().over(over),
    )
    noted, undated = nw.col("_noted"), nw.col("_undated")
    last = notice & ((time == noted).fill_null(False) | noted.is_null())
    frame = frame.with_columns(
        _first_file=nw.when(last).then(file).min().over(over),
        _last_file=nw.when(last).then(file).max().over(over),
        _last_at=nw.when(notice).then(nw.col("_at")).max().over(over),
    )
    same_file = (nw.col("_first_file") == file) & (nw.col("_last_file") == file)
    same_time = (time == noted).fill_null(False) & (undated == 0) | time.is_null() & noted.is_null()
    later = (time > noted).fill_null(False) & (undated == 0)
    escapes = later | same_time & same_file & (nw.col("_at") > nw.col("_last_at"))
    frame = frame.with_columns(**{name: nw.when(~undated.is_null()).then(escapes.fill_null(False))})
    return frame.drop("_noted", "_undated", "_first_file", "_last_file", "_last_at")


def _judge(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return the verdict on each of the rows that may stand more than once."""
    at, rank, score = nw.col("_at"), nw.col("_rank"), nw.col("_score")
    # One number a key: texts are compared once, not in every window.
    frame = _in_order(frame).with_columns(_key=at.min().over(*KEY), _measurand=at.min().over(*MEASURAND))
    # A row without number and unit does not tell its basis, so it speaks of all of them.
    wide = nw.col("value").is_null() & nw.col("reported_basis").is_null()
    frame = _with_escape(frame, rank == WITHDRAWN, "_key", "_later")
    frame = _with_escape(frame, (rank == WITHDRAWN) & wide, "_measurand", "_later_than_all")
    later = nw.col("_later").fill_null(True) & nw.col("_later_than_all").fill_null(True)
    valid = (rank > WITHDRAWN) & later
    frame = frame.with_columns(_score=nw.when(valid).then(rank * _STEP + at))
    frame = frame.with_columns(
        _best=score.max().over("_key"),
        _best_wide=nw.when(wide & (rank == CORRECTED)).then(score).max().over("_measurand"),
        _best_any=score.max().over("_measurand"),
    )
    best = nw.when(wide).then(nw.col("_best_any")).otherwise(nw.max_horizontal("_best", "_best_wide"))
    # What was corrected in one basis is wrong in the other, too, unless it was corrected there.
    overruled = (nw.col("_best_any") // _STEP == CORRECTED) & (best // _STEP < CORRECTED)
    best = nw.when(~overruled.fill_null(False)).then(best)
    frame = frame.with_columns(_stands=(score == best).fill_null(False), _standing_rank=best // _STEP)
    return frame.select(ROW, _verdict=_verdict())


def _verdict() -> Any:
    """Return the expression of why a row does not stand."""

    def of_the_standing(expression: Any) -> Any:
        return nw.when(nw.col("_stands")).then(expression).max().over("_key")

    number = nw.coalesce(nw.col("quantity"), nw.col("value"))
    standing = of_the_standing(number)
    same_number = (number - standing).abs() <= _SAME * standing.abs()
    same_unit = ~nw.col("quantity").is_null() | (nw.col("unit") == of_the_standing(nw.col("unit")))
    same_censoring = nw.col("comparator") == of_the_standing(nw.col("comparator"))
    # The same number at another time in one file was measured again; in another file it was sent again.
    time, file = nw.col("reported_at"), nw.col("source_file")
    same_time = (time == of_the_standing(time)) | time.is_null() & of_the_standing(time).is_null()
    sent_again = same_time.fill_null(False) | (file != of_the_standing(file)).fill_null(False)
    rank = nw.col("_rank")
    equal = (rank == nw.col("_standing_rank")).fill_null(False)
    same = (same_number & same_unit & same_censoring & sent_again).fill_null(False)
    return (
        nw.when(nw.col("_score").is_null())
        .then(nw.lit(GONE))
        .when(nw.col("_stands"))
        .then(nw.lit(STANDS))
        .when(equal & same)
        .then(nw.lit(DUPLICATE))
        .when(equal & (rank < CORRECTED) & (rank > NO_NUMBER))
        .then(nw.lit(RERUN))
        .otherwise(nw.lit(SUPERSEDED))
    )


def _replaced(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return the verdict on rows of which a row of another accession says that it replaces them."""
    own, named = nw.col("specimen_id"), nw.col("replaces")
    stated = frame.filter(~named.is_null() & (own != named).fill_null(True) & nw.col("status").is_in(list(_RANK)))
    one_first = (own < named).fill_null(False)
    stated = stated.select(*MEASURAND, "replaces").with_columns(
        _one=nw.when(one_first).then(own).otherwise(named), _other=nw.when(one_first).then(named).otherwise(own)
    )
    # Two accessions that each claim to replace the other say nothing.
    pair = [name if name != "specimen_id" else "_one" for name in MEASURAND]
    stated = stated.with_columns(_sides=own.n_unique().over(*pair, "_other")).filter(nw.col("_sides") == 1)
    targets = stated.drop("specimen_id").rename({"replaces": "specimen_id"}).select(*MEASURAND).unique()
    # By the accession alone first: nearly every row is of one that nobody replaces.
    few = frame.join(targets.select("specimen_id").unique(), on="specimen_id", how="semi")
    return few.join(targets, on=list(MEASURAND), how="semi").select(ROW, _verdict=nw.lit(SUPERSEDED))


def mark_current(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add ``current`` and ``stale`` (why a row does not stand: withdrawn, superseded, rerun, duplicate, or null).

    The rule, among rows of one subject, specimen, analyte, fraction, time point and reported basis:

    1. What the lab withdrew never stands, and it takes with it what was not surely reported after it: by time of
       report, or at the same or no time further down in the same file.
    2. A correction beats a final result, that a preliminary one, that a row without a number. A result that was
       corrected in another basis only does not stand either.
    3. Of equals the newest by ``reported_at`` stands (missing: the oldest), then the last by file, row and place, then
       the last as handed in.
    4. A row that names another accession in ``replaces`` takes the place of that accession's result of the same
       analyte, fraction and time point, in any basis.

    A row without a specimen id is never taken for another of some other row. Nothing is removed or averaged. Where
    every row has its file, row and place, the outcome does not depend on the order in which rows are handed in.
    """
    replaced = _replaced(frame)
    frame = frame.with_columns(_rank=_rank(), _standing=nw.len().over(*_COARSE))
    needed = ("quantity", "value", "unit", "comparator", "reported_at", "source_file", "source_row", "source_place")
    many = frame.filter((nw.col("_standing") > 1) & ~nw.col("specimen_id").is_null())
    judged = _judge(many.select(ROW, *KEY, "_rank", *needed))
    verdicts = nw.concat([judged, replaced]).group_by(ROW).agg(nw.col("_verdict").max())
    frame = frame.join(verdicts, on=ROW, how="left")
    verdict = nw.when(nw.col("_rank") == WITHDRAWN).then(nw.lit(GONE)).otherwise(nw.col("_verdict"))
    stale = verdict.replace_strict(list(_WORDS), list(_WORDS.values()), default=None, return_dtype=nw.String)
    return frame.with_columns(stale=stale, current=verdict.fill_null(STANDS) == STANDS).drop(
        "_rank", "_standing", "_verdict"
    )
