"""Write the simulated sample study, or compute its truth: ``python data/sample/simulate.py --help``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HOME = Path(__file__).parent
if str(HOME) not in sys.path:
    # Imported by path (calibration, benchmarks, tests), the folder is not on the path by itself.
    sys.path.insert(0, str(HOME))

from simulation.files import write_study  # noqa: E402
from simulation.long_file import write_long_csv  # noqa: E402
from simulation.study_data import Study, simulate  # noqa: E402
from simulation.truth import truth_table, write_truth  # noqa: E402

__all__ = ["Study", "simulate", "truth_table", "write_long_csv", "write_study", "write_truth"]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description="Simulated people, their urine and their laboratories. Nobody is real."
    )
    parser.add_argument("--subjects", type=int, default=240, help="people in the study (160 or more with blemishes)")
    parser.add_argument("--seed", type=int, default=20260101, help="the same seed gives the same bytes")
    parser.add_argument("--out", type=Path, default=HOME, help="folder to write the study into")
    parser.add_argument("--no-blemishes", action="store_true", help="leave out what goes wrong in real exports")
    parser.add_argument("--truth", type=int, metavar="PEOPLE", help="only compute truth.csv, on so many people")
    parser.add_argument("--long", type=int, metavar="ROWS", help="only write a long CSV of so many results to --out")
    given = parser.parse_args(arguments)
    if given.truth:
        write_truth(given.out / "truth.csv", given.truth)
    elif given.long:
        write_long_csv(given.long, given.out, given.seed)
    else:
        try:
            print(write_study(simulate(given.subjects, given.seed), given.out, blemishes=not given.no_blemishes))
        except ValueError as problem:
            parser.error(str(problem))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
