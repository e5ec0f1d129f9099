"""Runs a study through Snakemake: takes it over from a dead owner, watches, and sums up."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from radpipe.core.errors import RadpipeError
from radpipe.io.paths import Paths
from radpipe.io.progress import RUN_VARIABLE
from radpipe.workflow.owner import owning
from radpipe.workflow.watch import Watch

RULES = Path(__file__).parent / "rules" / "study.smk"


@dataclass(frozen=True)
class RunResult:
    """How a run ended.

    Parameters
    ----------
    status : int
        Snakemake's exit status.
    watch : Watch
        The counts at the end.
    seconds : float
        Wall time.
    log : Path
        Everything that Snakemake printed.
    resumed : bool
        Whether an earlier run had died in the middle.
    ended : int
        How many processes of that run were still at work.
    """

    status: int
    watch: Watch
    seconds: float
    log: Path
    resumed: bool
    ended: int


def snakemake_command(
    paths: Paths, config: dict[str, str], cores: int, extra: Sequence[str]
) -> list[str]:
    """Return the Snakemake call for one study."""
    # The user's own options come first: --config takes all words up to the next option.
    return [
        *(sys.executable, "-m", "snakemake", "-s", str(RULES)),
        *("--directory", str(paths.work), "--cores", str(cores)),
        *("--rerun-incomplete", "--keep-going", "--printshellcmds"),
        *extra,
        *("--config", *(f"{key}={value}" for key, value in config.items())),
    ]


def run_study(
    paths: Paths,
    config: dict[str, str],
    *,
    cores: int,
    cases: int,
    models: int,
    done: Iterable[tuple[str, str]] = (),
    extra: Sequence[str] = (),
    show: Callable[[Watch], None] = lambda watch: None,
) -> RunResult:
    """Run one study to its report.

    Parameters
    ----------
    paths : Paths
        The study's files.
    config : dict of str to str
        What the snakefile is told (study, data, ...).
    cores : int
        Cores to use, at least 1.
    cases, models : int
        How many there are in all, for the progress line.
    done : iterable of (block, case)
        What earlier runs have extracted.
    extra : sequence of str
        Options handed to Snakemake as they are.
    show : callable
        Called a few times a second with the state.

    Raises
    ------
    RadpipeError
        A live run holds the study.
    """
    with owning(paths.work, paths.name) as owner:
        log = paths.work / "run.log"
        start = paths.progress.stat().st_size if paths.progress.exists() else 0
        watch = Watch(paths.progress, owner.run, cases, models, start, set(done))
        environment = os.environ | {RUN_VARIABLE: owner.run}
        if owner.inherited:
            _unlock(paths, config, environment)
        began = time.monotonic()
        command = snakemake_command(paths, config, cores, extra)
        status = _follow(command, environment, log, watch, show)
        watch.update()
        return RunResult(
            status, watch, time.monotonic() - began, log, owner.inherited, owner.left_behind
        )


TO_DO = re.compile(r"^total +(\d+)", re.MULTILINE)


def steps_to_do(paths: Paths, config: dict[str, str]) -> int:
    """Return how many steps Snakemake would run now.

    Raises
    ------
    RadpipeError
        Snakemake cannot tell.
    """
    command = snakemake_command(paths, config, 1, ["--dry-run", "--nolock"])
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RadpipeError(f"{paths.name}: {_last_line(done.stderr)}")
    found = TO_DO.search(done.stdout + done.stderr)
    return int(found[1]) if found else 0


def _unlock(paths: Paths, config: dict[str, str], environment: dict[str, str]) -> None:
    """Take away the lock that a dead run left; its owner is known to be gone."""
    if any((paths.work / ".snakemake" / "locks").glob("*")):
        command = snakemake_command(paths, config, 1, ["--unlock"])
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RadpipeError(
                f"{paths.name}: the lock of a run that died cannot be taken away "
                f"({_last_line(done.stderr)}); delete {paths.work / '.snakemake' / 'locks'}"
            )


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no message"


def _follow(
    command: list[str],
    environment: dict[str, str],
    log: Path,
    watch: Watch,
    show: Callable[[Watch], None],
) -> int:
    """Run ``command``, copy what it prints to ``log``, and show the state meanwhile."""
    with (
        log.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
    ):

        def copy() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                file.write(line)
                file.flush()
                watch.take_line(line)

        reader = threading.Thread(target=copy, daemon=True)
        reader.start()
        try:
            while process.poll() is None:
                watch.update()
                show(watch)
                time.sleep(0.25)
        except KeyboardInterrupt:
            # The terminal has told Snakemake too; it ends its jobs, and we wait for that.
            process.send_signal(signal.SIGINT)
            process.wait()
            raise
        reader.join(timeout=5)
        return process.returncode
