"""Stage times of the main job on the sample study, from a warm environment, in a fresh process."""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", type=Path, default=ROOT / "data" / "sample" / "study.toml")
    study = parser.parse_args().study
    with tempfile.TemporaryDirectory() as out:
        start = time.perf_counter()
        command = [sys.executable, "-m", "recal_labs", "run", str(study), "--out", out]
        code = subprocess.run(command, check=False).returncode
        print(f"whole process: {time.perf_counter() - start:.1f} s, exit code {code} (goal: under 60 s)")


if __name__ == "__main__":
    main()
