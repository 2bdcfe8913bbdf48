"""Whatever a censored quotient stands for lies between the bounds that are stated for it, and nowhere narrower."""

import itertools

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recal_labs.normalise.bounds import OPEN, combined, inverse, raised, surely_above, surely_below

SIGNS = ("", "<", "<=", ">", ">=")
# True values of something stated as 1: below, at and above the limit.
STANDS_FOR = {"": [1.0], "<": [1e-9, 0.5, 0.999], "<=": [1e-9, 0.5, 1.0], ">": [1.001, 2.0, 1e9], ">=": [1.0, 2.0, 1e9]}


def of(expression, **columns):
    return nw.from_native(pl.DataFrame(columns)).with_columns(found=expression)["found"].to_list()


def holds(comparator, true, stated):
    return {
        "": abs(true - stated) <= 1e-12 * stated,
        "<": true < stated,
        "<=": true <= stated,
        ">": true > stated,
        ">=": true >= stated,
        OPEN: True,
    }[comparator]


@pytest.mark.parametrize(("one", "other"), list(itertools.product(SIGNS, SIGNS)))
def test_a_product_is_bounded_as_its_factors_allow(one, other):
    (found,) = of(combined(nw.col("a"), nw.col("b")), a=[one], b=[other])
    products = [x * y for x in STANDS_FOR[one] for y in STANDS_FOR[other]]
    assert all(holds(found, product, 1.0) for product in products)
    # Open only where the product lies on both sides; strict only where it never is the limit itself.
    assert (found == OPEN) == (min(products) < 0.9 and max(products) > 1.1)
    if found in ("<=", ">="):
        assert 1.0 in products


@pytest.mark.parametrize("comparator", SIGNS)
def test_what_is_divided_by_a_bound_is_bounded_the_other_way(comparator):
    (found,) = of(inverse(nw.col("a")), a=[comparator])
    assert all(holds(found, 1 / true, 1.0) for true in STANDS_FOR[comparator])


@given(st.sampled_from(SIGNS), st.floats(-2, 2).map(lambda p: round(p, 3)))
def test_a_power_keeps_turns_or_loses_the_bound(comparator, power):
    (found,) = of(raised(nw.col("a"), nw.col("p")), a=[comparator], p=[power])
    assert all(holds(found, true**power, 1.0) for true in STANDS_FOR[comparator])


@pytest.mark.parametrize(
    ("comparator", "number", "below", "above"),
    [
        ("", 0.9, True, False),
        ("", 1.0, False, False),
        ("<", 1.0, True, False),
        ("<=", 1.0, False, False),
        ("<", 1.1, False, False),
        (">", 1.0, False, True),
        (">=", 1.0, False, False),
        (">=", 1.1, False, True),
        (">", 0.9, False, False),
        ("", None, False, False),
    ],
)
def test_a_limit_is_passed_only_where_it_surely_is(comparator, number, below, above):
    columns = {"x": [number], "c": [comparator]}
    assert of(surely_below(nw.col("x").cast(nw.Float64), nw.col("c"), 1.0), **columns) == [below]
    assert of(surely_above(nw.col("x").cast(nw.Float64), nw.col("c"), 1.0), **columns) == [above]
