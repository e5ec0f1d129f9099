"""survival::survfit: small curves with every kind of interval."""

from typing import Any

from radpipe.stats import survival
from tests.golden.case import Case

CONF = {"loglog": "log-log"}
"""Those that R names otherwise."""


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    found: dict[str, Any] = {}
    for name in case.names():
        part = frame[frame["set"] == name]
        found[name] = {}
        for key in case.names(name):
            km = survival.kaplan_meier(part["time"], part["status"], CONF.get(key, key))
            found[name][key] = {
                "time": km.times,
                "n_risk": km.at_risk,
                "n_event": km.events,
                "n_censor": km.censored,
                "surv": km.survival,
                "lower": km.lower,
                "upper": km.upper,
                "median": km.median.estimate,
                "median_lower": km.median.lower,
                "median_upper": km.median.upper,
            }
    return found
