"""maxstat::maxstat.test and its p values, survminer::surv_cutpoint; log-rank and Cox at the cut."""

from typing import Any

import numpy as np
import pandas as pd

from radpipe.stats.cox import fit_cox
from radpipe.stats.logrank import log_rank
from radpipe.stats.maxstat import maxstat_test
from tests.golden.case import Case


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    return {name: _test(frame[frame["set"] == name]) for name in case.names()}


def _test(frame: pd.DataFrame) -> dict[str, Any]:
    known = frame.dropna()
    t, d, x = (known[name].to_numpy(float) for name in ("time", "status", "x"))
    exact = maxstat_test(t, d, x, "HL")
    plain = {how: maxstat_test(t, d, x, how) for how in ("Lau92", "Lau94", "condMC")}
    high = x > exact.cutpoint
    test = log_rank(t, d, high)
    cox = fit_cox(high.astype(float), t, d)
    below = int((frame["x"] <= exact.cutpoint).sum())  # R's table counts cases without a time too
    return {
        "n": len(frame),
        "cutpoint": exact.cutpoint,
        "max_abs_standardised_statistic": exact.statistic,
        "n_low_le_cut": below,
        "n_high": len(frame) - below,
        "p_HL": exact.p,
        **{f"p_{how}": found.p for how, found in plain.items()},
        "logrank_chisq_at_cut": test.statistic,
        "naive_logrank_p": test.p,
        "events_high": int(d[high].sum()),
        "hr_high_vs_low": np.nan if cox.monotone else float(np.exp(cox.coef[0])),
        "surv_cutpoint": plain["Lau92"].cutpoint,
        "candidate_cuts_first5": exact.cuts[:5],
        "stats_first5": exact.statistics[:5],
    }
