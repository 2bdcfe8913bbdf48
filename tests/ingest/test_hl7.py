r"""The observations of an ORU^R01: value, comparator, unit, range, flag and state, in the shapes that labs send."""

import pytest

from recal_labs.ingest import read_panel
from recal_labs.ingest.hl7 import read_hl7
from tests.ingest.hl7_messages import MSH, PID, SPOT, message, obx, only, position, positions


@pytest.fixture
def read(tmp_path):
    def read_message(*segments, **parts):
        path = tmp_path / "message.hl7"
        path.write_text(message(*segments, **parts), encoding="utf-8", newline="")
        return read_panel(path)

    return read_message


@pytest.mark.parametrize(
    ("kind", "text", "comparator", "value"),
    [
        ("NM", "4.2", "", 4.2),
        ("NM", "065.88", "", 65.88),
        ("NM", "<15", "<", 15.0),
        ("nm", ">2.5", ">", 2.5),
        ("ST", "5.8", "", 5.8),
        ("ST", "< 1", "<", 1.0),
        ("ST", "GT 45", ">", 45.0),
        ("", "5.8", "", 5.8),
        ("SN", "<^0.5", "<", 0.5),
        ("sn", "<^0.5", "<", 0.5),
        ("SN", "^182", "", 182.0),
        ("SN", "=^0.5", "", 0.5),
        ("SN", ">=^32", ">=", 32.0),
        ("SN", "<=^32", "<=", 32.0),
        ("SN", "^<0.5", "<", 0.5),
        ("SN", "<0.5", "<", 0.5),
        ("SN", "182", "", 182.0),
        ("CWE", "X1^<0.5^L", "<", 0.5),
    ],
)
def test_a_number_never_loses_its_comparator(read, kind, text, comparator, value):
    result = only(read(obx(text, kind=kind)).results)
    assert (result["comparator"], result["value"]) == (comparator, value)


@pytest.mark.parametrize("text", ["^100^-^200", "^1^:^128", "=^1^:^8192", ">^1^.^3", "<>^5", "<^", "-^1^-^3"])
def test_a_structured_number_that_is_not_one_number_is_refused(read, text):
    panel = read(obx(text, kind="SN"))
    assert only(panel.rejects)["reason"] == "unreadable_value"
    assert text in only(panel.rejects)["detail"]


def test_the_lab_s_own_words_keep_the_comparator():
    seen = position(obx("<^0.5", kind="SN", limits="0 - 20", flag="L"))
    assert seen["printed"] == "<^0.5"
    assert seen["raw"] == "Homovanillic acid|<^0.5|mg/g crt|0 - 20|L"


def test_the_reported_value_of_a_structured_number_is_verbatim(read):
    assert only(read(obx("<^0.5", kind="SN")).results)["reported_value"] == "<^0.5"


@pytest.mark.parametrize("kind", ["ED", "RP"])
def test_an_attachment_is_no_number(read, kind):
    reject = only(read(obx("^application^pdf^Base64^JVBERi0~xLjQ", kind=kind)).rejects)
    assert reject["reason"] == "unreadable_value"
    assert "attachment" in reject["detail"]


@pytest.mark.parametrize("kind", ["DT", "TS", "DTM", "TM"])
def test_a_date_is_no_amount(read, kind):
    assert only(read(obx("20240311", kind=kind)).rejects)["reason"] == "unreadable_value"


def test_each_repetition_is_a_position_with_its_own_place():
    seen = positions(obx("27~25"), obx("<1.5~1.6", code="VMA^Vanillylmandelic^L"))
    assert [row["value"] for row in seen] == ["27", "25", "<1.5", "1.6"]
    assert [row["source_place"] for row in seen] == [
        "msg 1 OBX 1 rep 1",
        "msg 1 OBX 1 rep 2",
        "msg 1 OBX 2 rep 1",
        "msg 1 OBX 2 rep 2",
    ]


def test_one_censored_repetition_leaves_the_other_exact(read):
    results = read(obx("<1.5~1.6")).results
    assert results[["comparator", "value"]].values.tolist() == [["<", 1.5], ["", 1.6]]


@pytest.mark.parametrize("kind", ["TX", "FT", "tx"])
def test_a_repetition_mark_in_a_text_is_a_character(kind):
    seen = position(obx("about 3~4", kind=kind))
    assert (seen["value"], seen["source_place"]) == ("about 3~4", "msg 1 OBX 1")


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("F", "final"),
        ("", "final"),
        ("C", "corrected"),
        ("c", "corrected"),
        ("P", "preliminary"),
        ("R", "preliminary"),
        ("D", "entered_in_error"),
        ("W", "entered_in_error"),
        ("X", "cancelled"),
    ],
)
def test_the_state_of_a_result_is_kept(read, state, status):
    assert only(read(obx("4.0", state=state)).results)["status"] == status


def test_an_observation_that_ends_before_its_state_is_final(read):
    assert only(read("OBX|1|NM|HVA^HVA^L||4.0|mg/g crt").results)["status"] == "final"


@pytest.mark.parametrize("state", ["X", "N", "F"])
def test_a_word_for_not_measured_is_not_measured(read, state):
    assert only(read(obx("QNS", kind="ST", state=state)).rejects)["reason"] == "not_measured"


def test_a_coded_word_for_not_measured_is_not_measured(read):
    assert only(read(obx("QNS^Quantity not sufficient^L", kind="CWE")).rejects)["reason"] == "not_measured"


