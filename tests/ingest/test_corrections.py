"""What takes an earlier result back, and when it was said, reaches the results: there it meets what it takes back."""

from datetime import datetime

import pytest

from recal_labs.ingest import read_panel
from recal_labs.normalise import normalise
from tests.ingest.exports import WIDE, one_row, read, rows
from tests.ingest.hl7_messages import DAY, MSH, SPOT, message, obx, position

HEAD = "patient,accession,analyte,result,unit,specimen"


def at(minute, hour=11, day=11):
    return f"202403{day}{hour:02}{minute:02}"


def header(stamp, number="9001"):
    return MSH.replace("20240311101500", stamp).replace("9001", number)


@pytest.mark.parametrize(
    ("order", "sent", "analysed", "expected"),
    [
        (f"{SPOT}|||||||202403120800", "202403120900", "202403111200", datetime(2024, 3, 12, 8)),
        (SPOT, "202403120900", "202403111200", datetime(2024, 3, 12, 9)),
        (SPOT, "", "202403111200", datetime(2024, 3, 11, 12)),
        (f'{SPOT}|||||||""', "2024-03-12", "202403111200+0100", datetime(2024, 3, 11, 12)),
        (SPOT, "", "", None),
    ],
)
def test_the_time_of_report_is_the_orders_then_the_messages_then_the_analysis(order, sent, analysed, expected):
    seen = position(obx("4.0") + "|||202403101000|||||" + analysed, order=order, header=header(sent))
    assert seen["reported_at"] == expected


def test_the_time_of_a_collection_is_never_taken_for_the_time_of_report():
    seen = position(obx("4.0") + "|||202403101000", order=DAY, header=header(""))
    assert seen["reported_at"] is None


@pytest.mark.parametrize("name", ["reported_at", "Date Reported", "report date"])
def test_a_long_table_tells_when_it_was_reported_and_what_it_replaces(name):
    made = one_row(f"{HEAD},{name},replaces", "S1,U2,HVA,3,mg/g Cr,urine,2024-03-12 08:00, U1 ")
    assert rows(made.results, "reported_at", "replaces") == [(datetime(2024, 3, 12, 8), "U1")]


def test_a_wide_table_tells_it_of_every_cell_of_a_row():
    text = "patient,reported_at,HVA (mg/g Cr),VMA (mg/g Cr)\nS1,2024-03-12,3,4\nS2,,5,6\n"
    made = read(text, WIDE)
    assert set(rows(made.results, "subject_id", "reported_at")) == {("S1", datetime(2024, 3, 12)), ("S2", None)}


def test_a_time_of_report_that_cannot_be_read_is_a_reject_and_the_result_stands_without_it():
    made = one_row(f"{HEAD},reported_at", "S1,U1,HVA,3,mg/g Cr,urine,12/03/24")
    assert rows(made.results, "value", "reported_at") == [(3.0, None)]
    assert rows(made.rejects, "reason") == [("unreadable_date",)]
    assert "reported_at" in made.rejects["detail"][0]


@pytest.mark.parametrize("text", ["", '""', "wrong patient", "QNS"])
@pytest.mark.parametrize("state", ["D", "W"])
def test_a_deletion_without_a_number_stays_to_take_back_what_was_sent(tmp_path, state, text):
    path = tmp_path / "message.hl7"
    path.write_text(message(obx(text, kind="ST", unit="", state=state)))
    result = read_panel(path).results.iloc[0]
    assert result["status"] == "entered_in_error"
    assert result["analyte_id"] == "hva"
    assert str(result["value"]) == "nan"


def test_a_correction_that_says_not_measured_stays_to_take_back_what_was_sent():
    made = one_row(f"{HEAD},status", "S1,U1,HVA,QNS,,urine,C")
    assert rows(made.results, "value", "unit", "status", "reported_value") == [(None, None, "corrected", "QNS")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("S1,U1,HVA,QNS,mg/g Cr,urine,F", "not_measured"),
        ("S1,U1,HVA,QNS,mg/g Cr,urine,X", "not_measured"),
        ("S1,U1,HVA,3 or so,mg/g Cr,urine,C", "unreadable_value"),
        (",U1,HVA,3,mg/L,urine,D", "missing_subject"),
        ("S1,U1,Kryptonite,3,mg/L,urine,D", "unknown_analyte"),
        ("S1,U1,HVA,TNP,,plasma,D", "wrong_specimen"),
    ],
)
def test_what_takes_nothing_back_or_is_not_clear_stays_a_reject(row, reason):
    made = one_row(f"{HEAD},status", row)
    assert made.results.is_empty()
    assert rows(made.rejects, "reason") == [(reason,)]


def test_an_empty_cell_of_a_deleted_row_is_no_deletion_of_its_analyte():
    made = read("patient,status,HVA (mg/g Cr),VMA (mg/g Cr)\nS1,D,3,\n", WIDE)
    assert rows(made.results, "analyte_id", "status") == [("hva", "entered_in_error")]
    assert ("empty_cell",) in rows(made.no_result, "reason")


def test_an_empty_panel_header_is_no_result_whatever_its_state(tmp_path):
    path = tmp_path / "message.hl7"
    path.write_text(message(obx("", code="CATU^Catecholamines^L", unit="", state="D"), obx("4.0")))
    panel = read_panel(path)
    assert panel.no_result["reason"].tolist() == ["empty_value"]
    assert len(panel.rejects) == 0


@pytest.fixture
def standing(tmp_path):
    """Return a function that reads messages, one a file, and tells which values stand."""

    def read_all(*messages):
        paths = []
        # The names of the files run against the order of the messages.
        for number, text in enumerate(messages):
            paths.append(tmp_path / f"{len(messages) - number}.hl7")
            paths[-1].write_text(text)
        frame = normalise(read_panel(paths).results).frame
        again = normalise(read_panel(paths[::-1]).results).frame
        kept = frame.loc[frame["current"], "value"].tolist()
        assert again.loc[again["current"], "value"].tolist() == kept
        return kept

    return read_all


def test_a_later_deletion_without_a_value_takes_back_the_result_of_another_file(standing):
    sent = message(obx("4.0"), header=header(at(0)))
    deleted = message(obx("", unit="", state="D"), header=header(at(5), "9002"))
    assert standing(sent, deleted) == []


def test_a_result_after_the_deletion_stands(standing):
    sent, again = (message(obx(v), header=header(at(m), str(m))) for v, m in (("4.0", 0), ("5.0", 9)))
    deleted = message(obx("", unit="", state="W"), header=header(at(5), "9002"))
    assert standing(sent, deleted, again) == [5.0]


def test_a_correction_replaces_the_result_of_another_file_even_when_that_is_sent_again(standing):
    sent, again = (message(obx("48.2"), header=header(at(m), str(m))) for m in (0, 30))
    corrected = message(obx("41.9", state="C"), header=header(at(5), "9002"))
    assert standing(sent, corrected, again) == [41.9]


def test_the_newest_of_several_runs_stands(standing):
    runs = [message(obx(v), header=header(at(m), str(m))) for v, m in (("4.0", 0), ("5.0", 30), ("6.0", 10))]
    assert standing(*runs) == [5.0]
