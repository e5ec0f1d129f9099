"""cor.test and DescTools::SpearmanRho on pairs of variables."""

from typing import Any

import numpy as np

from radpipe.stats import correlation
from tests.golden.case import Case, interval


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    found = {}
    for name in case.names():
        part = frame[frame["set"] == name]
        x, y = part["x"].to_numpy(float), part["y"].to_numpy(float)
        ties = np.unique(x).size < x.size or np.unique(y).size < y.size
        r, rho = correlation.pearson(x, y), correlation.spearman(x, y)
        plain = correlation.spearman(x, y, interval="fisher")
        fieller = correlation.spearman(x, y, interval="fieller")
        tau = correlation.kendall(x, y, exact=False)
        found[name] = {
            "n": r.n,
            "pearson": {"r": r.estimate, "ci95": interval(r), "t": r.statistic, "p": r.p},
            "spearman": {
                "rho": rho.estimate,
                "p_t_approx": rho.p,
                "p_exact_no_ties": None if ties else correlation.spearman(x, y, exact=True).p,
                "ci95_fisher_z_se_1_over_sqrt_n3": interval(plain),
                "ci95_bonett_wright": interval(rho),
                "ci95_fieller_1.06": interval(fieller),
                "DescTools_ci95": interval(plain),
            },
            "kendall": {
                "tau_b": tau.estimate,
                "p_asymptotic": tau.p,
                "p_exact_no_ties": None if ties else correlation.kendall(x, y, exact=True).p,
            },
        }
    return found
