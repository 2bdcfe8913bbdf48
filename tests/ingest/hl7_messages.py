"""Small HL7 v2 messages for the tests: a header, a patient, an order of spot urine, and what the test puts in."""

from recal_labs.ingest.hl7 import read_hl7

MSH = "MSH|^~\\&|LIS|CHEM|EHR|CLIN|20240311101500||ORU^R01^ORU_R01|9001|P|2.5.1"
PID = "PID|1||T-17^^^LAB^MR||TEST^ANNA||19850502|F"
SPOT = "OBR|1|P77|F77|NTU^Neurotransmitters^L|||202403110700||||||||UR^random urine"
DAY = "OBR|1|P77|F77|CATU^Catecholamines 24 h urine^L|||202403100700|202403110700|1850^mL"


def message(*segments, order=SPOT, patient=PID, header=MSH, end="\r"):
    return end.join([part for part in (header, patient, order, *segments) if part]) + end


def obx(value, *, kind="NM", code="HVA^Homovanillic acid^L", unit="mg/g crt", limits="", flag="", state="F"):
    return f"OBX|1|{kind}|{code}||{value}|{unit}|{limits}|{flag}|||{state}"


def positions(*segments, **parts):
    return list(read_hl7(message(*segments, **parts)).iter_rows(named=True))


def position(*segments, **parts):
    (only,) = positions(*segments, **parts)
    return only


def only(frame):
    """Return the one row of a frame."""
    assert len(frame) == 1
    return frame.iloc[0]
