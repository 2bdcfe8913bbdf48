"""Every decision of an analysis in one frozen object, written into every output."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from recal_labs.errors import ChoiceError, UnknownWordError, naming_the_nearest
from recal_labs.storage import sha256_of_text
from recal_labs.vocabulary import SPECIMENS

ALLOWED: Mapping[str, tuple[str, ...]] = {
    "basis": (
        "by_specimen",
        "per_creatinine",
        "per_24h",
        "none",
        "specific_gravity",
        "covariate_adjusted",
        "power_functional",
        "conditional",
    ),
    "censoring": ("tied_ranks", "substitute_half", "substitute_sqrt2"),
    "zero_lower_rule": ("none", "fifteen_percent"),
    "outlier_rule": ("none",),
    "visit": ("first",),
    "adjust": ("fdr_bh", "holm", "bonferroni", "none"),
}
QUALITIES = ("A", "B", "C", "D")
# These bases need a correction that was fitted on a stated sample before (normalise.fit_dilution).
FITTED_BASES = ("covariate_adjusted", "power_functional", "conditional")
# What is known of a person that a fitted correction may use.
DILUTION_COVARIATES = ("age_years", "sex", "weight_kg", "height_cm")
# Stands in range_sources for the range that the lab printed beside the result.
REPORTED_BY_LAB = "reported_by_lab"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# What is expected of a choice, by the type of its default.
KINDS: Mapping[type, tuple[str, Callable[[Any], bool]]] = {
    bool: ("true or false", lambda value: isinstance(value, bool)),
    int: ("a whole number", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    float: ("a number", _is_number),
    str: ("a text", lambda value: isinstance(value, str)),
    tuple: ('a list of texts, such as ["one", "two"]', lambda value: all(isinstance(part, str) for part in value)),
}


@naming_the_nearest
@dataclass(frozen=True, kw_only=True)
class Choices:
    """What was decided, so that the same question can be asked again, or under other decisions.

    Parameters
    ----------
    basis : str
        What is analysed: ``by_specimen`` (per gram of creatinine for single voids, per 24 h for timed collections),
        ``per_creatinine``, ``per_24h``, ``none``, ``specific_gravity``, or one that needs a fitted correction:
        ``covariate_adjusted``, ``power_functional``, ``conditional``. See docs/normalisation.md.
    specific_gravity_reference : float
        Specific gravity that concentrations are brought to on the basis of that name.
    specific_gravity_min : float
        Specimens below it are flagged, never deleted (irsst2014: 1.010).
    dilution_covariates : tuple of str
        What the bases ``covariate_adjusted`` and ``conditional`` know of a person: any of age_years, sex, weight_kg and
        height_cm. A fitted correction is applied only where it was fitted with the same ones.
    specimens : tuple of str
        Kinds of specimen that enter the analysis. Kinds whose amounts have different units cannot stand together.
    range_sources : tuple of str
        Source ids of reference intervals to prefer, in order; the others follow by quality. ``reported_by_lab`` among
        them is the range that the lab printed; it is used only where it is named.
    range_conditions : tuple of str
        Conditions (time of day, pregnancy, ...) whose intervals may be chosen; none by default.
    zero_lower_rule : {"none", "fifteen_percent"}
        ``fifteen_percent`` takes 15 % of the upper limit for a lower limit that is missing or zero, so that there is a
        zlog; every such row says so.
    range_qualities : tuple of str
        Qualities of interval sources that may be used. D (consumer and vendor pages) is left out by default.
    creatinine_limits_g_per_l : tuple of float
        Accepted urinary creatinine, g/L. Outside it a specimen is flagged, never deleted (0.3 to 3.0 g/L, irsst2014).
    censoring : {"tied_ranks", "substitute_half", "substitute_sqrt2"}
        ``tied_ranks``: all values below a limit share the lowest rank, all above a limit the highest. The others put
        the limit divided by 2 or by the root of 2 in the place of a value below it, and are named in every output.
    max_censored : float
        Largest share of censored values at which a pair is still tested.
    min_n : int
        Fewest subjects at which a pair is tested.
    outlier_rule : {"none"}
        No value is removed for being extreme.
    visit : {"first"}
        One visit per subject: the first that has both a panel and an outcome.
    window_days : int
        Largest distance between panel and outcome, days.
    analytes, outcomes : tuple of str
        What is asked. Empty means everything measured; creatinine and other hydration measures never count as analytes.
    covariates : tuple of str
        Columns of the subjects table held constant in the partial correlations.
    family : str
        Name of the declared set of tests that are adjusted together.
    adjust : {"fdr_bh", "holm", "bonferroni", "none"}
        Method of the adjustment.
    confidence : float
        Coverage of the intervals.
    entry_outcome : str
        The score by which people came to an intervention. Only its change can be set against regression to the mean;
        empty when it is not known.
    retest_correlation : float
        Correlation between two panels or scores of one stable person that the change expected from regression to the
        mean is computed with; NaN means it is estimated from subjects without an intervention, or not given at all.
    seed : int
        Seed of everything random.
    planned : bool
        Whether the choices were declared before outcomes were read.

    Raises
    ------
    ChoiceError, UnknownWordError
        When a value is of another kind, outside its range, or no known word. A mistyped keyword is a TypeError, too.

    Examples
    --------
    >>> choices = Choices(covariates=("age_years", "sex"))
    >>> choices.with_changes(window_days=7).window_days
    7
    """

    basis: str = "by_specimen"
    specific_gravity_reference: float = 1.020
    specific_gravity_min: float = 1.010
    dilution_covariates: tuple[str, ...] = ("age_years", "sex")
    specimens: tuple[str, ...] = ("urine_spot", "urine_first_morning", "urine_second_morning")
    range_sources: tuple[str, ...] = ()
    range_qualities: tuple[str, ...] = ("A", "B", "C")
    range_conditions: tuple[str, ...] = ()
    zero_lower_rule: str = "none"
    creatinine_limits_g_per_l: tuple[float, float] = (0.3, 3.0)
    censoring: str = "tied_ranks"
    max_censored: float = 0.5
    min_n: int = 10
    outlier_rule: str = "none"
    visit: str = "first"
    window_days: int = 14
    analytes: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ("age_years", "sex")
    family: str = "every analyte by every outcome"
    adjust: str = "fdr_bh"
    confidence: float = 0.95
    entry_outcome: str = ""
    retest_correlation: float = float("nan")
    seed: int = 20260101
    planned: bool = False

    def __post_init__(self) -> None:
        self._check_kinds()
        for name, allowed in ALLOWED.items():
            if getattr(self, name) not in allowed:
                raise UnknownWordError(f"{name} choice", getattr(self, name), allowed, "choices")
        for name, known in (
            ("specimens", tuple(SPECIMENS)),
            ("range_qualities", QUALITIES),
            ("dilution_covariates", DILUTION_COVARIATES),
        ):
            for word in getattr(self, name):
                if word not in known:
                    raise UnknownWordError(f"word in {name}", word, known, "choices")
        if len(set(self.dilution_covariates)) < len(self.dilution_covariates):
            raise ChoiceError(f"dilution_covariates is {list(self.dilution_covariates)}; expected each one once.")
        self._check_numbers()

    def _check_kinds(self) -> None:
        """Turn lists into tuples, and refuse a value of another kind than its default."""
        for choice in fields(self):
            value = getattr(self, choice.name)
            if isinstance(value, list):
                value = tuple(value)
                object.__setattr__(self, choice.name, value)
            expected, fits = KINDS[type(choice.default)]
            if choice.name == "creatinine_limits_g_per_l":
                expected, fits = "two numbers, such as [0.3, 3.0]", lambda pair: all(map(_is_number, pair))
            if isinstance(value, tuple) != isinstance(choice.default, tuple) or not fits(value):
                shown = list(value) if isinstance(value, tuple) else value
                raise ChoiceError(f"{choice.name} is {shown!r}; expected {expected}.")

    def _check_numbers(self) -> None:
        """Refuse a number outside its range."""
        if not 0 < self.confidence < 1:
            raise ChoiceError(f"confidence is {self.confidence}; expected a number between 0 and 1, such as 0.95.")
        if self.window_days < 0:
            raise ChoiceError(f"window_days is {self.window_days}; expected 0 or more days.")
        if not 0 <= self.max_censored <= 1:
            raise ChoiceError(f"max_censored is {self.max_censored}; expected a share from 0 to 1.")
        if self.min_n < 1:
            raise ChoiceError(f"min_n is {self.min_n}; expected 1 or more subjects.")
        for name in ("specific_gravity_reference", "specific_gravity_min"):
            if not 1 < getattr(self, name) < 1.1:
                raise ChoiceError(f"{name} is {getattr(self, name)}; expected a urine's, such as 1.020.")
        if self.seed < 0:
            raise ChoiceError(f"seed is {self.seed}; expected 0 or more.")
        if abs(self.retest_correlation) > 1:
            raise ChoiceError(f"retest_correlation is {self.retest_correlation}; expected a correlation from -1 to 1.")
        limits = self.creatinine_limits_g_per_l
        if len(limits) != 2 or not 0 < limits[0] < limits[1]:
            raise ChoiceError(f"creatinine_limits_g_per_l is {list(limits)}; expected two rising positive numbers.")

    @classmethod
    def from_mapping(cls, content: Mapping[str, Any], where: str = "choices") -> Choices:
        """Make choices from a mapping, refusing a key that is not one of them.

        Raises
        ------
        UnknownWordError
            With the nearest known key.
        ChoiceError
            When a value is of the wrong kind or outside its range.
        """
        known = tuple(f.name for f in fields(cls))
        for key in content:
            if key not in known:
                raise UnknownWordError("choice", key, known, where)
        try:
            return cls(**content)
        except ChoiceError as err:
            raise ChoiceError(f"{where}: {err}") from err

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], where: str = "choices") -> Choices:
        """Make the choices again that `to_dict` gave, as choices.json and the manifest of a run hold them.

        Parameters
        ----------
        content : mapping
            A choice that is not in it has its default; a ``fingerprint`` beside them is left aside.
        where : str
            What an error calls it.

        Raises
        ------
        UnknownWordError, ChoiceError
            As for `from_mapping`.

        Examples
        --------
        >>> choices = Choices(basis="none", window_days=7)
        >>> Choices.from_dict(choices.to_dict()) == choices
        True
        """
        # The very NaN of the default: with another one, equal choices would not be equal.
        nothing = cls.retest_correlation
        kept = {key: nothing if value is None else value for key, value in content.items() if key != "fingerprint"}
        return cls.from_mapping(kept, where)

    def with_changes(self, **changes: Any) -> Choices:
        """Return the same choices with some of them changed.

        What is changed afterwards was not declared before: ``planned`` becomes False unless it is among the changes.
        """
        known = tuple(f.name for f in fields(self))
        for key in changes:
            if key not in known:
                raise UnknownWordError("choice", key, known, "with_changes")
        made = replace(self, **changes)
        same = made.fingerprint() == self.fingerprint()
        return made if same or "planned" in changes else replace(made, planned=False)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON; a missing number becomes None."""
        plain: dict[str, Any] = {}
        for key, value in asdict(self).items():
            if isinstance(value, tuple):
                plain[key] = list(value)
            elif isinstance(value, float) and value != value:
                plain[key] = None
            else:
                plain[key] = value
        return plain

    def fingerprint(self) -> str:
        """Return a SHA-256 of the choices, the same for the same decisions."""
        return sha256_of_text(json.dumps(self.to_dict(), sort_keys=True))

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th scope='row'>{html.escape(key)}</th><td>{html.escape(str(value))}</td></tr>"
            for key, value in self.to_dict().items()
        )
        return f"<table><caption>Choices {self.fingerprint()[:12]}</caption>{rows}</table>"

    def describe(self) -> str:
        """Return the choices as one readable line."""
        shown = {key: value for key, value in self.to_dict().items() if value not in (None, [], "")}
        return ", ".join(
            f"{key} = {'/'.join(map(str, value)) if isinstance(value, list) else value}" for key, value in shown.items()
        )
