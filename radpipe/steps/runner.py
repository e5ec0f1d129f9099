"""Runs one step for the workflow: tells what it does, and says in one line why it failed."""

from __future__ import annotations

import traceback
from importlib import import_module
from pathlib import Path

from radpipe.core.errors import RadpipeError
from radpipe.core.registry import Registry
from radpipe.io import atomic, progress
from radpipe.io.progress import Event
from radpipe.steps.context import Context, open_context

STEPS = Registry(
    "step",
    {
        name: f"radpipe.steps.{name}:run"
        for name in (
            "simulate",
            "cohort",
            "clinical",
            "warm",
            "extract",
            "gather",
            "derive",
            "readings",
            "chain",
            "fit",
            "predictions",
            "control",
            "cards",
            "output",
            "report",
        )
    },
)


def run_step(
    name: str,
    study: Path,
    item: str = "",
    *,
    data: Path | None = None,
    reports: Path | None = None,
    shard: int = 0,
    log: Path | None = None,
    exclude_failed: bool = False,
) -> None:
    """Do one step.

    Parameters
    ----------
    name : str
        A name of `STEPS`.
    study : Path
        The study's folder.
    item : str
        What the step works on: a block, a chain, a model, an output.
    data, reports : Path, optional
        The cohort's folder; the folder of results.
    shard : int
        Number of the shard, for extraction.
    log : Path, optional
        Where a traceback goes, should there be one.
    exclude_failed : bool
        Go on without the cases that could not be extracted.

    Raises
    ------
    RadpipeError
        What a user can mend; anything else that goes wrong is turned into one, with the place
        of the traceback.
    """
    context = open_context(study, data=data, reports=reports, exclude_failed=exclude_failed)
    path = context.paths.progress
    shown = f"{item}.{shard}" if name == "extract" else item
    progress.add(path, Event(name, shown, "started"))
    try:
        remark = STEPS[name](context, item, shard) or ""
    except RadpipeError as error:
        progress.add(path, Event(name, shown, "failed", message=str(error)))
        _write_log(log, f"failed: {error}")
        raise
    except Exception as error:
        _write_log(log, traceback.format_exc())
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        message = f"{context.study.name}: step {name} {item} stopped unexpectedly ({what})"
        message += f"; the traceback is in {log}; please report it" if log else ""
        progress.add(path, Event(name, shown, "failed", message=message))
        raise RadpipeError(message) from error
    progress.add(path, Event(name, shown, "done", message=remark))
    _write_log(log, remark or "done")


def _write_log(log: Path | None, text: str) -> None:
    if log is not None:
        atomic.write_text(log, text.rstrip() + "\n")


def module_of(step: str) -> str:
    """Return the module that does a step; what its results depend on begins there."""
    return import_module(STEPS.module_of(step)).__name__


__all__ = ["STEPS", "Context", "module_of", "run_step"]
