"""What stands above the observations: whose they are, and of which specimen."""

import pytest

from recal_labs.ingest import read_panel
from recal_labs.ingest.hl7 import read_hl7
from tests.ingest.hl7_messages import DAY, MSH, PID, SPOT, message, obx, position, positions


def test_patient_sex_and_age_come_from_the_pid():
    seen = position(obx("4.0"))
    assert (seen["subject_id"], seen["sex"], seen["lab"]) == ("T-17", "female", "CHEM")
    assert seen["age_years"] == pytest.approx(38.857, abs=0.003)  # 2 May 1985 to 11 March 2024


def test_nothing_of_name_or_address_is_kept():
    rows = positions(obx("4.0"), patient="PID|1||T-17||SECRET^ANNA||19850502|F|||Hidden Street^^Town||555-1234")
    assert not any(word in str(rows) for word in ("SECRET", "Hidden", "555-1234"))


def test_two_patients_in_one_message_keep_their_own_results():
    rows = positions(obx("4.0"), "PID|2||T-18||TEST^BEN||19700101|M", SPOT.replace("F77", "F78"), obx("5.0"))
    assert [(row["subject_id"], row["sex"], row["value"]) for row in rows] == [
        ("T-17", "female", "4.0"),
        ("T-18", "male", "5.0"),
    ]


def test_a_second_patient_takes_nothing_over_from_the_first():
    second = positions(obx("4.0"), "PID|2||T-18", obx("5.0"), order=DAY)[1]
    assert [
        second[name] for name in ("subject_id", "specimen_id", "collected_at", "specimen", "volume_l", "hours")
    ] == [
        "T-18",
        *[None] * 5,
    ]


def test_a_result_before_any_patient_belongs_to_nobody(tmp_path):
    # A header was lost: what stands above a PID is somebody else's.
    path = tmp_path / "broken.hl7"
    path.write_text("\r".join([MSH, SPOT, obx("4.0"), PID, SPOT, obx("5.0")]))
    panel = read_panel(path)
    assert panel.results[["subject_id", "value"]].values.tolist() == [["T-17", 5.0]]
    assert panel.rejects["reason"].tolist() == ["missing_subject"]


@pytest.mark.parametrize("patient", ["", "PID|1", 'PID|1||""^^^LAB^MR', "PID|1||^^^LAB^MR"])
def test_a_result_without_a_patient_is_refused(tmp_path, patient):
    path = tmp_path / "nobody.hl7"
    path.write_text(message(obx("4.0"), patient=patient))
    assert read_panel(path).rejects["reason"].tolist() == ["missing_subject"]


@pytest.mark.parametrize(
    ("ids", "subject"),
    [
        ("T-17^^^LAB^MR~444333333^^^SSA^SS", "T-17"),
        ("444333333^^^SSA^SS~T-17^^^LAB^MR", "T-17"),
        ("444333333^^^SSA^SS~T-17^^^LAB^PI", "T-17"),
        ("~T-17", "T-17"),
        ("T-17~T-99", "T-17"),
        ("007^^^LAB^MR", "007"),
        ("NA", "NA"),
    ],
)
def test_the_lab_s_own_number_is_the_subject(ids, subject):
    assert position(obx("4.0"), patient=f"PID|1||{ids}||X")["subject_id"] == subject


@pytest.mark.parametrize(("pid", "subject"), [("PID|1|A-1|", "A-1"), ("PID|1|||B-2", "B-2"), ("PID|1|A-1||B-2", "A-1")])
def test_older_places_of_the_patient_number_are_read(pid, subject):
    assert position(obx("4.0"), patient=pid)["subject_id"] == subject


@pytest.mark.parametrize(
    ("code", "sex"),
    [("F", "female"), ("m", "male"), ("Female", "female"), ("U", "unknown"), ("", "unknown"), ('""', "unknown")],
)
def test_sex_is_known_or_unknown(code, sex):
    assert position(obx("4.0"), patient=f"PID|1||T-17||||19850502|{code}")["sex"] == sex


@pytest.mark.parametrize("born", ["", "1985", "198505", "0000", "20990101", "PIDDOB!", '""'])
def test_an_age_is_given_only_for_a_whole_and_possible_birth_date(born):
    assert position(obx("4.0"), patient=f"PID|1||T-17||||{born}|F")["age_years"] is None


