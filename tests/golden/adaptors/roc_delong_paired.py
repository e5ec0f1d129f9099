"""pROC: AUCs of several markers on the same cases, by DeLong and by bootstrap."""

from typing import Any

from radpipe.stats import roc
from tests.golden.case import Case, interval


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    y = (frame["outcome"] == "Poor").astype(int).to_numpy()
    names = case.names("covariance")
    scores = frame[names].to_numpy(float)
    covariance = roc.delong_covariance(y, scores)
    test = roc.delong_global(y, scores)
    found: dict[str, Any] = {
        "covariance": {
            a: {b: covariance[i, j] for j, b in enumerate(names)} for i, a in enumerate(names)
        },
        "global_chi2": test.statistic,
        "global_df": test.df,
        "global_p": test.p,
    }
    for key in case.names("holm_p"):
        i, j = (names.index(name) for name in key.split("_vs_"))
        one, two = roc.delong(y, scores[:, i]), roc.delong(y, scores[:, j])
        pair = roc.delong_paired(y, scores[:, i], scores[:, j])
        plan = roc.BootstrapPlan(replicates=2000, seed=42)
        drawn = roc.bootstrap_paired(y, scores[:, i], scores[:, j], plan)
        found[key] = {
            "auc1": one.estimate,
            "auc2": two.estimate,
            "diff": pair.estimate,
            "var1": one.se**2,
            "var2": two.se**2,
            "cov": covariance[i, j],
            "se_diff": pair.se,
            "z": pair.statistic,
            "p": pair.p,
            "diff_ci95": interval(pair),
            "pkg_ci": interval(pair),
            "bootstrap_z": drawn.statistic,
            "bootstrap_p": drawn.p,
        }
    adjusted = {
        frozenset((names[pair.first], names[pair.second])): pair.p_adjusted
        for pair in roc.delong_pairs(y, scores, "holm")
    }
    found["holm_p"] = {k: adjusted[frozenset(k.split("_vs_"))] for k in case.names("holm_p")}
    return found
