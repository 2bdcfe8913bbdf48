"""Every table's columns, types, units and meaning, stated once: checks, docs and codebooks are made from here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import recal_labs.vocabulary as words
from recal_labs.errors import TableError

# TEXT etc. are kinds that pandas, Polars and Spark all have; the engine's own dtype is chosen when a frame is made.
TEXT, NUMBER, INTEGER, FLAG, MOMENT = "text", "number", "integer", "flag", "moment"


@dataclass(frozen=True)
class Column:
    """One column: its name, kind, unit, meaning, and the closed list its values come from."""

    name: str
    kind: str
    meaning: str
    unit: str = ""
    allowed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A table: what one row is, and its columns in order."""

    name: str
    row: str
    columns: tuple[Column, ...]
    required: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _columns(*rows: tuple[Any, ...]) -> tuple[Column, ...]:
    return tuple(Column(*row) for row in rows)


PLACE = _columns(
    ("source_file", TEXT, "file the position was read from"),
    ("source_row", INTEGER, "line, row or segment number in that file, from 1"),
    ("source_place", TEXT, "place inside it, such as Sheet1!D14 or msg 2 OBX 5 rep 2"),
)

RESULTS = Table(
    "results",
    "one measured analyte of one specimen",
    _columns(
        ("subject_id", TEXT, "who"),
        ("specimen_id", TEXT, "which specimen (accession)"),
        ("collected_at", MOMENT, "local wall-clock start of the collection"),
        ("utc_offset_min", INTEGER, "offset from UTC when it was given", "min"),
        ("collected_precision", TEXT, "minute, day or month"),
        ("specimen", TEXT, "kind of specimen", "", words.SPECIMENS),
        ("timepoint", TEXT, "time of day of a timed row", "", words.TIMEPOINTS),
        ("collection_volume_l", NUMBER, "volume of a timed collection", "L"),
        ("collection_hours", NUMBER, "duration of a timed collection", "h"),
        ("sex", TEXT, "sex of the subject", "", words.SEXES),
        ("age_years", NUMBER, "age at collection", "a"),
        ("analyte_id", TEXT, "catalogue id"),
        ("fraction", TEXT, "free or total", "", words.FRACTIONS),
        ("loinc", TEXT, "LOINC code when sent"),
        ("comparator", TEXT, "censoring of the value", "", words.COMPARATORS),
        ("value", NUMBER, "number as reported, in unit"),
        ("unit", TEXT, "UCUM unit, creatinine denominator kept as {creat}"),
        ("reported_name", TEXT, "the lab's own name for the analyte"),
        ("reported_value", TEXT, "the lab's own text of the value"),
        ("reported_unit", TEXT, "the lab's own text of the unit"),
        ("reported_range", TEXT, "the lab's own text of its range"),
        ("reported_flag", TEXT, "the lab's own flag"),
        ("reported_low", NUMBER, "lower limit of the lab's own range, in unit"),
        ("reported_high", NUMBER, "upper limit of the lab's own range, in unit"),
        ("status", TEXT, "state of the report", "", words.STATUSES),
        ("replaces", TEXT, "what it supersedes"),
        ("reported_at", MOMENT, "when the lab issued this result; the newest of equals stands"),
        ("lab_id", TEXT, "who measured"),
        ("method", TEXT, "how it was measured"),
    )
    + PLACE,
    required=("subject_id", "specimen_id", "specimen", "analyte_id", "comparator", "value", "unit"),
)

REJECTS = Table(
    "rejects",
    "one position that could not become a result",
    PLACE
    + _columns(
        ("reason", TEXT, "why, from one closed list", "", words.REJECT_REASONS),
        ("detail", TEXT, "a sentence: what was found, what was expected, what to do"),
        ("raw", TEXT, "the position's own text: name, value, unit, range, flag"),
    ),
)

NO_RESULT = Table(
    "no_result",
    "one position that holds no result by design",
    PLACE
    + _columns(
        ("reason", TEXT, "why, from one closed list", "", words.NO_RESULT_REASONS),
        ("raw", TEXT, "the position's own text"),
    ),
)

