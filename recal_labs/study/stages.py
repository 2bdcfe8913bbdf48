"""The stages of a run: a progress bar while it works, one line a stage when it is done."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

STAGES = ("read", "normalise", "score", "link", "analyse", "write", "report")


@dataclass(frozen=True)
class StageDone:
    """A finished stage: its name, how long it took in seconds, and one line on what came of it."""

    name: str
    seconds: float
    line: str

    def __str__(self) -> str:
        return f"{self.name:10} {self.seconds:6.1f} s   {self.line}"


@dataclass
class Stages:
    """Walks the stages in order and keeps a line of each.

    Parameters
    ----------
    show : bool
        Whether a progress bar and the lines are printed; the lines are kept in any case.
    """

    show: bool = True
    done: list[StageDone] = field(default_factory=list)

    @contextmanager
    def walking(self) -> Iterator[Stages]:
        """Show the bar while the stages run, and the lines at the end."""
        from tqdm.auto import tqdm

        try:
            with tqdm(total=len(STAGES), desc="study", unit="stage", disable=not self.show, leave=False) as bar:
                self._bar = bar
                yield self
        finally:
            if self.show and self.done:
                sys.stdout.write("\n".join(map(str, self.done)) + "\n")
                sys.stdout.flush()

    def announce(self, lines: Iterable[str]) -> None:
        """Say something loudly at once, whether the bar is shown or not."""
        for line in lines:
            self._bar.clear()
            sys.stderr.write(f"\n{line}\n\n")
            sys.stderr.flush()

    @contextmanager
    def stage(self, name: str) -> Iterator[list[str]]:
        """Time one stage; the block appends its line to the list it is given."""
        self._bar.set_description(name)
        line: list[str] = []
        start = time.perf_counter()
        yield line
        self.done.append(StageDone(name, time.perf_counter() - start, " ".join(line)))
        self._bar.update(1)
