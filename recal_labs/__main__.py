"""``python -m recal_labs``."""

from recal_labs.cli import main

main()
