"""The definitions of derived ratios: each has its source, caveat and known analytes; every planted fault is named."""

import importlib.util
import re
from pathlib import Path

import pytest

from recal_labs.catalogue import load_catalogue, load_evidence
from recal_labs.vocabulary import RATIO_SUPPORT

CATALOGUE = load_catalogue()
HEAD = "ratio_id,name,numerator,denominator,meaning,support,source_id,claim_ids,caveat\n"
FAULTS = [
    ("\nhva_da,", "\nHVA_DA,", "ratio_id 'HVA_DA' is not snake_case"),
    ("\ndopac_da,", "\nhva_da,", "ratio_id 'hva_da' is not unique"),
    (",hva,dopamine,", ",hva_total,dopamine,", "unknown analyte 'hva_total' in the numerator"),
    (",hva,dopamine,", ",hva,,", "unknown analyte '' in the denominator"),
    (",hva,dopamine,", ",hva,specific_gravity,", "specific_gravity has no molar mass"),
    (",hva+dopac,dopamine,", ",hva+dopac,dopamine+hva,", "hva stands twice in the ratio"),
    (",vma,norepinephrine+epinephrine,", ",hva,dopamine,", "the same ratio stands at catalogue/ratios.csv:2"),
    (",pathway,pestana1998|misionzhnik1981,", ",proven,pestana1998,", "support is 'proven'"),
    ("pestana1998|misionzhnik1981", "pestana1998|nobody", "unknown source 'nobody'"),
    ("pestana1998|misionzhnik1981", "", "unknown source ''"),
    ("C001|C002|C009", "C001|C999|C009", "unknown claim 'C999'"),
    ("It tells of an enzyme of the kidney. Liquorice raises it.", "", "caveat is empty"),
]


@pytest.mark.parametrize(("old", "new", "message"), FAULTS)
def test_a_planted_fault_of_a_ratio_is_found_with_folder_file_and_line(copy, plant, faults, old, new, message):
    plant("ratios.csv", old, new)
    found = [fault for fault in faults(copy) if message in fault]
    assert found
    assert re.match(r"catalogue/ratios\.csv:\d+: ", found[0])


def test_every_ratio_names_its_parts_source_support_and_caveat():
    claims = {claim.claim_id for claim in load_evidence().claims}
    assert len(CATALOGUE.ratios) >= 25
    for ratio in CATALOGUE.ratios.values():
        assert set(ratio.parts) <= set(CATALOGUE.analytes)
        assert set(ratio.source_ids) <= set(CATALOGUE.sources)
        assert set(ratio.claim_ids) <= claims
        assert ratio.caveat.endswith(".")
    assert {ratio.support for ratio in CATALOGUE.ratios.values()} == set(RATIO_SUPPORT)


def test_a_ratio_that_only_vendors_print_rests_on_no_better_source_for_itself():
    for ratio in CATALOGUE.ratios.values():
        grades = {CATALOGUE.sources[source].grade for source in ratio.source_ids}
        if ratio.support == "vendor":
            assert "D" in grades
        else:
            assert grades - {"D"}, ratio.id


def test_a_source_named_in_a_caveat_is_a_source_of_the_ratio():
    for ratio in CATALOGUE.ratios.values():
        for named in re.findall(r"\((\w+\d{4})\)", ratio.caveat):
            assert named in ratio.source_ids


def test_a_study_adds_a_ratio_of_its_own(tmp_path):
    (tmp_path / "ratios.csv").write_text(
        HEAD + "tyr_trp,Tyrosine / tryptophan,tyrosine,tryptophan,Two precursors.,urine,fila2024,,Ours alone.\n"
    )
    ratios = load_catalogue(extra=tmp_path).ratios
    assert ratios["tyr_trp"].parts == ("tyrosine", "tryptophan")
    assert list(ratios)[:-1] == list(CATALOGUE.ratios)


def test_a_study_may_leave_out_the_claims(tmp_path):
    head, row = HEAD.replace("claim_ids,", ""), "tyr_trp,Tyr / Trp,tyrosine,tryptophan,Two.,urine,fila2024,Ours.\n"
    (tmp_path / "ratios.csv").write_text(head + row)
    assert load_catalogue(extra=tmp_path).ratios["tyr_trp"].claim_ids == ()


def test_no_claim_beside_a_ratio_rests_on_retracted_work():
    register = load_evidence()
    named = {claim for ratio in CATALOGUE.ratios.values() for claim in ratio.claim_ids}
    sources = {claim.source_id for claim in register.claims if claim.claim_id in named}
    assert not [source for source in sources if register.sources[source].is_retracted]


def test_the_page_of_derived_markers_holds_the_table_of_the_definitions():
    docs = Path(__file__).parents[2] / "docs"
    spec = importlib.util.spec_from_file_location("write_ratios", docs / "write_ratios.py")
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    assert writer.PAGE.read_text(encoding="utf-8") == writer.page(), "run docs/write_ratios.py"
