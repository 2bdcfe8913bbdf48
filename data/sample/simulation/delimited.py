"""The CSV exports: lab A long with its own ranges, lab B wide with decimal comma, lab C wide 24 h collections."""

from __future__ import annotations

from simulation.analytes import ANALYTES, SimulatedAnalyte
from simulation.sheets import Place, Sheet, significant
from simulation.study_data import Specimens, Study

# Lab A's own words. Every specimen has one of the spellings of its unit; they all mean the same.
LAB_A_NAMES = {
    "dopamine": "Dopamine",
    "norepinephrine": "Norepinephrine",
    "epinephrine": "Epinephrine",
    "dopac": "DOPAC",
    "hva": "Homovanillic acid",
    "vma": "Vanillylmandelic acid",
    "normetanephrine": "Normetanephrine",
    "metanephrine": "Metanephrine",
    "methoxytyramine_3": "3-Methoxytyramine",
    "serotonin": "Serotonin",
    "hiaa_5": "5-HIAA",
    "gaba": "GABA",
    "glutamate": "Glutamic acid",
    "pea": "Phenylethylamine (PEA)",
    "kynurenine": "Kynurenine",
    "cortisol": "Cortisol, free",
}
PER_GRAM = ("{}/g creat", "{}/g Cr", "{}/g creatinine", "{}/g{{creat}}")
# fmt: off
LAB_A_COLUMNS = (
    "subject_id", "specimen_id", "collected_at", "specimen", "analyte", "result",
    "unit", "range", "flag", "lab", "sex", "age",
)
# fmt: on
UPPER_ONLY = ("epinephrine", "pea", "cortisol")

LAB_B_COLUMNS = {
    "creatinine": "Kreatinin (g/L)",
    "dopamine": "Dopamin (µg/L)",
    "norepinephrine": "Noradrenalin (µg/L)",
    "epinephrine": "Adrenalin (µg/L)",
    "dopac": "DOPAC (µg/L)",
    "hva": "Homovanillinsäure (mg/L)",
    "vma": "Vanillinmandelsäure (mg/L)",
    "normetanephrine": "Normetanephrin (µg/L)",
    "metanephrine": "Metanephrin (µg/L)",
    "methoxytyramine_3": "3-MT (µg/L)",
    "serotonin": "Serotonin (µg/L)",
    "hiaa_5": "5HIES (mg/L)",
    "gaba": "GABA (µg/L)",
    "glutamate": "Glu (µmol/L)",
    "pea": "PEA (µg/L)",
    "kynurenine": "KYN (µmol/L)",
    "cortisol": "Cortisol (µg/L)",
}

# Lab C: analyte, header, and whether it is per 24 h; the others are concentrations. NA is noradrenaline there.
LAB_C_COLUMNS = (
    ("creatinine", "Creatinine (mg/dL)", False),
    ("norepinephrine", "NA (ug/24h)", True),
    ("epinephrine", "Adrenaline (ug/24h)", True),
    ("dopamine", "Dopamine (ug/24h)", True),
    ("hva", "HVA (mg/24h)", True),
    ("vma", "VMA (mg/24h)", True),
    ("normetanephrine", "Normetanephrine (ug/24h)", True),
    ("metanephrine", "Metanephrine (ug/24h)", True),
    ("methoxytyramine_3", "3-MT (ug/L)", False),
    ("hiaa_5", "5-HIAA (mg/L)", False),
    ("cortisol", "Cortisol (nmol/L)", False),
)


def specimen_id(study: Study, subject: int, visit: str) -> str:
    """Return the accession: the subject's id and S1, S2 for single voids, T1 for the 24 h collection."""
    return f"{study.subject_ids[subject]}-{ {'first': 'S1', 'second': 'S2', 'timed': 'T1'}[visit] }"


def of_lab(study: Study, lab: str) -> list[tuple[Specimens, int]]:
    """Return the specimens of a lab in order of collection: the visit's table and the row in it."""
    found = [
        (specimens.collected[row], visit, row)
        for visit, specimens in study.specimens.items()
        for row in range(len(specimens.who))
        if specimens.lab[row] == lab
    ]
    return [(study.specimens[visit], row) for _, visit, row in sorted(found)]


def range_text(analyte: SimulatedAnalyte, factor: float = 1.0, upper: str = "≤ ", between: str = " - ") -> str:
    """Return the range a lab prints, in its own unit."""
    low, high = (significant(limit * factor, 2) for limit in analyte.printed_range)
    return f"{upper}{high}" if analyte.id in UPPER_ONLY else f"{low}{between}{high}"


def flag_of(analyte: SimulatedAnalyte, amount: float, below: bool) -> str:
    """Return H or L against the printed range, or nothing."""
    low, high = analyte.printed_range
    if amount > high and not below:
        return "H"
    return "L" if amount < low and analyte.id not in UPPER_ONLY else ""


