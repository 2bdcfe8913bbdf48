"""Codes are the same for one key everywhere, differ by kind, and say nothing of what they stand for."""

import base64
import datetime as dt
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recal_labs.privacy import Key
from recal_labs.privacy.codes import KINDS, Coder, keyed, shift_of

from .conftest import SECRET


@given(st.text(min_size=1))
def test_a_code_is_a_letter_and_80_bits(original):
    for kind, letter in KINDS.items():
        code = Coder(Key(SECRET)).code(kind, original)
        assert re.fullmatch(rf"{letter}-[A-Z2-7]{{16}}(\.[a-z0-9]+)?", code)
        assert base64.b32decode(code[2:18]) == Key(SECRET).digest(kind, original)[:10]


def test_one_text_has_unlike_codes_as_subject_specimen_and_file():
    coder = Coder(Key(SECRET))
    codes = {coder.code(kind, "S001")[2:] for kind in KINDS}
    assert len(codes) == len(KINDS)


def test_another_key_gives_other_codes():
    assert Coder(Key(SECRET)).code("subject", "S1") != Coder(Key(SECRET[::-1])).code("subject", "S1")


def test_codes_do_not_collide_and_their_letters_are_spread_evenly():
    coder = Coder(Key(SECRET))
    codes = [coder.code("subject", str(n)) for n in range(100_000)]
    assert len(set(codes)) == 100_000
    counts = Counter(letter for code in codes for letter in code[2:])
    expected = 100_000 * 16 / 32
    # 32 letters, 50,000 expected of each: chi-squared of 31 degrees of freedom exceeds 61 once in a thousand.
    assert sum((n - expected) ** 2 / expected for n in counts.values()) < 61


def test_a_code_is_never_a_formula_and_keeps_only_endings_that_say_what_a_file_is():
    coder = Coder(Key(SECRET))
    assert coder.code("file", "results of Ann.CSV").endswith(".csv")
    assert "ann" not in coder.code("file", "results.ann").casefold()


def test_a_code_is_not_coded_again():
    coder = Coder(Key(SECRET))
    code = coder.text("Ann")
    assert coder.text(code) == code
    assert coder.originals.height == 1


def test_originals_tell_each_code_back():
    coder = Coder(Key(SECRET))
    code = coder.code("subject", "S1")
    coder.code("subject", "S1")
    assert coder.originals.rows() == [("subject", code, "S1")]


@given(st.integers(1, 3650), st.text(min_size=1, max_size=5))
def test_a_shift_is_never_zero_and_within_its_distance(days, who):
    shift = shift_of(Key(SECRET), who, days)
    assert 1 <= abs(shift) <= days
    assert shift == shift_of(Key(SECRET), who, days)


def test_shifts_are_even_over_all_days():
    counts = Counter(shift_of(Key(SECRET), str(n), 5) for n in range(10_000))
    assert set(counts) == {-5, -4, -3, -2, -1, 1, 2, 3, 4, 5}
    # 1,000 expected of each; five standard deviations are 150.
    assert all(850 < n < 1150 for n in counts.values())


def test_no_distance_moves_nothing():
    assert shift_of(Key(SECRET), "P-X", 0) == 0
    assert dt.timedelta(days=shift_of(Key(SECRET), "P-X", 0)) == dt.timedelta(0)


def test_a_keyed_hash_is_marked_and_differs_from_the_hash():
    digest = "ab" * 32
    assert keyed(Key(SECRET), digest).startswith("hmac:")
    assert digest not in keyed(Key(SECRET), digest)
    assert keyed(Key(SECRET), "") == ""


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_have_letters_of_their_own(kind):
    assert list(KINDS.values()).count(KINDS[kind]) == 1
