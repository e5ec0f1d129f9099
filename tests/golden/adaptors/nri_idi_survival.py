"""nricens::nricens and survIDINRI::IDI.INF: reclassification at a horizon."""

from typing import Any

import numpy as np

from radpipe.stats.improvement_survival import improvement_of_models
from radpipe.stats.reclassification_survival import nri_survival
from tests.golden.adaptors.nri_idi_binary import nricens
from tests.golden.case import Case

HORIZON = 2000
CUTS = [0.2, 0.5]
SEED, REPEATS, PERTURBATIONS = 1, 1000, 500
DIGITS = 3  # to which survIDINRI prints


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    t, d = frame["time"].to_numpy(float), frame["status"].to_numpy()
    old, new = frame["p_old"].to_numpy(), frame["p_new"].to_numpy()
    both = (t, d, old, new, HORIZON, SEED)
    continuous = nri_survival(*both, repeats=REPEATS)
    base = frame[["age", "albumin"]].to_numpy(float)
    found = improvement_of_models(
        t,
        d,
        base,
        np.column_stack([base, np.log(frame["bili"])]),
        HORIZON,
        SEED,
        PERTURBATIONS,
    )
    measures = {
        "idi": found.idi,
        "cont_nri": found.nri,
        "median_improvement": found.median,
    }
    return {
        "t0": HORIZON,
        "categorical_km": nricens(nri_survival(*both, CUTS, repeats=REPEATS)),
        "categorical_ipw": nricens(nri_survival(*both, CUTS, estimator="ipw", repeats=0)),
        "continuous_km": nricens(continuous),
        "continuous_km_by_formula": {
            "nri": continuous.nri.estimate,
            "event": continuous.nri_event.estimate,
            "nonevent": continuous.nri_nonevent.estimate,
        },
        "survIDINRI": {
            name: {
                "est": round(m.estimate, DIGITS),
                "lower": round(m.lower, DIGITS),
                "upper": round(m.upper, DIGITS),
                "p": m.p,
            }
            for name, m in measures.items()
        },
    }
