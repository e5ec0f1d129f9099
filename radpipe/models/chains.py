"""Selection inside every fit of a plan, made once and shared by the models that name it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.threads import on_one_thread
from radpipe.models.inputs import Inputs
from radpipe.models.prepare import Prepare
from radpipe.resampling.folds import IntArray
from radpipe.resampling.plan import FINAL, Plan, Scope, Tell, silent
from radpipe.resampling.streams import integer
from radpipe.selection.base import SelectorSpec
from radpipe.selection.chain import ChainResult, Chosen, merged, run_chain


def fit_keys(scope: Scope, inner: bool = True) -> Iterator[tuple[str, IntArray]]:
    """Yield the name and the training rows of every fit of a scope: ``final``, ``final/i0`` ..."""
    yield scope.name, scope.train
    if inner:
        for place, (train, _) in enumerate(scope.inner):
            yield f"{scope.name}/i{place}", train


@on_one_thread()
def run_chains(
    specs: Sequence[SelectorSpec],
    inputs: Inputs,
    y: NDArray[Any],
    plan: Plan,
    seed: int,
    inner: bool = True,
    preparation: Sequence[Any] = (),
    tell: Tell = silent,
) -> dict[str, ChainResult]:
    """Run a chain on the training rows of every fit of a plan.

    Parameters
    ----------
    specs : sequence of SelectorSpec
        The chain.
    inputs : Inputs
        The columns to choose from. They are prepared on each fit's own training rows; no scaling
        but what the preparation asks for, since each selector standardises where it needs to.
    y : array, shape (n,)
        Target of all cases in table order.
    plan : Plan
        The fits.
    seed : int
        The study's seed; each fit has its own stream.
    inner : bool
        Whether the inner folds are wanted too.
    preparation : sequence of PreparationSpec
        Steps before the selection (`radpipe.models.prepare.Prepare`).
    tell : callable
        Told of each scope before its fits.

    Returns
    -------
    dict of str to ChainResult
        Keyed ``"final"``, ``"final/i0"``, ``"r000f0"``, ``"r000f0/i3"``.
    """
    found = {}
    for place, scope in enumerate(plan.scopes, 1):
        tell(scope.name, place, len(plan.scopes))
        for key, rows in fit_keys(scope, inner):
            table, groups = inputs.training(scope, rows), inputs.groups[rows]
            prepare = Prepare(
                inputs.clinical, steps=preparation, seed=integer(seed, "preparation", key)
            )
            prepared = prepare.fit_transform(table, groups)
            readings = _read_again(prepare, table, inputs, rows, specs)
            constant = {
                r: list(inputs.readings[r].columns.intersection(prepare.constant_))
                for r in readings
            }
            found[key] = run_chain(
                specs,
                prepared,
                y[rows],
                integer(seed, "selection", key),
                groups,
                readings,
                detailed=key == FINAL,
                constant=constant,
            )
    return found


def _read_again(
    prepare: Prepare,
    table: pd.DataFrame,
    inputs: Inputs,
    rows: IntArray,
    specs: Sequence[SelectorSpec],
) -> dict[str, pd.DataFrame]:
    """Return the other readings of training rows, prepared as the first ones; NaN where unread.

    A reader has the columns that he read.
    """
    if not any(spec.needs_readings for spec in specs):
        return {}
    found = {}
    for reader, values in inputs.readings.items():
        own = values.iloc[rows]
        read = own.notna().any(axis=1).to_numpy()
        again = table.copy()
        again[list(own.columns)] = own.to_numpy(dtype=float)
        prepared = prepare.transform(again)
        # What was not read is missing, and not filled in; nor what either reading has no value of.
        kept = prepared.columns.intersection(own.columns)
        gaps = np.isnan(own[kept].to_numpy(dtype=float)) | np.isnan(table[kept].to_numpy(float))
        found[reader] = prepared[kept].mask(gaps | ~read[:, None])
    return found


def chosen(
    chains: Mapping[str, Mapping[str, ChainResult]],
    free: Sequence[str] = (),
    parts: Sequence[Sequence[str]] = (),
) -> dict[str, Chosen]:
    """Return what each fit may use of several chains.

    Parameters
    ----------
    chains : mapping of str to mapping
        By the name of their inputs, what `run_chains` returned.
    free : sequence of str
        Variables that no chain chooses from; they are kept.
    parts : sequence of sequence of str
        Variables that each chain chooses from, and was prepared on alone.
    """
    keys = next(iter(chains.values()))
    return {
        key: merged({name: found[key] for name, found in chains.items()}, free, parts)
        for key in keys
    }
