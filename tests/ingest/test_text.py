"""Bytes become text in one of few encodings, and what is no text is refused in a sentence."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recal_labs.errors import FileProblem
from recal_labs.ingest.text import decode, read_text

MICRO, GREEK_MU = "\u00b5", "\u03bc"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("Analyt;µg/g ±".encode(), "utf-8"),
        ("Analyt;µg/g ±".encode("utf-8-sig"), "utf-8-sig"),
        ("Analyt;µg/g ±".encode("cp1252"), "cp1252"),
        ("\ufeffAnalyt;µg/g ±".encode("utf-16-le"), "utf-16"),
        ("\ufeffAnalyt;µg/g ±".encode("utf-16-be"), "utf-16"),
        ("\ufeffAnalyt;µg/g ±".encode("utf-32-le"), "utf-32"),
    ],
)
def test_every_accepted_encoding_gives_the_same_text_and_is_named(data, encoding):
    found = decode(data, "export.csv")
    assert (found.text, found.encoding) == ("Analyt;µg/g ±", encoding)


def test_the_two_micro_signs_are_kept_as_the_lab_wrote_them():
    assert decode(f"{MICRO}{GREEK_MU}".encode(), "export.csv").text == MICRO + GREEK_MU


def test_bytes_that_windows_does_not_define_stay_visible():
    # 0x81 is undefined in cp1252, and a lone 0xB5 makes the file no UTF-8.
    assert decode(b"HVA;\xb5g;\x81", "export.csv").text == "HVA;µg;\ufffd"


@pytest.mark.parametrize("data", [b"", b"  \r\n\t\n"])
def test_an_empty_file_is_named_as_empty(data):
    with pytest.raises(FileProblem, match="empty"):
        decode(data, "export.csv")


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"\x1f\x8brest", "gzip"),
    ],
)
def test_a_file_of_another_format_is_told_by_its_first_bytes_and_the_sentence_says_what_to_do(start, what):
    with pytest.raises(FileProblem, match=what) as told:
        decode(start, "report.bin")
    assert told.value.remedy
    assert "report.bin" in str(told.value)


def test_half_a_character_of_utf16_is_refused():
    with pytest.raises(FileProblem, match="broken"):
        decode("\ufeffpatient".encode("utf-16-le") + b"\x00", "export.csv")


def test_a_missing_file_and_a_folder_are_file_problems(tmp_path):
    with pytest.raises(FileProblem, match="no such file"):
        read_text(tmp_path / "absent.csv")
    with pytest.raises(FileProblem, match="cannot be read"):
        read_text(tmp_path)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff")).filter(str.strip))
def test_utf8_text_comes_back_unchanged(text):
    data = text.encode()
    if not data.startswith((b"%PDF", b"PK\x03\x04", b"HEADER RECORD")) and data.strip():
        assert decode(data, "export.csv").text == text


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_a_file_problem(data):
    with suppress(FileProblem):
        assert isinstance(decode(data, "export.csv").text, str)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_told_from_its_empty_halves(encoding):
    text = "patient;analyte;result\nS1;HVA;3,5 µg\n"
    assert decode(text.encode(encoding), "export.csv").text == text


def test_other_nul_bytes_are_no_text():
    with pytest.raises(FileProblem, match="NUL"):
        decode(b"a;b\x00;c\n1;2;3\n" * 20, "export.csv")


@pytest.mark.parametrize(("said", "encoding"), [("8859/1", "cp1252"), ("8859/2", "iso8859-2"), ("8859/5", "iso8859-5")])
def test_a_message_that_is_no_utf_8_is_read_as_it_says(said, encoding):
    letter = {"cp1252": "é", "iso8859-2": "ł", "iso8859-5": "ж"}[encoding]
    text = f"MSH|^~\\&|LAB|||||||||||||||{said}\rPID|1||7||{letter}\r"
    read = decode(text.encode(encoding), "message.hl7")
    assert (read.text, read.encoding) == (text, f"{encoding} (MSH-18)")


def test_a_message_that_names_no_known_set_is_windows_text():
    read = decode("MSH|^~\\&|LAB|||||||||||||||martian\rPID|1||7||é\r".encode("cp1252"), "message.hl7")
    assert read.encoding == "cp1252"
