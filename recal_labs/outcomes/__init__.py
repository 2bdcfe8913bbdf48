"""Item answers in, scores out, by the published rules; flagged answers for a named person."""

from recal_labs.outcomes.items import item_gaps, item_rejects
from recal_labs.outcomes.scoring import find_instrument, safety_flags, score

__all__ = ["find_instrument", "item_gaps", "item_rejects", "safety_flags", "score"]
