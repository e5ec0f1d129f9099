"""Selection inside every fit of a plan, made once and shared by the models that name it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from radpipe.models.inputs import Inputs
from radpipe.models.prepare import Prepare
from radpipe.resampling.folds import IntArray
from radpipe.resampling.plan import Plan, Scope
from radpipe.resampling.streams import integer
from radpipe.selection.base import SelectorSpec
from radpipe.selection.chain import ChainResult, run_chain


def fit_keys(scope: Scope, inner: bool = True) -> Iterator[tuple[str, IntArray]]:
    """Yield the name and the training rows of every fit of a scope: ``final``, ``final/i0`` ..."""
    yield scope.name, scope.train
    if inner:
        for place, (train, _) in enumerate(scope.inner):
            yield f"{scope.name}/i{place}", train


def run_chains(
    specs: Sequence[SelectorSpec],
    inputs: Inputs,
    y: NDArray[Any],
    plan: Plan,
    seed: int,
    inner: bool = True,
) -> dict[str, ChainResult]:
    """Run a chain on the training rows of every fit of a plan.

    Parameters
    ----------
    specs : sequence of SelectorSpec
        The chain.
    inputs : Inputs
        The columns to choose from. They are filled in and coded on each fit's own training
        rows; values keep their units, and each selector standardises where it needs to.
    y : array, shape (n,)
        Target of all cases in table order.
    plan : Plan
        The fits.
    seed : int
        The study's seed; each fit has its own stream.
    inner : bool
        Whether the inner folds are wanted too.

    Returns
    -------
    dict of str to ChainResult
        Keyed ``"final"``, ``"final/i0"``, ``"r000f0"``, ``"r000f0/i3"``.
    """
    found = {}
    for scope in plan.scopes:
        for key, rows in fit_keys(scope, inner):
            table = inputs.training(scope, rows)
            prepared = Prepare(inputs.clinical).fit(table).transform(table)
            found[key] = run_chain(
                specs, prepared, y[rows], integer(seed, "selection", key), inputs.groups[rows]
            )
    return found


def selected(chains: Mapping[str, ChainResult]) -> dict[str, list[str]]:
    """Return only the names that each fit may use, as `radpipe.models.crossfit` takes them."""
    return {key: result.selected for key, result in chains.items()}
