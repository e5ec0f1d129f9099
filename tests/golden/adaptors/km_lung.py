"""survival: survfit with three kinds of interval, survdiff weighted and stratified."""

from typing import Any

import numpy as np

from radpipe.stats import logrank, survival
from radpipe.stats.rmst import restricted_mean
from tests.golden.case import Case, interval

CONF = {"log": "log", "loglog": "log-log", "plain": "plain"}
TIMES = np.array([90.0, 180, 365, 540, 730])


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    t, d = frame["time"].to_numpy(float), frame["status"].to_numpy()
    sex = frame["sex"].to_numpy()
    found: dict[str, Any] = {}
    for name in ("all", "male", "female"):
        own = np.full(t.size, True) if name == "all" else sex == name
        found[name] = _curve(t[own], d[own])
    order = np.where(sex == "male", 0, 1)
    plain = logrank.log_rank(t, d, order)
    ecog = frame["ph.ecog"].to_numpy()
    known = frame["ph.ecog"].notna().to_numpy()
    layered = logrank.log_rank(t[known], d[known], order[known], strata=ecog[known])
    found["logrank_sex"] = _table(plain)
    found["peto_peto_sex_rho1"] = _table(logrank.log_rank(t, d, order, "peto"))
    found["logrank_sex_strata_ecog"] = _table(layered)
    found["logrank_hr_pike_female_vs_male"] = logrank.hazard_ratio_pike(plain)
    found["gehan_breslow_sex"] = _short(logrank.log_rank(t, d, order, "gehan"))
    found["tarone_ware_sex"] = _short(logrank.log_rank(t, d, order, "tarone-ware"))
    found["logrank_check"] = _short(logrank.log_rank(t, d, order, "fleming-harrington"))
    return found


def _curve(t: np.ndarray, d: np.ndarray) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, conf in CONF.items():
        km = survival.kaplan_meier(t, d, conf)
        lower, upper = km.interval_at(TIMES)
        quartiles = [survival.quantile(km, p) for p in (0.5, 0.25, 0.75)]
        found[key] = {
            "time": TIMES,
            "surv": km.at(TIMES),
            "std_err_greenwood": km.se_at(TIMES),
            "lower": lower,
            "upper": upper,
            "n_risk": survival.at_risk(t, TIMES),
        }
        for name, e in zip(("median", "q25", "q75"), quartiles, strict=True):
            found[key] |= {name: e.estimate, f"{name}_ci95": interval(e)}
    mean = restricted_mean(km, float(t.max()))
    follow = survival.follow_up(t, d)
    hazard = km.hazard_at(TIMES)
    return found | {
        "n": km.n,
        "events": km.n_events,
        "rmean_to_max": {"rmean": mean.estimate, "se": mean.se, "tau": t.max()},
        "followup_median_reverse_km": follow.estimate,
        "followup_reverse_km_ci95_loglog": interval(follow),
        "cumhaz_nelson_aalen": hazard,
        "fleming_harrington_surv": np.exp(-hazard),
    }


def _short(test: logrank.LogRank) -> dict[str, Any]:
    return {"chisq": test.statistic, "p": test.p}


def _table(test: logrank.LogRank) -> dict[str, Any]:
    counts = {"n": test.n, "observed": test.observed, "expected": test.expected, "df": test.df}
    return counts | _short(test)
