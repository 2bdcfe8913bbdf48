"""The last look at a page: nothing fetched, every figure described, no statement left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser

from recal_labs.errors import ReportError

# What nbconvert writes where an author wrote nothing.
NO_DESCRIPTION = "No description has been provided for this image"

FETCHING = {
    "src": None,
    "srcset": None,
    "data": ("object",),
    "poster": None,
    "background": None,
    "href": ("link", "image", "use", "base"),
    "xlink:href": None,
}

VOID = frozenset(
    "area base br col embed hr img input link meta source track wbr".split()  # noqa: SIM905 - HTML's own list
)


class _Reader(HTMLParser):
    """Collect what the checks need in one pass."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.statements: list[str] = []
        self.fetched: list[str] = []
        self.undescribed: int = 0
        self.texts: dict[str, list[str]] = {}
        self.styles: list[str] = []
        self._open: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids[values["id"]] += 1
        if "data-statement" in values:
            self.statements.append(values["data-statement"])
        if tag == "img" and values.get("alt", "").strip() in ("", NO_DESCRIPTION):
            self.undescribed += 1
        self.styles.append(values.get("style", ""))
        for name, tags in FETCHING.items():
            address = values.get(name, "").strip()
            if address and (tags is None or tag in tags) and not address.startswith(("data:", "#")):
                self.fetched.append(f"<{tag} {name}={address[:80]}>")
        if tag not in VOID:
            self._open.append((tag, values.get("id", "")))

    def handle_endtag(self, tag: str) -> None:
        # <img/> is told as an end as well, and a stray end must not close everything around it.
        if any(tag == opened for opened, _ in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] == "style":
            self.styles.append(data)
        for tag, name in self._open:
            if tag == "section" and name:
                self.texts.setdefault(name, []).append(data)

    def says(self, section: str) -> str:
        """Return what a section says, its white space evened out."""
        return even("".join(self.texts.get(section, ())))


def even(text: str) -> str:
    """Return a text with each run of white space, no-break spaces too, as one space."""
    return " ".join(text.split())


def page_faults(
    page: str, *, statements: Sequence[str] = (), sentences: Mapping[str, Sequence[str]] | None = None
) -> list[str]:
    """Return what is wrong with a page, one clause a fault.

    Parameters
    ----------
    page : str
        HTML.
    statements : sequence of str
        Ids of the utility statements that must stand on it.
    sentences : mapping of str to sequence of str, optional
        Sentences that must stand in a section, by the section's anchor.
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    faults = [f"the utility statement {name} is not on it" for name in statements if name not in reader.statements]
    for section, required in (sentences or {}).items():
        said = reader.says(section)
        absent = [even(line) for line in required if even(line) not in said]
        faults += [f"the section “{section}” does not say “{line[:60]}…”" for line in absent]
    faults += [f"it would fetch {place}" for place in reader.fetched]
    if any(re.search(r"@import|url\((?!\s*['\"]?(?:data:|#))", style) for style in reader.styles):
        faults.append("a style would fetch something")
    if reader.undescribed:
        faults.append(
            f"{reader.undescribed} image(s) have no alternative text; show figures through recal_labs.report.html"
        )
    if reader.tags["h1"] != 1:
        faults.append(f"it has {reader.tags['h1']} h1 headings instead of one")
    faults += [f"the anchor {name!r} stands more than once" for name, times in reader.ids.items() if times > 1]
    return faults


def check_page(
    page: str, *, statements: Sequence[str] = (), sentences: Mapping[str, Sequence[str]] | None = None
) -> None:
    """Raise unless a page may be handed to a reader.

    Raises
    ------
    ReportError
        With every fault.
    """
    if faults := page_faults(page, statements=statements, sentences=sentences):
        raise ReportError(f"The page was not written: {'; '.join(faults)}.")
