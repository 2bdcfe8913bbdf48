"""Citations say what was seen and nothing else; interests are shown where one is named."""

import re

import pytest

from recal_labs.catalogue import load_evidence

PLACEHOLDER = re.compile(r"not shown|paraphrased|part-cut|as printed|as listed|as hosted|reposted", re.IGNORECASE)

# Every remark on interests in the register, and whether it names one. A new remark has to be put on this list.
NAMED = {
    "none stated in the part seen": False,
    "Not stated on the page seen": False,
    "Abstract says authors had no corporate funding or remuneration": False,
    "Author list includes names linked elsewhere with industry; affiliations not seen": False,
    "Disease-awareness site, sponsor not seen": False,
    "Internal note by the toolkit's own project": False,
    "News item about a vendor's test": False,
    "As hinz2011_spot": True,
    "Consumer-advocacy site; its author lodged the complaint": True,
    "Correspondence address at Lilly Corporate Center": True,
    "First author founded a company selling supplements used with a rival assay approach (per quackwatch2021); "
    "retraction concerned undisclosed interests": True,
    "Includes diagnostics-industry co-authors (Abbott, Roche)": True,
    "Payer with a cost interest": True,
    "Payer with a cost interest; seen as a third party's summary": True,
    "Sceptical advocacy blog": True,
    "Treat as same commercial context as hinz2011_spot until checked": True,
    "Two authors at Panasonic Industrial Devices Singapore (device maker)": True,
    "Vendor page": True,
    "Vendor product page": True,
    "Vendor: NeuroScience Inc. document": True,
    "Vendor: ZRT Laboratory sells the test": True,
    "Vendor: both authors at NeuroScience Inc.": True,
    "Vendor: co-authors Ailts and Olson are listed at NeuroScience Inc., a test seller, in ailts_whitepaper; Bull and "
    "Ailts co-wrote the company's 2007 paper": True,
    "Vendor: fiercebiotech_neuroscience attributes the test to NeuroScience, a laboratory-testing company": True,
    "Written by the author of the retracted papers": True,
}
SOURCES = load_evidence().sources


def test_every_remark_on_interests_was_judged():
    assert {source.conflict_of_interest for source in SOURCES.values()} == set(NAMED)


@pytest.mark.parametrize("remark", NAMED)
def test_an_interest_is_shown_only_where_one_is_named(remark):
    source = next(s for s in SOURCES.values() if s.conflict_of_interest == remark)
    assert source.interests == (remark if NAMED[remark] else "")


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_no_placeholder_stands_in_a_citation_and_the_gap_is_known(source):
    assert not PLACEHOLDER.search(source.citation() + source.short_citation())
    assert source.title.split()[0] in source.citation()
    fields = (source.authors, source.year, source.title, source.venue)
    whole = all(fields) and not any(PLACEHOLDER.search(field) or "title from" in field for field in fields)
    assert source.is_cited_whole == whole


@pytest.mark.parametrize(
    ("source_id", "short"),
    [
        ("pan2018", "Pan 2018"),
        ("dejong2009", "de Jong 2009"),
        ("sbm_bogus", "Science-Based Medicine"),
        ("cigna_0604", "Cigna"),
        ("ls1993_hva_regional", "“Regional homovanillic acid production in humans” 1993"),
    ],
)
def test_a_short_citation_is_the_first_author_and_the_year(source_id, short):
    assert SOURCES[source_id].short_citation() == short


def test_a_title_in_words_of_the_register_stands_in_brackets():
    assert "[Effect of carbidopa on urinary dopamine and sodium excretion in man]" in SOURCES["ball1977"].citation()


def test_ids_of_sources_in_a_text_become_citations():
    register = load_evidence()
    said = register.with_citations("See also baker1991 and nth2002_pea; not baker19912")
    assert said.startswith("See also Baker 1991 and “Decreased beta-phenylethylamine in urine of")
    assert said.endswith("not baker19912")
