"""What is true: the estimands that the report prints, computed on very many simulated people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from simulation.analytes import ANALYTES, SPOT_LABS, SimulatedAnalyte
from simulation.people import INSTRUMENTS, Flags, Floats, People, draw_people, total
from simulation.study_data import answers_of, choose_treated, draw_roles
from simulation.urine import Urine, bias_of, fill_bottle, measure

HEADER = "estimand,analyte_id,outcome,value,n,kind\n"
DIGITS = 4


def mid_ranks(values: Floats) -> Floats:
    """Return ranks from 1, ties sharing their mean rank."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    edges = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1], True])
    ranks = np.empty(len(values))
    ranks[order] = np.repeat((edges[:-1] + edges[1:] + 1) / 2, np.diff(edges))
    return ranks


def _direction(ranks: Floats, basis: Floats | None = None) -> Floats:
    """Return ranks centred, freed of the covariates, scaled to length 1."""
    centred = ranks - ranks.mean()
    if basis is not None:
        centred = centred - basis @ (basis.T @ centred)
    return centred / np.linalg.norm(centred)


def _kind(analyte: SimulatedAnalyte, outcome: str, estimand: str) -> str:
    """Say why an association is what it is."""
    if estimand == "spearman_rho_per_volume":
        return "dilution"
    if {"depression": "phq9", "anxiety": "gad7"}.get(analyte.latent) == outcome:
        return "real"
    if analyte.confounded_r and estimand == "spearman_rho":
        return "confounded"
    return "null" if not analyte.lod else "null but for censoring"


class World:
    """A population large enough to be called the truth."""

    def __init__(self, n: int, seed: int):
        self.people: People = draw_people(n, seed)
        roles = draw_roles(n, seed)
        self.bias = bias_of(SPOT_LABS, roles.lab)
        first = answers_of(self.people, "first")
        self.scores = {name: total(first[name]) for name in INSTRUMENTS}
        self.second: Flags = roles.second
        self.treated = choose_treated(self.scores["phq9"], roles.second, seed)
        self.untreated = self.second & ~self.treated
        after, alone = answers_of(self.people, "second", self.treated), answers_of(self.people, "second")
        self.after = {name: total(after[name]) for name in INSTRUMENTS}
        self.alone = {name: total(alone[name]) for name in INSTRUMENTS}
        self.urine: dict[str, Urine] = {visit: fill_bottle(self.people, visit) for visit in ("first", "second")}

    def log_amount(self, analyte: SimulatedAnalyte, visit: str) -> tuple[Floats, Floats, Flags]:
        """Return measured log amount per gram of creatinine, log concentration, and which are below the limit."""
        concentration, below = measure(analyte, self.people, self.urine[visit], self.bias)
        log_concentration = np.log(concentration)
        return log_concentration - np.log(self.urine[visit].measured_creatinine_g_per_l), log_concentration, below


def _associations(world: World) -> Iterator[tuple[str, str, str, float, int, str]]:
    people = world.people
    held = np.column_stack([mid_ranks(people.age_years.astype(float)), (~people.female).astype(float)])
    basis = np.linalg.qr(held - held.mean(axis=0))[0]
    ranked = {name: mid_ranks(score) for name, score in world.scores.items()}
    raw = {name: _direction(ranks) for name, ranks in ranked.items()}
    partial = {name: _direction(ranks, basis) for name, ranks in ranked.items()}
    for analyte in ANALYTES.values():
        amount, concentration, below = world.log_amount(analyte, "first")
        per_creatinine = mid_ranks(np.where(below, -np.inf, amount))
        per_volume = mid_ranks(np.where(below, -np.inf, concentration))
        columns = {
            "spearman_rho": (_direction(per_creatinine), raw),
            "partial_spearman_rho": (_direction(per_creatinine, basis), partial),
            "spearman_rho_per_volume": (_direction(per_volume), raw),
        }
        for outcome in INSTRUMENTS:
            for estimand, (x, y) in columns.items():
                kind = _kind(analyte, outcome, estimand)
                yield estimand, analyte.id, outcome, float(x @ y[outcome]), len(people), kind


def _slope(first: Floats, second: Floats) -> float:
    centred = first - first.mean()
    return float(centred @ (second - second.mean()) / (centred @ centred))


def _change(
    before: Floats, after: Floats, alone: Floats, world: World, labels: tuple[str, str, str]
) -> Iterator[tuple[str, str, str, float, int, str]]:
    """Yield a change and what it consists of; on logarithms as ratios."""
    analyte, outcome, name = labels
    treated, untreated = world.treated, world.untreated
    change = float((after - before)[treated].mean())
    distance = float(before.mean() - before[treated].mean())
    expected = (1 - _slope(before[untreated], after[untreated])) * distance
    parts = {
        name: (change, "regression to the mean and treatment" if outcome == "phq9" else "regression to the mean"),
        "expected_rtm": (expected, "as printed: from the retest slope of untreated people"),
        "excess": (change - expected, "as printed: observed beyond expected"),
        "change_without_intervention": (float((alone - before)[treated].mean()), "the same people untreated"),
        "true_effect_of_intervention": (
            float((after - alone)[treated].mean()),
            "the same people treated minus untreated",
        ),
    }
    for estimand, (value, kind) in parts.items():
        yield estimand, analyte, outcome, float(np.exp(value)) if analyte else value, int(treated.sum()), kind


def _changes(world: World) -> Iterator[tuple[str, str, str, float, int, str]]:
    for outcome in INSTRUMENTS:
        scores = (world.scores[outcome], world.after[outcome], world.alone[outcome])
        yield from _change(*scores, world, ("", outcome, "mean_change"))
    for analyte in ANALYTES.values():
        before, after = (world.log_amount(analyte, visit)[0] for visit in ("first", "second"))
        labels = (analyte.id, "change", "geometric_mean_ratio")
        for row in _change(before, after, after, world, labels):
            # A report prints no ratio where a value is censored; this one takes the limit for the value.
            yield (*row[:5], row[5] + ("; limit taken for censored values" if analyte.lod else ""))


def truth_table(n: int = 1_000_000, seed: int = 1) -> list[tuple[str, str, str, float, int, str]]:
    """Return every estimand with its value: (estimand, analyte_id, outcome, value, n, kind).

    Parameters
    ----------
    n : int
        People; with a million the values are known to about 0.001.
    seed : int
        Of the population; it has nothing to do with that of a study.
    """
    world = World(n, seed)
    return [*_associations(world), *_changes(world)]


def write_truth(path: Path, n: int = 1_000_000, seed: int = 1) -> None:
    """Write the table of truths."""
    rows = truth_table(n, seed)
    lines = [
        f"{estimand},{analyte},{outcome},{value + 0.0:.{DIGITS}f},{size},{kind}\n"
        for estimand, analyte, outcome, value, size, kind in rows
    ]
    path.write_text(HEADER + "".join(lines), encoding="utf-8", newline="\n")
