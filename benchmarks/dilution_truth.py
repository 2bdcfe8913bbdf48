"""Corrections for dilution on made-up people whose truth is known: what each does to a slope, and to a screening test.

First idea (O'Brien and others 2016): creatinine depends on body size; where body size also moves the outcome, dividing
by creatinine carries body size into the exposure, and the slope of the outcome on it is off. Second (Craft, Cole and
others, Newcastle 1992 to 1994): where an analyte follows creatinine by a power below 1, its ratio to creatinine is high
in dilute urine; setting it against what is expected at that creatinine finds the same cases with fewer false alarms.

All people are invented; no number here is a clinical one. Prints the tables of docs/normalisation.md.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm

from recal_labs.choices import Choices
from recal_labs.normalise import fit_dilution, normalise

TRUE_SLOPE, SIZE_ON_OUTCOME = 0.5, 0.6
# Assay errors, log units; larger ones only draw every slope towards zero.
SIZE_ON_CREATININE, ASSAY_ERROR = 0.35, 0.05
WATER = 0.018
TRAINING = 1000

INFANT_POWER, INFANT_SPREAD, INFANT_DILUTION = 0.6, 0.45, 0.8
TUMOUR_FACTOR, PREVALENCE, SENSITIVITY = 4.0, 1e-3, 0.8


def _long(columns: dict[str, np.ndarray], who: np.ndarray, **known: object) -> pd.DataFrame:
    """Return results, one row an analyte and specimen, from one array an analyte and its unit in the name."""
    parts = []
    for name, values in columns.items():
        analyte, unit = name.split("|")
        parts.append(pd.DataFrame({"analyte_id": analyte, "unit": unit, "value": values, "subject_id": who}))
    frame = pd.concat(parts, ignore_index=True).assign(comparator="", specimen="urine_spot")
    frame["specimen_id"] = frame["subject_id"]
    for column, values in known.items():
        frame[column] = np.tile(values, len(columns)) if isinstance(values, np.ndarray) else values
    return frame


@dataclass(frozen=True)
class Study:
    """Results of one study, and what only the simulation knows."""

    results: pd.DataFrame
    outcome: np.ndarray
    size: np.ndarray
    log_creatinine: np.ndarray


def confounded_study(rng: np.random.Generator, n: int, *, effect: float = SIZE_ON_OUTCOME) -> Study:
    """Return people whose excretion of HVA and whose size move an outcome, and whose size moves creatinine.

    Excretion does not depend on size, so that no correction should make it.
    """
    size, excretion, dilution = rng.normal(size=n), rng.normal(0, 0.5, n), rng.normal(0, 0.6, n)
    log_creatinine = 0.1 + SIZE_ON_CREATININE * size + dilution + rng.normal(0, ASSAY_ERROR, n)
    outcome = TRUE_SLOPE * excretion + effect * size + rng.normal(size=n)
    results = _long(
        {
            "creatinine|g/L": np.exp(log_creatinine),
            "hva|mg/L": np.exp(1.0 + excretion + dilution),
            "specific_gravity|1": 1 + WATER * np.exp(dilution + rng.normal(0, ASSAY_ERROR, n)),
        },
        np.array([f"S{i}" for i in range(n)]),
        sex="female",
        age_years=40.0,
        weight_kg=65 * np.exp(0.18 * size),
    )
    # A refractometer outside its scale reads nothing.
    gravity = results["analyte_id"] == "specific_gravity"
    results.loc[gravity, "value"] = results.loc[gravity, "value"].clip(upper=1.09)
    return Study(results, outcome, size, log_creatinine)


ANALYSES = (
    ("none", ""),
    ("per_creatinine", ""),
    ("specific_gravity", ""),
    ("covariate_adjusted", ""),
    ("conditional", ""),
    ("covariate_adjusted", " + ln creatinine"),
    ("per_creatinine", " + size"),
    ("none", " + ln creatinine"),
)


def _log_amounts(basis: str, training: Study, people: Study) -> np.ndarray:
    covariates = ("weight_kg",)
    choices = Choices(basis=basis, dilution_covariates=covariates)
    fit = None
    if basis in ("covariate_adjusted", "conditional"):
        fit = fit_dilution(training.results, basis=basis, sample="the training study", covariates=covariates)
    frame = normalise(people.results, choices=choices, dilution_fit=fit).frame
    return np.log(frame.loc[frame["analyte_id"] == "hva", "amount"].to_numpy())


def slope_table(replicates: int, n: int, seed: int, *, effect: float = SIZE_ON_OUTCOME) -> pd.DataFrame:
    """Return bias and coverage of the outcome's slope on log amount by each analysis, over many studies of n people.

    Corrections are fitted once, on a training study of other people, and applied to all studies.
    """
    rng = np.random.default_rng(seed)
    training = confounded_study(rng, TRAINING, effect=effect)
    people = confounded_study(rng, n * replicates, effect=effect)
    amounts = {basis: _log_amounts(basis, training, people) for basis, _ in ANALYSES}
    held = {"": [], " + ln creatinine": [people.log_creatinine], " + size": [people.size]}
    rows = []
    for basis, beside in ANALYSES:
        columns = np.column_stack([np.ones(n * replicates), amounts[basis], *held[beside]])
        fits = [
            sm.OLS(people.outcome[start : start + n], columns[start : start + n]).fit()
            for start in range(0, n * replicates, n)
        ]
        found = np.array([fit.params[1] for fit in fits])
        inside = [low < TRUE_SLOPE < high for low, high in (fit.conf_int()[1] for fit in fits)]
        rows.append(
            {
                "analysis": basis + beside,
                "mean": found.mean(),
                "bias": found.mean() - TRUE_SLOPE,
                "sd": found.std(ddof=1),
                "coverage": np.mean(inside),
            }
        )
    return pd.DataFrame(rows)


def infants(rng: np.random.Generator, n: int, *, tumour: bool) -> pd.DataFrame:
    """Return spot urines of infants whose HVA follows creatinine by a power below 1; tumours make it four times."""
    log_creatinine = rng.normal(-1.0, INFANT_DILUTION, n)
    hva = np.exp(1.2 + INFANT_POWER * log_creatinine + rng.normal(0, INFANT_SPREAD, n)) * (TUMOUR_FACTOR**tumour)
    who = np.array([f"{'T' if tumour else 'H'}{i}" for i in range(n)])
    return _long({"creatinine|g/L": np.exp(log_creatinine), "hva|mg/L": hva}, who, sex="unknown", age_years=0.5)


def screening_table(n: int, seed: int) -> pd.DataFrame:
    """Return what dividing by creatinine and conditioning on it find in healthy infants and in infants with a tumour.

    The cut-off of each is where it finds the same share of the tumours.
    """
    rng = np.random.default_rng(seed)
    reference = infants(rng, n, tumour=False)
    fit = fit_dilution(reference, basis="conditional", sample="healthy infants", covariates=())
    healthy, ill = infants(rng, n, tumour=False), infants(rng, n, tumour=True)
    rows = []
    for basis, by in (("per_creatinine", None), ("conditional", fit)):
        choices = Choices(basis=basis, dilution_covariates=())
        scores = []
        for people in (healthy, ill):
            frame = normalise(people, choices=choices, dilution_fit=by).frame
            hva = frame["analyte_id"] == "hva"
            scores.append((np.log(frame.loc[hva, "amount"]), np.log(frame.loc[hva, "creatinine_g_per_l"])))
        (score, creatinine), (tumours, _) = scores
        cut = np.quantile(tumours, 1 - SENSITIVITY)
        false = float((score > cut).mean())
        true = PREVALENCE * SENSITIVITY
        dilute = creatinine < np.log(0.3)
        rows.append(
            {
                "score": basis,
                "slope on ln creatinine": np.polyfit(creatinine, score, 1)[0],
                "sensitivity": SENSITIVITY,
                "false alarms": false,
                "of them in urine below 0.3 g/L": float(dilute[score > cut].mean()),
                "predictive value": true / (true + (1 - PREVALENCE) * false),
            }
        )
    return pd.DataFrame(rows)


def _markdown(table: pd.DataFrame, formats: dict[str, str]) -> str:
    lines = ["| " + " | ".join(formats) + " |", "|" + "---|" * len(formats)]
    for row in table.to_dict("records"):
        lines.append("| " + " | ".join(format(row[name], how) for name, how in formats.items()) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=1000)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--infants", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=20260101)
    asked = parser.parse_args()
    start = time.perf_counter()
    shown = {"analysis": "", "mean": ".3f", "bias": "+.3f", "sd": ".3f", "coverage": ".1%"}
    for effect, title in ((SIZE_ON_OUTCOME, "body size moves the outcome"), (0.0, "body size does not")):
        table = slope_table(asked.replicates, asked.people, asked.seed, effect=effect)
        print(f"\nTrue slope {TRUE_SLOPE}; {title}; {asked.replicates} studies of {asked.people}:\n")
        print(_markdown(table, shown))
    print(f"\nScreening, power {INFANT_POWER}, {asked.infants} infants of each kind, prevalence {PREVALENCE}:\n")
    parts = {"score": "", "slope on ln creatinine": "+.2f", "sensitivity": ".0%", "false alarms": ".2%"}
    parts |= {"of them in urine below 0.3 g/L": ".0%", "predictive value": ".1%"}
    print(_markdown(screening_table(asked.infants, asked.seed), parts))
    print(f"\n{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
