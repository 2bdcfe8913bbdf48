"""How long ``import recal_labs`` takes beside ``import pandas``: fresh processes in turn, the median ratio of pairs."""

import argparse
import statistics
import subprocess
import sys
import time

GOAL = 1.3


def seconds(statement: str) -> float:
    """Return the wall time of one fresh interpreter that runs a statement."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    seconds("import pandas, recal_labs")
    # Both import pandas: what an analyst waits for is pandas and recal_labs together, beside pandas alone.
    pairs = [(seconds("import pandas, recal_labs"), seconds("import pandas")) for _ in range(runs)]
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    alone = statistics.median(seconds("import recal_labs") / theirs for _, theirs in pairs)
    print(f"import pandas, recal_labs / import pandas: {ratio:.2f} (median of {runs} pairs; goal at most {GOAL})")
    print(f"import recal_labs alone / import pandas:   {alone:.2f}")


if __name__ == "__main__":
    main()
