"""Real HL7 v2 files that no one here wrote: every position is accounted for, and rejects show what the file says."""

from pathlib import Path

import hl7
import pytest

from recal_labs.ingest import read_panel
from recal_labs.ingest.hl7 import read_hl7
from recal_labs.ingest.text import read_text

FOLDER = Path(__file__).parents[1] / "fixtures" / "hl7v2"
FILES = sorted(path.name for path in FOLDER.iterdir())
PLACE = ["source_file", "source_row", "source_place"]

# One observation of this file begins in the middle of its OBR line: "...&ISOOBX|1|NM|...". Plain splitting, and
# python-hl7, miss it; here it is a reject, because a result that was sent must not vanish.
GLUED = {"ruby-hl7__realm-lead-laboratory-result.hl7": 1}


def plain_text(name):
    # Bytes that are no UTF-8 do not matter for counting.
    text = (FOLDER / name).read_bytes().decode("utf-8-sig", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def count_by_splitting(text):
    """Count OBX segments and repetitions of OBX-5, with the separators of the latest MSH."""
    field, repetition, segments, positions = "|", "~", 0, 0
    for line in text.split("\n"):
        line = line.strip()
        if line.startswith("MSH"):
            field, repetition = line[3], line[5]
        if line.startswith(f"OBX{field}"):
            fields = line.split(field) + [""] * 6
            segments += 1
            positions += 1 if fields[2] in {"TX", "FT", "ED", "RP"} else fields[5].count(repetition) + 1
    return segments, positions


def test_the_fixtures_are_there():
    assert len(FILES) >= 27


@pytest.mark.parametrize("name", FILES)
def test_every_position_is_a_result_a_reject_or_no_result(name):
    read = read_panel(FOLDER / name)
    record = read.files[0]
    _, expected = count_by_splitting(plain_text(name))
    assert record.positions == expected + GLUED.get(name, 0)
    assert record.positions == len(read.results) + len(read.rejects) + len(read.no_result)


@pytest.mark.parametrize("name", FILES)
def test_python_hl7_counts_the_same_segments(name):
    # After its line ends are made CR, python-hl7 reads each of these files; on LF it would find nothing in most.
    parsed = hl7.parse_hl7(plain_text(name).replace("\n", "\r"))
    messages = [parsed] if isinstance(parsed, hl7.Message) else list(_messages(parsed))
    counted = sum(str(segment[0]) == "OBX" for message in messages for segment in message)
    places = read_hl7(plain_text(name))["source_place"].str.replace(r" rep \d+$", "")
    assert places.n_unique() == counted + GLUED.get(name, 0)


def _messages(container):
    for part in container:
        if isinstance(part, hl7.Message):
            yield part
        elif not isinstance(part, str):
            yield from _messages(part)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_line_ends_change_nothing(name, end, tmp_path):
    path = tmp_path / name
    path.write_bytes(plain_text(name).replace("\n", end).encode())
    first, again = read_panel(FOLDER / name), read_panel(path)
    for table in ("results", "rejects", "no_result"):
        assert getattr(first, table).drop(columns="source_row").equals(getattr(again, table).drop(columns="source_row"))


@pytest.mark.parametrize("name", FILES)
def test_each_place_is_named_once(name):
    read = read_panel(FOLDER / name)
    places = [tuple(row) for t in (read.results, read.rejects, read.no_result) for row in t[PLACE].to_numpy()]
    assert len(set(places)) == len(places)


# Read off the files by eye: name, value, unit, range and flag as they stand there.
SEEN = [
    ("fhir-converter__LAB-ORU-1.hl7", "msg 1 OBX 2", "ERYTHROCYTES|4.06|tera.l-1||N"),
    ("fhir-converter__LAB-ORU-1.hl7", "msg 1 OBX 6", "NEUTROPHILS/100 LEUKOCYTES|72|%||N"),
    ("fhir-converter__LAB-ORU-2.hl7", "msg 1 OBX 6", "HEMOGLOBIN|13.4|g/l-1||N"),
    ("fhir-converter__ORU-R01-RMGEAD.hl7", "msg 1 OBX 1", "GLUCOSE|^182|mg/dl|70_105|H"),
    ("healthcare-data-ha__oru_r01_ex1.hl7", "msg 1 OBX 4", "CO2EX|28|mm(hg)"),
    ("healthcare-data-ha__oru_r01_ex2.hl7", "msg 1 OBX 3", "STI|-0.5|mm"),
    ("hl7__hex-and-delimiters.hl7", "msg 1 OBX 1", "Mixed|Ratio 1^128 and unit mg|dL ends with !"),
    ("hl7__escape-formatting.hl7", "msg 1 OBX 2", "Note|charset switch"),
    ("hl7__isabella_jones_multiple_tests.txt", "msg 1 OBX 1", "Cholesterol|120|mg/dl|< 200"),
    ("hl7__isabella_jones_multiple_tests.txt", "msg 1 OBX 6", "LDL/HDL Ratio|0.75||0-3.55"),
    ("hl7__isabella_jones_multiple_tests.txt", "msg 1 OBX 18", "e-GFR|62||> 60 mL/min/1.73m2"),
    ("hl7__obx-result-notes.hl7", "msg 1 OBX 2", "Potassium|4.2|mmol/L|3.5-5.1|N"),
    ("hl7__oru-r01-sn-results.hl7", "msg 1 OBX 1", "Thyroid Stimulating Hormone|>^90|mIU/L|0.4-4.0|H"),
    ("hl7__oru-r01-sn-results.hl7", "msg 1 OBX 2", "Glucose|^100^-^200|mg/dL|70-110|N"),
    ("hl7__oru-r01-sn-results.hl7", "msg 1 OBX 3", "Antibody Titer|^1^:^128"),
    ("hl7__tz-offset.hl7", "msg 1 OBX 1", "Glucose|95|mg/dL|70-110|N"),
    ("hl7v2__oru_r01_multi.hl7", "msg 1 OBX 16", "LDL Cholesterol|125|mg/dL|<100|H"),
    ("prime-reportstream__OBX-to-Observation-nm-value.hl7", "msg 1 OBX 1", "Fake|5|ML"),
    ("prime-reportstream__OBX-to-Observation-sn-as-quantity-value.hl7", "msg 1 OBX 1", "Fake|>^1^.^3|ML"),
    ("prime-reportstream__OBX-to-Observation-sn-as-range-value.hl7", "msg 1 OBX 1", "Fake|-^1^-^3|CM"),
    ("prime-reportstream__ORU_deidentified.hl7", "msg 1 OBX 2", "Age at specimen collection|44|a"),
    (
        "prime-reportstream__batch_message.hl7",
        "msg 2 OBX 1",
        "SARS-CoV-2 (COVID-19) Ag [Presence] in Respiratory specimen by Rapid immunoassay|Not detected|||N",
    ),
    (
        "prime-reportstream__elims_40_4988249_33033.hl7",
        "msg 1 OBX 1",
        "Mold and Yeast XXX MS.MALDI-TOF|Candida metapsilosis (organism)",
    ),
    (
        "ruby-hl7__ORU_R01_2.5.1_SampleTestCase1.er7",
        "msg 1 OBX 1",
        "Lead BldC-mCnc|50|ug/dL|<9 mcg/dL:  Acceptable background lead exposure|H",
    ),
    ("ruby-hl7__ORU_R01_2.5.1_SampleTestCase3.er7", "msg 1 OBX 1", "Lead BldC-mCnc|25|ug/dl|<10 ug/dl|H"),
    ("ruby-hl7__realm-batch.hl7", "msg 2 OBX 1", "Lead BldC-mCnc|50|ug/dL|<10 ug/dL|H"),
    ("ruby-hl7__realm-hepatitis-c-virus.hl7", "msg 1 OBX 1", "HCV Ab Ser EIA-aCnc|||>^11.0|1"),
    ("ruby-hl7__realm-lead-laboratory-result.hl7", "msg 1 OBX 1", "Lead BldCmCnc|50|ug/dL|<10 ug/dL|H"),
]


@pytest.mark.parametrize(("name", "place", "raw"), SEEN)
def test_a_reject_shows_name_value_unit_range_and_flag_of_the_file(name, place, raw):
    rejects = read_panel(FOLDER / name).rejects.set_index("source_place")
    assert rejects.loc[place, "raw"] == raw


def position(name, place):
    frame = read_hl7(read_text(FOLDER / name).text)
    return next(row for row in frame.iter_rows(named=True) if row["source_place"] == place)


def test_a_comparator_beside_the_number_is_kept():
    seen = position("hl7__oru-r01-sn-results.hl7", "msg 1 OBX 1")
    assert (seen["comparator"], seen["value"]) == (">", "90")


def test_a_corrected_report_is_marked_corrected():
    assert position("ruby-hl7__ORU_R01_2.5.1_SampleTestCase3.er7", "msg 1 OBX 1")["status"] == "corrected"


def test_a_value_that_slipped_into_the_range_is_refused_not_lost():
    rejects = read_panel(FOLDER / "ruby-hl7__realm-hepatitis-c-virus.hl7").rejects.set_index("source_place")
    assert rejects.loc["msg 1 OBX 1", "reason"] == "unreadable_row"
    assert ">^11.0" in rejects.loc["msg 1 OBX 1", "detail"]


def test_an_observation_glued_to_the_line_before_is_refused_not_lost():
    rejects = read_panel(FOLDER / "ruby-hl7__realm-lead-laboratory-result.hl7").rejects.set_index("source_place")
    assert rejects.loc["msg 1 OBX 1", "reason"] == "unreadable_row"
    assert "OBR" in rejects.loc["msg 1 OBX 1", "detail"]


def test_the_number_of_the_specimen_joins_the_orders_measured_in_it():
    # LAB-ORU-1 orders twice (OBR-3 82503246 and 890775544) in one SpecimenID.
    frame = read_hl7(read_text(FOLDER / "fhir-converter__LAB-ORU-1.hl7").text)
    assert frame["specimen_id"].unique().to_list() == ["SpecimenID"]


def test_a_word_that_is_no_loinc_code_is_not_called_one():
    # The sender files its own mnemonics under LN.
    assert position("hl7v2__oru_r01_multi.hl7", "msg 1 OBX 1")["code"] is None
    assert position("hl7__isabella_jones_multiple_tests.txt", "msg 1 OBX 1")["code"] == "2093-3"


def test_offset_and_wall_clock_are_kept_apart():
    seen = position("hl7__tz-offset.hl7", "msg 1 OBX 1")
    assert (seen["collected_at"].isoformat(), seen["utc_offset_min"]) == ("2025-01-02T15:30:45", 300)
