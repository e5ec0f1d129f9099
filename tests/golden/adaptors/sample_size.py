"""pmsampsize, pROC::power.roc.test, power.t.test, power.prop.test, Schoenfeld's formula.

The parameters stand in the names of the values; those of the survival and the continuous model
are the examples of pmsampsize.
"""

import re
from typing import Any

from radpipe.stats import power
from radpipe.stats.anticipated_r2 import r2_from_c
from radpipe.stats.sample_size import (
    Criterion,
    SampleSize,
    riley_binary,
    riley_continuous,
    riley_survival,
)
from tests.golden.case import Case


def printed(c: Criterion, continuous: bool) -> dict[str, float]:
    """Return a row with the digits that pmsampsize leaves."""
    row = {"Samp_size": c.n, "Shrinkage": round(c.shrinkage, 3), "Parameter": c.parameters}
    if continuous:
        return row | {"Rsq": c.r2, "SPP": round(c.per_parameter, 2)}
    row |= {"CS_Rsq": round(c.r2, 4), "Max_Rsq": round(c.max_r2, 3)}
    return row | {"Nag_Rsq": round(c.nagelkerke, 3), "EPP": round(c.per_parameter, 2)}


def rows(found: SampleSize, names: list[str]) -> dict[str, Any]:
    """Return the criteria under R's names, some of which end in a star."""
    listed = [*found.criteria, found.final]
    continuous = "continuous" in found.method
    return {name: printed(c, continuous) for name, c in zip(names, listed, strict=True)}


def riley(name: str) -> SampleSize:
    if name == "pmsampsize_survival":
        return riley_survival(0.051, 30, rate=0.065, horizon=2, mean_followup=2.07)
    if name == "pmsampsize_continuous":
        return riley_continuous(0.9, 25, mean=1.9, sd=0.6)
    found = re.fullmatch(r"pmsampsize_binary_(r2|cstat)_([\d.]+)_p(\d+)_prev_([\d.]+)", name)
    if not found:
        raise ValueError(f"no call is known for {name}")
    kind, value, parameters, prevalence = found.groups()
    share = float(prevalence)
    r2 = float(value) if kind == "r2" else r2_from_c(float(value), share)
    return riley_binary(r2, int(parameters), share)


def single(name: str) -> Any:
    number = [float(x) for x in re.findall(r"\d+\.?\d*", name)]
    if name.startswith("roc_power_auc"):
        auc, percent, ratio = number
        with_event, without = power.roc_size(auc, percent / 100, ratio)
        return {"ncases": with_event, "ncontrols": without}
    if name.startswith("roc_power"):
        events, others, auc = number
        return power.roc_power(auc, int(events), int(others))
    if name.startswith("t_test"):
        return power.t_test_size(*number)
    if name.startswith("prop"):
        return power.proportions_size(*number)
    ratio, strength, one, other = number
    return power.schoenfeld_events(ratio, strength, one / (one + other))


def compute(case: Case) -> dict[str, Any]:
    return {
        name: rows(riley(name), case.names(name)) if name.startswith("pm") else single(name)
        for name in case.names()
    }
