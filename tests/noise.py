"""Every valid pair of selector and model on pure noise: ``python -m tests.noise``.

The mean cross-validated AUC (of other endpoints the ranking with 0.5 as chance) of many draws of
noise, with selection and fitting inside every fold; what a model leaves open (its penalty, its
calibration, with --tuned its settings) is chosen on inner folds that select for themselves. A pair
beyond 0.5 +- 0.08 has seen what it should not have, one without a mean has a fault. Prints a line
a selector, then the table, models by selectors; ends with status 1 where a pair is either.
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
from radpipe.selection.registry import SELECTORS
from tests.models import pairs as of
from tests.models.modelling_toys import CLINICAL, cohort, inputs_of, missing, plan_of, table_for

WIDTH = 0.08
N, FOLDS, INNER = 48, 2, 2
"""Cases, folds, and folds inside each of them."""
MANY, FEW = 200, 10
"""Columns beside the clinical ones: where the outcome chooses from them, and where it does not.

Of many columns of noise some go with any outcome by chance: a choice that saw the rows left out
would be far beyond the width. Without a choice there must be fewer columns than rows.
"""

SETTINGS = {
    "mutual_information": {"n": 8},
    "boruta": {"rounds": 6, "trees": 10, "p": 0.9, "undecided": "keep"},
    "survival_forest_importance": {"n": 8, "trees": 20, "node_size": 8},
    "univariable_multivariable": {"p": 0.01, "p_multivariable": 0.8},
    "stability": {"halves": 6, "threshold": 0.6, "selector": {"kind": "univariable", "n": 30}},
}
"""Settings that leave of noise what goes with the outcome, where those of the pairs do not."""
AFTER = {"lasso": 20, "elastic_net": 20, "boruta": 20, "stepwise": 8}
"""Selectors that a univariable choice of so many columns stands before, as in most papers.

It leaves the first three something to find, and stepwise regression fewer columns than rows.
"""


def chain_of(selector):
    """Return the chain that stands for a selector."""
    spec = of.selector_of(selector)
    if selector in SETTINGS:
        spec = SELECTORS[selector](**SETTINGS[selector])
    before = [SELECTORS["univariable"](n=AFTER[selector])] if selector in AFTER else []
    return [*before, spec]


@cache
def draw_of(seed, kind, columns=FEW):
    """Return inputs with a second reading, outcomes that mean nothing, and the folds."""
    table, targets = cohort(n=N, p=columns, signal=0.0, seed=1000 + seed)
    y = targets[kind]
    again = table.filter(like="t1__")
    error = np.random.default_rng(seed).normal(scale=0.15, size=again.shape)
    again = again + error * np.arange(columns)  # the later a column, the less the readings agree
    plan = plan_of(y, folds=FOLDS, inner=INNER, seed=seed)
    groups = np.asarray(table.index, dtype=str)
    return Inputs(table, groups, CLINICAL, {}, {"r2": again}), y, Plan(plan.resamples)


def draw_for(selector, kind, seed):
    """Return the draw that a selector chooses from."""
    return draw_of(seed, kind, FEW if selector in {of.NONE, *of.BLIND} else MANY)


@cache
def chains_of(selector, kind, seed, inner):
    """Return what a selector leaves each fold of a draw; None for no selection."""
    if selector == of.NONE:
        return None
    draw = draw_for(selector, kind, seed)
    return chosen({"all": run_chains(chain_of(selector), *draw, seed, inner=inner)})


def predictions(spec, selector, kind, seed):
    """Return outcomes, and the scores and risks that each fold gives the rows it leaves out."""
    inputs, y, plan = draw_for(selector, kind, seed)
    spec = of.behind(spec, selector)
    inner = of.settles(spec, kind)
    chains = chains_of(selector, kind, seed, inner)
    if "selection" not in type(spec).model_fields:
        inputs, chains = inputs_of(table_for(spec, inputs.static)), None
    fits = [
        fit_scope("m", spec, inputs, y, scope, seed, chains, inner=inner)[0]
        for scope in plan.scopes
    ]
    order = np.argsort(np.concatenate([fit.scope.test for fit in fits]))
    score, risk = (
        np.vstack([getattr(fit, part) for fit in fits])[order]
        for part in ("test_score", "test_risk")
    )
    return y, score, risk


def rankings(
    selector: str, models: Sequence[str], kind: str, seed: int, tuned: bool = False
) -> list[float]:
    """Return the cross-validated AUC of each model behind a selector, on one draw of noise."""
    found = (predictions(of.model_of(m, tuned), selector, kind, seed) for m in models)
    return [ranking(y, score) for y, score, _ in found]


def brier_excess(spec, selector, seed) -> float:
    """Return by how much a model's risks are worse than everyone's getting the prevalence.

    That is the difference of the Brier scores of binary noise. Risks that were calibrated on rows
    which took part in their fit are too bold.
    """
    y, _, risk = predictions(spec, selector, "binary", seed)
    return float(np.mean((risk[:, 0] - y) ** 2) - np.var(y))


def row(selector: str, kind: str, draws: int, tuned: bool) -> pd.Series:
    """Return the mean of the draws for each model that a selector may stand before.

    A fusion of classes is left out: it takes the columns of fitted models.
    """
    models = [m for s, m in of.pairs(kind) if s == selector and not missing(m)]
    models = [m for m in models if m != "fusion" or kind not in target.CLASSES]
    with threadpool_limits(1):
        found = [rankings(selector, models, kind, seed, tuned) for seed in range(draws)]
    return pd.Series(np.mean(found, axis=0), index=models, name=selector)


def beyond(found: pd.Series) -> pd.Series:
    """Return which pairs of a row are not at chance; nor is one that has no mean."""
    return ~((found - 0.5).abs() <= WIDTH)


def shown(found: pd.Series) -> pd.Series:
    """Return the means of a row as text, those that are not at chance with a star."""
    return found.map("{:.3f}".format) + beyond(found).map({True: "*", False: ""})


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.noise", description=__doc__)
    parser.add_argument("--kind", choices=of.KINDS, default="binary", help="kind of endpoint")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--tuned", action="store_true", help="tune inside, on the default grids")
    parser.add_argument("--out", type=Path, default=Path("noise.csv"), help="csv to write")
    asked = parser.parse_args()
    began, rows = time.perf_counter(), []
    for name in dict.fromkeys([*of.selectors(asked.kind), *of.models(asked.kind)]):
        if absent := name != of.NONE and missing(name):
            print(f"{name} is not tried: {', '.join(absent)} is not installed")
    names = [s for s in of.selectors(asked.kind) if s == of.NONE or not missing(s)]
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
    models = of.models(asked.kind)
    pd.DataFrame(rows).reindex(columns=models).round(4).to_csv(asked.out, index_label="selector")
    text = pd.DataFrame([shown(found) for found in rows]).reindex(columns=models).fillna("-")
    print(text.T.to_string())
    wrong = sum(int(beyond(found).sum()) for found in rows)
    print(
        f"{asked.kind}: {sum(map(len, rows))} pairs of {asked.draws} draws, {wrong} beyond "
        f"0.5 +- {WIDTH} (*), {time.perf_counter() - began:.0f} s; written to {asked.out}"
    )
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
