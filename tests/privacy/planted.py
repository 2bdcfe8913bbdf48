"""Exports and tables full of planted identifiers, and a search of every byte that a run leaves behind."""

import base64
import gzip
import html
import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

# Each stands in some file below, in a place where labs and studies have such things; none is a word of the laboratory.
SUBJECTS = ("ZZSUBJ-", "MRN8840", "HL7PAT991")
SPECIMENS = ("ACCQ", "PLACER4417", "FILLER4417", "WIDESPEC")
NAMES = ("Quillfeather", "Marguerite", "Oberwinkler", "Thistledown")
ADDRESSES = ("Hollowmere", "99887-XT")
NUMBERS = ("5550173942", "555-017-3942", "SSN442917305")
BIRTH_DATES = ("19430617", "1943-06-17", "17.06.1943", "06/17/1943")
FILES = ("quillfeather_long", "wide_of_thistledown", "hl7_oberwinkler", "people_of_hollowmere", "praxis_folder_77")
FREE_TEXT = ("plumroot", "gossamerine", "yarrowfield", "kettlebrook")
IDENTIFIERS = (*SUBJECTS, *SPECIMENS, *NAMES, *ADDRESSES, *NUMBERS, *BIRTH_DATES, *FILES, *FREE_TEXT)
# Dates on which something happened to somebody; they may stay unless dates are shifted.
DATES = ("2019-02-13", "2019-04-16", "20190213", "20190416")

PREAMBLE = "Patient: Marguerite Quillfeather; born 17.06.1943; Hollowmere Lane 7; 555-017-3942\n"
FOOTER = "Reported to Dr Oberwinkler (5550173942)\n"
LONG_HEADER = (
    "patient,accession,collected,specimen,analyte,result,unit,range,flag,method,lab,status,"
    "Patient name,DOB,Address,Phone"
)
OTHERS = "Marguerite Quillfeather,1943-06-17,Hollowmere Lane 7,5550173942"


def subject(i: int) -> str:
    return f"ZZSUBJ-{i:03}"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")
    return path


def long_rows(n: int = 30) -> list[str]:
    rng = np.random.default_rng(11)
    rows = []
    for i in range(n):
        for visit, day in enumerate(("2019-02-13", "2019-04-16")):
            start = f"{subject(i)},ACCQ{i}-{visit},{day} 07:30,random urine"
            creatinine = rng.uniform(0.5, 2.0)
            end = f"LC-MS/MS,Praxis Oberwinkler,final,{OTHERS}"
            rows.append(f"{start},Creatinine,{creatinine:.3f},g/L,,,{end}")
            rows.append(f"{start},HVA,{creatinine * rng.lognormal(1.2, 0.4):.3f},mg/L,,H,{end}")
            rows.append(f"{start},Dopamine,{rng.lognormal(5, 0.4):.1f},ug/g creat,65 - 400,,{end}")
    return rows


def odd_rows() -> list[str]:
    """Rows with an identifier wherever a cell may hold one."""
    start = "ZZSUBJ-001,ACCQ1-9,2019-02-13 07:30,random urine"
    end = f"by Marguerite,Praxis Oberwinkler,final,{OTHERS}"
    return [
        f"{start},Quillfeather marker,4.1,mg/L,,,{end}",
        f"{start},HVA,ask Marguerite,mg/L,,,{end}",
        f"{start},HVA,4.1,mg/Quillfeather,,,{end}",
        f"{start},HVA,4.1,,,,{end}",
        f"{start},5550173942,4.1,mg/L,,,{end}",
        f"{start},VMA,5550173942,furlong,,,{end}",
        f"{start},VMA,3.1,mg/L,see plumroot,gossamerine,{end}",
        f"{start},VMA,QNS,mg/L,,,{end}",
        f"{start},VMA,-3.1,mg/L,1943-06-17,,{end}",
        f"{start},VMA,3.1,mg/L,,,LC-MS/MS,Praxis Oberwinkler,sent to Thistledown,{OTHERS}",
        f"ZZSUBJ-002,ACCQ2-9,born 17.06.1943,random urine,VMA,3.1,mg/L,,,{end}",
        f",ACCQ2-8,2019-02-13,random urine,VMA,3.1,mg/L,,,{end}",
        f"ZZSUBJ-003,ACCQ3-9,2019-02-13,urine of Marguerite,VMA,3.1,mg/L,,,{end}",
        f"{start},VMA,3.1,mg/L,,,Marguerite,19430617,extra,extra,{end}",
        f"{start},VMA,3.1,mg/L,,,=HYPERLINK(Quillfeather),=cmd|Oberwinkler,final,{OTHERS}",
        "MRN8840,HVA,Quillfeather",
    ]


