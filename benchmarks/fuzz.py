"""Damaged files by the hundred thousand through the reader: what must hold of each, whatever it is; see docs/fuzzing.md.

Run ``python benchmarks/fuzz.py --inputs 200000 --minutes 60``. An input is told by its seed and number alone, so a run
that was stopped goes on with ``--start``, and a fault is seen again with ``--only``.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

from fuzz_mutations import ROOT, Input, load_seeds, make_input

# Seconds of processor time: so many a 100 kB, and never less than for that. A loaded machine does not lie about these.
SECONDS_A_100_KB = 1.0
# Bytes of memory above what was held before: so many times the input, and what a first call of a library keeps.
TIMES_INPUT, KEPT = 20, 64 << 20
# Reading memory is dear, so it is read for every one of so many inputs.
MEMORY_EACH = 10
# A worker that is silent for so long hangs in a library; one that wants more memory than this has met a bomb.
SILENT_S, MOST_MEMORY = 60, 6 << 30
FAULTED = 1


def broken_rules(judged, record) -> Iterator[str]:
    """Yield what does not hold of the tables that were read."""
    from recal_labs.vocabulary import NO_RESULT_REASONS, REJECT_REASONS

    rejects, results = judged.rejects, judged.results
    if record.positions != results.height + rejects.height + judged.no_result.height:
        yield "positions were lost or counted twice"
    if unknown := set(rejects["reason"]) - set(REJECT_REASONS):
        yield f"rejects with the reasons {unknown}"
    if not all(detail and detail.strip() for detail in rejects["detail"]):
        yield "a reject without a sentence"
    if unknown := set(judged.no_result["reason"]) - set(NO_RESULT_REASONS):
        yield f"no_result with the reasons {unknown}"
    for printed, sign, value, subject in results.select("reported_value", "comparator", "value", "subject_id").iter_rows():
        text = unicodedata.normalize("NFKC", printed or "").strip()
        if text[:1] in ("<", ">", "≤", "≥") and value is not None and not sign:
            yield f"{text[:40]!r} came out as exact"
        if value is not None and not 0 <= value < 1e31:
            yield f"{text[:40]!r} came out as {value}"
        if not subject:
            yield "a result without a subject"


def faults_of(made: Input, path: Path, catalogue, *, with_memory: bool) -> tuple[str, list[str]]:
    """Read one input; return what became of it (read, refused, fault) and every fault."""
    from recal_labs.errors import ConservationError, RecalLabsError
    from recal_labs.ingest.profiles import load_profile
    from recal_labs.ingest.read import read_export

    path.write_bytes(made.data)
    profile = () if made.profile == "auto" else load_profile(made.profile)
    held = _reset_peak() if with_memory else 0
    became, faults, start = "read", [], time.process_time()
    try:
        judged, record = read_export(path, name="input", profile=profile, catalogue=catalogue, strict=True)
        faults += broken_rules(judged, record)
    except ConservationError as err:
        faults.append(f"ConservationError: {err}")
    except RecalLabsError as err:
        became = "refused"
        if not str(err).strip():
            faults.append("refused without a sentence")
    except Exception as err:  # whatever else is raised is what is looked for
        faults.append(f"{type(err).__name__}: {str(err)[:300]} at {_place(err)}")
    except BaseException as err:  # a panic of a library in Rust
        faults.append(f"panic: {type(err).__name__}: {str(err)[:300]} at {_place(err)}")
    size, used = len(made.data), time.process_time() - start
    if used > SECONDS_A_100_KB * max(1.0, size / 100_000):
        faults.append(f"{used:.1f} s for {size:,} bytes")
    if with_memory and (taken := _peak() - held) > TIMES_INPUT * size + KEPT:
        faults.append(f"{taken >> 20} MB for {size:,} bytes")
    return ("fault" if faults else became), faults


def _place(err: BaseException) -> str:
    """Return the innermost line of the package that an error passed."""
    place, trace = "", err.__traceback__
    while trace:
        name = trace.tb_frame.f_code.co_filename
        if "recal_labs" in name:
            place = f"{Path(name).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _status(field: str) -> int:
    text = Path("/proc/self/status").read_text()
    return int(text.split(field)[1].split()[0]) * 1024


def _reset_peak() -> int:
    """Begin a new peak of memory; return what is held now."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS:")


def _peak() -> int:
    return _status("VmHWM:")