NORMALISED = Table(
    "normalised",
    "one result, placed (never a row fewer or more than results)",
    RESULTS.columns
    + _columns(
        ("reported_basis", TEXT, "basis of the reported unit: per_volume, per_creatinine, per_24h or as_reported"),
        ("amount", NUMBER, "what is analysed, in amount_unit; the limit where amount_comparator is not empty"),
        (
            "amount_comparator",
            TEXT,
            "censoring of the amount: of the value, of the creatinine it is divided by, or of both",
            "",
            words.COMPARATORS,
        ),
        ("amount_low", NUMBER, "least that the true amount may be, in amount_unit; 0 below a limit"),
        ("amount_high", NUMBER, "most that the true amount may be, in amount_unit; missing when unbounded"),
        ("amount_unit", TEXT, "UCUM unit of amount"),
        ("basis", TEXT, "what amount is, see docs/normalisation.md", "", words.BASES),
        ("conditional_z", NUMBER, "SD score given the specimen's creatinine; only on the basis conditional", "1"),
        ("creatinine_g_per_l", NUMBER, "the specimen's current creatinine, also of one reported per 24 h", "g/L"),
        ("creatinine_g_per_day", NUMBER, "the specimen's current creatinine reported per 24 h", "g/(24.h)"),
        ("creatinine_comparator", TEXT, "whether that creatinine is only a limit", "", words.COMPARATORS),
        ("specific_gravity", NUMBER, "the specimen's current specific gravity", "1"),
        (
            "dilution",
            TEXT,
            "is the specimen's creatinine acceptable",
            "",
            {
                "ok": "within the accepted limits",
                "too_dilute": "below them",
                "too_concentrated": "above them",
                "unknown": "no creatinine",
            },
        ),
        ("current", FLAG, "False for duplicates and superseded or withdrawn results"),
        ("position_amount", NUMBER, "what is compared with the interval, in reference_unit; a limit if censored"),
        ("position_comparator", TEXT, "censoring of position_amount", "", words.COMPARATORS),
        (
            "position_basis",
            TEXT,
            "basis of that comparison: per_24h if timed, else per_creatinine; the reported one for a printed range",
        ),
        ("reference_low", NUMBER, "lower limit, in reference_unit; missing when one-sided"),
        ("reference_high", NUMBER, "upper limit, in reference_unit"),
        ("reference_unit", TEXT, "UCUM unit of the limits"),
        ("reference_source", TEXT, "source id of the interval"),
        (
            "reference_match",
            TEXT,
            "how well the interval fits",
            "",
            {
                "exact": "analyte, specimen, basis, sex, age and fraction fit",
                "wider_age": "the source prints no age band",
                "condition": "the interval is for a condition that range_conditions names",
                "reported_by_lab": "the range the lab printed beside the result",
                "none": "no interval fits",
            },
        ),
        (
            "zlog",
            NUMBER,
            "place on the log scale of a positive two-sided interval, or of one completed on request (qc "
            "lower_limit_assumed); 0 centre, ±1.96 limits",
            "1",
        ),
        ("midpoint_ratio", NUMBER, "position_amount / sqrt(low x high); missing when one-sided", "1"),
        (
            "interpretation",
            TEXT,
            "place against the interval",
            "",
            {"L": "below", "N": "within", "H": "above", "IND": "censoring leaves it open", "": "no interval"},
        ),
        (
            "lab_interpretation",
            TEXT,
            "place against the lab's own printed range",
            "",
            {"L": "below", "N": "within", "H": "above", "IND": "censoring leaves it open", "": "no printed range"},
        ),
        ("qc", TEXT, "codes, sorted, joined by ;"),
    ),
    required=RESULTS.required,
)

