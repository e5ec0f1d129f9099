"""survival, Hmisc, survC1 and survAUC: concordance of scores with survival."""

from typing import Any

import numpy as np

from radpipe.stats.concordance import harrell, harrell_covariance, harrell_paired
from radpipe.stats.concordance_censoring import gonen_heller, uno
from radpipe.stats.pairs import pair_counts
from tests.golden.case import Case, interval

SCORES = {"lp1": "lp1", "lp2_ordinal_ties": "lp2", "age": "age"}


def compute(case: Case) -> dict[str, Any]:
    frame, toy = case.table(), case.table("input_ties.csv")
    t, d = frame["time"].to_numpy(float), frame["status"].to_numpy()
    found: dict[str, Any] = {}
    for name, column in SCORES.items():
        e = harrell(t, d, frame[column])
        found[name] = {"c": e.estimate, "se": e.se, "ci95": interval(e)}
        found[name]["counts"] = _counts(t, d, frame[column])
    two = frame[["lp1", "lp2"]].to_numpy(float)
    test = harrell_paired(t, d, two[:, 0], two[:, 1])
    hmisc = {name: harrell(t, d, frame[name]) for name in ("lp1", "lp2")}
    tied = harrell(toy["time"], toy["status"], toy["x"])
    return found | {
        # Somers' Dxy is 2 C - 1, so its standard deviation is twice that of C
        "harrell_Hmisc": {k: [e.estimate, 2 * e.estimate - 1, 2 * e.se] for k, e in hmisc.items()},
        "compare_lp1_lp2": {
            "c": [e.estimate for e in hmisc.values()],
            "cov": harrell_covariance(t, d, two),
            "diff": test.estimate,
            "se_diff": test.se,
            "z": test.statistic,
            "p": test.p,
            "diff_ci95": interval(test),
        },
        **{
            family: {
                key: uno(t, d, frame["lp1"], _limit(key)).estimate for key in case.names(family)
            }
            for family in ("uno_survival_timewt_nG2", "uno_survC1", "uno_survAUC_UnoC")
        },
        "truncated_harrell_ymax_500": harrell(t, d, frame["lp1"], tau=500.0).estimate,
        "gonen_heller": gonen_heller(frame["lp1"]).estimate,
        "toy_ties": {
            "c": tied.estimate,
            "se": tied.se,
            "counts": _counts(toy["time"], toy["status"], toy["x"]),
            "hmisc": tied.estimate,
        },
    }


def _limit(key: str) -> float | None:
    """Return the time that a key such as ``lp1_tau500`` or ``lp1_ymax_500`` names."""
    digits = "".join(c for c in key.removeprefix("lp1") if c.isdigit())
    return float(digits) if digits else None


def _counts(t: Any, d: Any, x: Any) -> dict[str, float]:
    pairs = pair_counts(np.asarray(t, float), d, x)
    return {
        "concordant": pairs.concordant,
        "discordant": pairs.discordant,
        "tied.x": pairs.tied_x,
        "tied.y": pairs.tied_y,
        "tied.xy": pairs.tied_xy,
    }
