"""The mark of a column is told from its numbers; where both readings fit, the number is refused."""

import pytest

from recal_labs.ingest import load_profile, read_panel


def read(tmp_path, values, profile="generic_long", delimiter=";"):
    """Return the number of each value, or the reason why there is none."""
    path = tmp_path / "export.csv"
    rows = [delimiter.join((f"S{i}", "dopamine", f'"{v}"', "ug/g creat", "urine")) for i, v in enumerate(values)]
    path.write_text("\n".join([delimiter.join(("patient", "analyte", "result", "unit", "specimen")), *rows]) + "\n")
    found = read_panel(path, profile=profile)
    refused = dict(zip(found.rejects["source_row"], found.rejects["reason"], strict=True))
    number = dict(zip(found.results["source_row"], found.results["value"], strict=True))
    return [refused.get(row) or number[row] for row in range(2, len(values) + 2)]


def wide(tmp_path, header, *rows):
    path = tmp_path / "wide.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return read_panel(path)


AMBIGUOUS = "ambiguous_number"


@pytest.mark.parametrize("profile", ["auto", "generic_long"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_numbers_tell_their_decimal_mark(tmp_path, profile, delimiter):
    assert read(tmp_path, ["12,5", "1.234", "3,1", "7"], profile, delimiter) == [12.5, 1234.0, 3.1, 7.0]
    assert read(tmp_path, ["12.5", "1,234", "3.1", "7"], profile, delimiter) == [12.5, 1234.0, 3.1, 7.0]
    assert read(tmp_path, ["1.234,5", "1.234", "0,25"], profile, delimiter) == [1234.5, 1234.0, 0.25]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_where_nothing_tells_a_number_that_may_be_read_either_way_is_refused(tmp_path, delimiter):
    assert read(tmp_path, ["1.234", "12", "1,530"], delimiter=delimiter) == [AMBIGUOUS, 12.0, AMBIGUOUS]


def test_a_comma_that_separates_cells_is_no_decimal_mark(tmp_path):
    assert read(tmp_path, ["1.234", "12"], delimiter=",") == [1.234, 12.0]
    assert read(tmp_path, ["1,530", "12"], delimiter=",") == [AMBIGUOUS, 12.0]


def test_beside_numbers_of_both_kinds_only_those_with_one_reading_are_read(tmp_path):
    assert read(tmp_path, ["12,5", "12.5", "1.530", "1,530", "0,530"]) == [12.5, 12.5, AMBIGUOUS, AMBIGUOUS, 0.53]


def test_censored_and_flagged_numbers_tell_as_well(tmp_path):
    assert read(tmp_path, ["<0,8", "1.530 (H)", "> 3.000"]) == [0.8, 1530.0, 3000.0]


def test_a_lab_that_says_how_it_writes_is_believed(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('extends = "generic_long"\n[text]\ndecimal = "."\n')
    assert load_profile(own).name == "own"
    assert read(tmp_path, ["12,5", "1.234"], own) == [AMBIGUOUS, 1.234]


def test_each_column_of_a_wide_table_is_looked_at_by_itself(tmp_path):
    found = wide(
        tmp_path,
        "patient;collected_at;specimen;Dopamine (ug/g creat);HVA (mg/g creat)",
        "S1;2024-03-01;random urine;1.530;1,54",
        "S2;2024-03-01;random urine;212.5;1,530",
    )
    assert found.results["value"].tolist() == [1.53, 1.54, 212.5, 1.53]


def test_a_column_without_a_sign_goes_by_the_file(tmp_path):
    found = wide(
        tmp_path,
        "patient;collected_at;specimen;Dopamine (ug/g creat);HVA (mg/g creat)",
        "S1;2024-03-01;random urine;1.530;1,54",
    )
    assert sorted(found.results["value"]) == [1.54, 1530.0]


def test_a_range_is_written_as_the_numbers_beside_it(tmp_path):
    path = tmp_path / "ranges.csv"
    path.write_text("patient;analyte;result;unit;specimen;range\nS1;dopamine;212,5;ug/g creat;urine;100,0 - 1.400\n")
    found = read_panel(path).results
    assert found[["reported_low", "reported_high"]].to_numpy().tolist() == [[100.0, 1400.0]]
