"""cutpointr, pROC: cut-offs by several criteria.

Of thresholds that tie cutpointr takes the median, which need not be an observed value.
"""

import re
from typing import Any

import numpy as np

from radpipe.stats import cutoffs
from radpipe.stats.twobytwo import counted
from tests.golden.case import Case

CHOICES = {
    "youden": cutoffs.youden_cutoff,
    "accuracy": cutoffs.accuracy_cutoff,
    "f1": cutoffs.f1_cutoff,
    "product_sens_spec": cutoffs.product_cutoff,
    "equal_sens_spec": cutoffs.equal_cutoff,
}


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    y = frame.pop("y").to_numpy()
    x = frame.iloc[:, 0].to_numpy(float)
    found = {}
    for key in case.names():
        costs = re.fullmatch(r"cost_fn([\d.]+)_fp([\d.]+)", key)
        weighted = re.fullmatch(r"youden_weighted_cost([\d.]+)_prev_pROC", key)
        if key in CHOICES:
            found[key] = _cutpointr(y, x, CHOICES[key](y, x, ties="median"))
        elif costs:
            missed, alarm = map(float, costs.groups())
            best = cutoffs.cost_cutoff(y, x, missed, alarm, ties="median")
            found[key] = {**_cutpointr(y, x, best), "cost": -best.best}
        elif weighted:
            ratio = float(weighted[1])
            found[key] = _proc(cutoffs.youden_cutoff(y, x, cost_ratio=ratio, prevalence=y.mean()))
        elif key == "closest_topleft_pROC":
            found[key] = _proc(cutoffs.closest_cutoff(y, x))
    return found


def _cutpointr(y: np.ndarray, x: np.ndarray, best: cutoffs.Cutoff) -> dict[str, float]:
    return {
        "cut": best.threshold,
        "sens": best.sensitivity,
        "spec": best.specificity,
        "acc": counted(y, x >= best.threshold).accuracy.estimate,
    }


def _proc(best: cutoffs.Cutoff) -> dict[str, float]:
    return {
        "threshold": best.threshold_midpoint,
        "sensitivity": best.sensitivity,
        "specificity": best.specificity,
    }
