"""What holds for every test."""

from hypothesis import settings

# The same examples on every run, and no deadline: the first call may load a library, and machines differ.
settings.register_profile("repeatable", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("repeatable")
