"""Inputs for benchmarks/fuzz.py: real files, cut short, and what befalls files on their way; all told from a seed."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Long files are cut to this, so that an input takes milliseconds; what is long is tried by mutators of its own.
CUT = 5000
MOST_UNCUT = 45_000
CUT_KINDS = {".csv", ".hl7", ".txt", ".er7"}

# The profile beside "auto" with which a folder's files are read.
FITTING = {
    "csv": ("generic_long", "generic_wide"),
    "xlsx": ("generic_long", "generic_wide"),
    "hl7v2": ("generic_hl7v2",),
    "omop": ("omop_measurement",),
    "cdisc": ("cdisc_lb",),
    "redcap": ("redcap_wide",),
    "fhir": ("generic_fhir",),
    "panels": ("generic_long", "generic_wide"),
}
# Panels that are read to the last number; most of the public files hold no urine, and are refused early.
PANELS = (
    "patient,collected,analyte,result,unit,range,specimen,flag,status\n"
    "S1,2024-03-01 07:40,HVA,<0.8,mg/g creat,1.5-8.0,random urine,L,final\n"
    'S1,2024-03-01 07:40,"Norepinephrine (NE)",27.5,ug/g creat,15 - 80,random urine,,final\n'
    "S2,05/06/2024,Dopamine,QNS,ug/g creat,,random urine,,cancelled\n"
    'S2,25/06/2024,VMA,"1,530",ug/L,≤ 5.0,24 h urine,H,corrected\n',
    "Befund;;;;\nPatient;Entnahme;Material;HVA (mg/g Krea);Dopamin (µg/g Krea);VMA\n;;;;;(mg/g Krea)\n"
    "S1;01.03.2024;Spontanurin;3,25;<20,5;1,530\nS2;02.03.2024;Spontanurin;n.n.;212,5 (H);\nH = hoch;;;;;\n",
    "MSH|^~\\&|LIS|LAB|||20240311||ORU^R01|1|P|2.5.1\rPID|1||S1^^^L^MR||||19650701|F\rOBR|1||A1|NTU|||202403110700||||||||"
    "UR^random urine\rOBX|1|SN|HVA^Homovanillic acid^L||<^0.8|mg/g{creat}|1.5-8.0|L|||F\r"
    "OBX|2|NM|VMA^VMA^L||3.1~3.2|mg/g{creat}|2-7||||C\rNTE|1|L|see \\F\\ below\rSPM|1|S9||UR^Urine\r",
    '{"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Observation", "status": '
    '"final", "code": {"text": "HVA"}, "subject": {"reference": "Patient/S1"}, "valueQuantity": {"value": 0.8, '
    '"comparator": "<", "unit": "mg/g creat"}, "specimen": {"display": "random urine"}}}]}',
)
NUMBERS = (
    *("1,234", "1.234,5", "1,234.5", "<0.5", "< 0,5", "≤5", ">1e3", "1e400", "-1", "1E5", "0", "0.000", "5.4e-79"),
    *("12±3", "3 (H)", "1-2", "1:128", "NaN", "inf", "１２", "٣٫٥", "1 530", "1\u00a0530", "1'000", "--", "<", "<<1"),
    *("=1+1", "=cmd|' /C calc'!A0", "+1", "@SUM(A1)", "9" * 400, "1/2", "½", "2²", "0x1F", "1_000", "<LOD", "QNS"),
)
ODDITIES = (
    *("\u202e", "\u200b", "\u0301", "\ufeff", "\u00a0", "\u2028", "\u0085", "\x0b", "\x0c", "\x1c", "\x1f", "\u2212"),
    *("İ", "ß", "ﬁ", "\ufdfa", "🧪", "\ufffd", "Ω", "µ", "μ", "\\", "'", "`", "\x7f", "\x1a", "д", "中"),
)
PIECES = (
    *("|", "^", "~", "&", "\\", "\t", ",", ";", "\r", "\n", '"', '""', '"""', "MSH|^~\\&|", "OBX|1|SN|HVA||<^1|", "PID|"),
    *("{", "}", "[", "]", "null", "true", '{"resourceType": "Observation"}', "<a>", "</a>", "..", "../../x", "%s", "{0}"),
    *("=1+1", "@a", "-5", "<0.5", "2024-13-45", "31.02.2024", "00000000", "20240311070000+2500", "0001-01-01", "9999"),
)


@dataclass(frozen=True)
class Seed:
    """A file to begin with: where it is from, its folder, its bytes."""

    name: str
    kind: str
    data: bytes


@dataclass(frozen=True)
class Input:
    """One input: its bytes, what it was made from and how, and the profile it is read with."""

    data: bytes
    made: str
    profile: str


