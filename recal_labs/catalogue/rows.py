"""The rows of the catalogue's files, one frozen shape each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from recal_labs.catalogue.names import suggest
from recal_labs.catalogue.unit_spellings import UnitSpellings

NAN = float("nan")


@dataclass(frozen=True)
class Analyte:
    """Something that is measured; `amount_unit` is the substance unit its amounts are analysed in."""

    id: str
    name: str
    abbreviation: str = ""
    family: str = ""
    formula: str = ""
    molar_mass: float = NAN
    amount_unit: str = "ug"
    fraction_matters: bool = False
    source_ids: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class TabledUnit:
    """A unit read before: one is `scale` g or mol of the analyte per `per` (L, (24.h), g or mol creatinine)."""

    ucum: str
    basis: str
    substance: str
    scale: float
    per: str


@dataclass(frozen=True)
class NameEntry:
    """What a spelling means; an ambiguous one has no `analyte_id` but candidates."""

    name: str
    analyte_id: str
    fraction: str = "unspecified"
    candidates: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class LoincEntry:
    """What a LOINC code stands for; `property_` and `time` are hints, the reported unit decides the basis."""

    loinc: str
    analyte_id: str
    component: str
    property_: str
    time: str
    unit: str


@dataclass(frozen=True)
class Interval:
    """One interval of one source. Ages are half-open, in years; NaN where nothing is printed."""

    analyte_id: str
    specimen: str
    basis: str
    sex: str
    age_low: float
    age_high: float
    lower: float
    upper: float
    unit: str
    method: str
    kind: str
    source_id: str
    note: str
    condition: str
    fraction: str
    quality: str
    line: int


@dataclass(frozen=True)
class CollectionLimit:
    """Between what limits a 24 h collection counts as complete, by one measure; NaN where there is no limit."""

    measure: str
    sex: str
    age_low: float
    age_high: float
    lower: float
    upper: float
    unit: str
    source_id: str


@dataclass(frozen=True)
class Ratio:
    """A derived ratio: the sum of one side's amounts of substance over the sum of the other's, and what it rests on."""

    id: str
    name: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    meaning: str
    support: str
    source_ids: tuple[str, ...]
    claim_ids: tuple[str, ...]
    caveat: str

    @property
    def parts(self) -> tuple[str, ...]:
        """The analytes of both sides, numerator first."""
        return self.numerator + self.denominator


@dataclass(frozen=True)
class Source:
    """Where a fact was read."""

    source_id: str
    title: str
    publisher: str = ""
    year: str = ""
    url_or_doi: str = ""
    quality: str = ""
    grade: str = ""

    @property
    def link(self) -> str:
        """The address; a bare DOI becomes one."""
        return f"https://doi.org/{self.url_or_doi}" if self.url_or_doi.startswith("10.") else self.url_or_doi


@dataclass(frozen=True)
class ResultWord:
    """What a word in place of a number means: not_measured, below_limit, above_limit, or empty."""

    word: str
    meaning: str
    language: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Catalogue:
    """What the world knows of these analytes, loaded from files and checked.

    Parameters
    ----------
    analytes : mapping of id to Analyte
    names : mapping of folded spelling to NameEntry
    units : mapping of folded spelling to UCUM
        The whole spellings and the codes themselves; `find_unit` knows those that are made of parts as well.
    loinc : mapping of code to LoincEntry
    loinc_context : mapping of code to meaning
        Codes for volumes and durations of collections.
    intervals : tuple of Interval
    sources : mapping of id to Source
    words : mapping of folded word to ResultWord
    specimen_words : mapping of folded word to specimen or matrix
    interferences, biological_variation, reliability, observed_means : tuple of mappings
    interferent_words, preanalytical, handling_words : tuple of mappings
        Rows of the files of these names; see reference_ranges/README.md.
    completeness : tuple of CollectionLimit
        Of two that fit, the later one counts: a study's own folder comes after the built-in one.
    ratios : mapping of id to Ratio
    spellings : UnitSpellings
    unit_readings : mapping of UCUM to TabledUnit
    files : mapping of file name to SHA-256
    version : str
        Twelve hex digits over all files.
    """

    analytes: Mapping[str, Analyte]
    names: Mapping[str, NameEntry]
    units: Mapping[str, str]
    loinc: Mapping[str, LoincEntry] = field(default_factory=dict)
    loinc_context: Mapping[str, str] = field(default_factory=dict)
    intervals: tuple[Interval, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    words: Mapping[str, ResultWord] = field(default_factory=dict)
    specimen_words: Mapping[str, str] = field(default_factory=dict)
    interferences: tuple[Mapping[str, str], ...] = ()
    interferent_words: tuple[Mapping[str, str], ...] = ()
    preanalytical: tuple[Mapping[str, str], ...] = ()
    handling_words: tuple[Mapping[str, str], ...] = ()
    biological_variation: tuple[Mapping[str, str], ...] = ()
    reliability: tuple[Mapping[str, str], ...] = ()
    observed_means: tuple[Mapping[str, str], ...] = ()
    completeness: tuple[CollectionLimit, ...] = ()
    ratios: Mapping[str, Ratio] = field(default_factory=dict)
    spellings: UnitSpellings = field(default_factory=UnitSpellings)
    unit_readings: Mapping[str, TabledUnit] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    version: str = ""

    def find_unit(self, text: str, analyte_id: str = "") -> str | None:
        """Return the UCUM code of a unit's spelling, or None; a few are good for one analyte only."""
        return self.spellings.find(text, analyte_id)

    def suggest(self, name: str, n: int = 3) -> tuple[str, ...]:
        """Return the spellings nearest to a name, of those that mean one analyte."""
        return suggest(name, (entry.name for entry in self.names.values() if entry.analyte_id), n)

    def __repr__(self) -> str:
        return f"Catalogue {self.version}: {len(self.analytes)} analytes, {len(self.intervals)} intervals"
