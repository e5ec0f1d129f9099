"""Shows how a run is getting on, from what its steps and Snakemake say."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from radpipe.io import progress

JOBS = re.compile(r"^(\d+) of (\d+) steps \(")


@dataclass
class Watch:
    """Counts of one run, updated as its events come in.

    Parameters
    ----------
    path : Path
        The study's progress file.
    run : str
        The run whose events count.
    cases : int
        How many (case, block) pairs the study extracts in all.
    seen : set of (block, case)
        The pairs that are done.
    models : int
        How many models it fits.
    """

    path: Path
    run: str
    cases: int
    models: int
    position: int = 0
    seen: set[tuple[str, str]] = field(default_factory=set)
    statuses: Counter[str] = field(default_factory=Counter)
    models_done: int = 0
    jobs_done: int = 0
    jobs: int = 0
    doing: dict[tuple[str, str], str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    first_case: float | None = None
    last_case: float | None = None
    last_job: float | None = None
    jobs_before: int = 0

    def update(self) -> None:
        """Take in the events that are new."""
        for event, after in progress.read(self.path, self.position):
            self.position = after
            if event.run == self.run:
                self._take(event)

    def _take(self, event: progress.Event) -> None:
        key = (event.step, event.item)
        if event.case:
            self.seen.add((event.item, event.case))
            self.statuses[event.status] += 1
            if event.status == "computed":
                self.last_case, self.jobs_before = time.monotonic(), self.jobs_done
                self.first_case = self.first_case or self.last_case
            return
        if event.status == "started":
            self.doing[key] = event.item or event.step
        elif event.status == "working":
            self.doing[key] = f"{event.item or event.step}: {event.message}"
        else:
            self.doing.pop(key, None)
        if event.status == "failed":
            self.failures += [m for m in event.message.splitlines() if m not in self.failures]
        if event.step == "fit" and event.status == "done":
            self.models_done += 1

    def take_line(self, line: str) -> None:
        """Take in a line that Snakemake printed."""
        if match := JOBS.match(line):
            self.jobs_done, self.jobs = int(match[1]), int(match[2])
            self.last_job = time.monotonic()

    @property
    def cases_done(self) -> int:
        """How many (case, block) pairs are done, those found in the store included."""
        return len(self.seen)

    def remaining(self) -> str:
        """Return a guess of the time left in words; empty while there is none to make.

        Cases keep a pace of their own; that of the other steps counts from the last case. The
        guess runs down while a case or a step takes its time.
        """
        computed, ahead = self.statuses["computed"], self.cases - self.cases_done
        if self.first_case is not None and self.last_case is not None and computed > 1 and ahead:
            left = _left(self.first_case, self.last_case, computed - 1, ahead)
            return left and f"{left} to extract"
        done, ahead = self.jobs_done - self.jobs_before, self.jobs - self.jobs_done
        if self.last_job is not None and done > 0 and ahead > 0:
            return _left(self.last_case or self.started, self.last_job, done, ahead)
        return ""

    def line(self) -> str:
        """Return the state in one line."""
        parts = []
        if self.seen:
            failed = f" ({self.statuses['failed']} failed)" if self.statuses["failed"] else ""
            parts.append(f"cases {self.cases_done}/{self.cases}{failed}")
        if self.models_done:
            parts.append(f"models {self.models_done}/{self.models}")
        if self.jobs:
            parts.append(f"steps {self.jobs_done}/{self.jobs}")
        parts += [self.remaining(), ", ".join(sorted(set(self.doing.values()))[:3])]
        return " | ".join(filter(None, parts)) or "looking at what is to be done"


def _left(first: float, last: float, done: int, ahead: int) -> str:
    """Return the time that ``ahead`` items take at the pace of those between two moments."""
    seconds = (last - first) / done * ahead - (time.monotonic() - last)
    return f"about {clock(seconds)} left" if seconds >= 1 else ""


def clock(seconds: float) -> str:
    """Return seconds as people say them: ``45 s``, ``3 min 20 s``, ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
