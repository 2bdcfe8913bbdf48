"""How a document is cited from what was seen of it: what was not shown is left out, never filled in."""

from __future__ import annotations

import re

# Remarks of the register on what a page did not print; they are no part of a name, a title or a journal.
_REMARK = re.compile(
    r"\s*[(\[][^()\[\]]*\b(?:not shown|title paraphrased|part-cut|title from|as printed|as listed|as hosted|"
    r"reposted copy)\b[^()\[\]]*[)\]]"
)
_NOTHING = re.compile(r"(?:authors?|year|title|venue|journal) not shown\b")
# Titles in other words than the document's own stand in square brackets, as in bibliographies.
_OWN_WORDS = re.compile(r"\((?:title paraphrased|title not shown)\)")
_INITIALS = re.compile(r"\s+[A-Z]{1,3}$")
_ASIDE = re.compile(r"\s*\([^()]*\)$")
_SHORT_TITLE_WORDS = 7


def seen(text: str) -> str:
    """Return a field without the register's remarks on it; nothing when only a remark stands there.

    Examples
    --------
    >>> seen("Ball SG, Lee MR"), seen("[not shown in result]"), seen("Kharrazian D (venue not shown)")
    ('Ball SG, Lee MR', '', 'Kharrazian D')
    """
    plain = _REMARK.sub("", text).strip()
    return "" if _NOTHING.match(plain) else plain


def is_complete(*fields: str) -> bool:
    """Whether every field of a citation was seen whole: none is empty or carries a remark that it was not."""
    return all(field and seen(field) == field for field in fields)


def full_citation(authors: str, year: str, title: str, venue: str) -> str:
    """Return authors, year, title and venue in one line, as far as they were seen.

    Examples
    --------
    >>> full_citation("Ball SG, Lee MR", "1977", "Effect of carbidopa (title paraphrased)", "Br J Clin Pharmacol")
    'Ball SG, Lee MR (1977). [Effect of carbidopa]. Br J Clin Pharmacol'
    >>> full_citation("[not shown in result]", "1979", "MHPG production", "venue not shown in result")
    'MHPG production (1979)'
    """
    named = seen(title).rstrip(".")
    named = f"[{named}]" if _OWN_WORDS.search(title) else named
    dated = f" ({year})" if year else ""
    who = seen(authors)
    start = [f"{who}{dated}", named] if who else [f"{named}{dated}"]
    # A title that ends in a question mark, or "et al.", needs no full stop of ours.
    return re.sub(r"([?.])\. ", r"\1 ", ". ".join(part for part in (*start, seen(venue)) if part))


def short_citation(authors: str, year: str, title: str) -> str:
    """Return the first author and the year, or the start of the title where no author was seen.

    Examples
    --------
    >>> short_citation("Pan X, Kaminga AC", "2018", ""), short_citation("Doctor's Data", "", "")
    ('Pan 2018', "Doctor's Data")
    >>> short_citation("[not shown in result]", "1979", "Regional homovanillic acid production in the brain of man")
    '“Regional homovanillic acid production in the brain…” 1979'
    """
    who = _INITIALS.sub("", _ASIDE.sub("", seen(authors).split(",")[0]))
    words = seen(title).split()
    more = "…" if len(words) > _SHORT_TITLE_WORDS else ""
    name = who or f"“{' '.join(words[:_SHORT_TITLE_WORDS])}{more}”"
    return f"{name} {year}".strip()
