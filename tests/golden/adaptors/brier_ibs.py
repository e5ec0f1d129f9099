"""riskRegression::Score: Brier score, IPA, AUC, their differences, and the integrated Brier."""

from typing import Any

import numpy as np

from radpipe.stats import brier_survival as bs
from radpipe.stats import ipcw
from tests.golden.case import Case


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    time, event = frame["time"].to_numpy(float), frame["status"].to_numpy()
    times = [int(c.removeprefix("A_S")) for c in frame if c.startswith("A_S")]
    risks = {m: 1 - frame[[f"{m}_S{h}" for h in times]].to_numpy(float) for m in ("A", "B")}
    null = np.tile(bs.null_risks(time, event, times), (time.size, 1))
    found: dict[str, Any] = {"times": times}
    for model, p in risks.items():
        brier = over(ipcw.brier_at, time, event, p, times=times)
        auc = over(ipcw.auc_at, time, event, p, times=times)
        found[model] = {
            "brier": part(brier, "estimate"),
            "ipa": part(over(bs.ipa_at, time, event, p, times=times), "estimate"),
            "auc": part(auc, "estimate"),
            "auc_se": part(auc, "se"),
        }
        if model == "A":
            found[model] |= {
                "brier_se": part(brier, "se"),
                "brier_lower": part(brier, "lower"),
                "brier_upper": part(brier, "upper"),
                "auc_lower": part(auc, "lower"),
                "auc_upper": part(auc, "upper"),
            }
    null_brier = over(ipcw.brier_at, time, event, null, times=times)
    found["null_km_brier"] = part(null_brier, "estimate")
    for key, test in (("brier", ipcw.brier_at_paired), ("auc", ipcw.auc_at_paired)):
        tests = over(test, time, event, risks["B"], risks["A"], times=times)
        found[f"delta_{key}_B_minus_A"] = {
            "delta": part(tests, "estimate"),
            "se": part(tests, "se"),
            "p": part(tests, "p"),
        }
    everyone = risks | {"null": null}
    for key in case.names():
        if key.startswith("ibs_trapezoid_"):
            start, stop = (int(x) for x in key.split("_")[2:4])
            found[key] = {
                name: bs.integrated_brier(time, event, p, times, start, stop, "trapezoid").estimate
                for name, p in everyone.items()
            }
        if key.startswith("Score_IBS_at_"):
            stop = int(key.removeprefix("Score_IBS_at_"))
            found[key] = {
                {"null": "Null model"}.get(name, name): bs.integrated_brier(
                    time, event, p, times, 0, stop, "step"
                ).estimate
                for name, p in everyone.items()
            }
    return found


def over(measure: Any, time: Any, event: Any, *risks: Any, times: list[int]) -> list[Any]:
    """Return a measure at each horizon."""
    return [measure(time, event, *(p[:, i] for p in risks), h) for i, h in enumerate(times)]


def part(results: list[Any], name: str) -> list[float]:
    """Return one field of each result."""
    return [getattr(r, name) for r in results]
