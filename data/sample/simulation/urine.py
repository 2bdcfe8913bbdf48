"""What is in the bottle: urine flow, creatinine, and analytes as a laboratory measures them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simulation.analytes import (
    CREATININE_CV,
    CREATININE_MOLAR_MASS,
    LAB_BIAS,
    PATHWAY_SHARE_BETWEEN,
    PATHWAY_SHARE_WITHIN,
    TIMED_WITHIN,
    SimulatedAnalyte,
)
from simulation.people import (
    INDEX_WEIGHT,
    STABLE_SHARE,
    TRAIT_CORRELATION,
    Flags,
    Floats,
    People,
    latent_scores,
    stream,
)

# 24 h creatinine in umol per kg of body weight, mean and SD: swiss2015, observed_means.csv.
EXCRETION = {"female": (151.0, 38.0), "male": (193.0, 41.0)}
# It falls with age and body mass index (swiss2015); by how much is invented: per year, per kg/m2, and day to day SD.
AGE_SLOPE, BMI_SLOPE, DAY_TO_DAY = -0.004, -0.010, 0.10
# With these flows the median concentrations of spot urine come near irsst2014: 14.4 mmol/L in men, 10.2 in women.
SPOT_FLOW_L_PER_DAY = {"female": 0.96, "male": 1.09}
TIMED_VOLUME_L = 1.55
FLOW_SD_PERSON, FLOW_SD_MOMENT, FLOW_SD_DAY = 0.25, 0.35, 0.20
# Anxious people drink more in this world: it dilutes every analyte and changes no amount per creatinine.
FLOW_PER_ANXIETY = 0.08


@dataclass(frozen=True, eq=False)
class Urine:
    """One specimen a person; arrays of shape (n_people,).

    Parameters
    ----------
    visit : str
        ``first``, ``second`` or ``timed``.
    creatinine_g_per_l : ndarray
        True concentration.
    measured_creatinine_g_per_l : ndarray
        As the laboratory measures it.
    volume_l : ndarray
        Urine of 24 h at this flow.
    """

    visit: str
    creatinine_g_per_l: Floats
    measured_creatinine_g_per_l: Floats
    volume_l: Floats


def creatinine_excretion(people: People, visit: str) -> Floats:
    """Return creatinine in mmol per 24 h: it differs with sex, weight, age and body mass, and from day to day."""
    n = len(people)
    per_kg = np.empty(n)
    own = stream(people.seed, "creatinine").standard_normal(n)
    for sex, chosen in (("female", people.female), ("male", ~people.female)):
        mean, sd = EXCRETION[sex]
        spread = math.sqrt(math.log(1 + (sd / mean) ** 2))
        per_kg[chosen] = mean * np.exp(spread * own[chosen] - spread**2 / 2)
    bmi = people.weight_kg / (people.height_cm / 100) ** 2
    moved = AGE_SLOPE * (people.age_years - 46.5) + BMI_SLOPE * (bmi - 25.5)
    day = DAY_TO_DAY * stream(people.seed, "creatinine", visit).standard_normal(n)
    return per_kg * people.weight_kg * np.exp(moved + day) / 1000.0


def fill_bottle(people: People, visit: str) -> Urine:
    """Return flow and creatinine of one specimen a person."""
    n, timed = len(people), visit == "timed"
    person = stream(people.seed, "flow").standard_normal(n)
    moment = stream(people.seed, "flow", visit).standard_normal(n)
    spot = np.where(people.female, SPOT_FLOW_L_PER_DAY["female"], SPOT_FLOW_L_PER_DAY["male"])
    # A 24 h collection is made in the days of the first visit.
    anxiety = latent_scores(people, "first" if timed else visit)["anxiety"]
    log_flow = (
        np.log(TIMED_VOLUME_L if timed else spot)
        + FLOW_SD_PERSON * person
        + (FLOW_SD_DAY if timed else FLOW_SD_MOMENT) * moment
        + FLOW_PER_ANXIETY * anxiety
    )
    volume = np.exp(log_flow)
    true = creatinine_excretion(people, visit) * CREATININE_MOLAR_MASS / 1000.0 / volume
    noise = stream(people.seed, "creatinine assay", visit).standard_normal(n)
    return Urine(visit, true, true * np.exp(CREATININE_CV * noise), volume)


def _weight_of_latent(analyte: SimulatedAnalyte) -> float:
    """Return the weight of the specific trait between people that gives `latent_r` at a visit."""
    reaches = math.sqrt(STABLE_SHARE * (1 - INDEX_WEIGHT**2) * (1 - TRAIT_CORRELATION**2))
    return analyte.latent_r * analyte.sd / analyte.sd_between / reaches


def _between(analyte: SimulatedAnalyte, people: People) -> Floats:
    n = len(people)
    shared = stream(people.seed, "pathway", analyte.pathway).standard_normal(n)
    own = stream(people.seed, "person", analyte.id).standard_normal(n)
    between = math.sqrt(PATHWAY_SHARE_BETWEEN) * shared + math.sqrt(1 - PATHWAY_SHARE_BETWEEN) * own
    latent = _weight_of_latent(analyte)
    index = analyte.confounded_r * analyte.sd / analyte.sd_between
    between *= math.sqrt(1 - latent**2 - index**2)
    if latent:
        between += latent * people.specific[analyte.latent]
    return between + index * people.index if index else between


def _within(analyte: SimulatedAnalyte, people: People, visit: str) -> Floats:
    n = len(people)
    shared = stream(people.seed, "pathway", analyte.pathway, visit).standard_normal(n)
    own = stream(people.seed, "occasion", analyte.id, visit).standard_normal(n)
    within = math.sqrt(PATHWAY_SHARE_WITHIN) * shared + math.sqrt(1 - PATHWAY_SHARE_WITHIN) * own
    return (TIMED_WITHIN if visit == "timed" else 1.0) * within


def true_log_ratio(analyte: SimulatedAnalyte, people: People, visit: str) -> Floats:
    """Return the natural log of the true amount per gram of creatinine at a visit."""
    spread = analyte.sd_between * _between(analyte, people) + analyte.sd_within * _within(analyte, people, visit)
    return math.log(analyte.median) + spread


def bias_of(labs: tuple[str, ...], lab: np.ndarray) -> Floats:
    """Return each person's laboratory's bias."""
    return np.array([LAB_BIAS[name] for name in labs])[lab]


def measure(analyte: SimulatedAnalyte, people: People, urine: Urine, bias: Floats) -> tuple[Floats, Flags]:
    """Return concentrations per litre as measured, and which of them lie below the limit of detection.

    Where a concentration is below the limit, the limit itself is returned.
    """
    noise = stream(people.seed, "assay", analyte.id, urine.visit).standard_normal(len(people))
    log_ratio = true_log_ratio(analyte, people, urine.visit) + analyte.cv_assay * noise
    concentration = np.exp(log_ratio) * urine.creatinine_g_per_l * bias
    below = concentration < analyte.lod
    return np.where(below, analyte.lod, concentration), below
