"""What a technician reads after a run: which file, how it was read, what was refused and why, where to look."""

import json
import re

import pandas as pd
import pytest

from recal_labs.batch import normalise_inbox, summary_lines
from recal_labs.choices import Choices
from recal_labs.cli import main

from .conftest import HL7, LONG, write


def shown(*inputs, out, **options):
    lines = summary_lines(normalise_inbox(inputs, out, progress=False, **options))
    assert all(len(line) <= 80 or str(out) in line for line in lines), lines
    return lines


def test_a_line_a_file_then_totals_then_where_to_look(inbox, tmp_path):
    out = tmp_path / "out"
    assert shown(inbox, out=out) == [
        "deeper/two.hl7  generic_hl7v2   1 result  0 rejects",
        "one.csv         generic_long    1 result   1 reject  unknown_analyte",
        "    row 3: 'Mystery' is not in the catalogue. Map it in the profile's",
        "    [analytes].",
        "report.pdf      not read       0 results   1 reject  unreadable_file",
        "    it is a PDF report; expected a delimited text, a workbook, HL7 v2, FHIR or",
        "    SAS transport; PDF reports are not read yet; ask the lab for CSV or HL7.",
        "3 files: 5 positions, 2 results, 2 rejects, 1 without a result by design.",
        "1 of 2 amounts lies beyond a limit of detection (50.0 %): vma 100.0 %.",
        f"Rejects: 2 in {out / 'rejects.csv'}",
        f"Names and units to map: 1 in {out / 'worklist.csv'}",
    ]
    again = shown(inbox, out=out)
    assert again[0] == "deeper/two.hl7  generic_hl7v2   1 result  0 rejects  already read"
    assert again[1:3] == [
        "one.csv         generic_long    1 result   1 reject",
        "    unknown_analyte  already read",
    ]
    assert "3 files (3 already read): 5 positions" in " ".join(again)


def test_one_of_each_is_said_in_the_singular(tmp_path):
    path = write(tmp_path / "one.csv", LONG.replace("S1,HVA", "S1,Enigma"))
    lines = shown(path, out=tmp_path / "out")
    assert lines[0] == "one.csv  generic_long  0 results  2 rejects  unknown_analyte"
    assert lines[1].startswith("    2 unknown_analyte, the first in row 2: 'Enigma' is not in the catalogue;")
    assert "1 file: 3 positions, 0 results, 2 rejects, 1 without a result by design." in lines


def test_the_commonest_reason_is_named_and_one_that_needs_a_look_before_not_measured(tmp_path):
    rows = "S1,HVA,QNS,mg/g creat,urine\nS1,VMA,4 or so,mg/g creat,urine\nS1,DA,3,ug/g creat,urine\n"
    path = write(tmp_path / "one.csv", LONG.splitlines(keepends=True)[0] + rows)
    assert shown(path, out=tmp_path / "out")[0].endswith("2 rejects  most: unreadable_value")


def test_of_many_files_only_those_that_need_a_look_are_listed(tmp_path):
    for number in range(41):
        write(tmp_path / "inbox" / f"{number:02}.hl7", HL7.replace("S2", f"S{number}"))
    write(tmp_path / "inbox" / "quiet.csv", LONG.replace("4.0", "QNS").rsplit("S1", 1)[0])
    write(tmp_path / "inbox" / "bad.csv")
    lines = shown(tmp_path / "inbox", out=tmp_path / "out")
    assert lines[0] == "bad.csv  generic_long  1 result  1 reject  unknown_analyte"
    assert lines[1].startswith("    row 3: 'Mystery' is not in the catalogue.")
    assert lines[3] == "and 42 files without a reject that needs a look"
    assert lines[4].startswith("43 files: ")
    assert lines[5].startswith("41 of 42 amounts lie beyond a limit of detection")
    assert len(lines) == 8


def test_long_and_hostile_names_are_folded_inside_the_line_and_never_cut(tmp_path):
    box, long = tmp_path / "inbox", "very_long_" * 20 + "end.csv"
    write(box / long)
    write(box / "clear\x1b[2Jscreen\n.csv")
    write(box / ("x" * 41 + ".csv"))
    lines = shown(box, out=tmp_path / "out")
    assert "clear?[2Jscreen?.csv" in lines[0]
    at = next(at for at, line in enumerate(lines) if line.startswith("very_long"))
    assert "".join(lines[at : at + 3]) == long
    assert lines[at + 3].split() == ["generic_long", "1", "result", "1", "reject"]
    assert any(line.startswith("x" * 41 + ".csv  generic_long  1 result  1 reject") for line in lines)


def test_each_reason_has_an_example_with_its_place_and_text(tmp_path):
    rows = [
        "S1,HVA,4,ug/g creatnine,urine",
        "S2,HVA,4,ug/g creatnine,urine",
        "S3,HVA,4 or so,mg/g creat,urine",
        "S4,Mystery,4,mg/g creat,urine",
        "S5,HVA,4,mg/g creat,serum",
        "S6,HVA,QNS,mg/g creat,urine",
        "S7,HVA,4,mg/g creat,urine",
    ]
    path = write(tmp_path / "one.csv", LONG.splitlines(keepends=True)[0] + "\n".join(rows) + "\n")
    lines = shown(path, out=tmp_path / "out")
    assert lines[0] == "one.csv  generic_long  1 result  6 rejects  most: unknown_unit"
    told = " ".join(line.strip() for line in lines[1:])
    assert (
        "2 unknown_unit, the first in row 2: The unit 'ug/g creatnine' is not known; did you mean ug/g{creat}?" in told
    )
    assert "row 5, unknown_analyte: 'Mystery' is not in the catalogue" in told
    assert "row 4, unreadable_value: The value is '4 or so'" in told
    assert "also: 1 wrong_specimen" in told
    assert "QNS" not in told


