"""Results in, comparable amounts out: units, dilution, which row stands, reference intervals, position, quality."""

from recal_labs.normalise.before_analysis import find_interferences, find_preanalytical, unmatched_words
from recal_labs.normalise.convert import amounts_in, convert_amounts
from recal_labs.normalise.core import Normalised, normalise
from recal_labs.normalise.derived import derive_ratios
from recal_labs.normalise.dilution_check import check_dilution
from recal_labs.normalise.dilution_fit import DilutionFit
from recal_labs.normalise.dilution_regression import fit_dilution
from recal_labs.normalise.disagreement import RangeDisagreement, range_disagreement
from recal_labs.normalise.diurnal import diurnal_cortisol
from recal_labs.normalise.position import from_zlog, zlog
from recal_labs.normalise.streaming import normalise_to_parquet
from recal_labs.normalise.summaries import summarise_amounts
from recal_labs.normalise.unit_check import check_units

__all__ = [
    "DilutionFit",
    "Normalised",
    "RangeDisagreement",
    "amounts_in",
    "check_dilution",
    "check_units",
    "convert_amounts",
    "derive_ratios",
    "diurnal_cortisol",
    "find_interferences",
    "find_preanalytical",
    "fit_dilution",
    "from_zlog",
    "normalise",
    "normalise_to_parquet",
    "range_disagreement",
    "summarise_amounts",
    "unmatched_words",
    "zlog",
]
