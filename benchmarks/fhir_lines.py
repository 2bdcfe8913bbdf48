"""FHIR lines to positions beside json.loads of the same lines: simulated observations, ratios in one run."""

from __future__ import annotations

import argparse
import gc
import json
import random
import statistics
import time
from collections.abc import Callable

from recal_labs.ingest.fhir import read_fhir

GOAL_RATIO = 3.0
# Everything below is simulated: no person, no lab, and no distribution that anybody measured.
ANALYTES = (
    ("11146-8", "Homovanillate/Creatinine [Mass Ratio] in Urine", "HVA", "mg/g creat", "mg/g{creat}", 3.0),
    ("3124-5", "Vanillylmandelate/Creatinine [Mass Ratio] in Urine", "VMA", "mg/g creat", "mg/g{creat}", 2.5),
    ("24524-1", "Dopamine/Creatinine [Molar ratio] in Urine", "Dopamine", "umol/mol creat", "umol/mol{creat}", 120.0),
    ("24523-3", "Norepinephrine/Creatinine [Molar ratio] in Urine", "NE", "umol/mol creat", "umol/mol{creat}", 20.0),
    ("2161-8", "Creatinine [Mass/volume] in Urine", "Creatinine", "mg/dL", "mg/dL", 110.0),
)
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
FLAGS = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
UCUM = "http://unitsofmeasure.org"


def observation(number: int, rng: random.Random) -> str:
    """Return a simulated observation as a server's bulk export writes it: one in twelve is below a limit."""
    code, display, name, unit, ucum, middle = ANALYTES[number % len(ANALYTES)]
    panel = number // len(ANALYTES)
    day = f"2024-{1 + panel % 12:02}-{1 + panel % 28:02}"
    quantity = {"value": round(rng.lognormvariate(0, 0.5) * middle, 2), "unit": unit, "system": UCUM, "code": ucum}
    low, high = (
        {"value": round(factor * middle, 1), "unit": unit, "system": UCUM, "code": ucum} for factor in (0.4, 2.5)
    )
    if rng.random() < 1 / 12:
        quantity["comparator"] = "<"
    resource = {
        "resourceType": "Observation",
        "id": f"sim-{number}",
        "status": "final",
        "category": [{"coding": [{"system": CATEGORY, "code": "laboratory", "display": "Laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": code, "display": display}], "text": name},
        "subject": {"reference": f"Patient/sim-{panel // 3}"},
        "effectiveDateTime": f"{day}T07:{number % 60:02}:00+01:00",
        "issued": f"{day}T15:{number % 60:02}:10.123+01:00",
        "performer": [{"reference": "Organization/sim", "display": "Simulated laboratory"}],
        "specimen": {"reference": f"Specimen/sim-{panel}", "display": "random urine"},
        "valueQuantity": quantity,
        "interpretation": [{"coding": [{"system": FLAGS, "code": "N", "display": "Normal"}]}],
        "referenceRange": [{"low": low, "high": high}],
    }
    return json.dumps(resource, separators=(",", ":"))


def seconds(work: Callable[[], object]) -> float:
    """Return the time on the processor, which other work on the machine disturbs less than the time on the wall."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=5)
    given = parser.parse_args()
    rng = random.Random(11)
    lines = [observation(number, rng) for number in range(given.lines)]
    text = "\n".join(lines)
    print(f"{given.lines:,} simulated observations, {len(text) / given.lines:.0f} characters a line")
    if read_fhir(text).height != given.lines:
        raise SystemExit("a line was lost")
    pairs = [
        (seconds(lambda: [None for line in lines if json.loads(line) is None]), seconds(lambda: read_fhir(text)))
        for _ in range(given.pairs)
    ]
    ratios = sorted(ours / plain for plain, ours in pairs)
    plain, ours = (statistics.median(pair[i] for pair in pairs) for i in (0, 1))
    print(f"json.loads: {plain / given.lines * 1e6:.1f} us a line; read and mapped: {ours / given.lines * 1e6:.1f} us")
    median = statistics.median(ratios)
    print(
        f"ratio: {median:.2f} (median of {given.pairs} pairs, {ratios[0]:.2f} to {ratios[-1]:.2f}; "
        f"goal at most {GOAL_RATIO})"
    )


if __name__ == "__main__":
    main()
