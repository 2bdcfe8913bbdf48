"""Many exports at once."""

from recal_labs.batch.inbox import InboxRun, normalise_inbox

__all__ = ["InboxRun", "normalise_inbox"]
