"""timeROC (marginal and Aalen weights), survivalROC (Kaplan-Meier, nearest neighbours), Uno."""

from typing import Any

import numpy as np

from radpipe.stats import ipcw, td_auc
from radpipe.stats import td_auc_alternatives as other
from tests.golden.case import Case, interval

TIMES = [365, 1095, 1825, 2920]
CUT_INDEX = [20, 60, 120, 200, 280]  # rows of timeROC's TP and FP, counted from 1


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    t, d = frame["time"].to_numpy(float), frame["status"].to_numpy()
    scores = {
        "lp": frame["lp"].to_numpy(),
        "bili": frame["bili"].to_numpy(float),
        "minus_albumin": -frame["albumin"].to_numpy(float),
    }
    found: dict[str, Any] = {}
    for name, x in scores.items():
        areas = [ipcw.auc_at(t, d, x, h) for h in TIMES]
        curves = [td_auc.roc_at(t, d, x, h) for h in TIMES]
        found[name] = {
            "times": TIMES,
            "auc": [e.estimate for e in areas],
            "se": [e.se for e in areas],
            "ci95": [interval(e) for e in areas],
            "cumulative_cases": [c.cases for c in curves],
            "survivors": [c.controls for c in curves],
            "censored": [c.censored for c in curves],
        }
    lp, bili = scores["lp"], scores["bili"]
    found["lp_weighting_aalen"] = [td_auc.roc_at(t, d, lp, h, "aalen").auc for h in TIMES]
    tests = [ipcw.auc_at_paired(t, d, lp, bili, h) for h in TIMES]
    found["compare_lp_vs_bili"] = {
        "p": [x.p for x in tests],
        "diff": [x.estimate for x in tests],
    }
    for key in case.names():
        if key.startswith("roc_points_lp_t"):
            curve = td_auc.roc_at(t, d, lp, int(key.removeprefix("roc_points_lp_t")))
            found[key] = {
                "cut_index": CUT_INDEX,
                "tp": [curve.tp[i - 1] for i in CUT_INDEX],
                "fp": [curve.fp[i - 1] for i in CUT_INDEX],
            }
    cut = float(np.median(lp))
    marks = [td_auc.accuracy_at(t, d, lp, cut, h) for h in TIMES]
    found["at_median_cut"] = {
        "cutpoint": cut,
        "TP": [m.sensitivity.estimate for m in marks],
        "one_minus_FP": [m.specificity.estimate for m in marks],
        "PPV": [m.ppv.estimate for m in marks],
        "NPV": [m.npv.estimate for m in marks],
    }
    found["survivalROC_KM"] = {
        name: [other.auc_heagerty_km(t, d, scores[name], h).estimate for h in TIMES]
        for name in case.names("survivalROC_KM")
    }
    found["survivalROC_NNE_span"] = {
        "span": 0.25 * t.size**-0.2,
        "lp": [other.auc_heagerty_nne(t, d, lp, h).estimate for h in TIMES],
    }
    found["uno_auc_survAUC"] = [other.auc_uno(t, d, lp, h).estimate for h in TIMES]
    return found
