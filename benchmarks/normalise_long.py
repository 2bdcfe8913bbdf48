"""Five million long results from CSV to normalised Parquet: cold processes, beside a floor and beside plain pandas."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).parent))
from long_table.simulate import write_results

HERE = Path(__file__).parent / "long_table"
GOAL_RATIO, GOAL_GB = 2.0, 1.5


@dataclass(frozen=True)
class Run:
    """One cold process: wall time in seconds, peak of resident memory in GB."""

    seconds: float
    peak_gb: float


def run(script: str, source: Path, target: Path) -> Run:
    """Run a script in a fresh process and measure it as a whole."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, str(HERE / script), str(source), str(target)])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{script} failed")
    return Run(time.perf_counter() - start, usage.ru_maxrss / 1e6)


def check_peer(ours: Path, peer: Path) -> None:
    """Refuse to compare with a peer that computes other numbers."""
    columns = ["amount", "zlog", "reference_low", "reference_high", "interpretation"]
    a, b = (pl.scan_parquet(path).select(columns).collect() for path in (ours, peer))
    for name in columns:
        left, right = a[name], b[name]
        if a.schema[name] == pl.Float64:
            apart = ((left - right).abs() > 1e-9 * right.abs()).sum() + (
                left.is_null() != right.fill_nan(None).is_null()
            ).sum()
        else:
            apart = (left != right).sum()
        if apart:
            raise SystemExit(f"the peer differs in {name} in {apart} rows")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--no-peer", action="store_true", help="leave plain pandas out (it needs some 15 GB)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        source = home / "results.csv"
        # In a process of its own: what this one has held would count as the peak of those it starts.
        with ProcessPoolExecutor(1) as pool:
            rows = pool.submit(write_results, source, given.rows).result()
        print(f"{rows:,} simulated results, {source.stat().st_size / 1e6:,.0f} MB of CSV")
        pairs = [
            (run("floor.py", source, home / "floor.parquet"), run("ours.py", source, home / "ours.parquet"))
            for _ in range(given.pairs)
        ]
        ratio = statistics.median(ours.seconds / floor.seconds for floor, ours in pairs)
        floor, ours = (statistics.median(pair[i].seconds for pair in pairs) for i in (0, 1))
        peak = max(pair[1].peak_gb for pair in pairs)
        print(f"floor: {floor:.1f} s, peak {max(pair[0].peak_gb for pair in pairs):.2f} GB")
        print(f"normalise_to_parquet: {ours:.1f} s, peak {peak:.2f} GB")
        print(f"ratio to the floor: {ratio:.2f} (median of {given.pairs} pairs; goal at most {GOAL_RATIO})")
        print(f"peak memory: {peak:.2f} GB (goal under {GOAL_GB})")
        if not given.no_peer:
            peer = run("pandas_merges.py", source, home / "peer.parquet")
            check_peer(home / "ours.parquet", home / "peer.parquet")
            times = f"{peer.seconds / ours:.1f} times ours"
            print(f"plain pandas merges: {peer.seconds:.1f} s, peak {peer.peak_gb:.2f} GB: {times}")


if __name__ == "__main__":
    main()