def test_without_an_order_the_specimen_is_not_known(tmp_path):
    path = tmp_path / "no_obr.hl7"
    path.write_text(message(obx("4.0"), order=""))
    assert read_panel(path).rejects["reason"].tolist() == ["wrong_specimen"]


def spm(kind="UR^Urine^HL70487", volume="", time=""):
    return f"SPM|1|P9&EHR^S9&LAB||{kind}|||||||P|{volume}|||||{time}"


def test_the_specimen_segment_names_specimen_number_time_and_volume():
    order = "OBR|1|P77|F77|CATU^Catecholamines^L"
    seen = position(obx("4.0"), spm("U24^24 h urine^L", "1850^mL&mL&UCUM", "202403100700^202403110700"), order=order)
    assert (seen["specimen_id"], seen["specimen"], seen["volume_l"], seen["hours"]) == ("S9", "24 h urine", 1.85, 24.0)
    assert seen["collected_at"].isoformat() == "2024-03-10T07:00:00"


def test_two_orders_in_one_specimen_are_joined():
    rows = positions(obx("4.0"), spm(), SPOT.replace("F77", "F78"), obx("9", code="CRE^Creatinine^L"), spm())
    assert [row["specimen_id"] for row in rows] == ["S9", "S9"]


def test_two_kinds_of_specimen_in_one_order_are_not_told_apart_by_guessing(tmp_path):
    path = tmp_path / "two.hl7"
    path.write_text(message(obx("4.0"), spm(), spm("SER^Serum^HL70487")))
    reject = read_panel(path).rejects.iloc[0]
    assert reject["reason"] == "wrong_specimen"
    assert "Urine and Serum" in reject["detail"]


@pytest.mark.parametrize(
    ("source", "specimen"),
    [
        ("UR&Urine&HL70487^HCl", "Urine"),
        ("UR&&HL70487", "UR"),
        ("UR^random urine", "random urine"),
        ("UR", "UR"),
        ('""', None),
        ("", None),
    ],
)
def test_the_specimen_of_an_order_is_not_its_additive(source, specimen):
    assert position(obx("4.0"), order=SPOT.replace("UR^random urine", source))["specimen"] == specimen


@pytest.mark.parametrize("source", ["UR", "UR^Urine", "UR&Urine"])
def test_urine_collected_for_a_day_is_not_spot_urine(source):
    assert position(obx("4.0"), order=f"{DAY}||||||{source}")["specimen"] == "24 h urine"


@pytest.mark.parametrize(
    ("name", "specimen"),
    [
        ("Catecholamines 24 h urine", "24 h urine"),
        ("5-HIAA, 24-HR", "24 h urine"),
        ("Cortisol saliva 24 h profile", None),
        ("Catecholamines", None),
        ("Panel 124 h", None),
    ],
)
def test_the_order_s_name_may_say_that_it_is_a_day_s_urine(name, specimen):
    assert position(obx("4.0"), order=f"OBR|1|P77|F77|X^{name}^L|||202403100700")["specimen"] == specimen


def test_a_stated_specimen_stands_above_the_order_s_name():
    assert position(obx("4.0"), order=f"{DAY}||||||SER^Serum")["specimen"] == "Serum"


def test_a_batch_of_patients_keeps_each_to_himself():
    texts = [message(obx(str(n)), patient=f"PID|1||T-{n}") for n in range(3)]
    frame = read_hl7("FHS|^~\\&|X\rBHS|^~\\&|X\r" + "".join(texts) + "BTS|3\rFTS|1\r")
    assert frame.select("subject_id", "value").rows() == [("T-0", "0"), ("T-1", "1"), ("T-2", "2")]


def test_a_corrected_result_stands_beside_the_first_report(tmp_path):
    path = tmp_path / "corrected.hl7"
    path.write_text(message(obx("48.2"), obx("41.9", state="C"), "NTE|1|L|first report 48.2 \\T\\ withdrawn"))
    results = read_panel(path).results
    assert results[["value", "status"]].values.tolist() == [[48.2, "final"], [41.9, "corrected"]]
