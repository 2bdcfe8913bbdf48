"""Whatever happens to a message on its way, no position is lost and nothing but an error of ours is raised."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recal_labs.catalogue import load_catalogue
from recal_labs.errors import RecalLabsError
from recal_labs.ingest import read_panel
from recal_labs.ingest.hl7 import read_hl7
from tests.ingest.hl7_messages import DAY, PID, SPOT, message, obx

CATALOGUE = load_catalogue()
VALID = message(
    obx("<^0.5", kind="SN", limits="0 - 20", flag="L"),
    obx("27~25", code="VMA^Vanillylmandelic acid^L"),
    "NTE|1|L|Corrected volume\\.br\\first report 48.2 \\T\\ withdrawn",
    DAY,
    obx("41.9", code="NE24^Norepinephrine^L", unit="ug/(24.h)^^UCUM", state="C"),
    obx("1850", code="3167-4^Volume^LN", unit="mL"),
    "SPM|1|S9||UR^Urine|||||||P|1850^mL|||||202403100700^202403110700",
    PID.replace("T-17", "T-18"),
    SPOT,
    obx("QNS", kind="ST", state="X"),
)
PIECES = [*"|^~\\&\r\n\x0b\x1c-9٣µ", '""', "MSH|^~\\&|", "OBX|1|NM|", "PID|"]

changes = st.lists(
    st.tuples(
        st.sampled_from(["drop", "insert", "swap", "repeat"]),
        st.integers(0, len(VALID) - 1),
        st.integers(0, 40),
        st.one_of(st.sampled_from(PIECES), st.text(max_size=3)),
    ),
    max_size=6,
)


def mutated(text, steps):
    for what, start, length, piece in steps:
        at = start % (len(text) + 1)
        cut = text[at : at + length]
        rest = text[at + length :]
        middle = {"drop": "", "insert": piece + cut, "swap": cut[::-1], "repeat": cut + cut}[what]
        text = text[:at] + middle + rest
    return text


def test_the_message_to_be_broken_is_sound(tmp_path):
    path = tmp_path / "sound.hl7"
    path.write_text(VALID, encoding="utf-8", newline="")
    record = read_panel(path, catalogue=CATALOGUE).files[0]
    assert (record.positions, record.results, record.rejects, record.no_result) == (6, 4, 1, 1)


@given(changes)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_message_loses_no_position(tmp_path, steps):
    path = tmp_path / "damaged.hl7"
    path.write_bytes(mutated(VALID, steps).encode("utf-8", errors="replace"))
    try:
        panel = read_panel(path, profile="generic_hl7v2", catalogue=CATALOGUE)
    except RecalLabsError:
        return
    record = panel.files[0]
    assert record.positions == len(panel.results) + len(panel.rejects) + len(panel.no_result)
    assert panel.results["value"].notna().all()
    assert panel.results["subject_id"].notna().all()


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_at_all_can_be_split(text):
    assert read_hl7(text).height >= 0


@given(st.text(alphabet='MSHOBXPID|^~\\&12<>=.\r\n"', max_size=120))
@settings(max_examples=300, deadline=None)
def test_noise_that_looks_like_hl7_can_be_split(text):
    frame = read_hl7("MSH|^~\\&|LIS\r" + text)
    assert frame["source_place"].is_unique().all()


@pytest.mark.parametrize("cut", range(0, len(VALID), 7))
def test_a_message_cut_off_in_transit_keeps_what_had_arrived(cut):
    whole = [line for line in VALID[:cut].split("\r")[:-1] if line.startswith("OBX|")]
    assert read_hl7(VALID[:cut])["source_place"].str.replace(r" rep \d+$", "").n_unique() >= len(whole)
