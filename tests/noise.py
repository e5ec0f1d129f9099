"""Every valid pair of selector and model on pure noise: ``python -m tests.noise``.

The mean cross-validated AUC (of other endpoints the ranking with 0.5 as chance) of many draws of
noise, with selection and fitting (tuning too, with --tuned) inside every fold. A pair beyond
0.5 +- 0.08 has seen what it should not have. Prints a line a selector, then the table, models by
selectors; ends with status 1 where a pair is beyond.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from radpipe.core import target
from radpipe.models.chains import chosen, run_chains
from radpipe.models.crossfit import fit_scope
from radpipe.models.inputs import Inputs
from radpipe.models.ranking import ranking
from radpipe.resampling.plan import Plan
from tests.models import pairs as of
from tests.models.modelling_toys import CLINICAL, cohort, inputs_of, plan_of, table_for

WIDTH = 0.08
N, P, FOLDS = 48, 10, 2
"""Cases, columns beside the clinical ones, folds."""


@cache
def draw_of(seed, kind):
    """Return inputs with a second reading, outcomes that mean nothing, and the folds."""
    table, targets = cohort(n=N, p=P, signal=0.0, seed=1000 + seed)
    y = targets[kind]
    again = table.filter(like="t1__")
    error = np.random.default_rng(seed).normal(scale=0.15, size=again.shape)
    again = again + error * np.arange(P)  # the later a column, the less the readings agree
    plan = plan_of(y, folds=FOLDS, inner=2, seed=seed)
    groups = np.asarray(table.index, dtype=str)
    return Inputs(table, groups, CLINICAL, {}, {"r2": again}), y, Plan(plan.resamples)


def rankings(
    selector: str, models: Sequence[str], kind: str, seed: int, tuned: bool = False
) -> list[float]:
    """Return the cross-validated AUC of each model behind a selector, on one draw of noise."""
    chains = chains_of(selector, kind, seed)
    return [_ranking(of.model_of(m, tuned), kind, seed, chains) for m in models]


@cache
def chains_of(selector, kind, seed):
    """Return what a selector leaves each fold of a draw; None for no selection."""
    if selector == of.NONE:
        return None
    specs = [of.selector_of(selector)]
    return chosen({"all": run_chains(specs, *draw_of(seed, kind), seed, inner=False)})


def _ranking(spec, kind, seed, chains) -> float:
    inputs, y, plan = draw_of(seed, kind)
    if "selection" not in type(spec).model_fields:
        inputs, chains = inputs_of(table_for(spec, inputs.static)), None
    fits = [
        fit_scope("m", spec, inputs, y, scope, seed, chains, inner=False)[0]
        for scope in plan.scopes
    ]
    pooled = np.full((len(y), fits[0].test_score.shape[1]), np.nan)
    for fit in fits:
        pooled[fit.scope.test] = fit.test_score
    return ranking(y, pooled)


def row(selector: str, kind: str, draws: int, tuned: bool) -> pd.Series:
    """Return the mean of the draws for each model that a selector may stand before.

    A fusion of classes is left out: it takes the columns of fitted models.
    """
    models = [m for s, m in of.pairs(kind) if s == selector]
    models = [m for m in models if m != "fusion" or kind not in target.CLASSES]
    with threadpool_limits(1):
        found = [rankings(selector, models, kind, seed, tuned) for seed in range(draws)]
    return pd.Series(np.mean(found, axis=0), index=models, name=selector)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.noise", description=__doc__)
    parser.add_argument("--kind", choices=of.KINDS, default="binary", help="kind of endpoint")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--tuned", action="store_true", help="tune inside, on the default grids")
    parser.add_argument("--out", type=Path, default=Path("noise.csv"), help="csv to write")
    asked = parser.parse_args()
    began, rows = time.perf_counter(), []
    names = of.selectors(asked.kind)
    with ProcessPoolExecutor(asked.jobs) as pool:
        for found in pool.map(
            partial(row, kind=asked.kind, draws=asked.draws, tuned=asked.tuned), names
        ):
            rows.append(found)
            took = time.perf_counter() - began
            print(
                f"{len(rows)} of {len(names)}: {found.name}, {len(found)} models, "
                f"{found.min():.3f} to {found.max():.3f} ({took:.0f} s)",
                flush=True,
            )
    table = pd.DataFrame(rows).reindex(columns=of.models(asked.kind))
    table.round(4).to_csv(asked.out, index_label="selector")
    beyond = (table - 0.5).abs() > WIDTH
    shown = table.map(lambda v: "-" if np.isnan(v) else f"{v:.3f}")
    print(shown.where(~beyond, shown + "*").T.to_string())
    made = int(table.notna().sum().sum())
    print(
        f"{asked.kind}: {made} pairs of {asked.draws} draws, {int(beyond.sum().sum())} beyond "
        f"0.5 +- {WIDTH} (*), {time.perf_counter() - began:.0f} s; written to {asked.out}"
    )
    return int(beyond.to_numpy().any())


if __name__ == "__main__":
    sys.exit(main())
