"""The debate on the page: what is counted, what stands beside it, and how kinds of sources are called."""

from made_up import ANALYTES, Evidence, evidence
from test_sections import run_of

from recal_labs.report.gather.evidence import gather_evidence_facts
from recal_labs.report.gather.names import Names
from recal_labs.report.sections.utility import show_utility
from recal_labs.utility import gather_evidence

NAMES = Names(ANALYTES | {"methoxytyramine_3": "3-Methoxytyramine"})


def claim(**more):
    return evidence().claims[0] | more


def facts(*claims, **more):
    return gather_evidence_facts(
        Evidence(("dopamine",), claims, more.get("positions", ()), more.get("gaps", ())), NAMES
    )


def test_only_sound_statements_on_mental_health_are_counted():
    made = facts(
        claim(side="for"),
        claim(side="against"),
        claim(side="against", labels=["RETRACTED"]),
        claim(side="for", labels=["retraction status unclear"]),
        claim(side="against", speaks_to="other_condition"),
        claim(side="against", speaks_to="measurement"),
        claim(side="for", speaks_to="no_panel_analyte"),
        claim(side="against", speaks_to="own_note"),
    )
    assert (made["counts"]["for"], made["counts"]["against"]) == (2, 1)
    assert made["counts"]["retracted"] == 1
    assert made["sentences"][0].startswith("The evidence register holds 2 statements for and 1 statement against")
    assert made["sentences"][1].startswith("5 more statements are shown but not counted")
    leans = {c["side"]: c["lean"] for c in made["claims"]}
    assert leans["measurement"] == "leans against"
    assert leans["other conditions"] == ""


def test_what_is_not_counted_is_shown_under_its_own_heading():
    made = Evidence(("dopamine",), (claim(side="against", speaks_to="measurement"), claim(labels=["RETRACTED"])), ())
    html = show_utility(run_of(evidence=made))._repr_html_()
    assert "For its use (0)" in html
    assert "Against its use (0)" in html
    assert "leans against · cross-sectional study" in html
    assert "Not counted: retracted work (1)" in html
    assert "none for and none against the use" in html


def test_kinds_of_sources_and_stances_are_words():
    position = {"body": "B", "stance": "not_covered_general_rule", "summary": "", "document": "D", "url": ""}
    made = facts(claim(strength="rct"), claim(strength="cross_sectional"), positions=(position,))
    assert [c["strength"] for c in made["claims"]] == ["randomised trial", "cross-sectional study"]
    assert made["positions"][0]["stance"] == "does not cover: general rule"


def test_ids_of_analytes_are_shown_as_names():
    made = facts(
        claim(statement="On methoxytyramine_3 and dopamine."),
        gaps=("No statement was found about dopamine.",),
    )
    assert made["claims"][0]["statement"] == "On 3-Methoxytyramine and dopamine."
    assert made["none_found"] == ["No statement was found about Dopamine."]


def test_silence_speaks_for_nobody():
    (said,) = facts()["sentences"]
    assert said.endswith("its silence speaks neither for nor against them.")


def test_the_registers_own_rows_go_through_whole():
    made = gather_evidence_facts(gather_evidence(ANALYTES), NAMES)
    assert made["counts"]["for"]
    assert made["counts"]["against"]
    assert sum(made["counts"].values()) == len(made["claims"])
    assert not any("_" in c["strength"] for c in made["claims"])
    assert not any("_" in p["stance"] for p in made["positions"])
