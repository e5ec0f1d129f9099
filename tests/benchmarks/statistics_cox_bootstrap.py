"""Bootstrap refits of a Cox model of five variables: ours together, lifelines one after the other.

``python -m tests.benchmarks.statistics_cox_bootstrap`` in the checkout. lifelines is measured on a
few of the same resamples and scaled to all, which the output says.
"""

from __future__ import annotations

import argparse
import time
from typing import NamedTuple

import numpy as np
import pandas as pd

from radpipe.stats.cox_refits import refit_cox
from tests.golden.case import CASES, Case

TIME, EVENT = "time", "status"


class Measured(NamedTuple):
    """Seconds for all resamples (lifelines: scaled from ``counted``), largest difference."""

    ours: float
    theirs: float
    resamples: int
    counted: int
    gap: float

    def __str__(self) -> str:
        return (
            f"{self.resamples} refits: ours {self.ours:.2f} s, lifelines {self.theirs:.1f} s "
            f"(measured on {self.counted}, scaled), ratio {self.theirs / self.ours:.0f}; "
            f"largest difference of a coefficient {self.gap:.1e}"
        )


def measure(resamples: int = 1000, counted: int = 30, seed: int = 1) -> Measured:
    """Fit the lung cohort's resamples both ways."""
    from lifelines import CoxPHFitter

    frame = Case(CASES / "rms_validate_cox").table().dropna()
    n = len(frame)
    names = [name for name in frame if name not in (TIME, EVENT)]
    drawn = np.random.default_rng(seed).integers(0, n, size=(resamples, n))
    X, t, d = frame[names].to_numpy(float), frame[TIME].to_numpy(float), frame[EVENT].to_numpy()

    start = time.perf_counter()
    counts = np.stack([np.bincount(rows, minlength=n) for rows in drawn])
    ours = refit_cox(X, t, d, counts).coef
    seconds = time.perf_counter() - start

    CoxPHFitter().fit(frame, TIME, EVENT)  # imports and caches are not timed
    start = time.perf_counter()
    theirs = [CoxPHFitter().fit(frame.iloc[rows], TIME, EVENT) for rows in drawn[:counted]]
    scaled = (time.perf_counter() - start) * resamples / counted
    coef = pd.concat([fit.params_ for fit in theirs], axis=1).loc[names].to_numpy().T
    gap = float(np.abs(ours[:counted] - coef).max())
    return Measured(seconds, scaled, resamples, counted, gap)


def main() -> None:
    """Measure and print one line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--counted", type=int, default=30, help="refits by lifelines")
    asked = parser.parse_args()
    print(measure(asked.resamples, min(asked.counted, asked.resamples)))


if __name__ == "__main__":
    main()