def long_export() -> str:
    return PREAMBLE + "\n".join([LONG_HEADER, *long_rows(), *odd_rows()]) + "\n" + FOOTER


WIDE = (
    "Report for Thistledown\n"
    "patient,accession,collected,specimen,HVA (mg/g Krea),Patient name,Date of birth,Phone,Marguerite (mg/g Krea)\n"
    "ZZSUBJ-004,WIDESPEC1,2019-02-13,random urine,4.2,Thistledown,1943-06-17,5550173942,3.3\n"
    "ZZSUBJ-005,WIDESPEC2,2019-02-13,random urine,Hollowmere,Quillfeather,06/17/1943,555-017-3942,2.2\n"
    "ZZSUBJ-006,,2019-02-13,random urine,5.5,Quillfeather,06/17/1943,SSN442917305,2.2\n"
)

HL7 = "\r".join(
    [
        "MSH|^~\\&|LIS|PRAXISOBERWINKLER|EHR|CLIN|20190213101500||ORU^R01^ORU_R01|9001|P|2.5.1",
        "PID|1||HL7PAT991^^^LAB^MR~SSN442917305^^^US^SS||QUILLFEATHER^MARGUERITE||19430617|F|||7 Hollowmere Lane^^York^"
        "^99887-XT||5550173942",
        "NTE|1||patient Marguerite Quillfeather phoned from 5550173942",
        "OBR|1|PLACER4417|FILLER4417|NTU^Neurotransmitters^L|||201902130700||||||||UR^random urine|OBERWINKLER^A",
        "OBX|1|NM|2514-8^HVA of Quillfeather^LN||4.2|mg/g crt|2-8 for Marguerite|H|||F|||20190213|||OBERWINKLER",
        "OBX|2|TX|VMA^Vanillylmandelic acid^L||sent to Thistledown, 5550173942|mg/g crt||||||F",
        "OBX|3|NM|ZZ^Kettlebrook factor^L||3.3|mg/g crt||||||F",
        "OBX|4|SN|VMA^Vanillylmandelic acid^L||<^1.5|mg/g crt|1.8-6.7|yarrowfield|||F",
        "OBX|5|NM|HVA^Homovanillic acid^L||5550173942|furlongs of Quillfeather||||||F",
        "NTE|1||Oberwinkler says hello",
        "",
    ]
)

PEOPLE_HEADER = "subject_id,sex,age_years,birth_year,group,caffeine,Full name,Address,Phone"


def people(n: int = 30) -> str:
    """Return a table of people; of some only the year of birth is known, and one of these is above 89."""
    rows = []
    for i in range(n):
        age, born = ("", 1926 + 2 * i) if i in range(1, 12) else (60 + i + 0.37, "")
        sex, group = ("female" if i % 2 else "male"), "ab"[i % 2]
        rows.append(
            f"{subject(i)},{sex},{age},{born},{group},none,Marguerite Quillfeather,Hollowmere Lane 7,5550173942"
        )
    rows += [
        "HL7PAT991,female,,1927,Team Thistledown,tea with Marguerite,Marguerite Quillfeather,Hollowmere,5550173942",
        "MRN8840,female,born 17.06.1943,,a,none,Quillfeather,Hollowmere,5550173942",
    ]
    return "\n".join([PEOPLE_HEADER, *rows]) + "\n"


BOTTLES = (
    "specimen_id,preservative,received_at,collection_volume_l,Courier\n"
    "ACCQ0-0,HCl,2019-02-14 09:00,,Thistledown\n"
    "FILLER4417,HCl,17.06.1943,about Hollowmere,Thistledown\n"
)


def forms(n: int = 30) -> str:
    rng = np.random.default_rng(5)
    rows = ["subject_id,assessed_at," + ",".join(f"q{i}" for i in range(1, 10)) + ",Signed"]
    for i in range(n):
        for day in ("2019-02-13", "2019-04-16"):
            answers = [*rng.integers(0, 3, 8), 1 if i == 3 else 0]
            rows.append(f"{subject(i)},{day}," + ",".join(map(str, answers)) + ",Quillfeather")
    rows.append("ZZSUBJ-001,17.06.1943,0,0,0,0,0,0,0,0,0,Marguerite")
    rows.append("ZZSUBJ-002,2019-02-13,0,0,call 5550173942,0,0,0,0,0,0,Marguerite")
    rows.append(",2019-02-13,0,0,0,0,0,0,0,0,2,Marguerite Quillfeather")
    return "\n".join(rows) + "\n"


