"""Results in, comparable amounts out: units, dilution, which row stands, reference intervals, position, quality."""

from recal_labs.normalise.core import Normalised, normalise
from recal_labs.normalise.dilution_check import check_dilution
from recal_labs.normalise.dilution_fit import DilutionFit
from recal_labs.normalise.dilution_regression import fit_dilution
from recal_labs.normalise.disagreement import RangeDisagreement, range_disagreement
from recal_labs.normalise.position import from_zlog, zlog
from recal_labs.normalise.streaming import normalise_to_parquet, normalised_batches, write_frames
from recal_labs.normalise.summaries import summarise_amounts

__all__ = [
    "DilutionFit",
    "Normalised",
    "RangeDisagreement",
    "check_dilution",
    "fit_dilution",
    "from_zlog",
    "normalise",
    "normalise_to_parquet",
    "normalised_batches",
    "range_disagreement",
    "summarise_amounts",
    "write_frames",
    "zlog",
]
