"""The evidence register: complete, labelled, and a position that was not found is never given."""

import shutil

import pytest

from recal_labs.catalogue import load_evidence, load_instruments
from recal_labs.catalogue.evidence import FOLDER
from recal_labs.errors import CatalogueError
from recal_labs.utility import gather_evidence

# Rows of the register that the facts were carried over from.
CLAIMS, EFFECTS, POSITIONS, SOURCES = 158, 95, 27, 145


def test_every_row_was_carried_over():
    register = load_evidence()
    counts = (len(register.claims), len(register.effects), len(register.positions), len(register.sources))
    assert counts == (CLAIMS, EFFECTS, POSITIONS, SOURCES)


def test_retracted_vendor_and_unverified_rows_keep_their_labels():
    register = load_evidence()
    summary = gather_evidence({a for claim in register.claims for a in claim.analyte_ids})
    labels = {row["claim_id"]: row["labels"] for row in summary.claims}
    for claim in register.claims:
        shown, source = labels[claim.claim_id], register.sources[claim.source_id]
        assert source.is_retracted == any("RETRACTED" in label for label in shown)
        assert claim.is_vendor == ("vendor" in shown)
        assert (claim.is_verified and source.is_verified) != ("unverified" in shown)


def test_there_is_a_retracted_source_and_it_is_labelled():
    register = load_evidence()
    assert register.sources["hinz2011_spot"].is_retracted


def test_a_body_without_a_position_is_never_given_one():
    summary = gather_evidence({a for p in load_evidence().positions for a in p.analyte_ids})
    assert summary.positions
    assert all(row["stance"] != "not_found" for row in summary.positions)


def test_an_analyte_nobody_wrote_about_is_said_so():
    summary = gather_evidence(["barium"])
    assert summary.claims == ()
    assert summary.none_found == ("No statement was found about barium.",)


def test_both_sides_are_shown_for_a_debated_analyte():
    sides = {row["side"] for row in gather_evidence(["norepinephrine"]).claims}
    assert {"for", "against"} <= sides


def test_authors_that_were_not_shown_are_said_so():
    for source in load_evidence().sources.values():
        assert "[not shown" not in source.citation()


def test_every_instrument_has_its_licence_and_no_item_wording():
    for instrument in load_instruments().values():
        assert instrument.licence
        assert "wording" not in instrument.entry


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("sources", "source_id {} is not unique: it stands at sources.csv:2 too"),
        ("effects", "effect_id {} is not unique: it stands at effects.csv:2 too"),
        ("claims", "claim_id {} is not unique: it stands at claims.csv:2 too"),
        ("positions", "position_id {} is not unique: it stands at positions.csv:2 too"),
    ],
)
def test_an_id_of_the_register_stands_once(tmp_path, file, message):
    folder = tmp_path / "register"
    shutil.copytree(FOLDER, folder)
    path = folder / f"{file}.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_evidence(folder)
    first = lines[1].split(",")[0]
    assert f"{file}.csv:{len(lines) + 1}: {message.format(first)}" in caught.value.faults


@pytest.mark.parametrize("file", ["effects", "claims", "positions"])
def test_a_row_of_the_register_names_a_source_that_exists(tmp_path, file):
    folder = tmp_path / "register"
    shutil.copytree(FOLDER, folder)
    named = next(row.source_id for row in getattr(load_evidence(), file))
    path = folder / f"{file}.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(f",{named},", ",nobody_2020,", 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match=rf"{file}.csv:\d+: unknown source 'nobody_2020'"):
        load_evidence(folder)
