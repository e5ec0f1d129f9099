"""pROC: perfect, inverted, tied and tiny sets."""

from typing import Any

from radpipe.stats import roc
from tests.golden.case import Case, interval


def compute(case: Case) -> dict[str, Any]:
    found = {}
    for name, part in case.table().groupby("set", sort=False):
        y, x = part["y"].to_numpy(), part["x"].to_numpy(float)
        area, direction = roc.delong(y, x), roc.auto_direction(y, x)
        found[name] = {
            "auc_higher_is_positive": area.estimate,
            "delong_var": area.se**2,
            "delong_ci95": interval(area),
            "auto_direction": direction,
            "auc_auto_direction": area.estimate if direction == "<" else roc.auc(y, -x),
            "youden_all_optima": [
                {
                    "threshold": best.threshold_midpoint,
                    "sensitivity": best.sensitivity,
                    "specificity": best.specificity,
                    "youden": best.sensitivity + best.specificity,
                }
                for best in roc.youden_optima(y, x)
            ],
        }
    return found
