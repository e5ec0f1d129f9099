"""Where the progress of a run is shown: a live line on a terminal, now and then a line else."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from radpipe.workflow.watch import Watch, clock

EVERY_SECONDS = 15.0
"""How often a line is printed where there is no terminal to redraw it on."""
AT_LEAST_SECONDS = 60.0
"""After how long a line is printed even if nothing has changed."""


class LineDisplay:
    """Prints the state as a line now and then: soon after it changed, or once a minute."""

    def __init__(self, study: str, stream: TextIO) -> None:
        self.study = study
        self.stream = stream
        self.last = ""
        self.shown = time.monotonic()

    def __call__(self, watch: Watch) -> None:
        """Print the state, unless one was printed a moment ago."""
        now, line = time.monotonic(), watch.line()
        if now - self.shown >= (EVERY_SECONDS if line != self.last else AT_LEAST_SECONDS):
            passed = clock(now - watch.started)
            print(f"{self.study}: {line} ({passed})", file=self.stream, flush=True)
            self.last, self.shown = line, now


class LiveDisplay:
    """Redraws the state in place, with a bar for cases, models and steps."""

    def __init__(self, study: str) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self.progress = Progress(
            TextColumn("{task.description:<8}"),
            BarColumn(bar_width=28),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            transient=True,
        )
        self.study = study
        self.tasks = {
            name: self.progress.add_task(name, total=1, visible=False, note="")
            for name in ("cases", "models", "steps")
        }

    def __call__(self, watch: Watch) -> None:
        """Redraw."""
        doing = ", ".join(sorted(set(watch.doing.values()))[:2])
        note = "  ".join(filter(None, (doing, watch.remaining())))
        for name, done, total in (
            ("cases", watch.cases_done, watch.cases),
            ("models", watch.models_done, watch.models),
            ("steps", watch.jobs_done, watch.jobs),
        ):
            self.progress.update(
                self.tasks[name],
                completed=done,
                total=max(total, 1),
                visible=bool(done) or name == "steps",
                note=note if name == "steps" else "",
            )


@contextmanager
def display(study: str) -> Iterator[LineDisplay | LiveDisplay]:
    """Yield what shows the state of a run while the block runs."""
    if sys.stderr.isatty():
        live = LiveDisplay(study)
        with live.progress:
            yield live
    else:
        yield LineDisplay(study, sys.stderr)
