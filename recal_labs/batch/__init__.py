"""Many exports at once."""

from recal_labs.batch.inbox import InboxRun, normalise_inbox
from recal_labs.batch.summary import summary_lines

__all__ = ["InboxRun", "normalise_inbox", "summary_lines"]
