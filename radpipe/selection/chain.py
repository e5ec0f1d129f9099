"""A chain of selectors on one set of training rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from radpipe.resampling.streams import integer
from radpipe.selection.base import SelectorSpec, term


@dataclass(frozen=True)
class ChainResult:
    """What a chain left.

    Attributes
    ----------
    selected : list of str
        Variables kept, in order of their names (a factor by its variable, not by its levels).
    log : tuple of dict
        One entry a selector that ran: kind, and how many columns entered, were kept, dropped.
    reason : str
        Why nothing is left; empty where something is.
    """

    selected: list[str]
    log: tuple[dict[str, Any], ...]
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the result ready for JSON."""
        return asdict(self)


def run_chain(
    specs: Sequence[SelectorSpec],
    X: pd.DataFrame,
    y: NDArray[Any],
    seed: int,
    groups: Any = None,
) -> ChainResult:
    """Run selectors one after the other on training rows.

    Parameters
    ----------
    specs : sequence of SelectorSpec
        The chain; an empty one keeps everything.
    X : DataFrame, shape (n, p)
        Complete numeric columns (`radpipe.models.prepare`), in any order.
    y : array, shape (n,)
        Binary or survival target.
    seed : int
        Seed of this run; each step has its own stream.
    groups : array, shape (n,), optional
        Rows that stay together wherever a selector divides the rows.

    Returns
    -------
    ChainResult
        An empty selection is a result, not an error: the model then predicts the prevalence.
    """
    left = X[sorted(X.columns)]
    log: list[dict[str, Any]] = []
    reason = "" if left.shape[1] else "no column varies on the training rows"
    for place, spec in enumerate(specs):
        if not left.shape[1]:
            break
        selector = spec.build(integer(seed, "selector", str(place), spec.kind))
        kept = selector.fit(left, y, groups).transform(left)
        entered, stayed = left.shape[1], kept.shape[1]
        log.append(
            {"kind": spec.kind, "entered": entered, "kept": stayed, "dropped": entered - stayed}
        )
        if not kept.shape[1]:
            reason = f"{spec.kind} kept none of {left.shape[1]} columns"
        left = kept
    return ChainResult(sorted({term(str(c)) for c in left.columns}), tuple(log), reason)
