"""stats, car, caret: univariable tests of every feature, and those that repeat another."""

from typing import Any

import numpy as np

from radpipe.selection.correlation import absolute_correlation
from radpipe.stats import screening
from radpipe.stats.correlation_filter import find_correlation
from radpipe.stats.p_values import p_adjust
from tests.golden.case import Case

WORDS = {"Mann": "mann_whitney", "Stud": "student", "Welc": "welch"}
CUTOFF = 0.8


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    y = frame.pop("label").to_numpy()
    X, names = frame.to_numpy(float), list(frame.columns)
    ranks, auto = screening.mann_whitney(X, y, exact=False), screening.automatic(X, y, exact=False)
    columns = {
        "shapiro_p0": screening.shapiro(X[y == 0]),
        "shapiro_p1": screening.shapiro(X[y == 1]),
        "levene_median_p": screening.levene(X, y).p,
        "t_student_p": screening.t_test(X, y, equal_variances=True).p,
        "t_welch_p": screening.t_test(X, y).p,
        "mwu_p_continuity": ranks.p,
        "auc": ranks.statistic / ((y == 1).sum() * (y == 0).sum()),
    }
    adjusted = p_adjust(ranks.p, "BH")
    removed = {}
    for rule in case.names("caret_findCorrelation_removed"):
        method, cutoff, how = rule.split("_")
        r = absolute_correlation(X, method)
        dropped = find_correlation(r, float(cutoff), how == "exact")
        removed[rule] = sorted(names[j] for j in dropped)
    size = np.triu(absolute_correlation(X), 1)
    return {
        "per_feature": {n: {k: v[j] for k, v in columns.items()} for j, n in enumerate(names)},
        "auto_rule": {
            "p": dict(zip(names, auto.p, strict=True)),
            "test": {n: WORDS[m[:4]] for n, m in zip(names, auto.method, strict=True)},
            "n_p_lt_0.05": (auto.p < 0.05).sum(),
            "n_bh_lt_0.05": (p_adjust(auto.p, "BH") < 0.05).sum(),
            "n_bonferroni_lt_0.05": (p_adjust(auto.p, "bonferroni") < 0.05).sum(),
        },
        "n_mwu_lt_0.05": (ranks.p < 0.05).sum(),
        "mwu_bh": dict(zip(names, adjusted, strict=True)),
        "selected_mwu_bh_lt_0.05": [n for n, p in zip(names, adjusted, strict=True) if p < 0.05],
        "caret_findCorrelation_removed": removed,
        f"n_pairs_abs_r_gt_{CUTOFF}": (size > CUTOFF).sum(),
    }
