"""dcurves: decision curves at a horizon with a competing event."""

from typing import Any

from radpipe.stats import netbenefit as nb
from tests.golden.adaptors.dca_binary import leaves, reference
from tests.golden.case import Case

HORIZON = 1.5
THRESHOLDS = [0, 0.01, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5]


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    curves = {
        name: nb.net_benefit_competing(
            frame["ttcancer"], frame["event"], frame[name], HORIZON, THRESHOLDS
        )
        for name in case.names()
        if name in frame
    }
    share = next(iter(curves.values())).prevalence
    found: dict[str, Any] = {name: leaves(curve) for name, curve in curves.items()}
    counts = frame["event"].value_counts()
    found["events"] = {code: int(counts.get(int(code), 0)) for code in case.names("events")}
    return found | reference(share, THRESHOLDS, len(frame))
