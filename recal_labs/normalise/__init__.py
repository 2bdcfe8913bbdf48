"""Results in, comparable amounts out: units, dilution, which row stands, reference intervals, position, quality."""

from recal_labs.normalise.core import Normalised, normalise
from recal_labs.normalise.position import zlog

__all__ = ["Normalised", "normalise", "zlog"]
