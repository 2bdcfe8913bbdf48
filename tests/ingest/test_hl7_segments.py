r"""HL7 v2 text becomes messages and fields: separators from each message, any line end, no segment lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recal_labs.ingest.hl7_segments import (
    Separators,
    component,
    is_null,
    looks_like_hl7,
    read_separators,
    split_messages,
    subcomponent,
    unescape,
)

USUAL = Separators()
MSH = "MSH|^~\\&|LIS|LAB|EHR|C|20240311||ORU^R01|1|P|2.5"


def names(text):
    return [[segment.name for segment in message.segments] for message in split_messages(text)]


@pytest.mark.parametrize(
    ("msh", "expected"),
    [
        ("MSH|^~\\&|LIS", Separators("|", "^", "~", "\\", "&")),
        ("MSH|^~\\&#|LIS", Separators("|", "^", "~", "\\", "&")),
        ("MSH|^~&|LIS", Separators("|", "^", "~", "", "&")),
        ("MSH|^~\\|LIS", Separators("|", "^", "~", "\\", "")),
        ("MSH|^~|LIS", Separators("|", "^", "~", "", "")),
        ("MSH$%*!@$LIS", Separators("$", "%", "*", "!", "@")),
        ("MSH||LIS", Separators()),
        ("MSH", Separators()),
    ],
)
def test_a_message_declares_its_own_separators(msh, expected):
    assert read_separators(msh) == expected


@pytest.mark.parametrize(
    "start",
    ["MSH|^~\\&|", "FHS|^~\\&|", "BHS|^~&|", "\ufeffMSH|^~\\&|", "\n \tMSH|^~\\&|", "\x0bMSH|^~\\&|", "msh|^~\\&|"],
)
def test_hl7_is_known_by_its_first_segment(start):
    assert looks_like_hl7(start)


@pytest.mark.parametrize("start", ["patient,analyte", "MSH levels in urine", "MSH", "", "PID|1||S1", "MSH,name,unit"])
def test_a_table_is_not_taken_for_hl7(start):
    assert not looks_like_hl7(start)


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\n\n", "\r\n\r\n"])
def test_every_line_end_gives_the_same_segments(end):
    text = end.join([MSH, "PID|1||S1", "OBR|1||U1", "OBX|1|NM|HVA||4.0"]) + end
    assert names(text) == [["MSH", "PID", "OBR", "OBX"]]


def test_a_segment_knows_the_line_on_which_it_begins():
    text = f"{MSH}\r\n\r\nPID|1||S1\r\nNTE|1||first\r\nsecond\r\nOBX|1|NM|HVA||4.0"
    lines = {segment.name: segment.line for segment in split_messages(text)[0].segments}
    assert lines == {"MSH": 1, "PID": 3, "NTE": 4, "OBX": 6}


def test_a_field_that_is_not_there_is_empty():
    pid = split_messages(f"{MSH}\rPID|1||S1")[0].segments[1]
    assert (pid[3], pid[4], pid[30]) == ("S1", "", "")


def test_the_fields_of_a_header_count_from_its_separator():
    header = split_messages(MSH)[0].segments[0]
    assert (header[1], header[2], header[3], header[4], header[12]) == ("|", "^~\\&", "LIS", "LAB", "2.5")


def test_batch_headers_and_trailers_are_no_segments_of_a_message():
    text = f"FHS|^~\\&|X\rBHS|^~\\&|X\r{MSH}\rPID|1\rBTS|1\r{MSH}\rPID|2\rBTS|1\rFTS|2"
    assert names(text) == [["MSH", "PID"], ["MSH", "PID"]]


@pytest.mark.parametrize(
    "lines",
    [
        ["BHS|^~\\&|X", MSH, "PID|1", MSH, "PID|1"],
        [MSH, "PID|1", "BTS|1", "FTS|1", MSH, "PID|1"],
        ["FTS|1", MSH, "PID|1", "FHS|^~\\&|X", MSH, "PID|1", "BHS"],
        ["FHS$%*!@$X", MSH, "PID|1", "BTS$1", MSH, "PID|1", "FTS$1"],
    ],
)
def test_a_broken_batch_still_holds_its_messages(lines):
    assert names("\r".join(lines)) == [["MSH", "PID"], ["MSH", "PID"]]


def test_eight_messages_without_a_batch_are_eight():
    assert [message.number for message in split_messages("\n".join([MSH, "PID|1"] * 8))] == list(range(1, 9))


def test_what_stands_before_the_first_header_is_message_0():
    messages = split_messages(f"OBX|1|NM|HVA||4.0\r{MSH}\rPID|1")
    assert [(message.number, len(message.segments)) for message in messages] == [(0, 1), (1, 2)]


def test_each_message_keeps_its_own_separators():
    one, two = split_messages(f"{MSH}\rOBX|1|NM|A^B\rMSH$%*!@$LIS\rOBX$1$NM$A%B")
    assert [component(message.segments[1][3], 2, message.separators) for message in (one, two)] == ["B", "B"]
    assert two.segments[1].name == "OBX"


def test_a_newline_in_a_note_does_not_end_it():
    text = f"{MSH}\nNTE|1|L|The specimen\nwas pooled\nOBX|1|NM|HVA||4.0"
    assert split_messages(text)[0].segments[1][3] == "The specimen\nwas pooled"
    assert names(text) == [["MSH", "NTE", "OBX"]]


@pytest.mark.parametrize(
    "line", ["HVA was repeated", "VMA: see below", "NMN (free) 3", "OBX is missing", "MSH was high"]
)
def test_a_line_of_text_that_begins_with_three_capitals_is_text(line):
    text = f"{MSH}\nOBX|1|TX|C^Comment||first\n{line}||||||F\nOBX|2|NM|HVA||4.0"
    comment = split_messages(text)[0].segments[1]
    assert comment[5] == f"first\n{line}"
    assert comment[11] == "F"
    assert names(text) == [["MSH", "OBX", "OBX"]]


def test_small_letters_name_the_same_segments():
    assert names("msh|^~\\&|LIS\rpid|1||S1\robx|1|nm|HVA||4.0") == [["MSH", "PID", "OBX"]]


def test_padding_and_frames_of_the_wire_do_not_hide_a_header():
    assert names(f"\t{MSH}\r\t PID|1\r\x0b{MSH}\rPID|1\r\x1c\r\x0b{MSH}\r") == [["MSH", "PID"], ["MSH", "PID"], ["MSH"]]


def test_a_byte_order_mark_inside_joined_files_does_not_hide_a_header():
    assert names(f"\ufeff{MSH}\nPID|1\n\ufeff{MSH}\nPID|1") == [["MSH", "PID"], ["MSH", "PID"]]


def test_vendor_segments_are_segments():
    assert names(f"{MSH}\rZLR|1|x\rOBX|1|NM|HVA||4.0") == [["MSH", "ZLR", "OBX"]]


def test_an_observation_glued_to_another_segment_is_found_and_marked():
    obr, obx = split_messages(f"{MSH}\rOBR|1||U1|X^Y^ISOOBX|1|NM|HVA^HVA||4.0")[0].segments[1:]
    assert (obr.name, obr[4], obr.inside) == ("OBR", "X^Y^ISO", "")
    assert (obx.name, obx[5], obx.inside, obx.line) == ("OBX", "4.0", "OBR", 2)


def test_a_file_that_lost_all_its_line_ends_still_shows_its_observations():
    text = f"{MSH}PID|1||S1OBR|1||U1OBX|1|NM|HVA||4.0||||||FOBX|2|NM|VMA||3.0||||||F"
    assert [segment.inside for segment in split_messages(text)[0].segments if segment.name == "OBX"] == ["MSH", "MSH"]


@pytest.mark.parametrize(
    ("escaped", "plain"),
    [
        (r"mg\F\dL", "mg|dL"),
        (r"1\S\128", "1^128"),
        (r"H \T\ L", "H & L"),
        (r"27\R\25", "27~25"),
        (r"C:\E\temp", "C:\\temp"),
        (r"first\.br\second", "first\nsecond"),
        (r"a\.sp3\b", "a b"),
        (r"\H\5.2\N\ high", "5.2 high"),
        (r"\C2842\text\M824041\ ", "text "),
        (r"\X21\ ", "! "),
        (r"\XB5\g/L", "µg/L"),
        (r"\XC2B5\g/L", "µg/L"),
        (r"\X0D0A\ ", "\r\n "),
        ("50\\", "50\\"),
        (r"\unknown\ stays", r"\unknown\ stays"),
        (r"C:\Mydata\file", r"C:\Mydata\file"),
        (r"\Zvendor\ ", r"\Zvendor\ "),
        (r"\E\F\E\ ", r"\F\ "),
    ],
)
def test_escapes_are_put_back_and_other_text_is_left(escaped, plain):
    assert unescape(escaped, USUAL) == plain


def test_a_message_without_an_escape_character_has_no_escapes():
    assert unescape(r"mg\F\dL", Separators(escape="")) == r"mg\F\dL"


def test_escapes_stand_for_the_separators_of_their_own_message():
    odd = Separators("$", "%", "*", "!", "@")
    assert unescape("!F!!S!!R!!T!!E!", odd) == "$%*@!"
    assert unescape(r"C:\F\x", odd) == r"C:\F\x"


@given(st.text(alphabet="ab1|^~&\\ ", max_size=30))
def test_what_was_escaped_comes_back(text):
    table = {"|": "\\F\\", "^": "\\S\\", "~": "\\R\\", "&": "\\T\\", "\\": "\\E\\"}
    assert unescape("".join(table.get(letter, letter) for letter in text), USUAL) == text


def test_components_are_cut_before_they_are_unescaped():
    assert component(r"HVA^24 h \S\ urine^L", 2, USUAL) == "24 h ^ urine"


def test_the_explicit_null_is_nothing():
    assert is_null('""')
    assert is_null(" ")
    assert not is_null("0")
    assert component('""^VMA', 1, USUAL) == ""
    assert subcomponent('UR&""', 2, USUAL) == ""


def test_a_component_that_is_not_there_is_empty():
    assert component("HVA", 2, USUAL) == ""
    assert subcomponent("UR", 2, USUAL) == ""
    assert subcomponent("UR&x", 1, Separators(subcomponent="")) == "UR&x"
