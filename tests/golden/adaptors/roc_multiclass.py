"""pROC, multiROC: discrimination between several classes."""

from itertools import combinations
from typing import Any

from radpipe.stats.confusion import confusion, most_probable
from radpipe.stats.multiclass import multiclass_auc
from tests.golden.case import Case, interval


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    truth = frame.pop("type").to_numpy()
    classes, scores = list(frame.columns), frame.to_numpy(float)
    area = multiclass_auc(truth, scores, classes)
    calls = confusion(truth, most_probable(scores, classes), classes, zero_division=0.0)

    def named(values: Any) -> dict[str, Any]:
        return dict(zip(classes, values, strict=True))

    return {
        "classes": classes,
        "hand_till_auc": area.hand_till,
        "hand_till_from_pairs": area.hand_till,
        "pairwise": {
            f"{a}|{b}": area.pairwise[classes.index(a), classes.index(b)]
            for a, b in combinations(classes, 2)
        },
        "ovr_auc": named(e.estimate for e in area.one_vs_rest),
        "ovr_delong_ci95": named(interval(e) for e in area.one_vs_rest),
        "macro_ovr_auc_mean": area.macro,
        "weighted_ovr_auc": area.weighted,
        "micro_auc": area.micro.estimate,
        "multiROC_micro": area.micro.estimate,
        "multiROC_macro_area_under_mean_curve": area.macro_curve_area,
        "confusion_rows_true_cols_pred": named(named(row) for row in calls.counts),
        "accuracy": calls.accuracy.estimate,
        "precision": named(calls.precision),
        "recall": named(calls.recall),
        "f1": named(calls.f1),
        "macro_f1": calls.macro_f1,
        "kappa": calls.kappa.estimate,
    }
