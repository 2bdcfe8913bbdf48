"""A cohort made in memory: people, panels and scores with a relation that is known."""

import numpy as np
import pandas as pd
import pytest

from recal_labs.choices import Choices
from recal_labs.cohort import build_cohort
from recal_labs.normalise import normalise


def make_cohort(
    n=60,
    *,
    choices=None,
    seed=3,
    censor=(),
    slope=1.0,
    interventions=None,
    visits=1,
    days_between=60,
    form_after_days=0,
    forms_of_visit=(0, 1),
    simulated=False,
    sex_known=None,
):
    """Return a cohort in which log HVA follows PHQ-9 with the given slope and VMA follows nothing."""
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=n)
    rows, forms = [], []
    for visit in range(visits):
        at = pd.Timestamp("2024-03-01") + pd.Timedelta(days=days_between * visit)
        score = np.clip(np.round(8 + 4 * trait + rng.normal(0, 2, n)), 0, 27)
        hva = np.exp(1 + 0.4 * (slope * trait + rng.normal(size=n)))
        vma = np.exp(1 + 0.4 * rng.normal(size=n))
        for i in range(n):
            base = {"subject_id": f"S{i}", "specimen_id": f"S{i}-{visit}", "collected_at": at, "lab_id": "x"}
            base |= {"specimen": "urine_spot", "comparator": "", "sex": "unknown", "age_years": np.nan}
            for analyte, amount in (("hva", hva[i]), ("vma", vma[i])):
                sign = "<" if analyte in censor and i % 4 else ""
                rows.append(base | {"analyte_id": analyte, "value": amount, "unit": "mg/g{creat}", "comparator": sign})
            form = {"subject_id": f"S{i}", "assessed_at": at + pd.Timedelta(days=form_after_days)}
            form |= {"instrument": "phq9", "score": score[i], "status": "ok"}
            forms += [form] if visit in forms_of_visit else []
    people = pd.DataFrame(
        {
            "subject_id": [f"S{i}" for i in range(n)],
            "sex": np.where(np.arange(n) % 2, "female", "male"),
            "age_years": rng.uniform(20, 70, n),
            "group": np.where(np.arange(n) % 3 == 0, "a", "b"),
        }
    )
    normalised = normalise(pd.DataFrame(rows), choices=choices or Choices())
    if sex_known is not None:
        people.loc[sex_known:, "sex"] = None
    return build_cohort(normalised, pd.DataFrame(forms), people, interventions=interventions, simulated=simulated)


@pytest.fixture
def cohort():
    """Sixty people, one visit."""
    return make_cohort()
