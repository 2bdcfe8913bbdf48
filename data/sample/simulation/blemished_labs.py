"""Which blemishes each simulated laboratory has; their shapes are those that real exports show."""

from __future__ import annotations

from simulation.analytes import ANALYTES
from simulation.blemishes import Book
from simulation.sheets import Place, Sheet, grouped, significant

# Columns of lab A's rows.
SUBJECT, SPECIMEN_KIND, NAME, RESULT, UNIT, RANGE = 0, 3, 4, 5, 6, 7
# Fields of an OBX segment.
KIND, VALUE, STATUS = 2, 5, 11


def blemish_lab_a(sheet: Sheet, book: Book) -> None:
    """Long CSV: words for numbers, names and units nobody knows, re-runs, two creatinines, another matrix."""
    for row in sheet.rows[:2]:
        book.note(sheet, row, "line", "title line above the table", row.cells[0], "no_result", "preamble")
    for row in sheet.rows[-2:]:
        book.note(sheet, row, "line", "legend below the table", row.cells[0], "no_result", "footer")
    book.put(sheet, book.pick(sheet, "dopamine", 0.2), "QNS", "quantity not sufficient", "reject", "not_measured")
    place = book.pick(sheet, "hva", 0.5)
    place.row.cells[RANGE] = "see report"
    book.put(sheet, place, "TNP", "test not performed", "reject", "not_measured")
    for share in (0.3, 0.8):
        _name(book, sheet, book.pick(sheet, "norepinephrine", share), "NA", "NA for noradrenaline", "ambiguous_analyte")
    _name(
        book, sheet, book.pick(sheet, "dopac", 0.4), "Agmatine", "analyte that the catalogue lacks", "unknown_analyte"
    )
    for share, mark in ((0.1, " (H)"), (0.6, " H")):
        place = book.pick(sheet, "glutamate", share)
        book.put(sheet, place, place.text + mark, "flag glued to the number", "result")
    place = book.pick(sheet, "dopac", 0.5, fits=lambda place: place.value >= 1000)
    text = grouped(significant(place.value, 4), ".", ",")
    book.put(sheet, place, text, "comma between thousands", "result")
    place = book.pick(sheet, "pea", 0.3, below=True)
    book.put(sheet, place, place.text.replace("<", "≤ "), "limit with another sign", "result")
    place = book.pick(sheet, "serotonin", 0.7)
    book.put(sheet, place, f"{place.text} but poor collection", "remark in the cell", "reject", "unreadable_value")
    book.put(sheet, book.pick(sheet, "gaba", 0.9), "-1.0", "negative amount", "reject", "impossible_value")
    for analyte, share, unit, what, reason in (
        ("dopamine", 0.6, "mmHg", "unit of another quantity", "wrong_unit"),
        ("vma", 0.2, "U/L", "unit of an enzyme", "wrong_unit"),
        ("metanephrine", 0.4, "", "no unit", "missing_unit"),
        ("kynurenine", 0.5, "arb. u.", "unit nobody knows", "unknown_unit"),
        ("normetanephrine", 0.7, "ug/g", "gram of what?", "unknown_unit"),
    ):
        _unit(book, sheet, book.pick(sheet, analyte, share), unit, what, "reject", reason)
    for analyte, share, unit in (
        ("dopamine", 0.35, "\u00b5g/gCr"),
        ("dopamine", 0.75, "\u03bcg/gCr"),
        ("metanephrine", 0.8, "mcg/g crt"),
    ):
        _unit(book, sheet, book.pick(sheet, analyte, share), unit, "another spelling of the unit", "result")
    _lab_a_rows(sheet, book)


def _name(book: Book, sheet: Sheet, place: Place, name: str, what: str, reason: str) -> None:
    place.row.cells[NAME] = name
    book.note(sheet, place.row, "analyte", what, name, "reject", reason)


def _unit(book: Book, sheet: Sheet, place: Place, unit: str, what: str, expected: str, reason: str = "") -> None:
    place.row.cells[UNIT] = unit
    book.note(sheet, place.row, "unit", what, unit, expected, reason)


def _lab_a_rows(sheet: Sheet, book: Book) -> None:
    """Add rows: re-runs, a second creatinine, a row of another matrix; and take a subject's id away."""
    for analyte, share in (("vma", 0.45), ("hva", 0.85)):
        place = book.pick(sheet, analyte, share)
        again = list(place.row.cells)
        again[RESULT] = significant(place.value * 1.03)
        new = sheet.insert_after(place.row, again)
        text = place.text
        book.note(sheet, place.row, "row", "result that was measured again", text, "result", "rerun")
        book.note(sheet, new, "row", "the re-run, which stands", again[RESULT], "result")
    place = book.pick(sheet, "creatinine", 0.25)
    second = list(place.row.cells)
    second[RESULT] = significant(place.value * 0.98)
    new = sheet.insert_after(place.row, second)
    book.note(sheet, new, "row", "second creatinine of a specimen", second[RESULT], "result", "several_creatinines")
    place = book.pick(sheet, "cortisol", 0.65)
    serum = list(place.row.cells)
    serum[SPECIMEN_KIND : RANGE + 1] = ["serum", "Cortisol", "11.4", "ug/dL", "5 - 25"]
    new = sheet.insert_after(place.row, serum)
    book.note(sheet, new, "specimen", "row of another matrix", "serum", "reject", "wrong_specimen")
    place = book.pick(sheet, "glutamate", 0.9)
    place.row.cells[SUBJECT] = ""
    book.note(sheet, place.row, "subject_id", "nobody's result", "", "reject", "missing_subject")


