import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
sys.path.insert(0, str(SAMPLE))


@pytest.fixture(scope="session")
def sample() -> Path:
    return SAMPLE
