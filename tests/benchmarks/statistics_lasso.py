"""LASSO and mRMR on the width of radiomics, against scikit-learn and plain loops.

``python -m tests.benchmarks.statistics_lasso`` in the checkout. Ours: the binomial path of 100
penalties with 10 folds, and 20 features by each mRMR criterion. scikit-learn fits (saga, warm
starts, tol 1e-4) are timed at a few penalties of one fold and scaled to all penalties and folds;
the loops over pairs of columns are timed on the first columns and scaled to all. One thread is
asked for with OPENBLAS_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any, get_args

import numpy as np

from radpipe.stats import lasso
from radpipe.stats.mrmr import Criterion, mrmr
from radpipe.stats.mrmr_discrete import DiscreteCriterion, mrmr_discrete, three_levels

HEADER = f"{'task':<28} {'ours s':>8} {'library s':>10} {'ratio':>8}  library"
FOLDS, CHOSEN = 10, 20


def cohort(cases: int, features: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return correlated features, of which a few bear on a binary outcome."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(cases, 30)) @ rng.normal(size=(30, features)) / 30**0.5
    X = common + rng.normal(size=(cases, features))
    risk = X[:, :5].sum(axis=1) * 0.4
    return X, (risk + rng.logistic(size=cases) > 0).astype(int)


def saga(X: np.ndarray, y: np.ndarray, lambdas: np.ndarray) -> None:
    """Fit the LASSO at each penalty with scikit-learn, each from where the last one ended."""
    from sklearn.linear_model import LogisticRegression

    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    model = LogisticRegression(l1_ratio=1.0, solver="saga", warm_start=True, max_iter=10_000)
    for penalty in lambdas:
        model.set_params(C=1 / (len(y) * penalty)).fit(scaled, y)


def correlation_loop(X: np.ndarray, y: np.ndarray) -> None:
    """Rank by MID, one correlation at a time."""

    def shared(a: np.ndarray, b: np.ndarray) -> float:
        return -0.5 * np.log(1 - np.corrcoef(a, b)[0, 1] ** 2)

    loop(X, y, shared)


def level_loop(levels: np.ndarray, y: np.ndarray) -> None:
    """Rank by MID, one mutual information at a time."""
    from sklearn.metrics import mutual_info_score

    loop(levels, y, mutual_info_score)


def loop(X: np.ndarray, y: np.ndarray, shared: Callable[[np.ndarray, np.ndarray], float]) -> None:
    p = X.shape[1]
    worth = np.array([shared(X[:, j], y) for j in range(p)])
    chosen, total = [int(worth.argmax())], np.zeros(p)
    for step in range(1, min(CHOSEN, p)):
        left = [j for j in range(p) if j not in chosen]
        for j in left:
            total[j] += shared(X[:, j], X[:, chosen[-1]])
        chosen.append(max(left, key=lambda j: worth[j] - total[j] / step))


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.statistics_lasso")
    parser.add_argument("--features", type=int, default=1300)
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--penalties", type=int, default=10, help="that scikit-learn fits")
    parser.add_argument("--measured", type=int, default=130, help="columns for the plain loops")
    asked = parser.parse_args(words)
    X, y = cohort(asked.cases, asked.features)
    folds = np.random.default_rng(1).permutation(asked.cases) % FOLDS
    print(f"{asked.features} features, {asked.cases} cases, {y.sum()} events")
    print(HEADER)
    lasso.path_binomial(X, y, n_lambda=3)  # compiles
    found, ours = _timed(lambda: lasso.cv_binomial(X, y, folds))
    lambdas = found.path.lambdas
    few = lambdas[np.linspace(1, lambdas.size - 1, asked.penalties).round().astype(int)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # saga says where it has not converged
        train = folds != 0
        spent = _timed(lambda: saga(X[train], y[train], few))[1]
    library = spent * lambdas.size / few.size * (FOLDS + 1)
    words_ = f"LogisticRegression saga, {few.size} penalties of one fold scaled to all"
    _line(f"path of {lambdas.size}, {FOLDS} folds", ours, library, words_)

    labels = np.array(["a", "b", "c"])[np.digitize(X[:, 0] + y, [-0.5, 1.0])]
    for grouped in (False, True):
        lasso.path_multinomial(X[:, :3], labels, grouped=grouped, n_lambda=3)
        spent = _timed(lambda g=grouped: lasso.path_multinomial(X, labels, grouped=g))[1]
        _line(f"multinomial path{', grouped' if grouped else ''}", spent)

    levels, scale = three_levels(X), asked.features / min(asked.measured, asked.features)
    part = slice(0, asked.measured)
    plain = {
        "MID": _timed(lambda: correlation_loop(X[:, part], y))[1] * scale,
        "MID of levels": _timed(lambda: level_loop(levels[:, part], y))[1] * scale,
    }
    words_ = f"a loop over pairs, {min(asked.measured, asked.features)} columns scaled to all"
    for name in get_args(Criterion):
        spent = _timed(lambda n=name: mrmr(X, y, CHOSEN, n))[1]
        _line(f"mRMR {name}", spent, plain.get(name), words_)
    for name in get_args(DiscreteCriterion):
        spent = _timed(lambda n=name: mrmr_discrete(levels, y, CHOSEN, n))[1]
        _line(f"mRMR {name} of levels", spent, plain.get(f"{name} of levels"), words_)


def _line(task: str, ours: float, library: float | None = None, words: str = "") -> None:
    if library is None:
        print(f"{task:<28} {ours:>8.3f}", flush=True)
    else:
        print(
            f"{task:<28} {ours:>8.3f} {library:>10.1f} {library / ours:>8.0f}  {words}", flush=True
        )


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    done = work()
    return done, time.perf_counter() - start


if __name__ == "__main__":
    main()
