"""What the world knows: analytes, spellings, units, intervals, evidence, instruments; loaded from files and checked."""

from recal_labs.catalogue.evidence import Claim, Effect, Evidence, EvidenceSource, Position, load_evidence
from recal_labs.catalogue.files import data_folder
from recal_labs.catalogue.instruments import FlaggedItem, Instrument, load_instruments
from recal_labs.catalogue.load import load_catalogue
from recal_labs.catalogue.names import fold_name, fold_unit, fold_word, suggest
from recal_labs.catalogue.rows import Analyte, Catalogue, Interval, LoincEntry, NameEntry, Ratio, ResultWord, Source

__all__ = [
    "Analyte",
    "Catalogue",
    "Claim",
    "Effect",
    "Evidence",
    "EvidenceSource",
    "FlaggedItem",
    "Instrument",
    "Interval",
    "LoincEntry",
    "NameEntry",
    "Position",
    "Ratio",
    "ResultWord",
    "Source",
    "data_folder",
    "fold_name",
    "fold_unit",
    "fold_word",
    "load_catalogue",
    "load_evidence",
    "load_instruments",
    "suggest",
]
