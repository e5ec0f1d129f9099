"""cmprsk: cuminc, Gray, crr and its predictions; survival: finegray, cause-specific coxph."""

from typing import Any

import numpy as np

from radpipe.stats.cox import fit_cox
from radpipe.stats.cumulative_incidence import cumulative_incidence
from radpipe.stats.fine_gray import fit_fine_gray, incidence_at
from radpipe.stats.gray import gray_test
from radpipe.stats.survival import kaplan_meier
from tests.golden.case import Case

TIMES = np.array([24.0, 60, 120, 180])
TERMS = ["age", "male", "hgb", "mspike"]
PATIENTS = np.array([[60, 0, 13, 1], [80, 1, 11, 2]], dtype=float)


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    t, event = frame["time"].to_numpy(float), frame["event"].to_numpy()
    male = frame["male"].to_numpy()
    X = frame[TERMS].to_numpy(float)
    found: dict[str, Any] = {
        "n": t.size,
        "events": {str(k): int((event == k).sum()) for k in np.unique(event)},
        "cif_all": {f"1|{c}": _curve(t, event, c) for c in (1, 2)},
        "cif_by_male_group_cause": {
            f"{g}|{c}": _curve(t[male == g], event[male == g], c) for c in (1, 2) for g in (0, 1)
        },
    }
    tests = {str(c): gray_test(t, event, male, c) for c in (1, 2)}
    found["gray_test"] = {
        "stat": {c: test.statistic for c, test in tests.items()},
        "p": {c: test.p for c, test in tests.items()},
        "df": tests["1"].df,
    }
    for cause in (1, 2):
        fit = fit_fine_gray(X, t, event, cause)
        found[f"finegray_cause{cause}"] = {
            "coef": _named(fit.coef),
            "se": _named(fit.se),
            "p": _named(fit.p),
            "shr": _named(np.exp(fit.coef)),
            "shr_ci95": _named(np.exp(np.column_stack([fit.lower, fit.upper]))),
            "loglik": fit.loglik,
            "loglik_null": fit.loglik_null,
        }
        cox = fit_cox(X, t, event == cause)
        found[f"cause_specific_{cause}"] = {"coef": _named(cox.coef), "se": _named(cox.se)}
    found["finegray_predict_cif_2_patients_at_T"] = {
        "times": TIMES,
        "cif": incidence_at(fit_fine_gray(X, t, event), PATIENTS, TIMES),
    }
    weighted = fit_fine_gray(X, t, event, variant="finegray", clustered=False)
    found["finegray_via_survival"] = {"coef": _named(weighted.coef), "se": _named(weighted.se)}
    jackknife = cumulative_incidence(t, event, variance="jackknife")
    found["aalen_johansen_cause1"] = {"cif": jackknife.at(TIMES), "se": jackknife.se_at(TIMES)}
    found["naive_1_minus_km_cause1_wrong"] = 1 - kaplan_meier(t, event == 1).at(TIMES)
    return found


def _curve(t: np.ndarray, event: np.ndarray, cause: int) -> dict[str, Any]:
    curve = cumulative_incidence(t, event, cause)
    return {"time": TIMES, "cif": curve.at(TIMES), "var": curve.se_at(TIMES) ** 2}


def _named(values: np.ndarray) -> dict[str, Any]:
    return dict(zip(TERMS, values, strict=True))