def load_seeds(folder: Path) -> dict[str, list[Seed]]:
    """Return the files to begin with, by folder, long ones cut; and panels that are read whole."""
    seeds = {"panels": [Seed(f"panel {n}", "panels", text.encode()) for n, text in enumerate(PANELS)]}
    for path in sorted((ROOT / "data" / "sample" / "panels").iterdir()):
        seeds["panels"].append(Seed(path.name, "panels", _cut(path)))
    for path in sorted(folder.glob("*/*")):
        if path.is_file() and (data := _cut(path)):
            seeds.setdefault(path.parent.name, []).append(Seed(path.name, path.parent.name, data))
    return seeds


def _cut(path: Path) -> bytes:
    data = path.read_bytes()
    if path.suffix not in CUT_KINDS:
        return data if len(data) <= MOST_UNCUT else data[:MOST_UNCUT]
    if len(data) <= CUT:
        return data
    end = max(data.rfind(b"\n", 0, CUT), data.rfind(b"\r", 0, CUT))
    return data[: end + 1] if end > 0 else data[:CUT]


def make_input(seeds: dict[str, list[Seed]], seed: int, index: int) -> Input:
    """Return the input of a number; the same for the same seed, files and number."""
    rng = random.Random(f"{seed}:{index}")
    kind = rng.choice([*seeds, "panels", "panels"])
    begun = rng.choice(seeds[kind])
    data, steps = begun.data, []
    other = rng.choice(seeds[kind]).data
    # Now and then a file is only shortened, or left alone.
    for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3, 4, 6))):
        change = rng.choice(OF_ZIPS if data.startswith(b"PK") and rng.random() < 0.8 else CHANGES)
        data = change(rng, data, other)
        steps.append(change.__name__)
    profile = "auto" if rng.random() < 0.7 else rng.choice(FITTING.get(kind, ("generic_long",)))
    return Input(data, f"{begun.name}: {', '.join(steps) or 'as it is'}", profile)


def flip_bytes(rng: random.Random, data: bytes, _: bytes) -> bytes:
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 10)) if made else 0):
        made[rng.randrange(len(made))] = rng.randrange(256)
    return bytes(made)


def cut_off(rng: random.Random, data: bytes, _: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] if rng.random() < 0.7 else data[at:]


