"""Statistics: arrays in, estimates with their uncertainty out."""

from recal_labs.stats.censored import geometric_mean_censored, kaplan_meier_quantiles, share_censored
from recal_labs.stats.change import PairedChange, paired_change
from recal_labs.stats.correlation import correlate, correlate_matrix
from recal_labs.stats.correlation_grid import CorrelationGrid
from recal_labs.stats.effect_size import effect_size
from recal_labs.stats.multiplicity import AdjustedPValues, adjust_p
from recal_labs.stats.percentiles import percentile, reference_limits
from recal_labs.stats.proportions import wilson
from recal_labs.stats.ranks import rank_censored
from recal_labs.stats.regression_to_mean import excess_change, regression_to_mean

__all__ = [
    "AdjustedPValues",
    "CorrelationGrid",
    "PairedChange",
    "adjust_p",
    "correlate",
    "correlate_matrix",
    "effect_size",
    "excess_change",
    "geometric_mean_censored",
    "kaplan_meier_quantiles",
    "paired_change",
    "percentile",
    "rank_censored",
    "reference_limits",
    "regression_to_mean",
    "share_censored",
    "wilson",
]
