"""What the simulated world measures: levels, spreads, detection limits, pathways, and the few real relations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class SimulatedAnalyte:
    """One analyte of the simulated panel.

    Parameters
    ----------
    id : str
        Catalogue id.
    unit : str
        Substance unit of its amounts: ug, mg or umol.
    median : float
        Median amount per gram of creatinine, in `unit`.
    sd_between, sd_within : float
        SD of the natural logarithm between people, and between occasions of one person.
    cv_assay : float
        Imprecision of the assay, as SD of the logarithm.
    pathway : str
        Analytes of one pathway rise and fall together.
    molar_mass : float
        g/mol, as in reference_ranges/analytes.csv.
    lod : float
        Detection limit of the concentration, in `unit` per litre; 0 where it never matters.
    latent : str
        The latent trait that the amount is related to, or empty.
    latent_r : float
        Correlation of the true log amount of a visit with that latent score of the visit.
    confounded_r : float
        Correlation of the true log amount with the index of age and sex that moves the scores too.
    """

    id: str
    unit: str
    median: float
    sd_between: float
    sd_within: float
    cv_assay: float
    pathway: str
    molar_mass: float
    lod: float = 0.0
    latent: str = ""
    latent_r: float = 0.0
    confounded_r: float = 0.0

    @property
    def sd(self) -> float:
        """SD of the true log amount over people and occasions."""
        return math.hypot(self.sd_between, self.sd_within)

    @property
    def printed_range(self) -> tuple[float, float]:
        """Central 95 % of the simulated amounts per gram of creatinine: what a simulated lab prints as its range."""
        width = 1.96 * math.hypot(self.sd, self.cv_assay)
        return self.median * math.exp(-width), self.median * math.exp(width)


# Levels lie near reference_ranges/reference_intervals.csv (adults, per gram of creatinine or per 24 h) where it has a
# row; dopac, pea and kynurenine have none for adults, and theirs are invented. Imprecision: biological_variation.csv
# where it has a row. All spreads between and within people are invented.
_ROWS = (
    SimulatedAnalyte("dopamine", "ug", 170.0, 0.25, 0.28, 0.050, "catecholamine", 153.181),
    SimulatedAnalyte(
        "norepinephrine", "ug", 22.0, 0.28, 0.25, 0.060, "catecholamine", 169.180, latent="depression", latent_r=0.20
    ),
    SimulatedAnalyte("epinephrine", "ug", 4.0, 0.42, 0.42, 0.110, "catecholamine", 183.207, lod=1.9),
    SimulatedAnalyte("dopac", "ug", 1000.0, 0.30, 0.28, 0.070, "catecholamine", 168.148),
    SimulatedAnalyte("hva", "mg", 3.6, 0.26, 0.24, 0.070, "catecholamine", 182.175),
    SimulatedAnalyte("vma", "mg", 2.9, 0.22, 0.20, 0.060, "catecholamine", 198.174),
    SimulatedAnalyte("normetanephrine", "ug", 190.0, 0.28, 0.22, 0.043, "catecholamine", 183.207, confounded_r=0.45),
    SimulatedAnalyte("metanephrine", "ug", 85.0, 0.30, 0.22, 0.038, "catecholamine", 197.234),
    SimulatedAnalyte("methoxytyramine_3", "ug", 110.0, 0.38, 0.35, 0.080, "catecholamine", 167.208, lod=42.0),
    SimulatedAnalyte("serotonin", "ug", 90.0, 0.40, 0.38, 0.080, "indole", 176.219),
    SimulatedAnalyte("hiaa_5", "mg", 3.6, 0.28, 0.28, 0.060, "indole", 191.186, latent="depression", latent_r=-0.15),
    SimulatedAnalyte("gaba", "ug", 280.0, 0.20, 0.18, 0.080, "amino_acid", 103.121),
    SimulatedAnalyte("glutamate", "umol", 18.0, 0.38, 0.35, 0.070, "amino_acid", 147.130),
    SimulatedAnalyte("pea", "ug", 6.0, 0.65, 0.55, 0.120, "trace_amine", 121.183, lod=4.7),
    SimulatedAnalyte("kynurenine", "umol", 3.0, 0.35, 0.30, 0.080, "kynurenine", 208.217),
    SimulatedAnalyte("cortisol", "ug", 12.0, 0.40, 0.40, 0.085, "hpa_axis", 362.466, latent="anxiety", latent_r=0.18),
)
ANALYTES: Mapping[str, SimulatedAnalyte] = {analyte.id: analyte for analyte in _ROWS}

CREATININE_MOLAR_MASS = 113.120  # g/mol, as in reference_ranges/analytes.csv
CREATININE_CV = 0.025

# Laboratories that measure single voids, in the order of the numbers that people carry, and their constant bias.
SPOT_LABS = ("lab_a", "lab_b", "lab_d")
TIMED_LAB = "lab_c"
LAB_BIAS: Mapping[str, float] = {"lab_a": 1.00, "lab_b": 1.05, "lab_c": 0.97, "lab_d": 0.94}

# Share of the variance (between people; between occasions) that analytes of one pathway have in common.
PATHWAY_SHARE_BETWEEN, PATHWAY_SHARE_WITHIN = 0.35, 0.30
# Day-long collections average over the moments of a day.
TIMED_WITHIN = 0.6
