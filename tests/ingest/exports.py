"""Small exports for the tests of the delimited side: text in, what became of its positions out."""

from dataclasses import replace

from recal_labs.catalogue import load_catalogue
from recal_labs.ingest.long import read_long
from recal_labs.ingest.profiles import Marks, Profile, load_profile
from recal_labs.ingest.resolve import judge
from recal_labs.ingest.wide import read_survey, read_wide

CATALOGUE = load_catalogue()
LONG = load_profile("generic_long")
WIDE = replace(load_profile("generic_wide"), defaults={"specimen": "urine_spot"})
READERS = {"long": read_long, "wide": read_wide, "survey": read_survey}


def long_profile(decimal: str = ".", thousands: str = "", **changes) -> Profile:
    return replace(LONG, marks=Marks(decimal, thousands), **changes)


def read(text: str, profile: Profile = LONG, lab: str | None = None):
    """Read and judge a text; the three tables together hold every position that the reader found."""
    positions = READERS[profile.layout](text, profile, CATALOGUE, "export.csv")
    judged = judge(positions, profile, CATALOGUE, lab=lab, name="export.csv")
    parts = (judged.results, judged.rejects, judged.no_result)
    assert sum(part.height for part in parts) == positions.height
    return judged


def rows(frame, *columns: str) -> list[tuple]:
    return frame.select(columns).rows()


def one_row(header: str, row: str, profile: Profile = LONG):
    """Read a long table of one row."""
    return read(f"{header}\n{row}\n", profile)
