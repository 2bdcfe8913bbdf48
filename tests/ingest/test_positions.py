"""The positions frame has every column of its schema, whichever of them a reader fills."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from recal_labs.ingest.positions import SCHEMA, as_positions, no_positions, outside_positions, unreadable_rows


def test_a_readers_frame_gets_the_columns_it_lacks_in_order():
    made = as_positions(pl.DataFrame({"value": ["3", None], "source_row": [2, 3]}))
    assert made.schema == SCHEMA
    assert made["value"].to_list() == ["3", None]
    assert made["unit"].null_count() == 2


def test_no_positions_are_none():
    assert no_positions().height == outside_positions([]).height == unreadable_rows([]).height == 0
    assert no_positions().schema == outside_positions([]).schema == unreadable_rows([]).schema == SCHEMA


@given(st.lists(st.tuples(st.integers(1, 10**6), st.just("a word"), st.text(max_size=5)), max_size=5))
def test_a_line_beside_the_data_holds_no_result_and_a_row_that_does_not_fit_is_refused(lines):
    beside, ragged = outside_positions(lines), unreadable_rows(lines)
    assert beside.select("source_row", "no_result", "raw").rows() == lines
    assert ragged.select("source_row", "detail", "raw").rows() == lines
    assert beside["reason"].null_count() == ragged["no_result"].null_count() == len(lines)
    assert ragged["reason"].to_list() == ["unreadable_row"] * len(lines)
    assert ragged["source_place"].to_list() == [f"row {row}" for row, _, _ in lines]
