"""A cohort in, effects with their statement out."""

from recal_labs.analyse.associate import associate
from recal_labs.analyse.associations import Associations
from recal_labs.analyse.change import change
from recal_labs.analyse.groups import compare_groups

__all__ = ["Associations", "associate", "change", "compare_groups"]
