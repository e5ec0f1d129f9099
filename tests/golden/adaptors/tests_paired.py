"""stats, coin, exactRankTests: tests of pairs."""

from typing import Any

import numpy as np

from radpipe.stats import effect_sizes, hodges_lehmann, signed_ranks, t_tests
from tests.golden.case import Case, interval


def compute(case: Case) -> dict[str, Any]:
    found = {}
    for name, part in case.table().groupby("set"):
        x, y = part["x"].to_numpy(float), part["y"].to_numpy(float)
        t, ranks = t_tests.paired_t_test(x, y), signed_ranks.signed_ranks(x, y)
        exact = signed_ranks.wilcoxon(x, y, exact=True)
        smooth = signed_ranks.wilcoxon(x, y, exact=False)
        plain = signed_ranks.wilcoxon(x, y, exact=False, continuity=False)
        pratt = signed_ranks.wilcoxon(x, y, exact=False, continuity=False, zeros="pratt")
        # wilcox.test has no exact p with ties or zeros
        counted = not ranks.ties and ranks.zeros == 0
        found[str(name)] = {
            "n": t.n,
            "mean_diff": t.estimate,
            "sd_diff": t.se * np.sqrt(t.n),
            "t": t.statistic,
            "df": t.df,
            "p_t": t.p,
            "ci95": interval(t),
            "cohen_dz": effect_sizes.cohens_dz(x, y).estimate,
            "W_plus": ranks.plus,
            "W_minus": ranks.minus,
            "n_nonzero": ranks.ranks.size,
            "p_asymptotic_continuity": smooth.p,
            "p_asymptotic_no_continuity": plain.p,
            "p_exact_no_ties": exact.p if counted else None,
            "p_exact_conditional": exact.p,
            "p_pratt_asymptotic": pratt.p,
            "hodges_lehmann": hodges_lehmann.pseudomedian(x, y, exact=False).estimate,
            "rank_biserial": ranks.rank_biserial,
            "sign_test_p": signed_ranks.sign_test(x, y).p,
        }
    return found
