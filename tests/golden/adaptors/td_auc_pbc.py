"""timeROC with competing risks: AUC_1 and AUC_2 with i.i.d. standard errors."""

from typing import Any

from radpipe.stats.competing_scores import auc_competing
from tests.golden.case import Case

TIMES = [1095, 1825, 2920]


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    found = {}
    for name in case.names():
        both = {
            key: [
                auc_competing(frame["time"], frame["status"], frame[name], h, controls=controls)
                for h in TIMES
            ]
            for key, controls in (("1", "event-free"), ("2", "without the event"))
        }
        found[name] = {
            "times": TIMES,
            "AUC_1_controls_event_free": [e.estimate for e in both["1"]],
            "AUC_2_controls_event_free_or_competing": [e.estimate for e in both["2"]],
            "se_1": [e.se for e in both["1"]],
            "se_2": [e.se for e in both["2"]],
        }
    return found
