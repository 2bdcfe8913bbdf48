"""Results in, comparable amounts out: units, dilution, which row stands, reference intervals, position, quality."""

from recal_labs.normalise.core import Normalised, normalise
from recal_labs.normalise.position import zlog
from recal_labs.normalise.streaming import normalise_to_parquet, normalised_batches, write_frames

__all__ = ["Normalised", "normalise", "normalise_to_parquet", "normalised_batches", "write_frames", "zlog"]