RATIOS = Table(
    "ratios",
    "one derived ratio of one specimen, time point and fraction, listed where any of its parts was measured",
    _columns(
        ("subject_id", TEXT, "who"),
        ("specimen_id", TEXT, "which specimen; parts of two specimens never meet"),
        ("collected_at", MOMENT, "local wall-clock start of the collection"),
        ("specimen", TEXT, "kind of specimen", "", words.SPECIMENS),
        ("timepoint", TEXT, "time of day; pooled rows are kept apart from timed ones", "", words.TIMEPOINTS),
        ("ratio_id", TEXT, "id in reference_ranges/ratios.csv, where its meaning, source and caveat stand"),
        (
            "fraction",
            TEXT,
            "fraction of the parts for which it matters",
            "",
            {**words.FRACTIONS, "": "it matters for no part, or no such part was measured"},
        ),
        ("reported_basis", TEXT, "basis that every part was reported on; it cancels", "", words.RATIO_BASES),
        ("n_parts", INTEGER, "how many of its parts were measured"),
        (
            "ratio",
            NUMBER,
            "amount of substance over amount of substance; the limit where ratio_comparator is not empty",
            "1",
        ),
        ("ratio_comparator", TEXT, "censoring of the ratio, carried from its parts", "", words.COMPARATORS),
        ("ratio_low", NUMBER, "least that the true ratio may be", "1"),
        ("ratio_high", NUMBER, "most that the true ratio may be; missing when unbounded", "1"),
        ("log_ratio", NUMBER, "natural logarithm of a ratio that is known; missing when censored or zero", "1"),
        ("unit", TEXT, "UCUM unit of the ratio: 1 (mol/mol)"),
        ("reason", TEXT, "why the ratio is missing", "", words.RATIO_REASONS),
        ("qc", TEXT, "codes of its parts that touch the ratio, sorted, joined by ;"),
    ),
    required=("subject_id", "specimen_id", "ratio_id", "ratio", "ratio_comparator", "reason"),
)

DIURNAL = Table(
    "diurnal",
    "one day of one person with timed specimens of one analyte",
    _columns(
        ("subject_id", TEXT, "who"),
        ("day", MOMENT, "date of the waking day; a night specimen of before noon belongs to the day before"),
        ("analyte_id", TEXT, "catalogue id"),
        ("n_points", INTEGER, "timed results with an amount"),
        ("timepoints", TEXT, "their times of day, in order, joined by ;"),
        ("minutes", NUMBER, "from the first to the last point", "min"),
        ("basis", TEXT, "basis of the amounts", "", words.BASES),
        ("amount_unit", TEXT, "UCUM unit of the amounts"),
        ("slope", NUMBER, "least-squares slope of ln(amount) on hours since waking", "1/h"),
        ("slope_low", NUMBER, "least that it may be when a point is censored; missing when unbounded", "1/h"),
        ("slope_high", NUMBER, "most that it may be; missing when unbounded", "1/h"),
        ("slope_reason", TEXT, "why the slope is missing", "", words.DIURNAL_REASONS),
        ("auc_ground", NUMBER, "area under the curve with respect to ground, in amount_unit times h"),
        ("auc_ground_low", NUMBER, "least that it may be"),
        ("auc_ground_high", NUMBER, "most that it may be; missing when unbounded"),
        ("auc_increase", NUMBER, "area with respect to increase: less the first amount times the hours"),
        ("auc_increase_low", NUMBER, "least that it may be; missing when unbounded"),
        ("auc_increase_high", NUMBER, "most that it may be; missing when unbounded"),
        ("time_weighted_mean", NUMBER, "auc_ground over the hours, in amount_unit"),
        ("auc_reason", TEXT, "why the areas are missing", "", words.DIURNAL_REASONS),
        ("peak_to_night_difference", NUMBER, "highest amount less the night amount, in amount_unit"),
        ("peak_to_night_difference_low", NUMBER, "least that it may be"),
        ("peak_to_night_difference_high", NUMBER, "most that it may be; missing when unbounded"),
        ("peak_to_night_ratio", NUMBER, "highest amount over the night amount", "1"),
        ("peak_to_night_ratio_low", NUMBER, "least that it may be", "1"),
        ("peak_to_night_ratio_high", NUMBER, "most that it may be; missing when unbounded", "1"),
        ("peak_reason", TEXT, "why peak to night is missing", "", words.DIURNAL_REASONS),
        ("pool_amount", NUMBER, "amount of the day's pooled row, in amount_unit; never a point of the curve"),
        ("pool_comparator", TEXT, "censoring of pool_amount", "", words.COMPARATORS),
        ("mean_to_pool_ratio", NUMBER, "time_weighted_mean over pool_amount, where both are known", "1"),
        ("assumptions", TEXT, "what must hold"),
    ),
    required=("subject_id", "day", "analyte_id", "n_points"),
)