def test_a_file_with_nothing_under_its_header_is_said_to_be_empty(tmp_path):
    box = tmp_path / "inbox"
    write(box / "bare.csv", LONG.splitlines(keepends=True)[0])
    write(box / "full.csv")
    people = write(tmp_path / "people.csv", "subject_id,sex\n")
    lines = shown(box, out=tmp_path / "out", subjects=people)
    assert lines[0].startswith("bare.csv  generic_long  0 results  0 rejects")
    assert lines[1].startswith("    It was read, and it holds no results: there are no rows under its header")
    assert "people.csv: it holds no rows." in lines


def test_a_cell_of_a_table_that_cannot_be_read_is_shown(tmp_path):
    people = write(tmp_path / "people.csv", "subject_id,age_years\nS1,forty\n")
    lines = shown(write(tmp_path / "one.csv"), out=tmp_path / "out", subjects=people)
    at = lines.index("people.csv: 1 cell could not be read")
    assert lines[at + 1].startswith("    row 2: age_years is 'forty'; expected an age in years")


def test_results_without_an_amount_on_the_basis_are_counted_with_the_reason(tmp_path):
    rows = "".join(f"S{n},HVA,4,mg/g creat,urine\n" for n in range(4))
    path = write(tmp_path / "one.csv", LONG.splitlines(keepends=True)[0] + rows)
    lines = " ".join(shown(path, out=tmp_path / "out", choices=Choices(basis="per_24h")))
    assert (
        "4 of 4 results have no amount on the basis per_24h: 4 because there is no volume or no duration of a timed "
        "collection, which an amount per 24 h needs." in lines
    )
    assert "no amount" not in " ".join(shown(path, out=tmp_path / "again"))


def test_a_unit_in_doubt_is_said_and_put_on_the_worklist(tmp_path, capsys):
    rows = "".join(f"S{n},HVA,{3600 + 20 * n},mg/g creatinine,urine\n" for n in range(12))
    path = write(tmp_path / "odd.csv", LONG.splitlines(keepends=True)[0] + rows)
    out = tmp_path / "out"
    with pytest.raises(SystemExit) as ended:
        main(["normalise", str(path), "--out", str(out), "--lab", "lab_x", "--quiet"])
    assert ended.value.code == 0
    said = " ".join(line.strip() for line in capsys.readouterr().out.splitlines())
    sentence = (
        r"hva in mg/g\{creat\} of lab_x: the median of 3,[67]00 of its 12 results lies far from what \d+ sources print "
        r"\([\d.]+ to [\d.]+\); read as ug/g\{creat\} it would fit .* ask the lab which unit it means\."
    )
    assert re.search(f"Unit in doubt: {sentence} The first of them: odd.csv row 2", said)
    assert f"Units to ask a lab about: 1 in {out / 'worklist.csv'}" in said
    (row,) = pd.read_csv(out / "worklist.csv").to_dict("records")
    assert (row["what"], row["text"], row["count"]) == ("unit (suspect)", "mg/g creatinine", 12)
    assert row["example"] == "odd.csv row 2"
    assert re.fullmatch(sentence, row["suggestion"])


@pytest.mark.parametrize(("unread", "code", "last"), [("4 or so", 3, "(exit code 3)"), ("QNS", 0, "Done")])
def test_the_command_ends_by_saying_what_its_exit_code_means(tmp_path, capsys, unread, code, last):
    path = write(tmp_path / "one.csv", LONG.replace("4.0", unread).rsplit("S1", 1)[0])
    with pytest.raises(SystemExit) as ended:
        main(["normalise", str(path), "--out", str(tmp_path / "out"), "--quiet"])
    assert ended.value.code == code
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("one.csv  generic_long  0 results  1 reject")
    assert last in said[-1]
    assert ("1 reject needs a look" in said[-1]) == (code == 3)


@pytest.mark.parametrize("option", [["--profile", "nope.toml"], ["--profiles", "no.toml"], ["--subjects", "no.csv"]])
def test_wrong_options_are_one_sentence_and_usage(tmp_path, capsys, option):
    with pytest.raises(SystemExit) as ended:
        main(["normalise", str(write(tmp_path / "one.csv")), "--out", str(tmp_path / "out"), *option])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "there is no such file" in said
    assert "unexpected" not in said


def test_an_out_that_is_a_file_is_one_sentence_and_usage(tmp_path, capsys):
    path = write(tmp_path / "one.csv")
    with pytest.raises(SystemExit) as ended:
        main(["normalise", str(path), "--out", str(path)])
    assert ended.value.code == 2
    assert "it is a file" in capsys.readouterr().err


def test_how_much_is_censored_is_said_with_the_totals_and_in_the_manifest(tmp_path):
    rows = "S1,HVA,<4.0,mg/g creat,urine\nS2,HVA,5.0,mg/g creat,urine\n"
    path = write(tmp_path / "one.csv", LONG.splitlines(keepends=True)[0] + rows)
    out = tmp_path / "out"
    lines = shown(path, out=out)
    assert "1 of 2 amounts lies beyond a limit of detection (50.0 %): hva 50.0 %." in " ".join(lines)
    written = json.loads((out / "manifest.json").read_text())["censored"]
    assert written == {"hva": {"n": 2, "below": 1, "above": 0, "open": 0, "share": 0.5}}