def blemish_lab_b(sheet: Sheet, book: Book, seen_twice: set[int]) -> None:
    """Wide CSV from a spreadsheet: German numbers, glued marks, empty cells, a short date, a very dilute specimen."""
    book.note(
        sheet, sheet.rows[0], "line", "title line above the table", sheet.rows[0].cells[0], "no_result", "preamble"
    )
    book.note(sheet, sheet.rows[-1], "line", "legend below the table", sheet.rows[-1].cells[0], "no_result", "footer")
    book.note(sheet, None, "file", "Windows-1252, semicolons, decimal comma", "µ", "result")
    for share in (0.2, 0.7):
        place = book.pick(sheet, "dopac", share, fits=lambda place: place.value >= 1000)
        text = grouped(f"{place.value:.1f}", ",", ".")
        book.put(sheet, place, text, "point between thousands, decimal comma", "result")
    place = book.pick(sheet, "dopac", 0.5)
    book.put(sheet, place, f"{place.text} ±5 %", "imprecision beside the number", "result")
    for share in (0.3, 0.6):
        place = book.pick(sheet, "gaba", share)
        book.put(sheet, place, place.text + "*", "asterisk glued to the number", "result")
    book.put(sheet, book.pick(sheet, "serotonin", 0.4), "QNS", "quantity not sufficient", "reject", "not_measured")
    book.put(sheet, book.pick(sheet, "cortisol", 0.5), "nicht bestimmt", "not measured", "reject", "not_measured")
    place = book.pick(sheet, "pea", 0.5, below=True)
    book.put(sheet, place, "ND", "not detected, no limit said", "reject", "unreadable_value")
    for analyte, share in (("kynurenine", 0.25), ("methoxytyramine_3", 0.75)):
        book.put(sheet, book.pick(sheet, analyte, share), "", "empty cell", "no_result", "empty_cell")
    # Of somebody seen once: a censored value in a pair would take its ratio away.
    high = book.pick(sheet, "dopamine", 0.55, fits=lambda p: p.value > 300 and p.subject not in seen_twice)
    book.put(sheet, high, "> 300", "above the measuring range", "result")
    _dilute(sheet, book)
    place = book.pick(sheet, "vma", 0.97)
    day = place.row.cells[2]
    place.row.cells[2] = f"{int(day[:2])}.{int(day[3:5])}.{day[8:10]}"
    book.note(
        sheet, place.row, "Entnahme", "date with a year of two digits", place.row.cells[2], "reject", "unreadable_date"
    )


def _dilute(sheet: Sheet, book: Book) -> None:
    """Thin one specimen until its creatinine is too low; what falls below a limit of detection is reported so."""
    chosen = book.pick(sheet, "creatinine", 0.15)
    factor = 0.2 / chosen.value
    for place in sheet.places:
        if place.row is chosen.row and not place.below:
            limit = ANALYTES[place.analyte].lod if place.analyte in ANALYTES else 0.0
            thin = max(place.value * factor, limit)
            place.below = thin == limit
            place.value = thin
            place.text = ("<" if place.below else "") + significant(thin).replace(".", ",")
    book.note(sheet, chosen.row, "Kreatinin (g/L)", "specimen too dilute", chosen.text, "result", "too_dilute")


def blemish_lab_c(sheet: Sheet, specimens: Sheet, book: Book) -> None:
    """24 h collections: NA as an analyte's name, a short collection, missing volumes."""
    header = next(row for row in sheet.rows if row.cells[0] == "subject_id")
    book.note(sheet, None, "file", "byte order mark", "U+FEFF", "result")
    book.note(sheet, header, "header", "NA as an analyte's name, mapped by the profile", "NA", "no_result", "header")
    book.put(sheet, book.pick(sheet, "epinephrine", 0.3), "TNP", "test not performed", "reject", "not_measured")
    book.put(sheet, book.pick(sheet, "cortisol", 0.6), "", "empty cell", "no_result", "empty_cell")
    short = book.pick(sheet, "creatinine", 0.2).row
    short.cells[3], short.cells[4] = significant(float(short.cells[3]) * 17.0 / float(short.cells[4])), "17.0"
    book.note(sheet, short, "hours", "24 h collection of 17 h", "17.0", "result", "collection_time_out_of_range")
    moved = book.pick(sheet, "creatinine", 0.5).row
    bottle = next(row for row in specimens.rows if row.cells[0] == moved.cells[1])
    bottle.cells[8], bottle.cells[9] = moved.cells[3], moved.cells[4]
    moved.cells[3] = moved.cells[4] = ""
    book.note(sheet, moved, "volume_l", "volume only in specimens.csv", "", "result")
    lost = book.pick(sheet, "creatinine", 0.8).row
    lost.cells[3] = lost.cells[4] = ""
    book.note(sheet, lost, "volume_l", "no volume anywhere", "", "result", "no_volume")


