"""Univariable screening, all columns at once, against a loop over a library's single test.

``python -m tests.benchmarks.statistics_screening`` in the checkout. The loops of fitted models are
timed on the first columns and scaled to all; their tests are Wald's, ours are score tests. One
thread is asked for with OPENBLAS_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from radpipe.stats import screening

HEADER = f"{'test':<16} {'ours s':>8} {'library s':>10} {'ratio':>8}  library loop"


class Cohort(NamedTuple):
    """Features (n, p), a binary outcome, follow-up and event."""

    X: np.ndarray
    y: np.ndarray
    time: np.ndarray
    event: np.ndarray


class Contest(NamedTuple):
    """One test: ours on all columns, the library's on one; ``fits`` where it is timed on few."""

    name: str
    ours: Callable[[Cohort], Any]
    library: Callable[[Cohort, np.ndarray], Any]
    words: str
    fits: bool


def cohort(cases: int, features: int, seed: int = 0) -> Cohort:
    """Return a made-up cohort; a tenth of the features bear on both outcomes."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(cases, features))
    risk = X[:, : max(1, features // 10)].mean(axis=1) * 3
    y = (risk + rng.logistic(size=cases) > 0).astype(int)
    length, censoring = rng.exponential(np.exp(-risk)), rng.exponential(1.5, cases)
    return Cohort(X, y, np.minimum(length, censoring), (length <= censoring).astype(int))


def contests() -> list[Contest]:
    """Return the tests, the library's import left out of the timing."""
    from lifelines import CoxPHFitter
    from scipy.stats import mannwhitneyu, ttest_ind
    from statsmodels.api import Logit, add_constant

    def logistic(c: Cohort, x: np.ndarray) -> Any:
        return Logit(c.y, add_constant(x)).fit(disp=0).pvalues

    def cox(c: Cohort, x: np.ndarray) -> Any:
        frame = pd.DataFrame({"x": x, "time": c.time, "event": c.event})
        return CoxPHFitter().fit(frame, "time", "event").summary

    return [
        Contest(
            "Welch's t",
            lambda c: screening.t_test(c.X, c.y),
            lambda c, x: ttest_ind(x[c.y == 1], x[c.y == 0], equal_var=False),
            "scipy ttest_ind",
            False,
        ),
        Contest(
            "Mann-Whitney",
            lambda c: screening.mann_whitney(c.X, c.y),
            lambda c, x: mannwhitneyu(x[c.y == 1], x[c.y == 0], method="asymptotic"),
            "scipy mannwhitneyu",
            False,
        ),
        Contest(
            "logistic score",
            lambda c: screening.logistic_score(c.X, c.y),
            logistic,
            "statsmodels Logit",
            True,
        ),
        Contest(
            "Cox score",
            lambda c: screening.cox_score(c.X, c.time, c.event),
            cox,
            "lifelines CoxPHFitter",
            True,
        ),
    ]


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.statistics_screening")
    parser.add_argument("--features", type=int, default=1300)
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--measured", type=int, default=60, help="columns for loops of models")
    asked = parser.parse_args(words)
    data = cohort(asked.cases, asked.features)
    print(f"{asked.features} features, {asked.cases} cases, {data.event.sum()} events")
    print(HEADER)
    for contest in contests():
        contest.ours(data)
        ours = min(_seconds(lambda c=contest: c.ours(data)) for _ in range(3))
        columns = data.X.T[: asked.measured] if contest.fits else data.X.T
        contest.library(data, columns[0])
        spent = _seconds(lambda c=contest, X=columns: [c.library(data, x) for x in X])
        library = spent * asked.features / len(columns)
        scaled = f", {len(columns)} columns scaled to all" if len(columns) < asked.features else ""
        print(
            f"{contest.name:<16} {ours:>8.4f} {library:>10.2f} {library / ours:>8.0f}  "
            f"{contest.words}{scaled}",
            flush=True,
        )


def _seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