SUBJECTS = Table(
    "subjects",
    "one person",
    _columns(
        ("subject_id", TEXT, "who"),
        ("sex", TEXT, "sex", "", words.SEXES),
        ("birth_year", INTEGER, "calendar year of birth"),
        ("age_years", NUMBER, "age at enrolment", "a"),
        ("weight_kg", NUMBER, "body weight", "kg"),
        ("height_cm", NUMBER, "body height", "cm"),
        ("education_years", NUMBER, "years of education", "a"),
        ("pregnant", FLAG, "pregnant at enrolment"),
        ("cycle_phase", TEXT, "phase of the menstrual cycle"),
        ("egfr", NUMBER, "estimated glomerular filtration rate", "mL/min/1.73m2"),
        ("smoker", FLAG, "smokes"),
        ("caffeine", TEXT, "caffeine use, in the study's own words"),
        ("group", TEXT, "study group"),
    ),
    required=("subject_id",),
)

SPECIMEN_DETAILS = Table(
    "specimens",
    "one specimen and how it was handled",
    _columns(
        ("specimen_id", TEXT, "which specimen"),
        ("preservative", TEXT, "preservative in the bottle"),
        ("ph", NUMBER, "pH at receipt"),
        ("storage", TEXT, "temperature and place"),
        ("received_at", MOMENT, "when the lab received it"),
        ("fasting", FLAG, "fasting"),
        ("exercise", TEXT, "exercise before collection"),
        ("posture", TEXT, "posture"),
        ("collection_volume_l", NUMBER, "volume of a timed collection", "L"),
        ("collection_hours", NUMBER, "duration of a timed collection", "h"),
    ),
    required=("specimen_id",),
)

INTERVENTIONS = Table(
    "interventions",
    "one thing done for one person over a span of time",
    _columns(
        ("subject_id", TEXT, "who"),
        (
            "kind",
            TEXT,
            "kind of intervention",
            "",
            {
                "pharmaceutical": "medicine",
                "nutritional": "food or supplement",
                "behavioural": "therapy, training, exercise, sleep",
            },
        ),
        ("name", TEXT, "what"),
        ("dose", NUMBER, "dose, in unit"),
        ("unit", TEXT, "unit of the dose"),
        ("start", MOMENT, "first day"),
        ("stop", MOMENT, "last day; missing while it goes on"),
    ),
    required=("subject_id", "kind", "name", "start"),
)

ADVERSE_EVENTS = Table(
    "adverse_events",
    "one thing that went wrong",
    _columns(
        ("subject_id", TEXT, "who"),
        ("onset", MOMENT, "when it began"),
        (
            "category",
            TEXT,
            "what it touched",
            "",
            {"sleep": "sleep", "digestive": "digestion", "mood": "mood", "other": "anything else"},
        ),
        ("severity", TEXT, "severity in the study's own words"),
        ("note", TEXT, "free text"),
    ),
    required=("subject_id", "onset", "category"),
)

OUTCOMES = Table(
    "outcomes",
    "one filled-in form",
    _columns(
        ("subject_id", TEXT, "who"),
        ("assessed_at", MOMENT, "when"),
        ("instrument", TEXT, "instrument id of the catalogue"),
        ("score", NUMBER, "total by the published rule; missing unless status is ok"),
        ("status", TEXT, "could it be scored", "", words.OUTCOME_STATUSES),
        ("severity", TEXT, "published band of the score"),
        ("flags", TEXT, "flagged items, joined by ;"),
        ("items_answered", INTEGER, "items with an answer inside their range"),
    ),
    required=("subject_id", "assessed_at", "instrument", "score", "status"),
)

