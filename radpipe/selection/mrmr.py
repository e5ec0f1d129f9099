"""Maximum relevance, minimum redundancy."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.selection.base import ANY, BoolArray, FloatArray, Selector, SelectorSpec
from radpipe.selection.relation import numbers, over_labels

LEVELS: dict[str, Any] = {"MID_levels": "MID", "MIQ_levels": "MIQ", "JMI": "JMI"}
"""Criteria on levels, and what `radpipe.stats.mrmr_discrete` calls them."""
ON_LEVELS = frozenset({"binary", "multiclass", "ordinal"})


class MrmrSpec(SelectorSpec):
    """Keep the first ``n`` columns of the mRMR ranking.

    ``MID`` and ``MIQ`` are the difference and quotient forms on mutual information of
    correlations (MID is mRMRe's), ``FCD`` and ``FCQ`` those on the F statistic. ``MID_levels``,
    ``MIQ_levels`` and ``JMI`` count mutual information on columns cut at half a standard
    deviation from their mean, as low, middle and high; they need classes.

    Parameters
    ----------
    n : int
        How many columns are kept.
    criterion : {'MID', 'MIQ', 'FCD', 'FCQ', 'MID_levels', 'MIQ_levels', 'JMI'}
        Relevance minus (`MID`) or over (`MIQ`) redundancy in mutual information, or so in the
        F statistic and the correlation (`FCD`, `FCQ`); the first two on levels; or the sum of
        joint mutual information with each column chosen before (`JMI`).
    """

    endpoints: ClassVar[frozenset[str]] = ANY

    kind: Literal["mrmr"] = "mrmr"
    n: int = Field(20, ge=1)
    criterion: Literal["MID", "MIQ", "FCD", "FCQ", "MID_levels", "MIQ_levels", "JMI"] = "MID"

    def takes(self, endpoint: str) -> bool:
        """Return whether the criterion fits this kind of endpoint."""
        return self.criterion not in LEVELS or endpoint in ON_LEVELS

    def misfit(self, endpoint: str) -> tuple[str, str]:
        """Return which setting does not fit an endpoint that the kind takes, and what would."""
        return f"the criterion {self.criterion!r}", "MID, MIQ, FCD, FCQ"

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return MrmrSelector(self.n, self.criterion)


class MrmrSelector(Selector):
    """Greedy mRMR (`radpipe.stats.mrmr`); a column that varies is always ranked.

    The correlation that relevance is made of is Pearson's for a binary or continuous outcome, the
    correlation ratio for several classes, and for ordered levels Pearson's with their numbers (F)
    or mRMRe's concordance (MI); survival has Cox's score test, and of several labels the most
    relevant counts.

    Attributes
    ----------
    ranking_ : list of str
        The columns kept, in the order in which they were chosen.
    """

    def __init__(self, n: int = 20, criterion: str = "MID") -> None:
        self.n = n
        self.criterion = criterion

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        order = self._order(X, y)
        self.ranking_ = [names[i] for i in order]
        mask = np.zeros(len(names), dtype=bool)
        mask[order] = True
        return mask

    def _order(self, X: FloatArray, y: NDArray[Any]) -> NDArray[np.int64]:
        if self.criterion in LEVELS:
            if target.kind_of(y) not in ON_LEVELS:
                raise RadpipeError(
                    f"mrmr: criterion {self.criterion!r} does not fit a {target.kind_of(y)} "
                    "endpoint; allowed: MID, MIQ, FCD, FCQ"
                )
            from radpipe.stats.mrmr_discrete import mrmr_discrete, three_levels

            levels, kind = three_levels(X), LEVELS[self.criterion]
            return mrmr_discrete(levels, target.codes(y), self.n, kind).order
        from radpipe.stats.mrmr import rank

        worth = relevance(X, y, self.criterion)
        return rank(X, worth, self.n, self.criterion).order  # type: ignore[arg-type]


def relevance(X: FloatArray, y: NDArray[Any], criterion: str) -> FloatArray:
    """Return the relevance of each column by a criterion on correlations, shape (p,)."""
    from radpipe.stats import mrmr
    from radpipe.stats.screening_groups import multinomial_score

    kind = target.kind_of(y)
    by: Any = criterion
    if kind == "survival":
        return mrmr.relevance_survival(X, y["time"], y["event"].astype(float), by)
    if kind == "multilabel":
        return over_labels(lambda label: relevance(X, label, criterion), y).max(axis=0)
    information = criterion.startswith("MI")
    if kind == "ordinal" and information:
        return mrmr.relevance_ordered(X, target.codes(y))
    if kind == "multiclass":
        share = np.minimum(multinomial_score(X, target.codes(y)).statistic / len(y), 1 - 1e-15)
        others = target.indicators(y).any(axis=0).sum() - 1
        f = (len(y) - others - 1) / others * share / (1 - share)
        return mrmr.information(np.sqrt(share)) if information else f
    return mrmr.relevance(X, numbers(y), by)
