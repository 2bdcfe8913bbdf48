"""What the report needs to be told: one frozen object, filled by the study once everything is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pandas as pd

    from recal_labs.choices import Choices
    from recal_labs.provenance import FileRecord


class FlowStepLike(Protocol):
    """One stage of the flow: how many remain, and who or what was left out on the way into it."""

    @property
    def stage(self) -> str:
        """What the stage is, in words."""

    @property
    def counted(self) -> str:
        """What is counted: positions, results, specimens or subjects."""

    @property
    def n(self) -> int:
        """How many remain."""

    @property
    def left_out(self) -> tuple[tuple[str, int], ...]:
        """Reasons and counts of what was left out since the stage before."""


class StatementLike(Protocol):
    """The utility statement that travels with a table of effects."""

    @property
    def headline(self) -> str:
        """One sentence that may stand alone."""

    @property
    def seen(self) -> Sequence[str]:
        """What was seen in these data."""

    @property
    def weakens(self) -> Sequence[str]:
        """What weakens it."""

    @property
    def cannot_show(self) -> Sequence[str]:
        """What these data cannot show."""

    @property
    def for_whom(self) -> str:
        """Whom the result speaks about."""

    @property
    def closing(self) -> str:
        """The last word."""

    @property
    def statement_id(self) -> str:
        """Fingerprint of the statement."""


class AssociationsLike(Protocol):
    """A table of estimates that carries its statement."""

    @property
    def table(self) -> pd.DataFrame:
        """Rows of the estimates table."""

    @property
    def statement(self) -> StatementLike:
        """The statement, never missing."""


class EvidenceLike(Protocol):
    """Statements for and against, for the analytes analysed; rows are mappings or objects."""

    @property
    def analytes(self) -> Sequence[str]:
        """Analytes the statements are about."""

    @property
    def claims(self) -> Sequence[Any]:
        """Rows: statement, direction, strength, citation, url, labels, topic, analyte_ids."""

    @property
    def positions(self) -> Sequence[Any]:
        """Rows: body, stance, summary, citation, url, labels."""

    @property
    def none_found(self) -> Sequence[str]:
        """Bodies whose position was sought without success."""


class DisagreementLike(Protocol):
    """What every source of intervals says of every result."""

    @property
    def verdicts(self) -> Any:
        """One row an analyte, fraction, specimen and basis, with counts."""

    @property
    def limits(self) -> Any:
        """Every interval, in the unit of amounts."""

    @property
    def results(self) -> Any:
        """One row a result and source; None when it was not kept."""

    @property
    def qualities(self) -> tuple[str, ...]:
        """Qualities of the sources asked."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ReportInputs:
    """Everything a report is made from. Nothing in it is computed again.

    Parameters
    ----------
    title, question : str
        Of the study, in its own words.
    simulated : bool
        Prints the SIMULATED banner.
    labels : tuple of str
        Further banners, such as ``"Unweighted: not nationally representative"``.
    choices : Choices
        Every decision of the analysis.
    planned : bool
        Whether the choices were declared before outcomes were read.
    files : tuple of FileRecord
        One a file read, with its counts of positions.
    rejects, no_result, worklist : DataFrame
        Tables of `recal_labs.columns`. Raw text in them never reaches the report; names on the worklist do.
    normalised : DataFrame
        The normalised table, one row a result.
    flow : tuple
        Stages in order, with attributes ``stage``, ``counted``, ``n`` and ``left_out`` (reason and count of what was
        left out on the way *into* that stage).
    baseline : DataFrame
        As made by `recal_labs.report.baseline.baseline_table`.
    associations : object
        ``.table`` (estimates of raw and partial correlations) and ``.statement``.
    change : object or None
        The same for change; its table also has ``expected_rtm``, ``excess`` (each with ``_low`` and ``_high``) and
        ``n_without_intervention``.
    evidence : object
        ``.analytes``, ``.claims``, ``.positions``, ``.none_found``.
    versions : mapping
        Package versions.
    catalogue_version : str
        Twelve hex digits over all files of the catalogue.
    catalogue_files : mapping
        File name to SHA-256.
    seed : int
        Seed of everything random.
    started, finished : str
        UTC, ISO 8601.
    disagreement : object, optional
        What `recal_labs.normalise.range_disagreement` found, with its ``results``. Without it the report says that it
        was not asked.
    inputs : mapping, optional
        SHA-256 of every file that the study read, by its path as the study names it: study.toml, people, bottles,
        forms and panels. Without it only the panel files are listed.
    analyte_names, outcome_names, source_names : mapping, optional
        Display names by id; an id without one is shown as it is, underscores as spaces.
    """

    title: str
    question: str
    simulated: bool
    labels: tuple[str, ...]
    choices: Choices
    planned: bool
    files: tuple[FileRecord, ...]
    rejects: pd.DataFrame
    no_result: pd.DataFrame
    worklist: pd.DataFrame
    normalised: pd.DataFrame
    flow: Sequence[FlowStepLike]
    baseline: pd.DataFrame
    associations: AssociationsLike
    change: AssociationsLike | None
    evidence: EvidenceLike
    versions: Mapping[str, str]
    catalogue_version: str
    catalogue_files: Mapping[str, str]
    seed: int
    started: str
    finished: str
    disagreement: DisagreementLike | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    analyte_names: Mapping[str, str] = field(default_factory=dict)
    outcome_names: Mapping[str, str] = field(default_factory=dict)
    source_names: Mapping[str, str] = field(default_factory=dict)
