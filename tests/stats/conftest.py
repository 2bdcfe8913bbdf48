"""What the tests of the stats room share: seeded draws, answers of other programs, and samples with given moments."""

import json
from pathlib import Path

import numpy as np
import pytest

EXPECTED = Path(__file__).with_name("expected")


@pytest.fixture
def rng():
    return np.random.default_rng(20260101)


@pytest.fixture(scope="session")
def published():
    return json.loads((EXPECTED / "published.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def censored_example(published):
    """Read a published sample, written as a lab writes it: values, and -1 where they are below a limit."""

    def read(name):
        texts = published[name]["values"]
        return (
            np.array([float(text.lstrip("<")) for text in texts]),
            np.array([-1 if text.startswith("<") else 0 for text in texts]),
        )

    return read


@pytest.fixture(scope="session")
def lifelines():
    """Answers of lifelines on simulated data, written by expected/make_lifelines.py."""
    return json.loads((EXPECTED / "lifelines.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def pingouin():
    """Answers of pingouin on simulated data, written by expected/make_pingouin.py."""
    return json.loads((EXPECTED / "pingouin.json").read_text(encoding="utf-8"))


@pytest.fixture
def sample_with():
    """Make a sample that has exactly this mean and SD."""

    def make(mean, sd, n):
        z = np.random.default_rng(7).normal(size=n)
        return mean + sd * (z - z.mean()) / z.std(ddof=1)

    return make


@pytest.fixture
def pairs_with():
    """Make paired samples that have exactly these means, SDs and correlation."""

    def make(means, sds, correlation, n):
        z = np.random.default_rng(8).normal(size=(n, 2))
        z -= z.mean(axis=0)
        first, second = np.linalg.qr(z)[0].T * np.sqrt(n - 1)
        second = correlation * first + np.sqrt(1 - correlation**2) * second
        return means[0] + sds[0] * first, means[1] + sds[1] * second

    return make
