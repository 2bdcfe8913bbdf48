"""Statements follow from the numbers, and never say more."""

import re

import pandas as pd
import pytest

from recal_labs.columns import ESTIMATES
from recal_labs.utility import Circumstances, association_statement

FORBIDDEN = re.compile(r"\b(predicts?|deficien\w+|imbalance\w*|proves?|treats?|cures?|diagnos\w+ of)\b", re.IGNORECASE)


def table(*pairs, effect="spearman_rho"):
    rows = [
        dict.fromkeys(ESTIMATES.names)
        | {
            "analyte_id": analyte,
            "outcome": "phq9",
            "n": 80,
            "estimate": rho,
            "ci_low": rho - 0.2,
            "ci_high": rho + 0.2,
            "p_adjusted": p,
            "effect": effect,
            "reason": "",
        }
        for analyte, rho, p in pairs
    ]
    return pd.DataFrame(rows)


NULL, STRONG = table(("hva", 0.05, 0.8)), table(("hva", 0.5, 0.001), ("vma", 0.02, 0.9))
FACTS = {
    "plain": Circumstances(n_subjects=200, planned=True),
    "n = 12": Circumstances(n_subjects=12, planned=True),
    "unplanned": Circumstances(n_subjects=200),
    "simulated": Circumstances(n_subjects=200, planned=True, simulated=True),
    "censored": Circumstances(n_subjects=200, planned=True, censored=(("hva", 0.7),)),
    "dilution": Circumstances(n_subjects=200, planned=True, dilution_unknown=1.0, corrected_for_dilution=False),
    "two labs": Circumstances(n_subjects=200, planned=True, n_labs=2),
}
SAID = {
    "n = 12": "Only 12 subjects",
    "unplanned": "every effect is exploratory",
    "simulated": "The data are simulated",
    "censored": "beyond a detection limit: hva (70%)",
    "dilution": "Dilution is unknown for 100%",
    "two labs": "Results of 2 labs",
}


@pytest.mark.parametrize("case", SAID)
def test_each_weakness_is_named_where_it_is_and_only_there(case):
    assert SAID[case] in str(association_statement(NULL, FACTS[case]))
    assert SAID[case] not in str(association_statement(NULL, FACTS["plain"]))


def test_a_null_is_said_to_be_one():
    assert association_statement(NULL, FACTS["plain"]).headline.startswith("None of 1 pair")


def test_a_strong_effect_is_named_with_its_share_of_variance():
    statement = association_statement(STRONG, FACTS["plain"])
    assert statement.headline == "1 of 2 pairs is associated after adjustment: hva with phq9."
    assert "25.0% of the variance" in str(statement)


def test_an_association_lost_with_covariates_is_said():
    both = pd.concat([STRONG, table(("hva", 0.05, 0.7), ("vma", 0.01, 0.9), effect="partial_spearman_rho")])
    statement = association_statement(both, FACTS["plain"])
    assert "None of 2 pairs" in statement.headline
    assert "though it looked so before: hva with phq9" in str(statement)


@pytest.mark.parametrize("case", FACTS)
@pytest.mark.parametrize("effects", [NULL, STRONG], ids=["null", "strong"])
def test_wording_never_goes_beyond_association(effects, case):
    statement = association_statement(effects, FACTS[case])
    assert not FORBIDDEN.search(" ".join((statement.headline, *statement.seen)))
    assert "not a diagnosis" in statement.closing
    assert "clinician" in statement.closing


def test_html_escapes_names():
    statement = association_statement(table(("<script>", 0.5, 0.001)), FACTS["plain"])
    assert "<script>" not in statement._repr_html_()
