"""riskRegression::Score with competing risks."""

from typing import Any

import numpy as np

from radpipe.stats import competing_scores as cs
from tests.golden.case import Case


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    time, event = frame["time"], frame["event"]
    risks = {int(c.removeprefix("cif_")): frame[c] for c in frame if c.startswith("cif_")}
    aucs = [cs.auc_competing(time, event, risk, h) for h, risk in risks.items()]
    briers = [cs.brier_competing(time, event, risk, h) for h, risk in risks.items()]
    null = cs.null_risks_competing(time, event, list(risks))
    return {
        "times": list(risks),
        "auc": [e.estimate for e in aucs],
        "auc_se": [e.se for e in aucs],
        "brier": [e.estimate for e in briers],
        "brier_se": [e.se for e in briers],
        "ipa": [cs.ipa_competing(time, event, risk, h).estimate for h, risk in risks.items()],
        "null_brier": [
            cs.brier_competing(time, event, np.full(len(frame), p), h).estimate
            for h, p in zip(risks, null, strict=True)
        ],
    }
