"""dcurves and rmda: decision curves of binary risks."""

from typing import Any

from radpipe.stats import netbenefit as nb
from tests.golden.case import Case

THRESHOLDS = [0, 0.01, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.75, 0.9]
MARKER_THRESHOLDS = [0.05, 0.1, 0.2, 0.3]


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    y = frame["cancer"].to_numpy()
    share = float(y.mean())
    model = nb.net_benefit(y, frame["fitted_model"], THRESHOLDS)
    found: dict[str, Any] = {
        "cohort": {
            name: leaves(nb.net_benefit(y, frame[name], THRESHOLDS), avoided=True)
            for name in case.names("cohort")
            if name in frame
        }
        | reference(share, THRESHOLDS, y.size, avoided=True),
        "marker_as_probability": {
            "marker": leaves(
                nb.net_benefit(y, nb.risk_of_marker(y, frame["marker"]), MARKER_THRESHOLDS)
            )
        }
        | reference(share, MARKER_THRESHOLDS, y.size),
        "rmda": {
            "threshold": model.thresholds,
            "net_benefit": model.net_benefit,
            "standardised_net_benefit": model.standardised,
        },
        "prevalence": model.prevalence,
        "interventions_avoided_per_100_fitted_model": 100 * model.avoided,
        "clinical_impact_per_1000_fitted_model": {
            "threshold": model.thresholds,
            "high_risk": 1000 * (model.tp_rate + model.fp_rate),
            "high_risk_with_event": 1000 * model.tp_rate,
        },
    }
    for key in case.names():
        if key.startswith("case_control_prevalence_"):
            prevalence = float(key.rsplit("_", 1)[1])
            curve = nb.net_benefit(y, frame["fitted_model"], THRESHOLDS, prevalence)
            found[key] = {"fitted_model": leaves(curve)} | reference(prevalence, THRESHOLDS, y.size)
    return found


def reference(
    share: float, thresholds: list[float], n: int, avoided: bool = False
) -> dict[str, Any]:
    """Return the curves of treating all and none."""
    return {
        "all": leaves(nb.treat_all(share, thresholds, n), avoided),
        "none": leaves(nb.treat_none(share, thresholds, n), avoided),
    }


def leaves(curve: nb.NetBenefit, avoided: bool = False) -> dict[str, Any]:
    """Return a curve under dcurves' names.

    Threshold 0 has no interventions avoided: dcurves shows the quotient by 0, we none.
    """
    found: dict[str, Any] = {
        "threshold": curve.thresholds,
        "net_benefit": curve.net_benefit,
        "tp_rate": curve.tp_rate,
        "fp_rate": curve.fp_rate,
    }
    if avoided:
        found["net_intervention_avoided_per_patient"] = {
            i: value for i, value in enumerate(curve.avoided) if curve.thresholds[i] > 0
        }
    return found