def interventions() -> str:
    rows = [f"{subject(i)},behavioural,sleep training,,,2019-02-20,,Oberwinkler" for i in range(12)]
    rows.append("ZZSUBJ-020,pharmaceutical,gossamerine from Oberwinkler,5,mg,2019-02-20,,Oberwinkler")
    rows.append("ZZSUBJ-021,magic of Thistledown,gossamerine,5,mg,17.06.1943,,Oberwinkler")
    return "\n".join(["subject_id,kind,name,dose,unit,start,stop,Prescriber", *rows]) + "\n"


EVENTS = (
    "subject_id,onset,category,severity,note\n"
    "ZZSUBJ-001,2019-02-21,sleep,bad says Marguerite,phoned 5550173942 from Hollowmere\n"
    "ZZSUBJ-002,17.06.1943,mood,mild,Quillfeather\n"
)

STUDY = """
[study]
title = "A made-up study"
simulated = true
named_person = "Dr Example"

[files]
subjects = "people_of_hollowmere.csv"
specimens = "praxis_folder_77/bottles.csv"
interventions = "interventions.csv"
adverse_events = "events.csv"

[[files.panels]]
path = "praxis_folder_77/quillfeather_long.csv"
profile = "generic_long"

[[files.panels]]
path = "praxis_folder_77/wide_of_thistledown.csv"
profile = "generic_wide"

[[files.panels]]
path = "hl7_oberwinkler.hl7"

[[files.panels]]
path = "praxis_folder_77/quillfeather_report.pdf"

[[files.outcomes]]
path = "forms_of_quillfeather.csv"
instrument = "phq9"

[choices]
window_days = 14
"""


def write_exports(folder: Path) -> None:
    write(folder / "praxis_folder_77" / "quillfeather_long.csv", long_export())
    write(folder / "praxis_folder_77" / "wide_of_thistledown.csv", WIDE)
    write(folder / "hl7_oberwinkler.hl7", HL7)
    (folder / "praxis_folder_77" / "quillfeather_report.pdf").write_bytes(b"%PDF-1.7 Marguerite Quillfeather")


def write_study(folder: Path) -> Path:
    """Write a study whose every file has identifiers in it and in its name; return the study.toml."""
    write_exports(folder)
    write(folder / "people_of_hollowmere.csv", people())
    write(folder / "praxis_folder_77" / "bottles.csv", BOTTLES)
    write(folder / "interventions.csv", interventions())
    write(folder / "events.csv", EVENTS)
    write(folder / "forms_of_quillfeather.csv", forms())
    return write(folder / "study.toml", STUDY)


def write_inbox(folder: Path) -> Path:
    """Write an inbox of exports, and tables of people and bottles beside it."""
    inbox = folder / "inbox"
    write_exports(inbox)
    write(folder / "people_of_hollowmere.csv", people())
    write(folder / "bottles_of_hollowmere.csv", BOTTLES)
    return inbox


def _texts(path: Path):
    """Yield everything that a file says, raw and taken apart: compressed columns, archives, escapes, pictures."""
    data = path.read_bytes()
    yield data.decode("latin-1")
    yield data.decode("utf-8", "replace")
    yield data.replace(b"\x00", b"").decode("latin-1")
    if data[:4] == b"PAR1":
        table = pq.read_table(path)
        yield str(table.schema.metadata)
        yield " ".join(table.column_names)
        # Every value as text, times in two spellings.
        frame = pl.read_parquet(path)
        for name, kind in frame.schema.items():
            if kind.is_temporal():
                yield " ".join(frame[name].dt.strftime("%Y-%m-%d %Y%m%d %d.%m.%Y %m/%d/%Y").drop_nulls().to_list())
            yield "\n".join(frame[name].cast(pl.String, strict=False).drop_nulls().unique().to_list())
    if data[:2] == b"\x1f\x8b":
        yield gzip.decompress(data).decode("utf-8", "replace")
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name
                yield archive.read(name).decode("utf-8", "replace")
    if path.suffix in {".json", ".ipynb"}:
        yield json.dumps(json.loads(data), ensure_ascii=False)
    if path.suffix in {".html", ".md"}:
        text = data.decode("utf-8")
        yield html.unescape(text)
        yield re.sub(r"<[^>]+>", "", html.unescape(text))
        for inside in re.findall(r"base64,([A-Za-z0-9+/=]+)", text):
            yield base64.b64decode(inside).decode("latin-1")


def found_in(folder: Path, words=IDENTIFIERS) -> list[tuple[str, str]]:
    """Return every (word, file) of which the file, its name or its folders say the word, in capitals or not."""
    hits = set()
    for path in sorted(folder.rglob("*")):
        said = [str(path.relative_to(folder))]
        if path.is_file():
            said += list(_texts(path))
        for text in said:
            folded = text.casefold()
            hits |= {(word, str(path.relative_to(folder))) for word in words if word.casefold() in folded}
    return sorted(hits)
