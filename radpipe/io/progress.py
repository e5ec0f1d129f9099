"""What the steps tell whoever watches a run: one JSON line an event, appended."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

RUN_VARIABLE = "RADPIPE_RUN"
"""Environment variable with the identity of the run that started a process."""


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    Parameters
    ----------
    step, item : str
        The step and what it worked on (a block, a model, an output).
    status : str
        ``computed``, ``stored`` or ``failed`` for a case; ``started``, ``working``, ``done`` or
        ``failed`` for a step.
    case : str
        The case, where the event concerns one.
    message : str
        The reason of a failure; how far a step is (``working``); a remark otherwise.
    """

    step: str
    item: str
    status: str
    case: str = ""
    message: str = ""
    run: str = ""
    time: float = 0.0


def add(path: Path, event: Event) -> None:
    """Append ``event``, with the time and the run that this process belongs to."""
    line = asdict(event) | {"run": os.environ.get(RUN_VARIABLE, ""), "time": time.time()}
    path.parent.mkdir(parents=True, exist_ok=True)
    # One write of a short line in append mode: lines of several processes do not mix.
    with path.open("ab", buffering=0) as file:
        file.write((json.dumps(line, ensure_ascii=False) + "\n").encode())


class Teller:
    """Tells how far a step is, once it has taken a few seconds, and then every few seconds.

    Parameters
    ----------
    path : Path
        The study's progress file.
    step, item : str
        As of an `Event`.
    unit : str
        What the step does one after the other, in the plural.
    every : float
        Seconds between two lines.
    """

    def __init__(self, path: Path, step: str, item: str, unit: str, every: float = 3.0) -> None:
        self.path = path
        self.step = step
        self.item = item
        self.unit = unit
        self.every = every
        self.last = time.monotonic()

    def __call__(self, name: str, place: int, of: int) -> None:
        """Tell that the step is at ``name``, number ``place`` of so many, unless it just has."""
        now = time.monotonic()
        if now - self.last >= self.every:
            self.last = now
            words = f"{name} ({place} of {of} {self.unit})"
            add(self.path, Event(self.step, self.item, "working", message=words))


def read(path: Path, start: int = 0) -> Iterator[tuple[Event, int]]:
    """Yield the whole lines from byte ``start`` on, each with the position after it."""
    if not path.exists():
        return
    with path.open("rb") as file:
        file.seek(start)
        for line in file:
            if not line.endswith(b"\n"):
                return
            start += len(line)
            try:
                yield Event(**json.loads(line)), start
            except (json.JSONDecodeError, TypeError):
                continue  # a line cut by a power failure tells nothing
