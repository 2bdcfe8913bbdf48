"""A result's text is read with certainty or refused with a sentence; nothing in between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recal_labs.ingest.profiles import Marks
from recal_labs.ingest.values import SHOWN, read_comparator, read_number, read_value
from recal_labs.vocabulary import COMPARATORS, REJECT_REASONS

from .exports import CATALOGUE

POINT, COMMA, AMERICAN = Marks("."), Marks(",", "."), Marks(".", ",")


def value_of(text, marks=POINT, missing=()):
    return read_value(text, marks, CATALOGUE.words, missing)


@pytest.mark.parametrize(
    ("text", "marks", "comparator", "value"),
    [
        ("12.5", POINT, "", 12.5),
        ("12,5", COMMA, "", 12.5),
        ("1e3", POINT, "", 1000),
        ("1.5E-3", POINT, "", 0.0015),
        ("065.88", POINT, "", 65.88),
        (".5", POINT, "", 0.5),
        ("1,530", AMERICAN, "", 1530),
        ("1.234,5", COMMA, "", 1234.5),
        ("200.000.000", COMMA, "", 200_000_000),
        ("1 530", POINT, "", 1530),
        ("1\u00a0530", POINT, "", 1530),
        ("1\u202f530,5", COMMA, "", 1530.5),
        ("1'530", POINT, "", 1530),
        ("<0.5", POINT, "<", 0.5),
        ("< 0,5 *", COMMA, "<", 0.5),
        ("≤ 5", POINT, "<=", 5),
        (">= 3", POINT, ">=", 3),
        ("=> 3", POINT, ">=", 3),
        ("> 3.000", COMMA, ">", 3000),
        ("GT 45", POINT, ">", 45),
        ("less than 15", POINT, "<", 15),
        ("less than or equal to 15", POINT, "<=", 15),
        ("kleiner als 0,3", COMMA, "<", 0.3),
        ("＜0.5", POINT, "<", 0.5),
        ("= 7", POINT, "", 7),
        ("1.198,0 ±5 %", COMMA, "", 1198),
        ("5.2 +/- 0.3", POINT, "", 5.2),
        ("٣", POINT, "", 3),
        ("0", POINT, "", 0),
    ],
)
def test_numbers_that_are_certain(text, marks, comparator, value):
    found = value_of(text, marks)
    assert (found.comparator, found.value, found.reason) == (comparator, value, "")


@pytest.mark.parametrize(
    ("text", "value", "flag"),
    [("20.3 (H)", 20.3, "H"), ("0.9*", 0.9, "*"), ("41.3 HH", 41.3, "HH"), ("7.1 +", 7.1, "+"), ("<5 (L)", 5, "L")],
)
def test_a_flag_glued_to_a_number_is_parted_from_it(text, value, flag):
    found = value_of(text)
    assert (found.value, found.flag) == (value, flag)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "27~25",
            "167/92",
            "1:128",
            "55:02",
            "5-10",
            "19 but poor collection",
            "NaN",
            "nan",
            "inf",
            "-inf",
            "Infinity",
        ),
        *("NA", "±", "±5 %", "<", ">", "<<5", "~5", "5 %", "1.1 ppm", "<b>5</b>", "0x10", "1_000", "5.0 5.1", "5.2.1"),
    ],
)
def test_text_that_is_no_single_number_is_unreadable(text):
    found = value_of(text)
    assert (found.value, found.reason) == (None, "unreadable_value")


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("1,530", POINT),
        ("12,5", POINT),
        ("12.5", COMMA),
        ("1,234.5", POINT),
        ("1,234,567", POINT),
        # No group of thousands begins with zero, so a declared comma between thousands does not explain these.
        ("0,530", AMERICAN),
        ("0.530", COMMA),
        ("007.530", COMMA),
    ],
)
def test_a_mark_that_the_profile_does_not_explain_is_never_guessed(text, marks):
    found = value_of(text, marks)
    assert (found.value, found.reason) == (None, "ambiguous_number")


def test_a_group_that_begins_with_zero_is_not_thousands_after_a_space_either():
    assert value_of("0 530").reason == "unreadable_value"


@pytest.mark.parametrize("text", ["-5", "−5", "-0.1", "<-3", "9" * 400])
def test_an_amount_is_neither_negative_nor_infinite(text):
    assert value_of(text).reason == "impossible_value"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("QNS", "not_measured"),
        ("qns", "not_measured"),
        ("TNP", "not_measured"),
        ("StopGezet", "not_measured"),
        ("volgt", "not_measured"),
        ("see report", "not_measured"),
        ("ND", "below_limit"),
        ("<LOD", "below_limit"),
        ("< LOD", "below_limit"),
        ("nicht  nachweisbar", "below_limit"),
        ("> ULOQ", "above_limit"),
        ('""', "empty"),
        ("-", "empty"),
        ("", "empty"),
        (None, "empty"),
        ("\u00a0", "empty"),
    ],
)
def test_words_in_place_of_a_number_keep_their_meaning(text, word):
    found = value_of(text)
    assert (found.word, found.value, found.reason) == (word, None, "")


def test_a_labs_own_word_for_no_value_counts_as_empty():
    assert value_of("NA").reason == "unreadable_value"
    assert value_of("NA", missing=("na",)).word == "empty"


@pytest.mark.parametrize(
    ("text", "sign"),
    [("<", "<"), ("≤", "<="), ("=<", "<="), ("GT", ">"), ("less than", "<"), ("=", ""), ("", ""), (None, "")],
)
def test_a_comparator_in_a_field_of_its_own(text, sign):
    assert read_comparator(text) == sign


@pytest.mark.parametrize("text", ["~", "<>", "approx", "H", "< 5", "NA"])
def test_what_is_no_comparator_is_not_taken_for_one(text):
    assert read_comparator(text) is None


def test_a_sentence_stays_short_however_long_the_cell():
    assert len(value_of("x" * 1_000_000).detail) < 4 * SHOWN


amounts = st.decimals(0, 10**9, places=3, allow_nan=False)


@given(amounts, st.sampled_from([POINT, COMMA, AMERICAN, Marks(".", "'"), Marks(",", " "), Marks(",")]), st.booleans())
def test_a_printed_number_comes_back_under_the_marks_it_was_printed_with(amount, marks, grouped):
    text = f"{amount:,.3f}" if grouped and marks.thousands else f"{amount:.3f}"
    printed = text.translate({ord(","): marks.thousands, ord("."): marks.decimal})
    assert read_number(printed, marks) == float(amount)


@given(amounts, st.sampled_from(["<", "≤", ">", ">=", "less than ", "GT "]), st.sampled_from(["", " ", "\u00a0"]))
def test_a_censored_value_never_comes_out_without_its_comparator(amount, sign, gap):
    found = value_of(f"{sign}{gap}{amount:.3f}")
    assert found.value == float(amount)
    assert found.comparator == {"≤": "<=", "less than ": "<", "GT ": ">"}.get(sign, sign)


@given(st.text(st.sampled_from("<>≤≥=~±+-.,0123456789eEHL*() '\u00a0"), max_size=10), st.sampled_from([POINT, COMMA]))
def test_any_text_is_a_value_a_word_or_a_reason(text, marks):
    found = value_of(text, marks)
    assert (found.value is not None) + bool(found.word) + bool(found.reason) == 1
    assert found.comparator in COMPARATORS
    assert found.reason in ("", *REJECT_REASONS)
    if found.value is not None:
        assert 0 <= found.value < float("inf")
        assert bool(found.comparator) == any(sign in text for sign in "<>≤≥")


@pytest.mark.parametrize("text", ["5.397605346934028e-79", "9e99"])
def test_a_spoilt_zero_and_a_number_without_end_are_no_amounts(text):
    found = read_value(text, Marks(), {})
    assert found.reason == "impossible_value"
    assert found.value is None
