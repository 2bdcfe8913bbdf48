"""The study's own tables: people, bottles, interventions, adverse events, and answers to questionnaires."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from simulation.delimited import specimen_id
from simulation.people import stream
from simulation.sheets import Sheet
from simulation.study_data import Forms, Study

# Made-up interventions: no medicine, supplement or programme of this world is one of ours.
INTERVENTIONS = (
    ("pharmaceutical", "simulated medicine", "50", "mg"),
    ("nutritional", "simulated supplement", "1000", "mg"),
    ("behavioural", "simulated programme", "90", "min"),
)
LABEL = "# SIMULATED: made-up people"
EVENTS = (("sleep", "mild", "slept badly"), ("digestive", "mild", "nausea"), ("mood", "moderate", "more irritable"))


def _labelled(path: str) -> Sheet:
    sheet = Sheet(path)
    sheet.add(LABEL)
    return sheet


def subjects_table(study: Study) -> Sheet:
    """Return one row a person; what the study does not know is empty."""
    people, rng = study.people, stream(study.people.seed, "subjects table")
    sheet = _labelled("subjects.csv")
    sheet.add(
        "subject_id", "sex", "age_years", "weight_kg", "height_cm", "education_years", "smoker", "caffeine", "group"
    )
    schooling = rng.integers(8, 21, len(people))
    smokes, coffee = rng.random(len(people)) < 0.18, rng.choice(["none", "daily", "several a day"], len(people))
    twice = set(study.specimens["second"].who.tolist())
    for i, subject in enumerate(study.subject_ids):
        group = "intervention" if study.treated[i] else "seen twice" if i in twice else "seen once"
        sheet.add(
            subject,
            ("female" if people.female[i] else "male") if study.sex_known[i] else "",
            str(people.age_years[i]) if study.age_known[i] else "",
            f"{people.weight_kg[i]:.1f}",
            f"{people.height_cm[i]:.0f}",
            str(schooling[i]),
            "yes" if smokes[i] else "no",
            str(coffee[i]),
            group,
        )
    return sheet


def specimens_table(study: Study) -> Sheet:
    """Return one row a bottle; volume and duration stand in lab C's export unless a blemish moves them here."""
    sheet, rng = _labelled("specimens.csv"), stream(study.people.seed, "specimens table")
    head = ("specimen_id", "preservative", "ph", "storage", "received_at", "fasting", "exercise", "posture")
    sheet.add(*head, "collection_volume_l", "collection_hours")
    for visit, specimens in study.specimens.items():
        for row, subject in enumerate(specimens.who):
            received = specimens.collected[row] + timedelta(hours=30 if visit == "timed" else int(rng.integers(1, 28)))
            sheet.add(
                specimen_id(study, int(subject), visit),
                "hydrochloric acid" if visit == "timed" else "none",
                f"{2.5 + rng.random():.1f}" if visit == "timed" else f"{5.0 + 2.0 * rng.random():.1f}",
                "refrigerated" if visit == "timed" else "frozen -20 C",
                f"{received:%Y-%m-%d %H:%M}",
                "yes" if rng.random() < 0.7 else "no",
                "none",
                "",
                "",
                "",
            )
    return sheet


def interventions_table(study: Study) -> Sheet:
    """Return one row an intervention; most go on at the second visit."""
    sheet, rng = _labelled("interventions.csv"), stream(study.people.seed, "interventions table")
    sheet.add("subject_id", "kind", "name", "dose", "unit", "start", "stop")
    for i, start in study.started.items():
        chosen = INTERVENTIONS[int(rng.integers(len(INTERVENTIONS)))]
        stop = f"{start + timedelta(days=90):%Y-%m-%d}" if rng.random() < 0.2 else ""
        sheet.add(study.subject_ids[i], *chosen, f"{start:%Y-%m-%d}", stop)
    return sheet


def adverse_events_table(study: Study) -> Sheet:
    """Return adverse events, more of them under an intervention."""
    sheet, rng = _labelled("adverse_events.csv"), stream(study.people.seed, "adverse events table")
    sheet.add("subject_id", "onset", "category", "severity", "note")
    draws = rng.random(len(study.people))
    kinds, days = rng.integers(0, len(EVENTS), len(draws)), rng.integers(1, 40, len(draws))
    first = study.specimens["first"].collected
    for i in np.flatnonzero(draws < np.where(study.treated, 0.30, 0.04)):
        onset = study.started.get(int(i), first[int(i)]) + timedelta(days=int(days[i]))
        category, severity, note = EVENTS[int(kinds[i])]
        sheet.add(study.subject_ids[i], f"{onset:%Y-%m-%d}", category, severity, note)
    return sheet


def outcome_table(study: Study, instrument: str) -> Sheet:
    """Return the answers to one instrument, one row a form, in order of date."""
    forms: list[Forms] = [form for form in study.forms if form.instrument == instrument]
    sheet = _labelled(f"outcomes/{instrument}_items.csv")
    sheet.add("subject_id", "assessed_at", *(f"q{k}" for k in range(1, forms[0].items.shape[1] + 1)))
    rows = [
        (form.assessed[r], study.subject_ids[subject], form.items[r])
        for form in forms
        for r, subject in enumerate(form.who)
    ]
    for when, subject, items in sorted(rows, key=lambda entry: entry[:2]):
        answers = ("" if np.isnan(item) else str(int(item)) for item in items)
        sheet.add(subject, f"{when:%Y-%m-%d}", *answers)
    return sheet
