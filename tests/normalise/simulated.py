"""Made-up people whose dilution, size and excretion are known, written as a lab would send their results."""

import numpy as np
import pandas as pd


def people(rng, n, *, exponent=1.0, spread=0.3, visits=1, size=0.0, limit=None, gravity=False, prefix="S"):
    """Return results of n people: HVA follows dilution to a power, creatinine follows dilution and body size.

    ``exponent`` is the power of creatinine that HVA follows at one size; ``size`` the effect of an SD of log weight on
    log creatinine; ``limit`` a detection limit of HVA in mg/L.
    """
    rows = []
    sex, age = rng.choice(["female", "male"], n), rng.uniform(20, 70, n)
    large = rng.normal(size=n)
    own = rng.normal(0, spread, n)
    for i in range(n):
        for visit in range(visits):
            dilution = rng.normal(0, 0.6)
            creatinine = np.exp(0.1 + 0.2 * (sex[i] == "male") - 0.005 * (age[i] - 45) + size * large[i] + dilution)
            hva = np.exp(1.0 + exponent * dilution + own[i] + rng.normal(0, 0.1))
            known = {
                "subject_id": f"{prefix}{i}",
                "specimen_id": f"{prefix}{i}-{visit}",
                "specimen": "urine_spot",
                "sex": sex[i],
                "age_years": age[i],
                "weight_kg": 70 * np.exp(0.2 * large[i]),
                "comparator": "",
            }
            below = limit is not None and hva < limit
            measured = {"value": limit if below else hva, "unit": "mg/L", "comparator": "<" if below else ""}
            rows.append(known | {"analyte_id": "creatinine", "value": creatinine, "unit": "g/L"})
            rows.append(known | {"analyte_id": "hva"} | measured)
            if gravity:
                water = 1 + 0.018 * np.exp(dilution)
                rows.append(known | {"analyte_id": "specific_gravity", "value": water, "unit": "1"})
    return pd.DataFrame(rows)
