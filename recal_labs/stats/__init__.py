"""Statistics: arrays in, estimates with their uncertainty out."""

from recal_labs.stats.censored import share_censored
from recal_labs.stats.censored_regression import CensoredRegression, fit_censored_regression
from recal_labs.stats.change import PairedChange, paired_change
from recal_labs.stats.correlation import correlate, correlate_matrix
from recal_labs.stats.correlation_grid import CorrelationGrid
from recal_labs.stats.effect_size import effect_size
from recal_labs.stats.kaplan_meier import kaplan_meier_mean, kaplan_meier_quantiles
from recal_labs.stats.lognormal import geometric_mean_censored, lognormal_summary
from recal_labs.stats.multiplicity import AdjustedPValues, adjust_p
from recal_labs.stats.percentiles import percentile, reference_limits
from recal_labs.stats.proportions import wilson
from recal_labs.stats.ranks import rank_censored
from recal_labs.stats.regression_to_mean import excess_change, regression_to_mean
from recal_labs.stats.ros import fit_order_statistics, ros_summary
from recal_labs.stats.substitution import substitute

__all__ = [
    "AdjustedPValues",
    "CensoredRegression",
    "CorrelationGrid",
    "PairedChange",
    "adjust_p",
    "correlate",
    "correlate_matrix",
    "effect_size",
    "excess_change",
    "fit_censored_regression",
    "fit_order_statistics",
    "geometric_mean_censored",
    "kaplan_meier_mean",
    "kaplan_meier_quantiles",
    "lognormal_summary",
    "paired_change",
    "percentile",
    "rank_censored",
    "reference_limits",
    "regression_to_mean",
    "ros_summary",
    "share_censored",
    "substitute",
    "wilson",
]
