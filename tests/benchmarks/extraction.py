"""Native engine and PyRadiomics side by side, from files to features, on the sarcoma cohort.

``python -m tests.benchmarks.extraction`` in the checkout. Each engine runs in a process of its
own on one thread, warm (a small case before is thrown away), and the two take turns case by case,
so that whatever else the machine does hits both.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import queue
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import SimpleITK as sitk

from tests.parity.comparison import compare

ROOT = Path(__file__).resolve().parents[2]
WORKER = [sys.executable, "-m", "tests.benchmarks.extraction_worker"]
THREADS = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"),
    "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS",
)
WIDTHS = {"MR": 10.0, "PET": 0.25}
SETTINGS = {
    "a": "original image, its own voxels",
    "b": "original, LoG 1 to 5 mm, wavelet coif1, voxels of 1 mm",
}
HEADER = (
    f"{'case':<10} {'':<4} {'ROI voxels':>10} {'PyRadiomics s':>13} {'native s':>9} "
    f"{'ratio':>7} {'native MB':>9}"
)

Job = dict[str, Any]


class Measured(NamedTuple):
    """Both engines on one case."""

    case: str
    modality: str
    voxels: int
    reference: float
    native: float
    peak_mb: float
    features: int
    beyond: list[str]

    @property
    def ratio(self) -> float:
        return self.reference / self.native

    def __str__(self) -> str:
        return (
            f"{self.case:<10} {self.modality:<4} {self.voxels:>10} {self.reference:>13.3f} "
            f"{self.native:>9.4f} {self.ratio:>7.1f} {self.peak_mb:>9.0f}"
        )


def jobs_of(data: Path, modality: str, number: int) -> list[Job]:
    """Return cases of all sizes, the smallest region first: each a step further in the order."""
    folder = data / ("pet" if modality == "PET" else "")
    sizes = {}
    for mask in (folder / "masks").glob("*.nii.gz"):
        volume = sitk.ReadImage(str(mask))
        voxels = np.count_nonzero(sitk.GetArrayViewFromImage(volume) == 1)
        sizes[mask.name] = voxels * math.prod(volume.GetSpacing())
    names = sorted(sizes, key=lambda name: (sizes[name], name))
    number = min(number, len(names))
    chosen = np.unique(np.linspace(0, len(names) - 1, number).round().astype(int))
    return [
        {
            "case": names[i].removesuffix(".nii.gz"),
            "modality": modality,
            "image": str(folder / "images" / names[i]),
            "mask": str(folder / "masks" / names[i]),
            "width": WIDTHS[modality],
        }
        for i in chosen
    ]


class Worker:
    """A process with one engine, that is asked for one case after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, job: Job) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"the engine ended on {job['image']}; its own words stand above")
        return json.loads(line)


def environment(threads: int) -> dict[str, str]:
    return {**os.environ, **dict.fromkeys(THREADS, str(threads))}


@contextmanager
def worker(engine: str, threads: int, warm: Job, **variables: str) -> Iterator[Worker]:
    """Start an engine and throw away its first case."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    call = [*WORKER, engine]
    variables = {**environment(threads), **variables}
    with subprocess.Popen(call, cwd=ROOT, env=variables, **pipes) as process:
        started = Worker(process)
        started.ask({**warm, "most": 1})
        yield started
        process.stdin.close()


def side_by_side(jobs: list[Job], threads: int) -> Iterator[Measured]:
    """Yield what both engines take; regions rise, so that the peak of memory is each case's."""
    with (
        worker("native", threads, jobs[0]) as ours,
        worker("pyradiomics", threads, jobs[0]) as theirs,
    ):
        for job in jobs:
            native, reference = ours.ask(job), theirs.ask(job)
            beyond = compare(native["features"], reference["features"])
            yield Measured(
                job["case"],
                job["modality"],
                native["voxels"],
                reference["seconds"],
                native["seconds"],
                native["peak_mb"],
                len(reference["features"]),
                [f"{job['case']} {difference}" for difference in beyond],
            )


