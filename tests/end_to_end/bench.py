"""The command line as its user types it, and what its steps said meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from study_making import Making, make, replace

CASES = [f"P{i:02d}" for i in range(1, 19)]


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and the events of its steps."""

    status: int
    output: str
    error: str
    events: list[dict[str, Any]]

    @property
    def lines(self) -> list[str]:
        return (self.output + self.error).splitlines()

    def cases(self) -> Counter[str]:
        """Return how many case extractions were computed, stored, failed."""
        return Counter(e["status"] for e in self.events if e["case"])

    def done(self, step: str) -> set[str]:
        """Return the items that a step finished."""
        return self.told(step, "done")

    def told(self, step: str, status: str) -> set[str]:
        """Return the items of which a step told a status."""
        return {e["item"] for e in self.events if (e["step"], e["status"]) == (step, status)}


@dataclass(frozen=True)
class Bench:
    """A study on disk that is run through the real command.

    ``code`` is a folder with a copy of the package that runs in place of the installed one.
    """

    made: Making
    reports: Path
    code: Path | None = None

    @property
    def work(self) -> Path:
        return self.reports / self.made.folder.name / ".work"

    def command(self, *words: str) -> list[str]:
        name, *rest = words
        call = [sys.executable, "-m", "radpipe", name, str(self.made.folder)]
        return [*call, "--reports", str(self.reports), *rest]

    def _events(self) -> list[dict[str, Any]]:
        path = self.work / "progress.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def _environment(self) -> dict[str, str]:
        if self.code is None:
            return dict(os.environ)
        cache = {"RADPIPE_CACHE_DIR": str(self.code / "cache")}
        return {**os.environ, **cache, "PYTHONPATH": str(self.code)}

    def seen(self) -> list[str]:
        """Return the cases that any run computed or found in the store."""
        return [e["case"] for e in self._events() if e["status"] in ("computed", "stored")]

    def call(self, *words: str) -> Outcome:
        """Run a command to its end."""
        before = len(self._events())
        done = subprocess.run(
            self.command(*words),
            cwd=self.code,  # of two packages, Python takes the one that lies where it starts
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr
        return Outcome(done.returncode, done.stdout, done.stderr, self._events()[before:])

    def run(self, *words: str) -> Outcome:
        return self.call("run", "--cores", "2", *words)

    def kill(self, reached: Callable[[Outcome], bool], whole: bool, *words: str) -> Outcome:
        """Start a run, kill it with signal 9 once it has got so far, and return how far it got.

        The whole of it dies, or the parent alone.
        """
        before = len(self._events())
        process = subprocess.Popen(
            [*self.command("run"), "--cores", "2", *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None:
            if reached(Outcome(0, "", "", self._events()[before:])):
                break
            time.sleep(0.02)
        if whole:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        return Outcome(process.wait(), "", "", self._events()[before:])


def bench(folder: Path, cases: list[str]) -> Bench:
    """Write a study with two shards, two models, controls and two outputs."""
    made = make(folder / "studies" / "small", cases, signal=0.3)
    replace(
        made.file,
        "outputs:\n  - {kind: roc, models: [radscore, combined]}",
        "controls: {permutations: 2}\noutputs:\n  - metrics\n"
        "  - {kind: roc, models: [radscore, combined]}",
    )
    return Bench(made, folder / "reports")
