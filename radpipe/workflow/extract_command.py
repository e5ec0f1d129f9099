"""``radpipe extract``: features of a pair of files, or of a table of them, without a study."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from radpipe.core.errors import RadpipeError, UsageError
from radpipe.features.registry import CHOICES
from radpipe.io.tables import SUFFIXES
from radpipe.outputs.words import counted
from radpipe.steps import extract_table as steps
from radpipe.steps.extractor import Outcome, Recipe
from radpipe.study.places import shown
from radpipe.workflow.display import EVERY_SECONDS
from radpipe.workflow.watch import clock


def extract(
    image: Path,
    mask: Path | None,
    *,
    params: Path | None,
    label: int | None,
    engine: str,
    channel: int | None,
    out: Path | None,
    cores: int,
    say: Callable[[str], None],
) -> list[str]:
    """Extract one pair of files, or a table of pairs; return the lines to print.

    Raises
    ------
    UsageError
        Where the command line does not hold together.
    RadpipeError
        All that went wrong; what was done of a table is kept.
    """
    _check(image, mask, engine, out)
    recipe = steps.recipe_of(params, label, channel)
    for note in recipe.notes:
        say(f"note: {note}")
    if mask is None:
        assert out is not None
        return _table(image, recipe, engine, out, cores, say)
    values = steps.extract_pair(image, mask, recipe, engine)
    if out is None:
        return ["feature,value", *(f"{name},{_written(v)}" for name, v in values.items())]
    steps.write_pair(out, image, mask, values)
    return [f"{shown(out)}: {counted(len(values), 'feature')} of {shown(mask)}"]


def _check(image: Path, mask: Path | None, engine: str, out: Path | None) -> None:
    """Check what the command was given, as far as no file needs to be opened."""
    if engine not in CHOICES:
        raise UsageError(f"--engine: no engine {engine!r}; there are: {', '.join(CHOICES)}")
    is_table = image.suffix.lower() in SUFFIXES
    if mask is None and not is_table:
        raise UsageError(
            f"{image}: an image without a mask; give IMAGE MASK, or a table of pairs "
            f"({', '.join(SUFFIXES)})"
        )
    if mask is not None and is_table:
        raise UsageError(f"{image}: a table of pairs takes no mask beside it; remove {mask}")
    if mask is None and out is None:
        raise UsageError("a table of pairs needs a file to write to; add -o features.csv")
    if out is not None and out.suffix.lower() != ".csv":
        raise UsageError(f"-o {out}: the features are written as csv; name a file .csv")
    if out is not None and out.absolute() in {image.absolute(), mask and mask.absolute()}:
        raise UsageError(f"-o {out}: that is what is read; name another file")


def _table(
    path: Path, recipe: Recipe, engine: str, out: Path, cores: int, say: Callable[[str], None]
) -> list[str]:
    began = time.monotonic()
    table = steps.table_of(path, recipe)
    for note in table.notes:
        say(f"note: {note}")
    store = Path(os.environ.get("RADPIPE_STORE") or f"{out}.store")
    with Progress(len(table.rows), sys.stderr) as progress:
        done = steps.extract_table(table, recipe, engine, store, cores, out, progress.add)
    number = len(table.rows)
    lines = [
        f"{shown(out)}: {number - len(done.failures)} of {counted(number, 'case')} in "
        f"{clock(time.monotonic() - began)}; {done.computed} computed, {done.stored} found in "
        f"{shown(store)}"
    ]
    if done.failures:
        raise RadpipeError("\n".join([*lines, *done.failures]))
    return lines


def _written(value: float) -> str:
    """Return a number that reads back the same; nothing for NaN."""
    return "" if value != value else repr(value)


class Progress:
    """One line that says how many cases are done: redrawn on a terminal, else now and then.

    Parameters
    ----------
    total : int
        How many there are.
    stream : TextIO
        Where to.
    """

    def __init__(self, total: int, stream: TextIO) -> None:
        self.total = total
        self.stream = stream
        self.done = self.failed = self.computed = 0
        self.live = stream.isatty()
        self.began = self.shown = time.monotonic()

    def __enter__(self) -> Progress:
        if self.live:
            self._show()
        return self

    def __exit__(self, *_: object) -> None:
        if self.live:
            print(file=self.stream)

    def add(self, outcome: Outcome) -> None:
        """Count one more case."""
        self.done += 1
        self.failed += outcome.status == "failed"
        self.computed += outcome.status == "computed"
        if self.live or time.monotonic() - self.shown >= EVERY_SECONDS:
            self._show()

    def line(self) -> str:
        """Return the state in one line; the time left is guessed from what was computed."""
        text = f"cases {self.done}/{self.total}"
        if self.failed:
            text += f", {self.failed} failed"
        left = self.total - self.done
        if self.computed and left:
            passed = time.monotonic() - self.began
            text += f", about {clock(passed / self.computed * left)} left"
        return text

    def _show(self) -> None:
        self.shown = time.monotonic()
        text = f"\r\x1b[K{self.line()}" if self.live else f"{self.line()}\n"
        self.stream.write(text)
        self.stream.flush()
