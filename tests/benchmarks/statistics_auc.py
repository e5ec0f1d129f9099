"""Bootstrapped AUCs against a plain loop over scikit-learn's roc_auc_score.

``python -m tests.benchmarks.statistics_auc`` in the checkout. Both sides draw within the classes
and read the same interval from their replicates; the best of three runs counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from radpipe.stats import roc


class Row(NamedTuple):
    """Seconds of one task."""

    name: str
    ours: float
    theirs: float


def measure(n: int = 400, replicates: int = 2000, runs: int = 3) -> list[Row]:
    """Return a row for each task: an interval, the interval of a difference, and its z."""
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(7)
    y = (np.arange(n) % 5 < 2).astype(int)
    a, b = rng.normal(size=(2, n)) + y * np.array([[0.8], [0.5]])
    plan = roc.BootstrapPlan(replicates=replicates, seed=1)
    event, free = np.flatnonzero(y == 1), np.flatnonzero(y == 0)

    def loop(*scores: np.ndarray) -> np.ndarray:
        draws = np.random.default_rng(1)
        out = np.empty((replicates, len(scores)))
        for i in range(replicates):
            rows = np.concatenate([draws.choice(event, event.size), draws.choice(free, free.size)])
            out[i] = [roc_auc_score(y[rows], s[rows]) for s in scores]
        return out

    def their_interval() -> np.ndarray:
        return np.quantile(loop(a), [0.025, 0.975])

    def their_difference() -> np.ndarray:
        pair = loop(a, b)
        return np.quantile(pair[:, 0] - pair[:, 1], [0.025, 0.975])

    def their_z() -> float:
        pair = loop(a, b)
        found = roc_auc_score(y, a) - roc_auc_score(y, b)
        return float(found / np.std(pair[:, 0] - pair[:, 1], ddof=1))

    tasks: list[tuple[str, Callable[[], object], Callable[[], object]]] = [
        ("AUC, percentile interval", lambda: roc.bootstrap_auc(y, a, plan), their_interval),
        (
            "paired difference, interval",
            lambda: roc.bootstrap_paired(y, a, b, plan),
            their_difference,
        ),
        ("paired difference, z", lambda: roc.bootstrap_paired(y, a, b, plan).statistic, their_z),
    ]
    return [Row(name, _best(ours, runs), _best(theirs, runs)) for name, ours, theirs in tasks]


def _best(task: Callable[[], object], runs: int) -> float:
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        task()
        taken.append(time.perf_counter() - start)
    return min(taken)


def main() -> None:
    rows = measure()
    print(f"{'task':<30} {'radpipe s':>10} {'loop s':>8} {'ratio':>7}")
    for row in rows:
        print(f"{row.name:<30} {row.ours:>10.4f} {row.theirs:>8.2f} {row.theirs / row.ours:>7.0f}")


if __name__ == "__main__":
    main()
