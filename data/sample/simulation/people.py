"""Who takes part: sex, age, body, latent depression and anxiety, and their answers to PHQ-9 and GAD-7 items."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]

SHARE_FEMALE, AGE_LOW, AGE_HIGH = 0.55, 18, 75
# Weight of the index of age and sex in both latent traits, and the correlation of what is left of the two traits.
INDEX_WEIGHT, TRAIT_CORRELATION = 0.40, 0.70
# Share of a latent score's variance that is the same at every visit, and the correlation of the passing rest.
STABLE_SHARE, STATE_CORRELATION = 0.80, 0.50
# The one true effect of the interventions: SDs of latent depression. Anxiety and analytes are left alone.
TREATMENT_EFFECT = -0.30
# What decides who is treated: the PHQ-9 total of the first visit plus this much noise, points.
SELECTION_NOISE = 3.0

# Shares of answers of at least 1, 2 and 3, item by item, and the loading of each item on its latent score. Invented.
PHQ9: tuple[tuple[float, float, float, float], ...] = (
    (0.55, 0.22, 0.10, 0.75),
    (0.55, 0.22, 0.10, 0.80),
    (0.62, 0.32, 0.18, 0.65),
    (0.70, 0.34, 0.17, 0.72),
    (0.50, 0.24, 0.12, 0.65),
    (0.48, 0.22, 0.11, 0.75),
    (0.50, 0.22, 0.10, 0.70),
    (0.28, 0.10, 0.04, 0.60),
    (0.07, 0.025, 0.01, 0.65),
)
GAD7: tuple[tuple[float, float, float, float], ...] = (
    (0.60, 0.27, 0.14, 0.78),
    (0.52, 0.24, 0.13, 0.82),
    (0.58, 0.27, 0.15, 0.80),
    (0.55, 0.25, 0.12, 0.75),
    (0.38, 0.16, 0.07, 0.68),
    (0.58, 0.24, 0.11, 0.65),
    (0.38, 0.16, 0.08, 0.72),
)
INSTRUMENTS: Mapping[str, tuple[tuple[float, float, float, float], ...]] = {"phq9": PHQ9, "gad7": GAD7}
LATENT_OF: Mapping[str, str] = {"phq9": "depression", "gad7": "anxiety"}


def stream(seed: int, *names: object) -> np.random.Generator:
    """Return random numbers of their own for one purpose, so that drawing one thing never moves another."""
    return np.random.default_rng([seed, zlib.crc32("/".join(map(str, names)).encode())])


@dataclass(frozen=True, eq=False)
class People:
    """Everybody in the world; all arrays have shape (n_people,).

    Parameters
    ----------
    seed : int
        Of the world.
    female, age_years, weight_kg, height_cm : ndarray
        Sex and body.
    index : ndarray
        Standardised sum of age and being female: what confounds.
    trait : mapping of str to ndarray
        Latent depression and anxiety, the stable part, standardised.
    specific : mapping of str to ndarray
        What one trait has apart from the other and from the index: a relation through it concerns one outcome only.
    """

    seed: int
    female: Flags
    age_years: NDArray[np.int64]
    weight_kg: Floats
    height_cm: Floats
    index: Floats
    trait: Mapping[str, Floats]
    specific: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(self.female)


def draw_people(n: int, seed: int) -> People:
    """Draw people at random."""
    rng = stream(seed, "people")
    female = rng.random(n) < SHARE_FEMALE
    age = rng.integers(AGE_LOW, AGE_HIGH + 1, n)
    height = np.where(female, 165.0 + 6.5 * rng.standard_normal(n), 178.0 + 7.0 * rng.standard_normal(n))
    bmi = 25.5 * np.exp(0.16 * rng.standard_normal(n))
    ages = AGE_HIGH - AGE_LOW + 1
    z_age = (age - (AGE_LOW + AGE_HIGH) / 2) / math.sqrt((ages**2 - 1) / 12)
    z_sex = (female - SHARE_FEMALE) / math.sqrt(SHARE_FEMALE * (1 - SHARE_FEMALE))
    index = (z_age + z_sex) / math.sqrt(2)
    own = stream(seed, "traits").standard_normal((2, n))
    r = TRAIT_CORRELATION
    low, anxious = own[0], r * own[0] + math.sqrt(1 - r * r) * own[1]
    rest = math.sqrt(1 - INDEX_WEIGHT**2)
    return People(
        seed=seed,
        female=female,
        age_years=age,
        weight_kg=np.round(bmi * (height / 100) ** 2, 1).astype(np.float64),
        height_cm=np.round(height).astype(np.float64),
        index=index,
        trait={
            "depression": INDEX_WEIGHT * index + rest * low,
            "anxiety": INDEX_WEIGHT * index + rest * anxious,
        },
        specific={
            "depression": (low - r * anxious) / math.sqrt(1 - r * r),
            "anxiety": (anxious - r * low) / math.sqrt(1 - r * r),
        },
    )


def latent_scores(people: People, visit: str) -> dict[str, Floats]:
    """Return latent depression and anxiety at a visit, before any intervention: mean 0, SD 1."""
    own = stream(people.seed, "states", visit).standard_normal((2, len(people)))
    r = STATE_CORRELATION
    states = {"depression": own[0], "anxiety": r * own[0] + math.sqrt(1 - r * r) * own[1]}
    return {
        name: math.sqrt(STABLE_SHARE) * people.trait[name] + math.sqrt(1 - STABLE_SHARE) * state
        for name, state in states.items()
    }


def answer(people: People, visit: str, instrument: str, latent: Floats) -> Codes:
    """Return the answers 0 to 3 to every item, shape (n_people, n_items)."""
    items = INSTRUMENTS[instrument]
    rng = stream(people.seed, instrument, visit)
    answers = np.empty((len(people), len(items)), dtype=np.int8)
    for column, (*shares, loading) in enumerate(items):
        felt = loading * latent + math.sqrt(1 - loading**2) * rng.standard_normal(len(people))
        limits = [NormalDist().inv_cdf(1 - share) for share in shares]
        answers[:, column] = np.searchsorted(limits, felt)
    return answers


def total(answers: Codes) -> Floats:
    """Return the sum of all items."""
    return answers.sum(axis=1, dtype=np.float64)