def lab_a(study: Study) -> Sheet:
    """Return lab A's export: UTF-8, comma, one row a result, amounts per gram of creatinine."""
    sheet = Sheet("panels/lab_a.csv")
    sheet.add("SIMULATED export of lab A (made-up people and made-up ranges)")
    sheet.add("Neurotransmitters in random urine, results per gram of creatinine")
    sheet.add(*LAB_A_COLUMNS)
    for count, (specimens, row) in enumerate(of_lab(study, "lab_a")):
        subject = int(specimens.who[row])
        accession = specimen_id(study, subject, specimens.visit)
        collected = f"{specimens.collected[row]:%Y-%m-%d %H:%M}"
        head = (study.subject_ids[subject], accession, collected, "random urine")
        sex = ("female" if study.people.female[subject] else "male") if study.sex_known[subject] else ""
        age = str(study.people.age_years[subject]) if study.age_known[subject] else ""
        creatinine = float(specimens.creatinine_g_per_l[row])
        text = significant(creatinine * 100.0)
        line = sheet.add(*head, "Creatinine", text, "mg/dL", "16 - 326", "", "lab_a", sex, age)
        sheet.places.append(
            Place(line, 5, accession, subject, specimens.visit, "creatinine", creatinine * 100.0, False)
        )
        for name, analyte in ANALYTES.items():
            amount, below = float(specimens.amount(name)[row]), bool(specimens.below[name][row])
            text = ("<" if below else "") + significant(amount)
            unit = PER_GRAM[count % len(PER_GRAM)].format(analyte.unit)
            flag = flag_of(analyte, amount, below)
            line = sheet.add(*head, LAB_A_NAMES[name], text, unit, range_text(analyte), flag, "lab_a", sex, age)
            sheet.places.append(Place(line, 5, accession, subject, specimens.visit, name, amount, below))
    sheet.add("QNS = quantity not sufficient; TNP = test not performed")
    sheet.add("SIMULATED end of export")
    return sheet


def _wide_row(
    sheet: Sheet,
    study: Study,
    specimens: Specimens,
    row: int,
    head: list[str],
    columns: list[tuple[str, float, str]],
) -> None:
    """Append one specimen: per column an analyte, the factor from its concentration, and the mark between decimals."""
    subject = int(specimens.who[row])
    line = sheet.add(*head)
    for analyte, factor, decimal in columns:
        if analyte == "creatinine":
            value, below = float(specimens.creatinine_g_per_l[row]), False
        else:
            value, below = float(specimens.concentration[analyte][row]), bool(specimens.below[analyte][row])
        text = ("<" if below else "") + significant(value * factor).replace(".", decimal)
        accession = specimen_id(study, subject, specimens.visit)
        place = Place(line, len(line.cells), accession, subject, specimens.visit, analyte, value * factor, below)
        line.cells.append(text)
        sheet.places.append(place)


def lab_b(study: Study) -> Sheet:
    """Return lab B's export: Windows-1252, semicolons, decimal comma, concentrations, no ranges."""
    sheet = Sheet("panels/lab_b.csv", delimiter=";", encoding="cp1252", newline="\r\n")
    header = ["Proben-ID", "Patient", "Entnahme", *LAB_B_COLUMNS.values(), "Bemerkung"]
    sheet.add("SIMULATED: Bericht LIMS, Labor B, erfundene Personen", *[""] * (len(header) - 1))
    sheet.add(*header)
    columns = [(analyte, 1.0, ",") for analyte in LAB_B_COLUMNS]
    for specimens, row in of_lab(study, "lab_b"):
        subject = int(specimens.who[row])
        accession = specimen_id(study, subject, specimens.visit)
        collected = f"{specimens.collected[row]:%d.%m.%Y %H:%M}"
        _wide_row(sheet, study, specimens, row, [accession, study.subject_ids[subject], collected], columns)
        sheet.rows[-1].cells.append("")
    sheet.add("* auffällig   ND = nicht nachweisbar   QNS = zu wenig Material", *[""] * (len(header) - 1))
    return sheet


def lab_c(study: Study) -> Sheet:
    """Return lab C's export: UTF-8 with byte order mark, comma, 24 h collections, per 24 h and per litre."""
    sheet = Sheet("panels/lab_c.csv", encoding="utf-8-sig")
    sheet.add("SIMULATED export of lab C: 24 h collections of made-up people")
    header = ["subject_id", "specimen_id", "collected_at", "volume_l", "hours"]
    sheet.add(*header, *(column for _, column, _ in LAB_C_COLUMNS))
    for specimens, row in of_lab(study, "lab_c"):
        subject = int(specimens.who[row])
        volume, hours = float(specimens.volume_l[row]), float(specimens.hours[row])
        per_day = volume * 24.0 / hours
        factors = {"creatinine": 100.0, "cortisol": 1000.0 / ANALYTES["cortisol"].molar_mass}
        columns = [(name, per_day if timed else factors.get(name, 1.0), ".") for name, _, timed in LAB_C_COLUMNS]
        head = [study.subject_ids[subject], specimen_id(study, subject, "timed")]
        head += [f"{specimens.collected[row]:%Y-%m-%d %H:%M}", f"{volume:.2f}", f"{hours:.1f}"]
        _wide_row(sheet, study, specimens, row, head, columns)
    return sheet
