"""pROC: one ROC curve with its area, intervals, partial areas, cut-offs and points."""

from typing import Any

import numpy as np

from radpipe.stats import roc
from radpipe.stats.group_tests import mann_whitney
from radpipe.stats.twobytwo import counted
from tests.golden.adaptors.diag_2x2 import shares
from tests.golden.case import Case, interval

FOCUS = {"spec": "specificity", "sens": "sensitivity"}


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    y = (frame["outcome"] == "Poor").astype(int).to_numpy()
    return {name: _marker(case, name, y, frame[name].to_numpy(float)) for name in case.names()}


def _marker(case: Case, name: str, y: np.ndarray, x: np.ndarray) -> dict[str, Any]:
    area, curve, half = roc.delong(y, x), roc.curve(y, x), roc.delong_against(y, x, 0.5)
    ranks = mann_whitney(x[y == 1], x[y == 0], exact=False, continuity=False)
    drawn = roc.bootstrap_auc(y, x, roc.BootstrapPlan(replicates=2000, seed=42))
    best, corner = roc.youden_cutoff(y, x), roc.closest_cutoff(y, x)
    table = counted(y, x >= best.threshold)
    found = {
        "n_cases": area.events,
        "n_controls": area.n - area.events,
        "auc": area.estimate,
        "delong_var": area.se**2,
        "delong_se": area.se,
        "delong_ci95": interval(area),
        "delong_ci90": interval(roc.delong(y, x, level=0.9)),
        "logit_delong_ci95": interval(roc.delong(y, x, scale="logit")),
        "hanley_mcneil_se": roc.hanley_mcneil(y, x).se,
        "z_vs_half": half.statistic,
        "p_vs_half_delong": half.p,
        "p_vs_half_mannwhitney_asymptotic_nocorrect": ranks.p,
        "bootstrap_percentile_ci95": interval(drawn.interval),
        "bootstrap_median": drawn.median,
        "youden": {
            "threshold": best.threshold_midpoint,
            "smallest_case_value_called_positive": best.threshold,
            "sensitivity": table.sensitivity.estimate,
            "specificity": table.specificity.estimate,
            "ppv": table.ppv.estimate,
            "npv": table.npv.estimate,
            "accuracy": table.accuracy.estimate,
            "youden_j": table.youden,
            "n_best": best.optima,
            **{k: getattr(table, k) for k in ("tp", "tn", "fp", "fn")},
        },
        "youden_ci": shares(table),
        "closest_topleft": {
            "threshold": corner.threshold_midpoint,
            "sensitivity": corner.sensitivity,
            "specificity": corner.specificity,
        },
        "sens_at_spec": {
            key: roc.sensitivity_at(curve, float(key)) for key in case.names(name, "sens_at_spec")
        },
        "spec_at_sens": {
            key: roc.specificity_at(curve, float(key)) for key in case.names(name, "spec_at_sens")
        },
        "roc_points": [
            {
                "threshold": curve.threshold_midpoint[i],
                "sensitivity": curve.tpr[i],
                "specificity": 1 - curve.fpr[i],
                "tp": curve.tp[i],
                "fp": curve.fp[i],
            }
            for i in reversed(range(curve.tp.size))
        ],
    }
    for key in case.names(name):
        if key.startswith("partial_auc_"):
            focus, limit, upper = key.split("_")[2:]
            part = roc.partial_auc(y, x, float(limit), FOCUS[focus], float(upper))
            found[key] = {"raw": part.raw, "mcclish_corrected": part.corrected}
    return found
