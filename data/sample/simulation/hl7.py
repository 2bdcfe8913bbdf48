"""Lab D's export: HL7 v2.5.1 ORU^R01 messages with bare line feeds, no batch header, amounts per mole of creatinine."""

from __future__ import annotations

from datetime import datetime

from simulation.analytes import ANALYTES, CREATININE_MOLAR_MASS, SimulatedAnalyte
from simulation.delimited import flag_of, of_lab, range_text, specimen_id
from simulation.people import stream
from simulation.sheets import Place, Sheet, significant
from simulation.study_data import Specimens, Study

# Codes from reference_ranges/loinc.csv where it has one per creatinine; otherwise the lab's own.
CODES = {
    "dopamine": "24524-1^Dopamine/Creatinine^LN",
    "norepinephrine": "24523-3^Norepinephrine/Creatinine^LN",
    "epinephrine": "24522-5^Epinephrine/Creatinine^LN",
    "dopac": "DOPAC^DOPAC^99SIM",
    "hva": "22708-2^Homovanillate/Creatinine^LN",
    "vma": "14948-4^Vanillylmandelate/Creatinine^LN",
    "normetanephrine": "NMN^Normetanephrine^99SIM",
    "metanephrine": "14831-2^Metanephrine/Creatinine^LN",
    "methoxytyramine_3": "3MT^3-Methoxytyramine^99SIM",
    "serotonin": "5HT^Serotonin^99SIM",
    "hiaa_5": "HIAA^5-HIAA^99SIM",
    "gaba": "GABA^GABA^99SIM",
    "glutamate": "GLU^Glutamic acid^99SIM",
    "pea": "PEA^Phenylethylamine^99SIM",
    "kynurenine": "KYN^Kynurenine^99SIM",
    "cortisol": "UFC^Cortisol, free^99SIM",
}
MILLI = ("hva", "vma", "metanephrine", "hiaa_5", "glutamate", "kynurenine")


def unit_of(analyte: str) -> str:
    """Return lab D's unit of an analyte."""
    return "mmol/mol{creat}" if analyte in MILLI else "umol/mol{creat}"


def factor_of(analyte: SimulatedAnalyte) -> float:
    """Return what an amount per gram of creatinine is multiplied with to be in lab D's unit."""
    # ug, mg or umol per gram of creatinine; molar mass in g/mol makes ug umol.
    micromol = {"ug": 1.0 / analyte.molar_mass, "mg": 1000.0 / analyte.molar_mass, "umol": 1.0}[analyte.unit]
    return micromol * CREATININE_MOLAR_MASS / (1000.0 if analyte.id in MILLI else 1.0)


def _birth(study: Study, subject: int, on: datetime) -> str:
    """Return a birth date that makes the person as old as the study says, half a year after the birthday."""
    if not study.age_known[subject]:
        return ""
    year = on.year - int(study.people.age_years[subject]) - (on.month <= 6)
    month = on.month - 6 if on.month > 6 else on.month + 6
    return f"{year}{month:02d}01"


def _obx(sheet: Sheet, number: int, kind: str, code: str, value: str, unit: str, limits: str, flag: str) -> int:
    sheet.add("OBX", str(number), kind, code, "", value, unit, limits, flag, "", "", "F")
    return number + 1


def _message(sheet: Sheet, study: Study, specimens: Specimens, row: int, count: int, gravity: float) -> None:
    subject, visit = int(specimens.who[row]), specimens.visit
    accession, collected = specimen_id(study, subject, visit), specimens.collected[row]
    stamp = f"{collected:%Y%m%d%H%M}"
    sex = ("F" if study.people.female[subject] else "M") if study.sex_known[subject] else "U"
    msh = ["MSH", r"^~\&", "SIMULATED", "LAB_D", "STUDY", "SIM", f"{stamp}00", "", "ORU^R01^ORU_R01"]
    sheet.add(*msh, f"SIM-D-{count:04d}", "T", "2.5.1", "", "", "", "", "", "", "UNICODE UTF-8")
    person = f"{study.subject_ids[subject]}^^^STUDY^MR"
    sheet.add("PID", "1", "", person, "", "", "", _birth(study, subject, collected), sex)
    panel = "NTU^Neurotransmitters, random urine^99SIM"
    # OBR-15 says what was collected.
    sheet.add("OBR", "1", "", f"{accession}^LAB_D", panel, "", "", stamp, *[""] * 7, "UR^random urine")
    creatinine = float(specimens.creatinine_g_per_l[row])
    millimolar = creatinine / CREATININE_MOLAR_MASS * 1000.0
    number = _obx(sheet, 1, "NM", "14683-7^Creatinine^LN", significant(millimolar), "mmol/L", "1.4-28.8", "")
    sheet.places.append(Place(sheet.rows[-1], 5, accession, subject, visit, "creatinine", millimolar, False))
    number = _obx(sheet, number, "NM", "SG^Specific gravity^99SIM", f"{gravity:.3f}", "1", "1.002-1.030", "")
    for name, analyte in ANALYTES.items():
        factor = factor_of(analyte)
        amount, below = float(specimens.amount(name)[row]), bool(specimens.below[name][row])
        text, kind = significant(amount * factor), "SN" if below else "NM"
        limits = range_text(analyte, factor, upper="<", between="-")
        flag = flag_of(analyte, amount, below)
        number = _obx(sheet, number, kind, CODES[name], ("<^" if below else "") + text, unit_of(name), limits, flag)
        sheet.places.append(Place(sheet.rows[-1], 5, accession, subject, visit, name, amount * factor, below))


def lab_d(study: Study) -> Sheet:
    """Return lab D's export: many messages in one file, each a specimen, with the specific gravity beside."""
    sheet = Sheet("panels/lab_d.hl7", delimiter="|", quoted=False)
    for count, (specimens, row) in enumerate(of_lab(study, "lab_d"), 1):
        creatinine = float(specimens.creatinine_g_per_l[row])
        noise = stream(study.people.seed, "gravity", specimens.visit).standard_normal(len(study.people))
        # Near irsst2014: 1.024 where creatinine is 14.4 mmol/L in men, 1.020 where it is 10.2 in women.
        gravity = 1.0 + 0.0165 * creatinine**0.75 + 0.0015 * float(noise[specimens.who[row]])
        _message(sheet, study, specimens, row, count, min(max(gravity, 1.001), 1.040))
    return sheet
