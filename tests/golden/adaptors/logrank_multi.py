"""survival::survdiff with four groups, survminer::pairwise_survdiff, trend over three groups."""

from typing import Any

import numpy as np

from radpipe.stats import logrank
from tests.golden.case import Case


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    t, d = frame["time"].to_numpy(float), frame["status"].to_numpy()
    g = frame["celltype"].to_numpy()
    test = logrank.log_rank(t, d, g)
    third = np.digitize(frame["karno"], [50, np.nextafter(70, 100)])  # below 50, 50-70, above 70
    karno = logrank.log_rank(t, d, third)
    trend = logrank.trend(karno, [1, 2, 3])
    peto = logrank.log_rank(t, d, g, "peto")
    return {
        "celltype": {
            "groups": list(test.groups),
            "n": test.n,
            "observed": test.observed,
            "expected": test.expected,
            "chisq": test.statistic,
            "df": test.df,
            "p": test.p,
        },
        "pairwise": {
            how: {f"{b}|{a}": p for (a, b), p in logrank.pairwise(t, d, g, how).items()}
            for how in case.names("pairwise")
        },
        "trend_karno_3_groups": {
            "chisq_trend": trend.statistic,
            "p_trend": trend.p,
            "chisq_heterogeneity": karno.statistic,
            "observed": karno.observed,
            "expected": karno.expected,
        },
        "wilcoxon_peto_rho1": {"chisq": peto.statistic, "p": peto.p},
    }