def work(given: argparse.Namespace) -> None:
    """Read every so-manieth input in this process; a line of JSON for each, before and after."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    from recal_labs.catalogue import load_catalogue

    catalogue, seeds = load_catalogue(), load_seeds(given.fixtures)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "input")
        # The first calls load libraries, and their time is no input's.
        for index in range(3):
            faults_of(make_input(seeds, given.seed, index), path, catalogue, with_memory=False)
        for index in range(given.start, given.start + given.inputs, given.step):
            print(json.dumps({"at": index}), flush=True)
            faulthandler.dump_traceback_later(SILENT_S, exit=True)
            made = make_input(seeds, given.seed, index)
            memory = index % MEMORY_EACH == 0 and sys.platform == "linux"
            became, faults = faults_of(made, path, catalogue, with_memory=memory)
            faulthandler.cancel_dump_traceback_later()
            if faults:
                _keep(given, index, made)
            done = {"done": index, "became": became, "faults": faults, "made": made.made, "profile": made.profile}
            print(json.dumps(done | {"bytes": len(made.data)}), flush=True)


def _keep(given: argparse.Namespace, index: int, made: Input) -> None:
    given.keep.mkdir(parents=True, exist_ok=True)
    (given.keep / f"{given.seed}-{index}.bin").write_bytes(made.data)


class Worker:
    """A process that reads every so-manieth input, and is begun anew behind an input that kills it."""

    def __init__(self, given: argparse.Namespace, start: int, lines: Queue):
        self.given, self.lines, self.at, self.next = given, lines, None, start
        self.end = given.start + given.inputs
        Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        while self.next < self.end:
            self.process = self._begin()
            for line in self.process.stdout:
                said = json.loads(line)
                self.at = said.get("at", self.at)
                if "done" in said:
                    self.next, self.at = said["done"] + self.given.workers, None
                    self.lines.put(said)
            code = self.process.wait()
            if self.at is not None:
                self.lines.put(self._death(code))
                self.next, self.at = self.at + self.given.workers, None
            elif code:
                self.lines.put({"broken": f"a worker ended with {code}"})
                break
        self.lines.put(None)

    def _begin(self) -> subprocess.Popen:
        own = ["--start", str(self.next), "--inputs", str(self.end - self.next), "--step", str(self.given.workers)]
        given = ["--seed", str(self.given.seed), "--fixtures", str(self.given.fixtures), "--keep", str(self.given.keep)]
        command = [sys.executable, __file__, "--work", *own, *given]
        # One thread each: the workers share the cores, and processor time is that of one.
        alone = dict.fromkeys(("POLARS_MAX_THREADS", "RAYON_NUM_THREADS", "OMP_NUM_THREADS"), "1")
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | alone)

    def _death(self, code: int) -> dict:
        made = make_input(load_seeds(self.given.fixtures), self.given.seed, self.at)
        _keep(self.given, self.at, made)
        fault = f"the process died (code {code}: killed, out of memory, or silent for {SILENT_S} s)"
        told = {"done": self.at, "became": "fault", "faults": [fault], "made": made.made, "profile": made.profile}
        return told | {"bytes": len(made.data)}


def run(given: argparse.Namespace) -> int:
    """Let the workers read until all is read or the time is over; print the figures."""
    lines, begun, counts, size, broken = Queue(), time.monotonic(), Counter(), 0, []
    workers = [Worker(given, given.start + number, lines) for number in range(given.workers)]
    ended = 0
    while ended < len(workers) and time.monotonic() - begun < 60 * given.minutes:
        try:
            said = lines.get(timeout=1)
        except Empty:
            continue
        if said is None:
            ended += 1
        elif "broken" in said:
            broken.append(said["broken"])
        else:
            counts[said["became"]] += 1
            size += said["bytes"]
            for fault in said["faults"]:
                print(f"FAULT {said['done']} ({said['profile']}; {said['made']}): {fault}", flush=True)
    goes_on = min(worker.next for worker in workers)
    for worker in workers:
        worker.process.kill()
    seconds = time.monotonic() - begun
    print(
        f"{counts.total():,} inputs ({size / 1e6:,.0f} MB) in {seconds:,.0f} s, seed {given.seed}: {counts['read']:,} read, "
        f"{counts['refused']:,} refused in a sentence, {counts['fault']:,} faults; "
        + (f"go on with --start {goes_on}" if goes_on < given.start + given.inputs else "all done"),
        *broken,
        sep="\n",
    )
    return FAULTED if counts["fault"] or broken else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=200_000)
    parser.add_argument("--minutes", type=float, default=120.0, help="stop after so long, and say where to go on")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=int, default=0, help="the first input's number")
    parser.add_argument("--only", type=int, help="one input by its number")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--fixtures", type=Path, default=ROOT / "tests" / "fixtures")
    parser.add_argument("--keep", type=Path, default=ROOT / "out" / "fuzz", help="where inputs with a fault are written")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--step", type=int, default=1, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        work(given)
        return
    if given.only is not None:
        given.start, given.inputs, given.workers = given.only, 1, 1
    sys.exit(run(given))


if __name__ == "__main__":
    main()
