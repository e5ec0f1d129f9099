"""Whether models are better than a control: paired differences of the headline metric.

They are of the out-of-fold predictions of the same training cases; held-out cases are not asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from radpipe.core.target import CLASSES
from radpipe.evaluation.classes import Several
from radpipe.evaluation.compare import compare
from radpipe.evaluation.headline_metric import HEADLINE
from radpipe.evaluation.metrics import METRIC_COLUMNS
from radpipe.evaluation.spread import SCHEME, central, each_split, method
from radpipe.evaluation.table import slices
from radpipe.stats.mean_auc import macro_auc_paired
from radpipe.stats.results import NAN, Estimate

BEYOND_VOLUME = "beyond_volume"
"""The metric of the table of metrics that says how much better than volume alone a model is."""


def beyond_volume(
    predictions: pd.DataFrame,
    outcomes: pd.DataFrame,
    endpoint: Mapping[str, Any],
    models: Sequence[str],
    control: str,
) -> pd.DataFrame:
    """Return rows of the table of metrics: how much better than volume alone each model is.

    Parameters as for `against`; ``control`` is the model of the volume alone.
    """
    known = outcomes.set_index("case")["group"]
    rows = []
    for model, e in against(predictions, outcomes, endpoint, models, control).items():
        own = predictions[(predictions["model"] == model) & (predictions["kind"] == "out-of-fold")]
        rows.append(
            {
                **dict.fromkeys(METRIC_COLUMNS, np.nan),
                "model": model,
                "split": "resampled",
                "metric": BEYOND_VOLUME,
                "class": "",
                "estimate": e.estimate,
                "lower": e.lower,
                "upper": e.upper,
                "se": e.se,
                "method": e.method,
                "n": e.n,
                "patients": known.loc[own["case"].unique()].nunique(),
                "events": -1,
                "repeats": own["repeat"].nunique(),
                "note": e.note,
            }
        )
    return pd.DataFrame(rows, columns=list(METRIC_COLUMNS))


def against(
    predictions: pd.DataFrame,
    outcomes: pd.DataFrame,
    endpoint: Mapping[str, Any],
    models: Sequence[str],
    control: str,
    level: float = 0.95,
) -> dict[str, Estimate]:
    """Return how much better each model is than a control, out-of-fold.

    Parameters
    ----------
    predictions, outcomes, endpoint
        As for `radpipe.evaluation.metrics.metrics`.
    models : sequence of str
        Models to compare.
    control : str
        The model that they are compared with.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    dict of str to Estimate
        Model -> its headline metric minus the control's. Of repeated random splits the median
        over splits, between the limits of their central share.
    """
    rows = predictions[predictions["kind"] == "out-of-fold"]
    endpoint = {**endpoint, "horizons": []}  # the headline metric has none
    found = {}
    for model in models:
        both = rows[rows["model"].isin([model, control])]
        duel = _Duel(outcomes, endpoint, model, control, level)
        of = duel.over_splits if endpoint.get("resampling") == SCHEME else duel.difference
        found[model] = of(both)
    return found


@dataclass(frozen=True)
class _Duel:
    """A model against the control, on the out-of-fold predictions of both."""

    outcomes: pd.DataFrame
    endpoint: Mapping[str, Any]
    model: str
    control: str
    level: float

    def over_splits(self, rows: pd.DataFrame) -> Estimate:
        """Return the middle and the central share of the differences of repeated splits."""
        parts = [self.difference(split) for split in each_split(rows)]
        values = np.array([part.estimate for part in parts])
        known = np.isfinite(values).any()
        low, middle, high = central(values, self.level)
        n = round(float(np.mean([part.n for part in parts]))) if known else 0
        note = "" if known else "undefined in every split"
        words = method(len(values), self.level)
        return Estimate(middle, low, high, words, n, level=self.level, note=note)

    def difference(self, rows: pd.DataFrame) -> Estimate:
        """Return the difference of the headline metric on the same cases."""
        level, there = self.level, set(rows["model"])
        if there != {self.model, self.control}:
            missing = ", ".join(sorted({self.model, self.control} - there))
            return Estimate(NAN, NAN, NAN, "", 0, level=level, note=f"no predictions of {missing}")
        kind = self.endpoint["kind"]
        if kind in CLASSES:
            return self._macro(rows)
        pairs = [(self.model, self.control)]
        table = compare(rows, self.outcomes, self.endpoint, pairs, level)
        row = table[table["metric"] == HEADLINE[kind].name].iloc[0]
        return Estimate(
            float(row["difference"]),
            float(row["lower"]),
            float(row["upper"]),
            str(row["method"]),
            int(row["n"]),
            float(row["se"]),
            level,
            note=str(row["note"]),
        )

    def _macro(self, rows: pd.DataFrame) -> Estimate:
        parts = slices(rows, self.outcomes, self.endpoint)
        one, other = (
            Several([p for p in parts if p.model == name]) for name in (self.model, self.control)
        )
        place = {case: i for i, case in enumerate(other.parts[0].case)}
        case = one.parts[0].case
        mine = [i for i, name in enumerate(case) if name in place]
        theirs = [place[case[i]] for i in mine]
        group = None if one.group is None else one.group[mine]
        return macro_auc_paired(
            one.present[mine], one.pooled[mine], other.pooled[theirs], self.level, group
        )