SAFETY_FLAGS = Table(
    "safety_flags",
    "one flagged answer that a named person must see",
    _columns(
        ("subject_id", TEXT, "who"),
        ("assessed_at", MOMENT, "when"),
        ("instrument", TEXT, "instrument id"),
        ("item", TEXT, "flagged item"),
        ("answer", NUMBER, "the answer; missing when unanswered"),
        ("topic", TEXT, "what the item asks about"),
        ("action", TEXT, "what the catalogue says to do"),
        ("score", NUMBER, "total, when there is one"),
        ("source_file", TEXT, "file the form was read from"),
        ("source_row", INTEGER, "its row there: the only trace of a form without a subject id"),
    ),
)

ESTIMATES = Table(
    "estimates",
    "one effect",
    _columns(
        ("analyte_id", TEXT, "catalogue id, or blank"),
        ("outcome", TEXT, "instrument id, or the contrast"),
        ("n", INTEGER, "observations used"),
        ("n_subjects", INTEGER, "people they come from"),
        ("share_censored", NUMBER, "share of the analyte's amounts that lie beyond a detection limit", "1"),
        ("estimate", NUMBER, "point estimate, in unit"),
        ("ci_low", NUMBER, "lower limit of the interval"),
        ("ci_high", NUMBER, "upper limit of the interval"),
        ("confidence", NUMBER, "coverage aimed at", "1"),
        ("p_value", NUMBER, "two-sided p"),
        ("p_adjusted", NUMBER, "p adjusted within the family"),
        ("family", TEXT, "the declared set of tests it was adjusted in"),
        ("method", TEXT, "how it was computed"),
        ("effect", TEXT, "name of the effect"),
        ("unit", TEXT, "unit of the estimate; 1 for a pure number"),
        ("planned", FLAG, "declared before outcomes were read"),
        ("assumptions", TEXT, "what must hold, and warnings"),
        ("reason", TEXT, "why the estimate is missing"),
    ),
    required=("analyte_id", "outcome", "n", "estimate", "method", "effect", "reason"),
)

SUMMARIES = Table(
    "summaries",
    "one statistic of the amounts of one analyte, fraction, kind of specimen, time point, basis and unit",
    _columns(
        ("analyte_id", TEXT, "catalogue id"),
        ("fraction", TEXT, "free or total", "", words.FRACTIONS),
        ("specimen", TEXT, "kind of specimen"),
        ("timepoint", TEXT, "time of day of a timed row", "", words.TIMEPOINTS),
        ("basis", TEXT, "what the amount is", "", words.BASES),
        ("unit", TEXT, "UCUM unit of the amounts and of the estimate"),
        ("n", INTEGER, "amounts summarised"),
        ("n_subjects", INTEGER, "people they come from"),
        ("n_censored_below", INTEGER, "amounts known only to lie below a limit"),
        ("n_censored_above", INTEGER, "amounts known only to lie above a limit"),
        ("n_open", INTEGER, "results of which nothing is known: value and creatinine are censored alike"),
        ("n_missing", INTEGER, "results without an amount; their qc says why"),
        ("share_censored", NUMBER, "censored amounts over amounts", "1"),
        ("statistic", TEXT, "geometric_mean, median, percentile_25, percentile_75, percentile_2.5 or percentile_97.5"),
        ("estimate", NUMBER, "point estimate, in unit"),
        ("ci_low", NUMBER, "lower limit of the interval"),
        ("ci_high", NUMBER, "upper limit of the interval"),
        ("confidence", NUMBER, "coverage aimed at", "1"),
        ("method", TEXT, "how it was computed; a substitution is named here"),
        ("assumptions", TEXT, "what must hold, and warnings"),
        ("reason", TEXT, "why the estimate is missing"),
    ),
    required=("analyte_id", "unit", "n", "share_censored", "statistic", "estimate", "method", "reason"),
)

