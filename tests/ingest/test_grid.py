"""A delimited text is a table with things around it; every line of it is accounted for."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recal_labs.errors import FileProblem
from recal_labs.ingest.grid import HEADER_WITHIN, read_grid

WANTED = [frozenset({"analyte"}), frozenset({"result"})]


def grid_of(text, delimiter=""):
    return read_grid(text, delimiter, WANTED, "export.csv")


def body(grid):
    return grid.cells.rows()


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_each_usual_delimiter_is_found_from_the_header(mark):
    grid = grid_of(f"analyte{mark}result\nHVA{mark}3\n")
    assert grid.header == ("analyte", "result")
    assert body(grid) == [(2, "HVA", "3")]


def test_of_two_delimiters_that_fit_the_one_with_more_columns_is_the_real_one():
    # Read with commas, the header would be three columns: "a;analyte", "result", "x;y;z".
    grid = grid_of("unit;analyte;result;note, free;place\nmg;HVA;3;x, y;home\n")
    assert len(grid.header) == 5


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_three_line_ends_are_line_ends(end):
    grid = grid_of(end.join(["analyte,result", "HVA,3", "VMA,4", ""]))
    assert body(grid) == [(2, "HVA", "3"), (3, "VMA", "4")]


@pytest.mark.parametrize("mark", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_other_breaking_marks_stand_inside_a_cell(mark):
    assert body(grid_of(f"analyte,result\nH{mark}VA,3\n")) == [(2, f"H{mark}VA", "3")]


def test_title_lines_stand_above_and_a_legend_below():
    grid = grid_of("Lab of the North\n\nanalyte,result,flag\nHVA,3,*\n* above reference\n")
    assert grid.outside == [
        (1, "preamble", "Lab of the North"),
        (3, "header", "analyte,result,flag"),
        (5, "footer", "* above reference"),
    ]
    assert body(grid) == [(4, "HVA", "3", "*")]


def test_a_single_text_between_data_rows_is_a_section():
    grid = grid_of("analyte,result\nHVA,3\nAMINES\nDA,4\n")
    assert (3, "section", "AMINES") in grid.outside


def test_a_header_below_the_first_sixty_lines_is_not_looked_for():
    title = "title\n"
    assert grid_of(title * (HEADER_WITHIN - 1) + "analyte,result\nHVA,3\n").header == ("analyte", "result")
    with pytest.raises(FileProblem, match="no header line"):
        grid_of(title * HEADER_WITHIN + "analyte,result\nHVA,3\n")


def test_a_file_without_the_wanted_columns_says_which_it_wants():
    with pytest.raises(FileProblem, match="analyte and one of result"):
        grid_of("name,value\nHVA,3\n")


def test_a_file_of_a_header_alone_holds_no_data():
    grid = grid_of("analyte,result")
    assert body(grid) == []
    assert grid.outside == [(1, "header", "analyte,result")]


def test_a_header_cell_of_two_lines_is_one_cell_and_data_keep_their_line_numbers():
    grid = grid_of('"analyte","result","HVA\n(mg/g)"\nDA,3,4\n')
    assert grid.header == ("analyte", "result", "HVA\n(mg/g)")
    assert body(grid) == [(3, "DA", "3", "4")]


def test_a_newline_inside_quotes_stays_in_its_cell():
    assert body(grid_of('analyte,result\n"HVA\nurine",3\nVMA,4\n')) == [(2, "HVA\nurine", "3"), (4, "VMA", "4")]


def test_rows_longer_and_shorter_than_the_header_do_not_fit():
    grid = grid_of("analyte,result,unit\nHVA,3,mg,extra\nVMA,4\nDA,5,ug\n")
    assert [row for row, _, _ in grid.ragged] == [2, 3]
    assert "4 fields; the header has 3" in grid.ragged[0][1]
    assert body(grid) == [(4, "DA", "5", "ug")]


def test_empty_cells_beyond_the_header_are_no_fault():
    assert body(grid_of("analyte,result\nHVA,3,,\n")) == [(2, "HVA", "3")]


@pytest.mark.parametrize("broken", ['VMA,"4', '"VMA,4', '"VMA" x,4'])
def test_an_open_quote_costs_its_own_line_and_not_the_rest_of_the_file(broken):
    grid = grid_of(f'analyte,result\nHVA,3\n{broken}\nDA,5\nNE,"6"\n')
    assert [(row, text) for row, _, text in grid.ragged] == [(3, broken)]
    assert "Mend the quotes" in grid.ragged[0][1]
    assert body(grid) == [(2, "HVA", "3"), (4, "DA", "5"), (5, "NE", "6")]


def test_an_inch_mark_inside_a_field_is_no_quote():
    assert body(grid_of('analyte,result\n5" tube HVA,3\n')) == [(2, '5" tube HVA', "3")]


def test_a_quoted_field_beyond_all_measure_costs_its_own_line():
    grid = grid_of(f'analyte,result\nHVA,"{"9" * (csv.field_size_limit() + 1)}"\nVMA,4\n')
    assert [row for row, _, _ in grid.ragged] == [2]
    assert body(grid) == [(3, "VMA", "4")]


def test_a_title_with_an_open_quote_does_not_hide_the_header():
    assert body(grid_of('"Panel of spring\nanalyte,result\nHVA,3\n')) == [(3, "HVA", "3")]


cells = st.text("abc,;\"'\n µ<>=0123456789.-", max_size=8)


@given(st.lists(st.tuples(cells, cells, cells), max_size=12))
def test_whatever_csv_writes_comes_back_cell_by_cell(table):
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(["analyte", "result", "note"])
    writer.writerows(table)
    grid = grid_of(written.getvalue(), ",")
    kept = [tuple(cell.strip() or None for cell in row) for row in table]
    assert [row[1:] for row in body(grid)] == [row for row in kept if any(row)]
    assert grid.ragged == []


@given(st.text('a,"\n\r;', max_size=40))
def test_no_letter_of_any_text_is_lost(text):
    grid = grid_of("analyte,result\n" + text)
    lines = ("analyte,result\n" + text).replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(str(value) for row in body(grid) for value in row[1:] if value)
    kept += "".join(line for _, why, line in grid.outside if why != "header")
    kept += "".join(line for _, _, line in grid.ragged)
    assert kept.count("a") == lines.count("a") - "analyte,result".count("a")
