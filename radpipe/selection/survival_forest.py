"""Random survival forests by scikit-survival, and how much they need each column.

The selector by importance and the model of the same kind (`radpipe.models`) grow theirs here.
"""

from __future__ import annotations

from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.core.errors import RadpipeError
from radpipe.selection.base import FloatArray

MISSING = (
    "a random survival forest, but scikit-survival (GPL-3) is not installed; "
    'pip install "radpipe[rsf]"'
)

_TOGETHER = 64
"""Columns whose C is computed at once."""


def grow(
    X: FloatArray,
    y: NDArray[Any],
    trees: int,
    node_size: int,
    columns: int | None,
    seed: int,
    bootstrap: bool = True,
) -> Any:
    """Grow a forest of log-rank divisions on one thread.

    Parameters
    ----------
    X : array, shape (n, p)
        Complete columns.
    y : array, shape (n,)
        Survival target; a competing event counts as the end of observation.
    trees, node_size, columns :
        How many trees; a node of fewer than twice ``node_size`` rows is not divided; columns
        that each division looks at, by default the square root of their number, rounded up.
    seed : int
        Of the forest.
    bootstrap : bool
        Whether each tree has its own bootstrap draw of the rows.

    Raises
    ------
    RadpipeError
        scikit-survival is not installed, or there is no event.
    """
    try:
        from sksurv.ensemble import RandomSurvivalForest as Forest
    except ModuleNotFoundError as error:
        raise RadpipeError(MISSING) from error

    target = np.empty(len(y), dtype=[("event", bool), ("time", float)])
    target["event"], target["time"] = y["event"], y["time"]
    if not target["event"].any():
        raise RadpipeError("random_survival_forest: no event among the training rows")
    return Forest(
        n_estimators=trees,
        min_samples_split=2 * node_size,
        min_samples_leaf=1,
        max_features=min(columns or ceil(sqrt(X.shape[1])), X.shape[1]),
        bootstrap=bootstrap,
        random_state=seed,
        n_jobs=1,
    ).fit(X, target)


def grown_trees(forest: Any, values: NDArray[np.float32]) -> list[tuple[FloatArray, Any, Any]]:
    """Return each tree with its nodes' mortality and the rows that it did not see.

    ``values`` are the training rows, in the order at fitting and as the trees hold them (float32).
    A tree that saw every row is left out.
    """
    rows = np.arange(len(values))
    samples = forest.estimators_samples_ if forest.bootstrap else [rows] * forest.n_estimators
    found = []
    for estimator, seen in zip(forest.estimators_, samples, strict=True):
        mortality = estimator.tree_.value[:, estimator.is_event_time_, 0].sum(axis=1)
        found.append((mortality, estimator.tree_, np.setdiff1d(rows, seen)))
    return [each for each in found if each[2].size]


def permutation_importance(
    forest: Any, values: NDArray[np.float32], y: NDArray[Any], seed: int = 0, block: int = 10
) -> FloatArray:
    """Return how far Harrell's C falls, out of bag, when a column is shuffled, shape (p,).

    Parameters
    ----------
    forest : RandomSurvivalForest of scikit-survival
        As `grow` makes it.
    values, y : arrays, shape (n, p) and (n,)
        The training rows as the forest had them, in that order.
    seed : int
        Of the shuffling, which each tree does on its own among the rows it did not see.
    block : int
        Trees whose mean prediction is judged together; the fall is averaged over such blocks
        (rfsrc's ``block.size``).

    Returns
    -------
    array, shape (p,)
        0 where no tree uses a column, NaN where no row is out of bag.

    References
    ----------
    Breiman 2001, Machine Learning 45:5-32; Ishwaran 2007, Electronic Journal of Statistics
    1:519-537.
    """
    if block < 1:
        raise ValueError(f"a block of {block} trees: at least one is needed")
    rng = np.random.default_rng(seed)
    n, p = values.shape
    grown = grown_trees(forest, values)
    falls = []
    for first in range(0, len(grown), block):
        plain, trees = np.zeros(n), np.zeros(n)
        change: dict[int, FloatArray] = {}
        for leaves, tree, out in grown[first : first + block]:
            rows = values[out]
            own = leaves[tree.apply(rows)]
            plain[out] += own
            trees[out] += 1
            for j in np.unique(tree.feature[tree.feature >= 0]):
                shuffled = rows.copy()
                shuffled[:, j] = rng.permutation(rows[:, j])
                moved = change.setdefault(int(j), np.zeros(n))
                moved[out] += leaves[tree.apply(shuffled)] - own
        seen = trees > 0
        if seen.any():
            falls.append(_falls(y[seen], plain[seen] / trees[seen], change, trees, seen, p))
    return np.mean(falls, axis=0) if falls else np.full(p, np.nan)


def _falls(
    y: NDArray[Any],
    plain: FloatArray,
    change: dict[int, FloatArray],
    trees: FloatArray,
    seen: NDArray[np.bool_],
    p: int,
) -> FloatArray:
    """Return the fall of C for each column of one block of trees, shape (p,)."""
    from radpipe.stats.lasso_cv import c_index_columns
    from radpipe.stats.lasso_path import Outcome

    outcome = Outcome("cox", y["event"].astype(float), y["time"].astype(float))
    columns = list(change)
    before, out = c_index_columns(outcome, plain[:, None])[0], np.zeros(p)
    for first in range(0, len(columns), _TOGETHER):
        part = columns[first : first + _TOGETHER]
        moved = np.column_stack([change[j][seen] for j in part])
        out[part] = before - c_index_columns(outcome, plain[:, None] + moved / trees[seen, None])
    return out
