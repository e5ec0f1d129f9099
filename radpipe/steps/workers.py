"""Processes that work through jobs side by side; one that dies costs its job alone.

Each is started afresh and holds the numerical libraries to one thread, so that results do not
depend on how many there are.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS",
)
"""Environment variables that libraries read when they are loaded."""


@dataclass(frozen=True)
class Died:
    """What comes of a job whose process was ended from outside.

    Parameters
    ----------
    code : int or None
        Its exit status; below 0 the signal that ended it.
    """

    code: int | None


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    job: int = -1


def one_thread() -> None:
    """Have libraries that are loaded from now on, here and in new processes, use one thread.

    So the number of cores changes no number, and processes do not crowd each other out.
    """
    for variable in THREADS:
        os.environ[variable] = "1"


def work(
    function: Callable[[Any], Any], jobs: Sequence[Any], processes: int
) -> Iterator[tuple[int, Any]]:
    """Yield the number of each job with what the function returned, as they are done.

    Parameters
    ----------
    function : callable
        What does a job; sent to each process once.
    jobs : sequence
        What it is called with, one after the other.
    processes : int
        How many work at once.

    Yields
    ------
    int
        Place of the job in ``jobs``.
    object
        What the function returned, or `Died`.
    """
    one_thread()
    waiting = list(range(len(jobs)))[::-1]
    workers: list[_Worker] = []
    try:
        while waiting or workers:
            while waiting and len(workers) < processes:
                workers.append(_start(function))
                _give(workers[-1], waiting, jobs)
            ready = connection.wait([worker.pipe for worker in workers])
            for worker in [worker for worker in workers if worker.pipe in ready]:
                job = worker.job
                try:
                    result = worker.pipe.recv()
                except (EOFError, ConnectionResetError):
                    worker.process.join()
                    workers.remove(worker)
                    yield job, Died(worker.process.exitcode)
                    continue
                if waiting:
                    _give(worker, waiting, jobs)
                else:
                    worker.pipe.close()
                    workers.remove(worker)
                yield job, result
    finally:
        for worker in workers:
            worker.process.terminate()


def _start(function: Callable[[Any], Any]) -> _Worker:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, function), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _give(worker: _Worker, waiting: list[int], jobs: Sequence[Any]) -> None:
    """Hand the next job to a worker; one that is dead by now is found when it is asked."""
    worker.job = waiting.pop()
    with suppress(BrokenPipeError, ConnectionResetError):
        worker.pipe.send(jobs[worker.job])


def _serve(pipe: Connection, function: Callable[[Any], Any]) -> None:
    """Do what comes through a pipe until it is closed, be it by the death of its owner."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the owner is told, and ends this process
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            pipe.send(function(pipe.recv()))