def blemish_lab_d(sheet: Sheet, book: Book) -> None:
    """HL7: bare line feeds, corrections, cancellations, comparators in several places, repetitions, nulls."""
    book.note(sheet, None, "file", "line feeds instead of carriage returns, no batch header", "LF", "result")
    place = book.pick(sheet, "norepinephrine", 0.3)
    _followed_by(sheet, book, place, 1.15, "F", "C", "superseded", "final result that was corrected")
    sheet.insert_after(place.row, ["NTE", "1", "L", r"Corrected volume\.br\first report withdrawn \T\ replaced"])
    place = book.pick(sheet, "dopamine", 0.7)
    _followed_by(sheet, book, place, 0.92, "P", "F", "superseded", "preliminary result that was followed")
    for analyte, share in (("hva", 0.4), ("serotonin", 0.6)):
        place = book.pick(sheet, analyte, share)
        place.row.cells[KIND], place.row.cells[STATUS] = "ST", "X"
        book.put(sheet, place, "QNS", "cancelled", "reject", "not_measured")
    place = book.pick(sheet, "kynurenine", 0.5)
    place.row.cells[STATUS] = "D"
    book.note(sheet, place.row, "OBX-11", "deleted by the lab", "D", "result", "withdrawn")
    for analyte, share in (("epinephrine", 0.2), ("pea", 0.3)):
        place = book.pick(sheet, analyte, share, below=True)
        book.note(sheet, place.row, "OBX-5", "comparator in a structured number", place.text, "result")
    for analyte, share in (("epinephrine", 0.6), ("pea", 0.7)):
        place = book.pick(sheet, analyte, share, below=True)
        place.row.cells[KIND] = "NM"
        book.put(sheet, place, place.text.replace("^", ""), "comparator inside NM", "result")
    place = book.pick(sheet, "gaba", 0.3)
    place.row.cells[KIND] = "ST"
    book.put(sheet, place, f"{place.text} (L)", "number sent as text, flag glued to it", "result")
    place = book.pick(sheet, "vma", 0.5)
    book.put(sheet, place, f"0{place.text}", "leading zero", "result")
    place = book.pick(sheet, "metanephrine", 0.5)
    book.put(sheet, place, '""', "explicit null", "no_result", "empty_value")
    place = book.pick(sheet, "glutamate", 0.8)
    text = f"{significant(place.value * 1.02)}~{place.text}"
    book.put(sheet, place, text, "two repetitions, the last stands", "result", "rerun")
    place = book.pick(sheet, "dopac", 0.2)
    place.row.cells[6] = "UMOL/MOL CREAT"
    book.note(sheet, place.row, "OBX-6", "another spelling of the unit", "UMOL/MOL CREAT", "result")
    _renumber(sheet)


def _followed_by(
    sheet: Sheet, book: Book, place: Place, factor: float, first: str, then: str, reason: str, what: str
) -> None:
    """Let another result of the same test follow: the row becomes the earlier one, with another value."""
    right = place.text
    later = list(place.row.cells)
    later[STATUS] = then
    place.row.cells[STATUS] = first
    book.put(sheet, place, significant(place.value * factor), what, "result", reason)
    new = sheet.insert_after(place.row, later)
    book.note(sheet, new, "OBX-5", f"the result that stands, status {then}", right, "result")


def _renumber(sheet: Sheet) -> None:
    """Give OBX segments rising set ids again within each message."""
    number = 0
    for row in sheet.rows:
        if row.cells[0] == "MSH":
            number = 0
        elif row.cells[0] == "OBX":
            number += 1
            row.cells[1] = str(number)


def blemish_forms(phq9: Sheet, book: Book) -> None:
    """Forms: an answer outside the scale; forms that are not full are there already."""
    rows = [row for row in phq9.rows if row.cells[0].startswith("SIM-")]
    full = [row for row in rows if "" not in row.cells]
    chosen = full[len(full) // 3]
    chosen.cells[4] = "4"
    book.note(phq9, chosen, "q3", "answer outside 0 to 3", "4", "form", "invalid")
    for row in rows:
        empty = row.cells.count("")
        if empty:
            what, state = ("too many items unanswered", "incomplete") if empty > 2 else ("one item unanswered", "ok")
            book.note(phq9, row, "items", what, "", "form", state)
