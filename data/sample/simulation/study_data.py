"""A simulated study: who was seen when, what was measured, what was answered, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from simulation.analytes import ANALYTES, SPOT_LABS, TIMED_LAB
from simulation.people import (
    INSTRUMENTS,
    LATENT_OF,
    SELECTION_NOISE,
    TREATMENT_EFFECT,
    Flags,
    Floats,
    People,
    answer,
    draw_people,
    latent_scores,
    stream,
    total,
)
from simulation.urine import bias_of, fill_bottle, measure

Rows = NDArray[np.int64]

FIRST_DAY = datetime(2024, 1, 8)
ENROLMENT_DAYS = 540
# The second visit comes 6 to 10 weeks after the first; interventions begin some days after the first visit's forms.
WEEKS_LATER, START_AFTER_DAYS, FORM_WITHIN_DAYS = (42, 70), (4, 10), 3


@dataclass(frozen=True, eq=False)
class Roles:
    """What is planned for each person; arrays of shape (n_people,)."""

    lab: NDArray[np.int64]
    second: Flags
    timed: Flags


@dataclass(frozen=True, eq=False)
class Specimens:
    """Specimens of one visit as measured; row i belongs to person ``who[i]``.

    Parameters
    ----------
    visit : str
        ``first`` and ``second`` are single voids, ``timed`` are 24 h collections.
    who, collected : ndarray, list
        Persons, and when the collection began.
    lab : tuple of str
        Laboratory of each.
    creatinine_g_per_l, volume_l, hours : ndarray
        Measured creatinine; volume and duration of 24 h collections, NaN for single voids.
    concentration : mapping of analyte id to ndarray
        As measured, in the analyte's unit per litre; the limit of detection where below it.
    below : mapping of analyte id to ndarray
        Which are below the limit.
    """

    visit: str
    who: Rows
    collected: list[datetime]
    lab: tuple[str, ...]
    creatinine_g_per_l: Floats
    volume_l: Floats
    hours: Floats
    concentration: Mapping[str, Floats]
    below: Mapping[str, Flags]

    def amount(self, analyte: str) -> Floats:
        """Return amounts per gram of creatinine; of censored ones, the limit per gram of creatinine."""
        return self.concentration[analyte] / self.creatinine_g_per_l


@dataclass(frozen=True, eq=False)
class Forms:
    """Answers to one instrument at one visit; NaN is an unanswered item."""

    instrument: str
    visit: str
    who: Rows
    assessed: list[datetime]
    items: Floats


@dataclass(frozen=True, eq=False)
class Study:
    """The true world as measured, before any file is written.

    Parameters
    ----------
    people : People
    subject_ids : list of str
    treated : ndarray of bool, shape (n_people,)
        Who has an intervention after the first visit.
    started : mapping of person to datetime
        When it began.
    sex_known, age_known : ndarray of bool
        Whether the study knows it.
    specimens : mapping of visit to Specimens
    forms : tuple of Forms
    """

    people: People
    subject_ids: list[str]
    treated: Flags
    started: Mapping[int, datetime]
    sex_known: Flags
    age_known: Flags
    specimens: Mapping[str, Specimens]
    forms: tuple[Forms, ...]


def _chosen(n: int, k: int, seed: int, name: str) -> Flags:
    return stream(seed, name).permutation(n) < k


def draw_roles(n: int, seed: int) -> Roles:
    """Return labs in equal shares, half with a second visit, a quarter with a 24 h collection, all at random."""
    return Roles(
        lab=stream(seed, "lab").permutation(n) % len(SPOT_LABS),
        second=_chosen(n, round(n / 2), seed, "second visit"),
        timed=_chosen(n, round(n / 4), seed, "24 h collection"),
    )


def choose_treated(phq9_total: Floats, second: Flags, seed: int) -> Flags:
    """Return who is treated: of those with a second visit, the half that scored highest at the first, roughly."""
    wish = phq9_total + SELECTION_NOISE * stream(seed, "selection").standard_normal(len(phq9_total))
    ranked = np.argsort(-np.where(second, wish, -np.inf), kind="stable")
    treated = np.zeros(len(second), dtype=bool)
    treated[ranked[: int(second.sum()) // 2]] = True
    return treated


def answers_of(people: People, visit: str, treated: Flags | None = None) -> dict[str, NDArray[np.int8]]:
    """Return all answers of a visit; those treated before it feel the one true effect."""
    latent = latent_scores(people, visit)
    if treated is not None:
        latent["depression"] = latent["depression"] + TREATMENT_EFFECT * treated
    return {name: answer(people, visit, name, latent[LATENT_OF[name]]) for name in INSTRUMENTS}


def _collected(people: People, roles: Roles) -> dict[str, NDArray[np.int64]]:
    """Return minutes after midnight of the first day, for every person and visit."""
    n, rng = len(people), stream(people.seed, "calendar")
    day = rng.integers(0, ENROLMENT_DAYS, n)
    later = day + rng.integers(WEEKS_LATER[0], WEEKS_LATER[1] + 1, n)
    first, second = rng.integers(6 * 60 + 30, 10 * 60 + 30, (2, n))
    return {"first": day * 1440 + first, "second": later * 1440 + second, "timed": (day - 1) * 1440 + 7 * 60}


def _moments(minutes: NDArray[np.int64]) -> list[datetime]:
    return [FIRST_DAY + timedelta(minutes=int(m)) for m in minutes]


def _specimens(people: People, roles: Roles, visit: str, who: Rows, minutes: NDArray[np.int64]) -> Specimens:
    urine, timed = fill_bottle(people, visit), visit == "timed"
    labs = (TIMED_LAB,) if timed else SPOT_LABS
    lab = np.zeros(len(people), dtype=np.int64) if timed else roles.lab
    bias = bias_of(labs, lab)
    measured = {name: measure(analyte, people, urine, bias) for name, analyte in ANALYTES.items()}
    hours = np.full(len(people), 24.0) + np.round(stream(people.seed, "hours").uniform(-0.7, 0.7, len(people)), 1)
    nothing = np.full(len(who), np.nan)
    return Specimens(
        visit=visit,
        who=who,
        collected=_moments(minutes[who]),
        lab=tuple(labs[i] for i in lab[who]),
        creatinine_g_per_l=urine.measured_creatinine_g_per_l[who],
        volume_l=np.round(urine.volume_l[who] * hours[who] / 24.0, 2) if timed else nothing,
        hours=hours[who] if timed else nothing,
        concentration={name: values[who] for name, (values, _) in measured.items()},
        below={name: below[who] for name, (_, below) in measured.items()},
    )


def _forms(people: People, roles: Roles, treated: Flags, panels: Mapping[str, NDArray[np.int64]]) -> tuple[Forms, ...]:
    """Return the forms, with what is missing of them: all at random, and only among people seen once."""
    made, n = [], len(people)
    once = np.flatnonzero(~roles.second)
    rng = stream(people.seed, "missing forms")
    once = rng.permutation(once)
    cut = np.cumsum([round(n * share) for share in (0.033, 0.025, 0.021, 0.017, 0.021)])
    nothing, far, no_gad7, incomplete, nearly = np.split(once[: cut[-1]], cut[:-1])
    for visit, present in (("first", np.ones(n, dtype=bool)), ("second", roles.second)):
        answers = answers_of(people, visit, treated if visit == "second" else None)
        apart = stream(people.seed, "form day", visit).integers(-FORM_WITHIN_DAYS, FORM_WITHIN_DAYS + 1, n)
        apart[far] = rng.integers(20, 41, len(far))
        for name, items in answers.items():
            stay = present.copy()
            stay[nothing] = False
            stay[no_gad7] &= name != "gad7"
            filled = items.astype(np.float64)
            if name == "phq9" and visit == "first":
                filled[incomplete, 2:6] = np.nan
                filled[nearly, 3] = np.nan
            who = np.flatnonzero(stay)
            day = (panels[visit] // 1440 + apart) * 1440
            made.append(Forms(name, visit, who, _moments(day[who]), filled[who]))
    return tuple(made)


def simulate(n_subjects: int = 240, seed: int = 20260101) -> Study:
    """Draw a study.

    Parameters
    ----------
    n_subjects : int
        At least 40, so that every role is filled; 160 where the files are to get their blemishes.
    seed : int
        The same seed gives the same study, byte for byte.
    """
    people = draw_people(n_subjects, seed)
    roles = draw_roles(n_subjects, seed)
    treated = choose_treated(total(answers_of(people, "first")["phq9"]), roles.second, seed)
    when = _collected(people, roles)
    who = {"first": np.arange(n_subjects), "second": np.flatnonzero(roles.second), "timed": np.flatnonzero(roles.timed)}
    begin = stream(seed, "start").integers(START_AFTER_DAYS[0], START_AFTER_DAYS[1] + 1, n_subjects)
    start = _moments((when["first"] // 1440 + begin) * 1440)
    width = max(3, len(str(n_subjects)))
    return Study(
        people=people,
        subject_ids=[f"SIM-{number:0{width}d}" for number in range(1, n_subjects + 1)],
        treated=treated,
        started={int(i): start[i] for i in np.flatnonzero(treated)},
        sex_known=~_chosen(n_subjects, round(n_subjects * 0.0125), seed, "sex unknown"),
        age_known=~_chosen(n_subjects, round(n_subjects * 0.017), seed, "age unknown"),
        specimens={visit: _specimens(people, roles, visit, who[visit], when[visit]) for visit in who},
        forms=_forms(people, roles, treated, when),
    )