@pytest.mark.parametrize("state", ["X", "N", "I"])
def test_a_cancelled_or_pending_result_without_a_value_is_not_measured(read, state):
    reject = only(read(obx("", state=state)).rejects)
    assert reject["reason"] == "not_measured"
    assert reject["raw"] == "Homovanillic acid||mg/g crt"


@pytest.mark.parametrize("text", ["", '""', "^"])
def test_an_empty_value_is_no_result_and_never_zero(read, text):
    panel = read(obx(text, kind="SN" if text == "^" else "NM"))
    assert only(panel.no_result)["reason"] == "empty_value"
    assert len(panel.results) == 0


def test_a_newline_in_a_value_does_not_lose_what_follows_it(read):
    panel = read(obx("see note\nNMN was repeated", kind="TX"), obx("4.0"), end="\n")
    assert only(panel.results)["value"] == 4.0
    assert only(panel.rejects)["reason"] == "unreadable_value"


def test_notes_between_observations_are_no_positions(read):
    panel = read(obx("4.0"), "NTE|1|L|Corrected volume\\.br\\first report 48.2 \\T\\ withdrawn", obx("5.0"), "NTE")
    assert panel.results["value"].tolist() == [4.0, 5.0]
    assert panel.files[0].positions == 2


def test_unusual_separators_change_nothing():
    usual = message(obx("<^0.5~^7", kind="SN", limits="35-150^35^150", flag="H~POS"))
    odd = usual.translate(str.maketrans("|^~\\&", "$%*!@"))
    assert odd.startswith("MSH$%*!@$")
    verbatim = ("raw", "printed")
    assert read_hl7(odd).drop(verbatim).equals(read_hl7(usual).drop(verbatim))


def test_a_micro_sign_is_read_from_windows_1252_and_from_utf_8(tmp_path):
    text = message(obx("4.0", unit="µg/g crt"), header=MSH + "|||||||8859/1")
    for encoding in ("cp1252", "utf-8"):
        path = tmp_path / f"{encoding}.hl7"
        path.write_bytes(text.encode(encoding))
        assert read_panel(path).results["unit"].tolist() == ["ug/g{creat}"]


def test_messages_caught_on_the_wire_are_read(tmp_path):
    path = tmp_path / "wire.hl7"
    path.write_bytes(b"".join(b"\x0b" + message(obx(value)).encode() + b"\x1c\r" for value in ("4.0", "5.0")))
    results = read_panel(path).results
    assert results[["value", "lab_id", "status"]].values.tolist() == [[4.0, "CHEM", "final"], [5.0, "CHEM", "final"]]


def test_a_header_in_small_letters_is_still_hl7(tmp_path):
    path = tmp_path / "small.hl7"
    path.write_text(message(obx("4.0").replace("OBX", "obx"), header=MSH.replace("MSH", "msh")))
    assert read_panel(path).results["value"].tolist() == [4.0]


def test_messages_without_observations_have_no_positions(tmp_path):
    path = tmp_path / "adt.hl7"
    path.write_text("MSH|^~\\&|ADT|H|X|X|20240311||ADT^A01|1|P|2.5\rEVN|A01\rPID|1||T-17\rPV1|1|I\r")
    panel = read_panel(path)
    assert panel.files[0].positions == 0
    assert len(panel.results) + len(panel.rejects) + len(panel.no_result) == 0


def test_an_order_that_carries_observations_is_read_like_a_report(tmp_path):
    path = tmp_path / "orm.hl7"
    path.write_text(message(obx("4.0"), header=MSH.replace("ORU^R01^ORU_R01", "ORM^O01")))
    assert read_panel(path).results["value"].tolist() == [4.0]


def test_places_count_through_message_and_file():
    text = message(obx("1"), obx("2")) + message(obx("3"))
    assert read_hl7(text)["source_place"].to_list() == ["msg 1 OBX 1", "msg 1 OBX 2", "msg 2 OBX 1"]
    assert read_hl7(text)["source_row"].to_list() == [4, 5, 9]


def test_an_observation_inside_another_segment_is_refused_with_the_reason(read):
    panel = read(order=SPOT + obx("4.0"))
    assert only(panel.rejects)["reason"] == "unreadable_row"
    assert "OBR" in only(panel.rejects)["detail"]
    assert only(panel.rejects)["source_row"] == 3


def test_segments_before_any_header_are_read_with_the_usual_separators():
    (seen,) = read_hl7("\r".join([PID, SPOT, obx("4.0")])).iter_rows(named=True)
    assert (seen["source_place"], seen["subject_id"], seen["value"]) == ("msg 0 OBX 1", "T-17", "4.0")


@pytest.mark.parametrize("sign", ["<", ">"])
def test_off_scale_in_the_flag_is_a_comparator(sign):
    assert position(obx("5", flag=sign))["comparator"] == sign
    assert position(obx("5", flag="L"))["comparator"] is None


def test_a_flag_that_contradicts_the_value_is_refused():
    found = position(obx(">^5", kind="SN", flag="<"))
    assert found["reason"] == "unreadable_value"
    assert "OBX-8 says <" in found["detail"]


def test_a_status_that_nobody_knows_is_not_taken_for_final():
    found = position(obx("5", state="Z"))
    assert found["reason"] == "unreadable_row"
    assert "OBX-11 is 'Z'" in found["detail"]