def summary(measured: list[Measured]) -> str:
    """Return the geometric mean and the smallest ratio, and how the numbers agree."""
    ratios = [m.ratio for m in measured]
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    beyond = [line for m in measured for line in m.beyond]
    return "\n".join(
        [
            f"geometric mean {mean:.1f}, smallest {min(ratios):.1f}; {len(measured)} cases, "
            f"{sum(m.features for m in measured)} features, {len(beyond)} beyond 1e-6",
            *beyond,
        ]
    )


def seconds_to_first(engine: str, job: Job, threads: int, **variables: str) -> float:
    """Return what a new process takes from its start to the features of its first case."""
    start = time.perf_counter()
    with worker(engine, threads, job, **variables):
        return time.perf_counter() - start


def start_up(job: Job, threads: int) -> str:
    """Return how long both engines take to their first features."""
    seconds_to_first("native", job, threads)  # so that the cache is warm
    warm = [seconds_to_first(engine, job, threads) for engine in ("native", "pyradiomics")]
    with tempfile.TemporaryDirectory() as folder:
        empty = seconds_to_first("native", job, threads, RADPIPE_CACHE_DIR=folder)
    return (
        f"a new process to its first features ({job['case']}): native {warm[0]:.2f} s, PyRadiomics "
        f"{warm[1]:.2f} s; native with an empty cache {empty:.1f} s, of which compiling "
        f"{empty - warm[0]:.1f} s"
    )


def throughput(jobs: list[Job], threads: int, processes: int) -> float:
    """Return the seconds that the native engine takes for all cases, start-up left out."""
    waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
    for job in reversed(jobs):  # the largest first
        waiting.put({**job, "most": 1})

    def work(one: Worker) -> None:
        while True:
            try:
                one.ask(waiting.get_nowait())
            except queue.Empty:
                return

    with ExitStack() as stack:
        workers = [
            stack.enter_context(worker("native", threads, jobs[0])) for _ in range(processes)
        ]
        start = time.perf_counter()
        with ThreadPoolExecutor(processes) as pool:
            list(pool.map(work, workers))
        return time.perf_counter() - start


def scaling(jobs: list[Job], threads: int) -> str:
    """Return what a second process gains."""
    one, two = (throughput(jobs, threads, processes) for processes in (1, 2))
    return (
        f"{len(jobs)} cases by the native engine: 1 process {one:.2f} s, 2 processes {two:.2f} s "
        f"({one / two:.2f} times as fast)"
    )


def arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.benchmarks.extraction", description=__doc__)
    folder = os.environ.get("RADPIPE_DATA") or ROOT.parent / "shared" / "sts"
    parser.add_argument("--cases", type=int, default=12, help="MR cases; a third as many PET")
    parser.add_argument("--setting", choices=["a", "b", "both"], default="both")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--data", type=Path, default=folder)
    parser.add_argument("--scaling", action="store_true", help="1 and 2 processes, native alone")
    parser.add_argument("--no-start", action="store_true", help="leave start-up and compiling out")
    return parser.parse_args(words)


def main(words: list[str] | None = None) -> None:
    asked = arguments(words)
    numbers = {"MR": asked.cases, "PET": math.ceil(asked.cases / 3)}
    groups = [jobs for m, n in numbers.items() if (jobs := jobs_of(asked.data, m, n))]
    if not groups:
        raise SystemExit(f"no masks under {asked.data}; give --data")
    for setting in "ab" if asked.setting == "both" else asked.setting:
        print(f"\nsetting {setting}: {SETTINGS[setting]}; {asked.threads} thread(s)\n{HEADER}")
        measured, together = [], []
        for group in groups:
            jobs = [{**job, "setting": setting} for job in group]
            together += jobs
            for one in side_by_side(jobs, asked.threads):
                print(one, flush=True)
                measured.append(one)
        print(summary(measured), flush=True)
        if asked.scaling:
            print(scaling(together, asked.threads), flush=True)
    if not asked.no_start:
        print("\n" + start_up({**groups[0][0], "setting": "a"}, asked.threads))


if __name__ == "__main__":
    main()
