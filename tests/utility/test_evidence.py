"""The evidence: only what speaks to mental health is counted, and every statement can stand alone."""

import re

import pytest

from recal_labs.catalogue import load_evidence
from recal_labs.catalogue.evidence import SPEAKS_TO
from recal_labs.utility import gather_evidence

REGISTER = load_evidence()
EVERY = gather_evidence({analyte for claim in REGISTER.claims for analyte in claim.analyte_ids})
COUNTED = [row for row in EVERY.claims if row["counted"]]


def test_every_statement_says_what_it_speaks_to():
    assert {claim.speaks_to for claim in REGISTER.claims} == set(SPEAKS_TO)


@pytest.mark.parametrize(
    "word",
    ["phaeochromocytoma", "neuroblastoma", "carcinoid", "fibromyalgia", "mastocytosis", "preserv", "room temperature"],
)
def test_tumours_other_conditions_and_storage_are_never_counted(word):
    held = [row for row in EVERY.claims if word in row["statement"].lower()]
    assert held
    assert not any(row["counted"] for row in held)


def test_retracted_work_and_the_registers_own_notes_are_shown_and_not_counted():
    retracted = [row for row in EVERY.claims if any("RETRACTED" in label for label in row["labels"])]
    notes = [row for row in EVERY.claims if row["speaks_to"] == "own_note"]
    assert len(retracted) == 2
    assert len(notes) == 1
    assert not any(row["counted"] for row in (*retracted, *notes))


def test_both_sides_are_among_what_is_counted():
    assert {"for", "against"} <= {row["side"] for row in COUNTED}
    assert {row["topic"] for row in COUNTED} <= {
        "association_with_symptoms",
        "treatment_guidance",
        "guideline_position",
    }


def test_no_id_of_a_source_is_shown():
    ids = re.compile(rf"(?<!\w)(?:{'|'.join(REGISTER.sources)})(?!\w)")
    for row in (*EVERY.claims, *EVERY.positions):
        for field in ("statement", "caveat", "conflict_of_interest", "summary", "document"):
            assert not ids.search(row.get(field, "")), row


def test_a_statement_that_leans_on_another_says_whose_it_is():
    said = {row["claim_id"]: row["statement"] for row in EVERY.claims}
    assert said["C079"] == "Pan 2018: the same review found no PTSD difference for dopamine or epinephrine."
    assert said["C141"].startswith("Lenders 2002: in that cohort urinary catecholamines")
    assert said["C133"].startswith("Cigna: another insurer covers")
    assert said["C078"].startswith("Pooling 27 studies")
    leaning = re.compile(r"^(the same|in that|that|another insurer|later work|a later)\b", re.IGNORECASE)
    assert not [statement for statement in said.values() if leaning.match(statement)]


def test_an_abbreviation_keeps_its_capitals_behind_a_citation():
    said = {row["claim_id"]: row["statement"] for row in EVERY.claims}
    assert said["C139"].partition(": ")[2].startswith("US pathologists' Choosing Wisely guidance")
    assert not [statement for statement in said.values() if re.search(r": [a-z][A-Z]", statement)]


def test_interests_never_point_a_document_to_itself():
    noted = {row["claim_id"]: (row["citation"], row["conflict_of_interest"]) for row in EVERY.claims}
    hinz = [interests for citation, interests in noted.values() if citation.startswith("Hinz M, Stein A, Neff")]
    assert hinz
    assert all(interests.startswith("First author founded a company") for interests in hinz)
    assert not any(interests.startswith("As ") for _, interests in noted.values())


def test_a_vendors_position_is_labelled():
    labels = {row["body"]: row["labels"] for row in EVERY.positions}
    assert labels["ZRT Laboratory"] == ["vendor"]
    assert labels["Aetna"] == []


def test_a_gap_is_one_of_mental_health():
    # Metanephrines have statements for tumours, and these leave the question of this page open.
    summary = gather_evidence(["methoxytyramine_3"])
    assert summary.claims
    assert summary.none_found == (
        "No statement for the use of methoxytyramine_3 in mental health was found.",
        "No statement against the use of methoxytyramine_3 in mental health was found.",
    )
