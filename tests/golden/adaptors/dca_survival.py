"""dcurves: decision curves at a horizon."""

from typing import Any

from radpipe.stats import netbenefit as nb
from tests.golden.adaptors.dca_binary import leaves, reference
from tests.golden.case import Case

HORIZON = 1.5
THRESHOLDS = [0, 0.01, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5]


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    curves = {
        name: nb.net_benefit_survival(
            frame["ttcancer"], frame["cancer"], frame[name], HORIZON, THRESHOLDS
        )
        for name in case.names()
        if name in frame
    }
    share = next(iter(curves.values())).prevalence
    found = {name: leaves(curve, avoided=True) for name, curve in curves.items()}
    return found | reference(share, THRESHOLDS, len(frame), avoided=True)
