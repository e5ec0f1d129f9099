"""rms: validate and calibrate of lrm."""

from typing import Any

import numpy as np

from radpipe.stats.performance import emax
from radpipe.stats.validate_logistic import calibrate_logistic, validate_logistic
from tests.golden.case import Case

INDEXES = {
    "Dxy": "dxy",
    "R2": "r2",
    "Intercept": "intercept",
    "Slope": "slope",
    "D": "d",
    "U": "u",
    "Q": "q",
    "B": "brier",
    "g": "g",
    "gp": "gp",
}
AT = np.linspace(0.1, 0.8, 8)


def design(frame: Any) -> Any:
    """Return the columns of lrm: levels as they first stand in R's factor, white first."""
    race = frame["race"]
    plain = frame[["age", "lwt", "smoke", "ptl", "ht", "ui"]].to_numpy(float)
    return np.column_stack([plain, race == "black", race == "other"])


def rows(found: Any) -> dict[str, dict[str, float]]:
    out = {}
    for name, own in INDEXES.items():
        index = found.of(own)
        out[name] = {
            "index.orig": index.apparent,
            "training": index.training,
            "test": index.test,
            "optimism": index.optimism,
            "index.corrected": index.corrected,
        }
    line = emax(out["Intercept"]["index.corrected"], out["Slope"]["index.corrected"])
    out["Emax"] = {"index.orig": 0.0, "training": 0.0}
    out["Emax"] |= dict.fromkeys(("test", "optimism", "index.corrected"), line)
    return out


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    X, y = design(frame), frame["low"].to_numpy()
    runs = [rows(validate_logistic(X, y, resamples=1000, seed=seed)) for seed in (1, 2, 3, 4)]
    mean = {
        name: {column: float(np.mean([run[name][column] for run in runs])) for column in row}
        for name, row in runs[0].items()
    }
    spread = {name: float(np.std([run[name]["optimism"] for run in runs], ddof=1)) for name in mean}
    curve = calibrate_logistic(X, y, AT, resamples=1000, seed=1)
    dxy, brier = mean["Dxy"], mean["B"]
    return {
        "mean_of_4_runs_B1000": mean,
        "optimism_sd_between_runs": spread,
        "c_apparent": (dxy["index.orig"] + 1) / 2,
        "c_optimism": dxy["optimism"] / 2,
        "c_corrected": (dxy["index.corrected"] + 1) / 2,
        "brier_apparent": brier["index.orig"],
        "brier_corrected": brier["index.corrected"],
        "slope_corrected": mean["Slope"]["index.corrected"],
        "intercept_corrected": mean["Intercept"]["index.corrected"],
        "c_632": validate_logistic(X, y, ".632", 1000, seed=1).of("c").corrected,
        "c_cv10_one_run": validate_logistic(X, y, "cross-validation", 10, 1).of("c").corrected,
        "calibrate": {"predy": AT, "apparent": curve.apparent, "corrected": curve.corrected},
    }
