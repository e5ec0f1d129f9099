"""Who runs a study: one live owner at a time; what a dead one left is ended."""

from __future__ import annotations

import fcntl
import os
import platform
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from radpipe.core.errors import RadpipeError
from radpipe.io import atomic
from radpipe.io.progress import RUN_VARIABLE

STARTING_S = 0.2
"""How long a process that has just been started may not show yet whose it is."""


@dataclass(frozen=True)
class Owner:
    """The run that holds a study.

    Parameters
    ----------
    run : str
        The run's identity; every process that it starts carries it in its environment.
    left_behind : int
        How many processes of a dead earlier run were ended.
    inherited : bool
        Whether an earlier run died without clearing up.
    """

    run: str
    left_behind: int
    inherited: bool


@contextmanager
def owning(work: Path, study: str) -> Iterator[Owner]:
    """Hold ``study`` while the block runs.

    The lock is the operating system's: it ends with the process that holds it, however that
    dies, so a live owner and a dead one are never confused on one machine.

    Raises
    ------
    RadpipeError
        Another live run holds the study, here or on another machine.
    """
    work.mkdir(parents=True, exist_ok=True)
    record = work / "run.json"
    with (work / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RadpipeError(f"{study}: {_describe(record)}; wait for it or stop it") from None
        previous = _read(record)
        here = platform.node()
        if previous and previous.get("host") != here:
            raise RadpipeError(
                f"{study}: {_describe(record)}, which cannot be seen from {here}; "
                f"if that run is over, delete {record}"
            )
        ended = end_processes(str(previous["run"])) if previous else 0
        run = uuid.uuid4().hex
        atomic.write_json(
            record, {"run": run, "pid": os.getpid(), "host": here, "started": time.time()}
        )
        try:
            yield Owner(run, ended, bool(previous))
        finally:
            end_processes(run)
            record.unlink(missing_ok=True)


def end_processes(run: str) -> int:
    """End every process of the run ``run`` but this one; return how many there were.

    Those too that one of them starts while it is being ended.
    """
    ended: set[psutil.Process] = set()
    while found := _processes(run) - ended:
        for process in found:
            _signal(process, "terminate")
        _, alive = psutil.wait_procs(found, timeout=5)
        for process in alive:
            _signal(process, "kill")
        psutil.wait_procs(alive, timeout=5)
        ended |= found
        time.sleep(STARTING_S)
    return len(ended)


def _processes(run: str) -> set[psutil.Process]:
    found = set()
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(RUN_VARIABLE) == run:
                found.add(process)
        except psutil.Error:
            continue  # gone meanwhile, or another user's
    return found


def _signal(process: psutil.Process, how: str) -> None:
    try:
        getattr(process, how)()
    except psutil.NoSuchProcess:
        return


def _read(record: Path) -> dict[str, object]:
    try:
        value = atomic.read_json(record)
    except (FileNotFoundError, ValueError):
        return {}
    return value if isinstance(value, dict) and "run" in value else {}


def _describe(record: Path) -> str:
    found = _read(record)
    if not found:
        return "another run holds it"
    since = time.strftime("%H:%M on %d %B", time.localtime(float(str(found.get("started", 0)))))
    return f"process {found.get('pid')} on {found.get('host')} has been running it since {since}"
