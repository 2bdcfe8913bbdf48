"""Codes in place of identifiers, before anything is written: what leaves the house names nobody."""

from recal_labs.privacy.folders import MARK, check_folder, manifest_facts, mark_folder, protection_of
from recal_labs.privacy.guard import Guard
from recal_labs.privacy.keys import Key, check_place, new_key, read_key
from recal_labs.privacy.notebook import pseudonymise
from recal_labs.privacy.protection import Protection
from recal_labs.privacy.refused import with_coded_suggestions
from recal_labs.privacy.table import read_key_table

__all__ = [
    "MARK",
    "Guard",
    "Key",
    "Protection",
    "check_folder",
    "check_place",
    "manifest_facts",
    "mark_folder",
    "new_key",
    "protection_of",
    "pseudonymise",
    "read_key",
    "read_key_table",
    "with_coded_suggestions",
]