def change_lines(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """Lose, double, shuffle or move lines, or take some from another file."""
    end = b"\r" if b"\n" not in data else b"\n"
    lines = data.split(end)
    at, how = rng.randrange(len(lines)), rng.randrange(6)
    if how == 0:
        del lines[at]
    elif how == 1:
        lines[at:at] = [lines[at]] * rng.choice((1, 2, 50))
    elif how == 2:
        rng.shuffle(lines)
    elif how == 3:
        lines.insert(rng.randrange(len(lines)), lines.pop(at))
    elif how == 4:
        lines[at:] = other.split(end)[:at]
    else:
        lines[at : at + 1] = [lines[at], b""]
    return end.join(lines)


def swap_delimiters(rng: random.Random, data: bytes, _: bytes) -> bytes:
    old, new = rng.sample([b",", b";", b"\t", b"|", b"^", b" "], 2)
    return data.replace(old, new, rng.choice((-1, 1, 5)))


def insert_pieces(rng: random.Random, data: bytes, _: bytes) -> bytes:
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(len(data) + 1)
        data = data[:at] + rng.choice(PIECES + ODDITIES + NUMBERS).encode() + data[at:]
    return data


def change_encoding(rng: random.Random, data: bytes, _: bytes) -> bytes:
    text = data.decode("utf-8", errors="replace")
    kinds = ("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32", "cp1252", "gb18030", "utf-7", "cp037")
    return text.encode(rng.choice(kinds), errors="replace")


def change_line_ends(rng: random.Random, data: bytes, _: bytes) -> bytes:
    plain = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return plain.replace(b"\n", rng.choice((b"\r", b"\n", b"\r\n", b"\n\r", b"\r\r\n", b"\x0b", b"\xc2\x85", b"")))


def insert_nuls(rng: random.Random, data: bytes, _: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + b"\x00" * rng.choice((1, 2, 500)) + data[at:]


def lengthen_field(rng: random.Random, data: bytes, _: bytes) -> bytes:
    """Let one field go on and on; what patterns backtrack over is among what it is made of."""
    marks = [found.end() for found in re.finditer(rb"[,;\t|^\"\r\n>]", data)] or [0]
    piece = rng.choice((" ", "1", "a", "(", "*", "< ", "1-", "1,", "[(", "\u00a0", "д", ".", '"', "^", "~", "\\", "+/-1"))
    at = rng.choice(marks)
    return data[:at] + (piece * rng.choice((50, 1000, 15_000))).encode() + data[at:]


def change_numbers(rng: random.Random, data: bytes, _: bytes) -> bytes:
    found = list(re.finditer(rb"\d+(?:[.,]\d+)?", data))
    for number in rng.sample(found, min(len(found), rng.choice((1, 1, 3, 8)))):
        # From the last to the first the places would hold; a slip by some bytes is welcome here.
        data = data[: number.start()] + rng.choice(NUMBERS).encode() + data[number.end() :]
    return data


def change_columns(rng: random.Random, data: bytes, _: bytes) -> bytes:
    """Swap, double, lose or empty a column of a table, or only its name."""
    mark = max((b",", b";", b"\t", b"|"), key=data.count)
    rows = [line.split(mark) for line in data.split(b"\n")]
    width = max(map(len, rows))
    one, two, how = rng.randrange(width), rng.randrange(width), rng.randrange(5)
    for row in rows if rng.random() < 0.6 else rows[:1]:
        if max(one, two) >= len(row):
            continue
        if how == 0:
            row[one], row[two] = row[two], row[one]
        elif how == 1:
            row.insert(two, row[one])
        elif how == 2:
            del row[one]
        elif how == 3:
            row[one] = b""
        else:
            row[one] = row[two]
    return b"\n".join(mark.join(row) for row in rows)


def repeat_much(rng: random.Random, data: bytes, _: bytes) -> bytes:
    """Make a file long by its own lines; a seldom one, for it takes as long as a hundred others."""
    if rng.random() < 0.9 or not data:
        return data
    half = len(data) // 2
    return data[:half] + data[half:] * min(40, 150_000 // len(data) + 1)


def nest(rng: random.Random, data: bytes, _: bytes) -> bytes:
    depth = rng.choice((5, 200, 20_000))
    begin, end = rng.choice(((b"[", b"]"), (b'{"contained": [', b"]}"), (b'{"entry": [{"resource": ', b"}]}"), (b"(", b")")))
    at = rng.choice((0, data.find(b"{", len(data) // 2), rng.randrange(len(data) + 1)))
    return data[: max(at, 0)] + begin * depth + data[max(at, 0) :] + end * rng.choice((0, depth))


def _rezipped(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    made = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
            for entry in archive.namelist():
                out.writestr(entry, change(entry, archive.read(entry)))
    except Exception:  # a ZIP that was damaged before stays as it is
        return data
    return made.getvalue()


def change_inside(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """Change the sheets inside a workbook as texts are changed."""
    change = rng.choice((flip_bytes, insert_pieces, change_numbers, cut_off, lengthen_field))
    only = rng.choice(("sheet", "workbook", "sharedStrings", "styles", "xml"))
    return _rezipped(data, lambda name, inner: change(rng, inner, other) if only in name else inner)


def change_cells(rng: random.Random, data: bytes, _: bytes) -> bytes:
    """Move cells to far corners, change their types, their merges and the size that the sheet says it has."""
    old, new = rng.choice(
        (
            (rb'r="[A-Z]+\d+"', rng.choice((b'r="XFD1048576"', b'r="A1"', b'r="ZZZZZ99999999999"', b'r=""', b'r="B90000"'))),
            (rb'ref="[^"]*"', rng.choice((b'ref="A1:XFD1048576"', b'ref="B2:A1"', b'ref="A0:A0"', b'ref=""'))),
            (rb't="s"', rng.choice((b't="n"', b't="b"', b't="e"', b't="d"', b't="inlineStr"', b't="str"'))),
            (rb"<v>[^<]*</v>", rng.choice((b"<v>1e308</v>", b"<v>-1</v>", b"<v>99999999</v>", b"<v>nan</v>", b"<v></v>"))),
            (rb"<c ", b"<c><c "),
            (rb'name="[^"]*"', rng.choice((b'name="../../x"', b'name=""', b'name="=1+1"', b'name="a!b\'{}"'))),
        )
    )
    count = rng.choice((1, 3, 0))
    return _rezipped(data, lambda _, inner: re.sub(old, new, inner, count=count))


def insert_entities(rng: random.Random, data: bytes, _: bytes) -> bytes:
    """Write the entity of a thousand million laughs into every part."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE z [<!ENTITY l0 "ha">{laughs}]>'.encode()
    inside = rng.choice((b"<v>&l9;</v>", b"<t>&l9;</t>"))
    return _rezipped(data, lambda _, inner: re.sub(rb"<[vt]>[^<]*</[vt]>", inside, inner.replace(b"?>", b"?>" + doctype, 1)))


CHANGES = (
    *(flip_bytes, cut_off, change_lines, change_lines, swap_delimiters, insert_pieces, insert_pieces, change_encoding),
    *(change_line_ends, insert_nuls, lengthen_field, change_numbers, change_numbers, change_columns, change_columns),
    *(repeat_much, nest),
)
OF_ZIPS = (change_inside, change_inside, change_cells, change_cells, insert_entities)