BEFORE_ANALYSIS = Table(
    "before_analysis",
    "one thing on record that is known to move or disturb one result before it is measured",
    _columns(
        ("row", INTEGER, "number of the result in the normalised table, from 0"),
        ("source_file", TEXT, "file the result was read from"),
        ("source_row", INTEGER, "line, row or segment number in that file, from 1"),
        ("source_place", TEXT, "place inside it"),
        ("subject_id", TEXT, "who"),
        ("specimen_id", TEXT, "which specimen"),
        ("analyte_id", TEXT, "catalogue id"),
        ("code", TEXT, "quality code of the result; empty for a general precaution, which is no flag"),
        ("factor", TEXT, "drug, food, condition, preservative, ph, storage, delay, exercise or posture"),
        ("what", TEXT, "interferent, or what does not suit"),
        ("direction", TEXT, "raises, lowers, or assay: disturbs the measurement or is listed without a direction"),
        ("mechanism", TEXT, "why, as the source says"),
        ("washout_days", NUMBER, "days without it that the source asks for", "d"),
        ("matched", TEXT, "what on record it was found by"),
        ("source_id", TEXT, "source of the rule"),
        ("contradicted_by", TEXT, "sources that accept it, joined by ;"),
    ),
    required=("row", "analyte_id", "code", "factor", "what", "source_id"),
)

WORKLIST = Table(
    "worklist",
    "one name or unit that the catalogue does not hold, that means more than one thing, or that the numbers do not fit",
    _columns(
        ("what", TEXT, "name or unit, and what is amiss with it"),
        ("text", TEXT, "as the lab wrote it"),
        ("count", INTEGER, "positions that carry it"),
        ("example", TEXT, "file and place of one of them"),
        ("suggestion", TEXT, "nearest words of the catalogue, the nearest first, or what to do"),
        ("answer", TEXT, "empty, for a person to fill in: an analyte id, or a unit; `recal-labs accept` takes it"),
    ),
)

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        RESULTS,
        REJECTS,
        NO_RESULT,
        NORMALISED,
        RATIOS,
        DIURNAL,
        SUBJECTS,
        SPECIMEN_DETAILS,
        INTERVENTIONS,
        ADVERSE_EVENTS,
        OUTCOMES,
        SAFETY_FLAGS,
        ESTIMATES,
        SUMMARIES,
        BEFORE_ANALYSIS,
        WORKLIST,
    )
}


def polars_schema(table: Table) -> Any:
    """Return ``{column: Polars dtype}`` for a table."""
    import polars as pl

    kinds: dict[str, Any] = {
        TEXT: pl.String,
        NUMBER: pl.Float64,
        INTEGER: pl.Int64,
        FLAG: pl.Boolean,
        MOMENT: pl.Datetime("us"),
    }
    return {column.name: kinds[column.kind] for column in table.columns}


def require_columns(frame_columns: Iterable[str], table: Table, where: str) -> None:
    """Raise when a frame lacks a column that its table cannot do without.

    Raises
    ------
    TableError
        Naming every missing column, and what each one means.
    """
    have = set(frame_columns)
    missing = [name for name in table.required if name not in have]
    if missing:
        meanings = "; ".join(f"{name} ({table[name].meaning})" for name in missing)
        raise TableError(f"{where}: the {table.name} table lacks {meanings}. Found columns: {', '.join(sorted(have))}.")


def codebook(table: Table) -> list[dict[str, str]]:
    """Return one record a column (name, kind, unit, meaning, values), ready for a data frame or a docs page."""
    return [
        {
            "column": column.name,
            "kind": column.kind,
            "unit": column.unit,
            "meaning": column.meaning,
            "values": "; ".join(f"{word or '(empty)'} = {meaning}" for word, meaning in column.allowed.items()),
        }
        for column in table.columns
    ]
