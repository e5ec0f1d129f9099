"""The ICC of thousands of features at once, against one feature after the other; and ComBat.

``python -m tests.benchmarks.statistics_icc`` in the checkout: 2,000 features of 40 subjects and
2 readers, all six forms with intervals. The other side is pingouin where it is installed (on
fewer features, its time scaled up), else a plain loop of numpy and scipy.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats

from radpipe.stats.combat import fit_combat
from radpipe.stats.icc import icc_features

FEATURES, SUBJECTS, READERS = 2000, 40, 2
CASES, COMBAT_FEATURES, BATCHES = 300, 1300, 4


def ratings(seed: int = 1) -> np.ndarray:
    """Return simulated ratings (features, subjects, readers) of all degrees of agreement."""
    rng = np.random.default_rng(seed)
    noise = rng.uniform(0.1, 2, size=(FEATURES, 1, 1))
    true = rng.normal(size=(FEATURES, SUBJECTS, 1))
    offset = rng.normal(0, 0.3, size=(FEATURES, 1, READERS))
    return true + offset + noise * rng.normal(size=(FEATURES, SUBJECTS, READERS))


def plain(x: np.ndarray, level: float = 0.95) -> np.ndarray:
    """Return estimate, lower and upper of the six forms of one feature, (6, 3)."""
    n, k = x.shape
    q = 0.5 + level / 2
    f = stats.f.ppf
    row, column = x.mean(axis=1, keepdims=True), x.mean(axis=0, keepdims=True)
    b = k * np.sum((row - x.mean()) ** 2) / (n - 1)
    j = n * np.sum((column - x.mean()) ** 2) / (k - 1)
    e = np.sum((x - row - column + x.mean()) ** 2) / ((n - 1) * (k - 1))
    w = np.sum((x - row) ** 2) / (n * (k - 1))
    single, average = {}, {}
    for name, noise, df in (("1", w, n * (k - 1)), ("3", e, (n - 1) * (k - 1))):
        ratios = (b / noise) * np.array([1, 1 / f(q, n - 1, df), f(q, df, n - 1)])
        single[name], average[name] = (ratios - 1) / (ratios + k - 1), 1 - 1 / ratios
    two = (b - e) / (b + (k - 1) * e + k * (j - e) / n)
    a, c = k * two * j, (n * (1 + (k - 1) * two) - k * two) * e
    v = (a + c) ** 2 / (a**2 / (k - 1) + c**2 / ((n - 1) * (k - 1)))
    over, under = f(q, n - 1, v), f(q, v, n - 1)
    rest = k * j + (k * n - k - n) * e
    low = n * (b - over * e) / (over * rest + n * b)
    high = n * (under * b - e) / (rest + n * under * b)
    single["2"] = np.array([two, low, high])
    average["2"] = k * single["2"] / (1 + (k - 1) * single["2"])
    return np.array([part[name] for part in (single, average) for name in "123"])


def seconds(call: Callable[[], Any], repeats: int = 3) -> float:
    """Return the shortest time of several calls, after one that is thrown away."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def other(x: np.ndarray) -> tuple[str, float]:
    """Return what the other side is, and its time for all features."""
    try:
        import pandas as pd
        import pingouin
    except ImportError:
        return "loop of numpy and scipy", seconds(lambda: [plain(one) for one in x], 1)
    subject, reader = np.indices(x.shape[1:])
    few = x[:40]

    def loop() -> None:
        for one in few:
            frame = pd.DataFrame({"s": subject.ravel(), "r": reader.ravel(), "v": one.ravel()})
            pingouin.intraclass_corr(frame, targets="s", raters="r", ratings="v")

    return f"pingouin ({len(few)} features, scaled)", seconds(loop, 1) * len(x) / len(few)


def main() -> None:
    x = ratings()
    ours = icc_features(x)
    found = np.stack([ours.estimate, ours.lower, ours.upper], axis=-1)[:50]
    furthest = np.abs(found - [plain(one) for one in x[:50]]).max()
    mine = seconds(lambda: icc_features(x))
    name, theirs = other(x)
    print(f"ICC, six forms, {FEATURES} features x {SUBJECTS} subjects x {READERS} readers")
    print(f"  radpipe {mine:.4f} s; {name} {theirs:.3f} s; ratio {theirs / mine:.0f}")
    print(f"  largest difference from the plain loop {furthest:.1e}")
    rng = np.random.default_rng(2)
    batch = np.arange(CASES) % BATCHES
    values = rng.normal(size=(CASES, COMBAT_FEATURES)) * (1 + 0.2 * batch[:, None])
    age = rng.normal(60, 10, size=(CASES, 1))
    print(f"ComBat, {CASES} cases x {COMBAT_FEATURES} features, {BATCHES} batches, one covariate")
    for prior in ("parametric", "nonparametric"):
        fitted = fit_combat(values, batch, age, prior)
        fit = seconds(lambda p=prior: fit_combat(values, batch, age, p))
        applied = seconds(lambda f=fitted: f.apply(values, batch, age))
        print(f"  {prior}: fit {fit:.3f} s, apply {applied:.4f} s")


if __name__ == "__main__":
    main()
