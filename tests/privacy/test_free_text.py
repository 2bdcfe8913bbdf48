"""Free text keeps what it means to the catalogue and loses every other word."""

import polars as pl
import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.normalise.handling import WORDED, handling_lexicons, read_words
from recal_labs.normalise.interference import interferent_lexicon
from recal_labs.privacy.free_text import caffeine_use, known_phrases

CATALOGUE = load_catalogue()
LEXICON = interferent_lexicon(CATALOGUE)


def test_every_known_medicine_means_the_same_when_a_name_stands_beside_it():
    words = [row["word"] for row in CATALOGUE.interferent_words if not row["scope"]]
    kept = [known_phrases(f"{word} 50 mg (Quillfeather)", LEXICON) for word in words]
    for word, told in zip(words, kept, strict=True):
        assert "quill" not in told.casefold()
        assert not told or LEXICON.find(told).sure.keys() == LEXICON.find(f"{word} 50 mg (Quillfeather)").sure.keys()
    # A phrase that would mean something else alone gets a code instead; that is rare.
    assert sum(bool(told) for told in kept) > 0.95 * len(words)


@pytest.mark.parametrize("text", ["stopped Zoloft", "no caffeine since Ann left", "placebo of levodopa"])
def test_what_was_turned_round_stays_turned_round(text):
    told = known_phrases(text, LEXICON)
    assert told.startswith("not ")
    assert LEXICON.find(told).negated
    assert not LEXICON.find(told).sure


def test_medicines_that_nothing_is_known_of_get_a_code(guard):
    taken = pl.DataFrame(
        {
            "subject_id": ["S1"] * 3,
            "kind": ["pharmaceutical"] * 3,
            "name": ["Zoloft from Ann", "Annapril", None],
            "unit": ["mg", "of Ann", None],
            "start": [None] * 3,
        }
    )
    coded = guard.interventions(taken)
    assert coded["name"][0] == "Zoloft"
    assert coded["name"][1].startswith("T-")
    assert coded["unit"][0] == "mg"
    assert coded["unit"][1].startswith("T-")
    assert coded.row(2)[2:4] == (None, None)


@pytest.mark.parametrize(
    ("factor", "text", "told"),
    [
        ("preservative", "25 mL 6N HCl by Ann", "6N HCl"),
        ("storage", "kept at -20 °C by Ann", "-20 °C"),
        ("storage", "Ann's fridge", "fridge"),
    ],
)
def test_bottles_keep_preservative_and_temperature(guard, factor, text, told):
    bottles = pl.DataFrame({"specimen_id": ["U1"], factor: [text]})
    assert guard.specimens(bottles)[factor][0] == told


def test_all_words_of_handling_mean_the_same_without_their_neighbours(guard):
    lexicons = handling_lexicons(CATALOGUE)
    for factor in WORDED:
        texts = [f"{row['word']} (Quillfeather)" for row in CATALOGUE.handling_words if row["factor"] == factor]
        coded = guard.specimens(pl.DataFrame({"specimen_id": [str(n) for n in range(len(texts))], factor: texts}))[
            factor
        ]
        for text, told in zip(texts, coded, strict=True):
            assert "quill" not in told.casefold()
            assert told.startswith("T-") or read_words(factor, told, lexicons[factor]) == read_words(
                factor, text, lexicons[factor]
            )


def test_caffeine_is_a_yes_or_no_where_the_words_are_rare(guard):
    assert [caffeine_use(text) for text in ("tea with Ann", "none", "unknown", "decaf only")] == [
        "yes",
        "no",
        "unknown",
        "no",
    ]
    people = pl.DataFrame({"subject_id": ["S1", "S2"], "caffeine": ["tea with Ann", None]})
    assert guard.subjects(people)["caffeine"].to_list() == ["yes", None]
