"""Reference intervals made from data, beside the published ones of the catalogue."""

from recal_labs.intervals.establish import EstablishedInterval, establish_interval

__all__ = ["EstablishedInterval", "establish_interval"]
