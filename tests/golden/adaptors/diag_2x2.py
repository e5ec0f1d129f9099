"""stats, epiR: diagnostic accuracy from the four counts of a table."""

from typing import Any

import numpy as np

from radpipe.stats import proportions
from radpipe.stats.results import Estimate
from radpipe.stats.twobytwo import TwoByTwo, two_by_two
from tests.golden.case import Case, interval


def proportion(k: float, n: float) -> dict[str, Any]:
    return {
        "x": k,
        "n": n,
        "estimate": proportions.wilson(k, n).estimate,
        "clopper_pearson": interval(proportions.clopper_pearson(k, n)),
        "wilson": interval(proportions.wilson(k, n)),
        "wald": interval(proportions.wald(k, n)),
        "agresti_coull": interval(proportions.agresti_coull(k, n)),
    }


def shares(t: TwoByTwo) -> dict[str, Any]:
    return {
        "sensitivity": proportion(t.tp, t.tp + t.fn),
        "specificity": proportion(t.tn, t.tn + t.fp),
        "ppv": proportion(t.tp, t.tp + t.fp),
        "npv": proportion(t.tn, t.tn + t.fn),
        "accuracy": proportion(t.tp + t.tn, t.n),
    }


def row(e: Estimate) -> dict[str, float]:
    return {"est": e.estimate, "lower": e.lower, "upper": e.upper}


def both_limits(e: Estimate) -> list[float] | None:
    return None if np.isnan([e.lower, e.upper]).any() else interval(e)


def compute(case: Case) -> dict[str, Any]:
    found = {}
    for counts in case.table().itertuples():
        table = (counts.tp, counts.fp, counts.fn, counts.tn)
        t, exact = two_by_two(*table), two_by_two(*table, interval="clopper-pearson")
        without = proportions.complement
        found[counts.set] = {
            **shares(t),
            "prevalence": proportion(t.tp + t.fn, t.n),
            "lr_pos": t.lr_pos.estimate,
            "lr_pos_ci95_log": both_limits(t.lr_pos),
            "lr_neg": t.lr_neg.estimate,
            "lr_neg_ci95_log": both_limits(t.lr_neg),
            "dor": t.dor.estimate,
            "youden": t.youden,
            "f1": t.f1,
            "mcc": t.mcc,
            "balanced_accuracy": t.balanced_accuracy,
            "kappa": t.kappa,
            "epiR": {
                "ap": row(exact.called),
                "tp": row(exact.prevalence),
                "se": row(exact.sensitivity),
                "sp": row(exact.specificity),
                "diag.ac": row(exact.accuracy),
                "diag.or": row(exact.dor),
                "nndx": row(exact.number_needed),
                "youden": row(exact.youden_index),
                "pv.pos": row(exact.ppv),
                "pv.neg": row(exact.npv),
                "lr.pos": row(exact.lr_pos),
                "lr.neg": row(exact.lr_neg),
                "p.rout": row(without(exact.called)),
                "p.rin": row(exact.called),
                "p.tpdn": row(without(exact.specificity)),
                "p.tndp": row(without(exact.sensitivity)),
                "p.dntp": row(without(exact.ppv)),
                "p.dptn": row(without(exact.npv)),
            },
        }
    return found
