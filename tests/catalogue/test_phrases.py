"""Words are found in free text whole, however they are spaced, and a word that turns them round is heeded."""

import pytest

from recal_labs.catalogue.phrases import Lexicon, fold_text

LEXICON = Lexicon(
    [
        ("5-HTP", ["precursor"]),
        ("L-DOPA", ["levodopa"]),
        ("tea", ["drink"]),
        ("herbal tea", ["herb"]),
        ("hydrochloric acid", ["hcl"]),
        ("acid", ["some acid"]),
        ("no preservative", ["none"]),
        ("Salzsäure", ["hcl"]),
    ]
)


@pytest.mark.parametrize(
    ("text", "meanings"),
    [
        ("5-HTP", ["precursor"]),
        ("5 htp 100mg", ["precursor"]),
        ("5HTP", ["precursor"]),
        ("L-Dopa/carbidopa", ["levodopa"]),
        ("LDOPA", ["levodopa"]),
        ("l dopa", ["levodopa"]),
        ("dopa", []),
        ("steak", []),
        ("teas", []),
        ("black tea", ["drink"]),
        ("herbal tea", ["herb"]),
        ("herbal tea and tea", ["herb", "drink"]),
        ("25 mL hydrochloric acid", ["hcl"]),
        ("salzsaure", ["hcl"]),
        ("SALZSÄURE", ["hcl"]),
        ("no preservative", ["none"]),
        ("no tea", []),
        ("tea-free", []),
        ("stopped tea", []),
        ("", []),
        ("?!", []),
    ],
)
def test_what_a_text_surely_means(text, meanings):
    assert list(LEXICON.find(text).sure) == meanings


def test_a_word_that_turns_it_round_is_told_apart_from_a_word_that_is_not_known():
    assert LEXICON.find("no tea").negated
    assert LEXICON.find("no tea").meanings == {"drink": "tea"}
    assert not LEXICON.find("no idea").negated


@pytest.mark.parametrize(("text", "folded"), [("µg  Ä-b_c", "μg a b c"), ("5-HTP", "5 htp"), ("", "")])
def test_folding_keeps_words_apart(text, folded):
    assert fold_text(text) == folded
