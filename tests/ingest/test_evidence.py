"""A shipped profile says only what is usual: where a file shows another decimal mark, what fits both is refused."""

import pytest

from recal_labs.ingest import load_profile, read_panel


def reasons(tmp_path, values, profile="generic_long", delimiter=";"):
    path = tmp_path / "export.csv"
    rows = [delimiter.join((f"S{i}", "dopamine", f'"{v}"', "ug/g creat", "urine")) for i, v in enumerate(values)]
    path.write_text("\n".join([delimiter.join(("patient", "analyte", "result", "unit", "specimen")), *rows]) + "\n")
    read = read_panel(path, profile=profile)
    refused = dict(zip(read.rejects["source_row"], read.rejects["reason"], strict=True))
    return [refused.get(row, "read") for row in range(2, len(values) + 2)]


@pytest.mark.parametrize("profile", ["auto", "generic_long"])
def test_beside_a_decimal_comma_a_point_may_stand_between_thousands(tmp_path, profile):
    found = reasons(tmp_path, ["12,5", "1.234", "3,1", "7"], profile)
    assert found == ["ambiguous_number", "ambiguous_number", "ambiguous_number", "read"]


def test_a_comma_between_thousands_is_no_sign_of_a_decimal_comma(tmp_path):
    assert reasons(tmp_path, ["1,234,567", "1.234"])[1] == "read"


def test_without_a_sign_of_the_other_mark_the_usual_one_is_believed(tmp_path):
    assert reasons(tmp_path, ["12.5", "1.234"]) == ["read", "read"]


def test_a_lab_that_says_how_it_writes_is_believed(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('extends = "generic_long"\n[text]\ndecimal = "."\n')
    assert load_profile(own).name == "own"
    assert reasons(tmp_path, ["12,5", "1.234"], own) == ["ambiguous_number", "read"]
