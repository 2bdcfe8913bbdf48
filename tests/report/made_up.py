"""A made-up study, small and SIMULATED, for tests of the report alone: no number here means anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from recal_labs.choices import Choices
from recal_labs.columns import ESTIMATES, NORMALISED
from recal_labs.provenance import FileRecord
from recal_labs.report.baseline import baseline_table
from recal_labs.report.inputs import ReportInputs
from recal_labs.utility.statement import UtilityStatement

SCRIPT = "<script>alert(1)</script>"

ANALYTES = {
    "dopamine": "Dopamine",
    "norepinephrine": "Norepinephrine",
    "epinephrine": "Epinephrine",
    "hva": "Homovanillic acid",
    "vma": "Vanillylmandelic acid",
    "hiaa_5": "5-Hydroxyindoleacetic acid",
    "serotonin": "Serotonin",
    "gaba": "GABA",
    "pea": "Phenethylamine",
    "cortisol": "Cortisol",
}
OUTCOMES = {"phq9": "PHQ-9", "gad7": "GAD-7"}


@dataclass(frozen=True)
class Step:
    stage: str
    counted: str
    n: int
    left_out: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Effects:
    table: pd.DataFrame
    statement: Any


@dataclass(frozen=True)
class Disagreement:
    verdicts: pd.DataFrame
    limits: pd.DataFrame
    results: pd.DataFrame
    qualities: tuple[str, ...] = ("A", "B", "C", "D")


@dataclass(frozen=True)
class Evidence:
    analytes: tuple[str, ...]
    claims: tuple[dict[str, Any], ...]
    positions: tuple[dict[str, Any], ...]
    none_found: tuple[str, ...] = field(default=())


SEEN = ("19 pairs were tested with age and sex held constant in 196 subjects.", "The largest is ρ = 0.24.")


def statement(
    headline: str = "An association could be shown after adjustment in 2 of 19 pairs.", seen: tuple[str, ...] = SEEN
) -> UtilityStatement:
    return UtilityStatement(
        headline=headline,
        seen=seen,
        weakens=("The data are simulated: nothing here is about real people.", "One specimen per person."),
        cannot_show=("An association at one time cannot show that one thing causes the other.",),
    )


def effects_table(rng: np.random.Generator, analytes: dict[str, str] = ANALYTES) -> pd.DataFrame:
    rows = []
    for outcome in OUTCOMES:
        for analyte in analytes:
            rho = float(rng.normal(0, 0.08))
            for effect, shift in (("spearman_rho", 0.03), ("partial_spearman_rho", 0.0)):
                missing = analyte == "pea"
                p = float(rng.uniform(0.001, 1))
                rows.append(
                    {
                        "analyte_id": analyte,
                        "outcome": outcome,
                        "n": 196,
                        "n_subjects": 196,
                        "share_censored": np.nan,
                        "estimate": np.nan if missing else rho + shift,
                        "ci_low": np.nan if missing else rho + shift - 0.13,
                        "ci_high": np.nan if missing else rho + shift + 0.13,
                        "confidence": 0.95,
                        "p_value": np.nan if missing else p,
                        "p_adjusted": np.nan if missing else min(1.0, 3 * p),
                        "family": f"every analyte by every outcome ({effect})",
                        "method": "Spearman's rank correlation",
                        "effect": effect,
                        "unit": "1",
                        "planned": True,
                        "assumptions": "warning: 31% censored, ranked as ties" if analyte == "epinephrine" else "",
                        "reason": "62% of the amounts are beyond a detection limit" if missing else "",
                    }
                )
    return pd.DataFrame(rows)[list(ESTIMATES.names)]


def change_table() -> pd.DataFrame:
    rows = [
        _change("", "phq9", "mean_change", -3.1, 1.2, -2.0),
        _change("", "gad7", "mean_change", -1.4, 1.1, np.nan),
        *(_change(a, "", "geometric_mean_ratio", 1 + 0.02 * i, 0.12, 1.0) for i, a in enumerate(ANALYTES)),
    ]
    return pd.DataFrame(rows)


def _change(analyte: str, outcome: str, effect: str, estimate: float, half: float, expected: float) -> dict[str, Any]:
    known = expected == expected
    return {
        **dict.fromkeys(ESTIMATES.names),
        "analyte_id": analyte,
        "outcome": outcome,
        "n": 58,
        "n_subjects": 58,
        "estimate": estimate,
        "ci_low": estimate - half,
        "ci_high": estimate + half,
        "confidence": 0.95,
        "p_value": 0.02,
        "p_adjusted": 0.04,
        "family": "change",
        "method": "paired t",
        "effect": effect,
        "unit": "1",
        "planned": False,
        "assumptions": "",
        "reason": "",
        "expected_rtm": expected,
        "expected_rtm_low": expected - 0.3 if known else np.nan,
        "expected_rtm_high": expected + 0.3 if known else np.nan,
        "expected_reason": "" if known else "fewer than 10 subjects without an intervention",
        "excess": estimate - expected if outcome == "phq9" else np.nan,
        "excess_low": estimate - expected - 1.4 if outcome == "phq9" else np.nan,
        "excess_high": estimate - expected + 1.4 if outcome == "phq9" else np.nan,
        "n_without_intervention": 57,
    }


def normalised(rng: np.random.Generator, n: int = 60, analytes: dict[str, str] = ANALYTES) -> pd.DataFrame:
    frames = []
    for place, analyte in enumerate(analytes):
        kind = ("two", "one", "none")[place % 3]
        high = 100.0
        amount = np.exp(rng.normal(np.log(45), 0.5, n))
        low = 20.0 if kind == "two" else np.nan
        high = np.nan if kind == "none" else high
        censored = rng.uniform(size=n) < (0.6 if analyte == "pea" else 0.02)
        verdict = np.where(amount > high, "H", np.where(amount < low, "L", "N"))
        verdict = np.where(kind == "none", "", np.where(censored & (kind == "two"), "IND", verdict))
        frame = pd.DataFrame(index=range(n), columns=list(NORMALISED.names), dtype=object)
        frame["subject_id"] = [f"SIM-{i:03d}" for i in range(n)]
        frame["analyte_id"] = analyte
        frame["specimen"], frame["lab_id"], frame["dilution"] = "urine_spot", "lab_a", "ok"
        frame["comparator"] = frame["amount_comparator"] = np.where(censored, "<", "")
        frame["current"] = True
        frame["amount"] = frame["position_amount"] = amount
        frame["reference_low"], frame["reference_high"] = low, high
        frame["reference_unit"] = "ug/g{creat}"
        frame["reference_source"] = None if kind == "none" else "example_2020"
        frame["interpretation"] = verdict
        frame["lab_interpretation"] = np.where(rng.uniform(size=n) < 0.05, "H", verdict)
        frame["qc"] = "no_interval" if kind == "none" else ("one_sided_reference;too_dilute" if kind == "one" else "")
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


# What four made-up sources print for two analytes: lower limit, upper limit, quality.
PRINTED = {
    "dopamine": {"alpha": (20.0, 80.0, "A"), "beta": (None, 60.0, "B"), "gamma": (50.0, 90.0, "D")},
    "gaba": {"alpha": (10.0, 100.0, "A"), "reported_by_lab": (20.0, 100.0, "")},
}


def disagreement(*, publisher: str = "Made-up Laboratories via a copy", n: int = 30) -> Disagreement:
    """Results of 5, 10, 15 ... against `PRINTED`, and one limit for another kind of collection."""
    group = {"fraction": "unspecified", "specimen": "urine_spot", "basis": "per_creatinine"}
    results, limits, verdicts = [], [], []
    for analyte, sources in PRINTED.items():
        said, some = [], {"_without_d": [], "_without_d_or_printed": []}
        for row in range(n):
            amount, comparator = 5.0 * (row + 1), "<" if row == 0 else ""
            words = {s: _word(amount, low, high) for s, (low, high, _) in sources.items()}
            said.append(set(words.values()))
            sound = {source: word for source, word in words.items() if sources[source][2] != "D"}
            some["_without_d"].append(list(sound.values()))
            some["_without_d_or_printed"].append([sound[source] for source in sound if source != "reported_by_lab"])
            results += [
                {"row": row if analyte == "gaba" else 1000 + row, "analyte_id": analyte, **group, "amount": amount}
                | {
                    "comparator": comparator,
                    "source_id": source,
                    "condition": "",
                    "quality": sources[source][2],
                    "verdict": word,
                }
                for source, word in words.items()
            ]
        usual = {"analyte_id": analyte, **group, "kind": "reference_interval", "condition": "", "sex": "any"}
        usual |= {"age_low_years": np.nan, "age_high_years": np.nan, "unit": "ug/g{creat}"}
        limits += [
            usual
            | {"source_id": source, "title": f"Page {source}", "publisher": publisher, "quality": quality}
            | {"collection": "urine_spot", "lower": low, "upper": high, "n_results": n, "not_asked": ""}
            for source, (low, high, quality) in sources.items()
        ]
        limits.append(limits[-1] | {"source_id": "delta", "n_results": 0, "not_asked": "decision limit"})
        limits.append(limits[-1] | {"not_asked": "other collection", "collection": "urine_24h", "upper": 528.0})
        differ = sum(len(words) > 1 for words in said)
        verdicts.append(
            {"analyte_id": analyte, **group, "n_results": n, "n_sources": len(sources), "n_compared": n}
            | {"n_differ": differ, "share_differ": differ / n, "n_depends": sum({"N"} < words for words in said)}
            | {"share_depends": differ / n, "n_opposite": sum({"L", "H"} <= words for words in said)}
            | {"n_abnormal": n, "pair": " / ".join(list(sources)[:2]), "n_pair": differ}
            | {f"n_compared{ending}": sum(len(words) > 1 for words in rows) for ending, rows in some.items()}
            | {f"n_differ{ending}": sum(len(set(words)) > 1 for words in rows) for ending, rows in some.items()}
            | {f"n_opposite{ending}": sum({"L", "H"} <= set(words) for words in rows) for ending, rows in some.items()}
        )
    alone = verdicts[-1] | {"analyte_id": "hva", "n_compared": 0, "n_differ": 0, "share_differ": np.nan, "pair": ""}
    alone |= {name: 0 for name in alone if "_without_d" in name}
    return Disagreement(pd.DataFrame([*verdicts, alone]), pd.DataFrame(limits), pd.DataFrame(results))


def _word(amount: float, low: float | None, high: float) -> str:
    return "H" if amount > high else "L" if low is not None and amount < low else "N"


def people(rng: np.random.Generator, n: int = 196) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "age_years": rng.uniform(18, 75, n).round(1),
            "sex": rng.choice(["female", "male"], n),
            "smoker": rng.uniform(size=n) < 0.2,
            "phq9": rng.integers(0, 27, n).astype(float),
        }
    )
    frame.loc[:3, "sex"] = None
    frame.loc[:7, "age_years"] = np.nan
    return frame


def evidence() -> Evidence:
    def claim(number: int, side: str, **more: Any) -> dict[str, Any]:
        return {
            "statement": f"Made-up statement {number}, which says something about urine and mood in so many words.",
            "side": side,
            "strength": "cross_sectional",
            "topic": "association_with_symptoms",
            "analyte_ids": ["dopamine", "cortisol"],
            "citation": f"Nobody A. {1990 + number}. A made-up title. Journal of Examples {number}:1-2.",
            "url": f"https://example.org/{number}",
            "labels": [],
            "caveat": "Made up",
            **more,
        }

    claims = [claim(i, "for") for i in range(8)] + [claim(i, "against") for i in range(20, 29)]
    claims.append(claim(40, "against", labels=["RETRACTED", "vendor"]))
    claims.append(claim(41, "for", labels=["unverified"], url="javascript:alert(1)"))
    claims.append(claim(42, "context"))
    positions = (
        {
            "body": "Society of Examples",
            "stance": "against_use",
            "summary": "Says no.",
            "document": "Guideline",
            "url": "https://example.org/guideline",
            "labels": ["unverified"],
        },
    )
    return Evidence(tuple(ANALYTES), tuple(claims), positions, ("No statement was found about pea.",))


def made_up_inputs(**changes: Any) -> ReportInputs:
    rng = np.random.default_rng(7)
    rejects = pd.DataFrame(
        {
            "source_file": ["panels/lab_a.csv"] * 5 + ["panels/lab_d.hl7"] * 2,
            "source_row": range(7),
            "source_place": "",
            "reason": ["not_measured"] * 3 + ["unknown_analyte", "wrong_unit", "unknown_analyte", "ambiguous_number"],
            "detail": "a sentence",
            "raw": "SECRET RAW TEXT",
        }
    )
    values: dict[str, Any] = {
        "title": "A made-up study",
        "question": "Do made-up amounts go with made-up scores?",
        "simulated": True,
        "labels": ("Only for tests",),
        "choices": Choices(planned=True, entry_outcome="phq9"),
        "planned": True,
        "files": (
            FileRecord(
                path="panels/lab_a.csv",
                sha256="a" * 64,
                profile="generic_long",
                lab_id="lab_a",
                positions=620,
                results=600,
                rejects=5,
                no_result=15,
            ),
            FileRecord(
                path="panels/lab_d.hl7",
                sha256="d" * 64,
                profile="generic_hl7v2",
                lab_id="lab_d",
                positions=12,
                results=10,
                rejects=2,
                no_result=0,
            ),
        ),
        "rejects": rejects,
        "no_result": pd.DataFrame({"source_file": "panels/lab_a.csv", "reason": ["header"] * 15, "raw": ""}),
        "worklist": pd.DataFrame(
            {
                "what": ["name", "unit"],
                "text": ["Dopamin-X", "mmHg"],
                "count": [2, 1],
                "example": ["panels/lab_a.csv row 9", "panels/lab_a.csv row 12"],
                "suggestion": ["Dopamine", ""],
            }
        ),
        "normalised": normalised(rng),
        "flow": (
            Step("Positions in the files", "positions", 632),
            Step("Results", "results", 610, (("refused (see rejects)", 7), ("header, legend or note", 15))),
            Step(
                "Results of the chosen specimens and analytes",
                "results",
                598,
                (
                    ("superseded, duplicate or withdrawn", 4),
                    ("creatinine and other measures of dilution, used as such", 8),
                ),
            ),
            Step("Results of the first visit", "results", 547, (("a later visit of the same subject", 51),)),
            Step("Specimens with such results", "specimens", 214),
            Step("Specimens analysed", "specimens", 196, (("a later visit of the same subject", 18),)),
            Step("People in any file", "subjects", 240),
            Step("People with a panel", "subjects", 228, (("no panel that can be analysed", 12),)),
            Step(
                "Subjects analysed",
                "subjects",
                196,
                (
                    ("no outcome that could be scored", 21),
                    ("panel and outcome too far apart or undated", 11),
                ),
            ),
        ),
        "baseline": baseline_table(people(rng), labels={"phq9": "PHQ-9 total"}),
        "associations": Effects(effects_table(rng), statement()),
        "change": Effects(change_table(), statement("Scores changed in 58 subjects.", ("PHQ-9 changed.",))),
        "evidence": evidence(),
        "disagreement": disagreement(),
        "versions": {"python": "3.11.0", "recal-labs": "0.1.0"},
        "catalogue_version": "0123456789ab",
        "catalogue_files": {"analytes.csv": "b" * 64},
        "seed": 7,
        "started": "2026-01-01T00:00:00Z",
        "finished": "2026-01-01T00:00:09Z",
        "analyte_names": ANALYTES,
        "outcome_names": OUTCOMES,
        "source_names": {"example_2020": "Example Laboratory 2020"},
    }
    return ReportInputs(**(values | changes))
