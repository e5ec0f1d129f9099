"""Keep the columns that a random forest needs more than the best of shuffled ones."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radpipe.resampling.streams import integer, stream
from radpipe.selection.base import COUNTED, BoolArray, FloatArray, Selector, SelectorSpec
from radpipe.selection.forest_importance import grow_forest
from radpipe.selection.ranking import variables


class BorutaSpec(SelectorSpec):
    """Keep columns whose importance beats, more often than by chance, the best shuffled column.

    In each round a random forest sees every column beside a shuffled copy of it (its shadow), and
    a column scores where it is more important than all shadows. Columns that score too often to
    be chance are confirmed, too seldom rejected and left out of later rounds.

    Parameters
    ----------
    p : float
        Two-sided level of the binomial test of a column's scores, shared out over the columns
        (Bonferroni).
    rounds : int
        Most rounds; it ends early where every column is decided.
    trees : int
        Trees of each round's forest.
    depth : int, optional
        Most divisions one below another in a tree; null for none. Shallow trees judge many
        columns alike.
    undecided : {'drop', 'keep'}
        What becomes of columns that are neither confirmed nor rejected after the last round.
    """

    endpoints: ClassVar[frozenset[str]] = COUNTED

    kind: Literal["boruta"] = "boruta"
    p: float = Field(0.01, gt=0, lt=1)
    rounds: int = Field(100, ge=1)
    trees: int = Field(100, ge=1)
    depth: int | None = Field(5, ge=1)
    undecided: Literal["drop", "keep"] = "drop"

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return BorutaSelector(
            self.p, self.rounds, self.trees, self.depth, self.undecided == "keep", seed
        )


class BorutaSelector(Selector):
    """Boruta on scikit-learn's forests and their impurity importance.

    Confirmed columns stay in the forests; at least five shadows are made, each in an order of its
    own. A factor's importance is that of its best column, and it is decided as a whole. Rounds end
    early where those left could keep no further column (with undecided ones kept: drop none).

    Attributes
    ----------
    decision_ : array of str, shape (p,)
        "confirmed", "rejected" or "undecided", in order of the columns' names.
    rounds_ : int
        Rounds that were run.

    References
    ----------
    Kursa, Rudnicki 2010, Journal of Statistical Software 36(11).
    """

    def __init__(
        self,
        p: float = 0.01,
        rounds: int = 100,
        trees: int = 100,
        depth: int | None = 5,
        keep_undecided: bool = False,
        seed: int = 0,
    ) -> None:
        self.p = p
        self.rounds = rounds
        self.trees = trees
        self.depth = depth
        self.keep_undecided = keep_undecided
        self.seed = seed

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        owner = variables(names)
        count = int(owner.max()) + 1
        scored, state = np.zeros(count), np.zeros(count, dtype=int)  # 1 confirmed, -1 rejected
        level = self.p / count / 2
        self.rounds_ = 0
        while self._open(scored, state, level):
            self.rounds_ += 1
            left = np.flatnonzero(state[owner] >= 0)
            beats = self._beats(X[:, left], owner[left], y, self.rounds_)
            scored[np.unique(owner[left])[beats]] += 1
            undecided = state == 0
            state[undecided & _often(scored, self.rounds_, level)] = 1
            state[undecided & _seldom(scored, self.rounds_, level)] = -1
        words = np.array(["undecided", "confirmed", "rejected"], dtype=object)
        self.decision_ = words[state[owner]]
        return (state >= (0 if self.keep_undecided else 1))[owner]

    def _open(self, scored: FloatArray, state: NDArray[np.int_], level: float) -> bool:
        """Return whether the rounds left can change what is kept."""
        if self.keep_undecided:
            able = _seldom(scored, self.rounds, level)
        else:
            able = _often(scored + self.rounds - self.rounds_, self.rounds, level)
        return self.rounds_ < self.rounds and bool((able & (state == 0)).any())

    def _beats(
        self, X: FloatArray, owner: NDArray[np.intp], y: NDArray[Any], done: int
    ) -> BoolArray:
        """Return which variables beat every shadow in one round."""
        rng = stream(self.seed, "boruta", str(done))
        copies = -(-5 // X.shape[1])
        shadows = rng.permuted(np.tile(X, copies), axis=0)
        seed = integer(self.seed, "boruta", str(done))
        forest = grow_forest(np.hstack([X, shadows]), y, self.trees, seed, self.depth)
        found = forest.feature_importances_
        best = np.full(int(owner.max()) + 1, -np.inf)
        np.maximum.at(best, owner, found[: X.shape[1]])
        return best[np.unique(owner)] > found[X.shape[1] :].max()


def _often(scored: FloatArray, rounds: int, level: float) -> BoolArray:
    """Return which scores are too many for chance."""
    from scipy.special import bdtrc

    return np.asarray((scored > 0) & (bdtrc(scored - 1, rounds, 0.5) < level))


def _seldom(scored: FloatArray, rounds: int, level: float) -> BoolArray:
    """Return which scores are too few for chance."""
    from scipy.special import bdtr

    return np.asarray(bdtr(scored, rounds, 0.5) < level)
