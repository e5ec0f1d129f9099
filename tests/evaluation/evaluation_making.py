"""Small predictions and outcomes tables for the tests of evaluation."""

import numpy as np
import pandas as pd

BINARY = {"kind": "binary", "label": "event", "time_unit": None, "horizons": []}
SURVIVAL = {"kind": "survival", "label": "event", "time_unit": "days", "horizons": [1.0, 2.0]}


def binary_tables(n=60, repeats=4, folds=5, per_patient=1, held_out=30, seed=1, models=("a", "b")):
    """Two models over resampled, internal and apparent rows; model b is noise."""
    rng = np.random.default_rng(seed)
    total = n + held_out
    y = (rng.random(total) < 0.4).astype(int)
    case = np.array([f"P{i:03d}" for i in range(total)], dtype=object)
    group = np.array([f"G{i // per_patient:03d}" for i in range(total)], dtype=object)
    split = np.where(np.arange(total) < n, "train", "internal").astype(object)
    outcomes = pd.DataFrame({"case": case, "group": group, "cohort": "main", "split": split})
    outcomes["y"] = y
    parts = []
    for k, model in enumerate(models):
        strength = 1.5 if k == 0 else 0.0

        def block(rows, kind, repeat, model=model, strength=strength):
            score = strength * (y[rows] - 0.4) + rng.normal(size=rows.size)
            fold = rows % folds if kind == "out-of-fold" else np.zeros(rows.size, int)
            return pd.DataFrame(
                {
                    "format": 1,
                    "case": case[rows],
                    "group": group[rows],
                    "cohort": "main",
                    "split": split[rows],
                    "repeat": repeat,
                    "fold": fold,
                    "model": model,
                    "class": "",
                    "horizon": np.nan,
                    "score": score,
                    "risk": 1 / (1 + np.exp(-score)),
                    "cutoff": 0.1 * fold,
                    "kind": kind,
                }
            )

        train, test = np.arange(n), np.arange(n, total)
        parts += [block(train, "out-of-fold", r) for r in range(repeats)]
        parts.append(block(train, "apparent", 0))
        if held_out:
            parts.append(block(test, "held-out", 0))
    predictions = pd.concat(parts, ignore_index=True)
    predictions.loc[predictions["kind"] == "out-of-fold", "split"] = "resampled"
    return predictions, outcomes


def survival_tables(seed=2, **options):
    """The same with exponential times and two horizons."""
    predictions, outcomes = binary_tables(seed=seed, **options)
    rng = np.random.default_rng(seed + 1)
    hazard = np.where(outcomes["y"] == 1, 1.0, 0.3)
    time = rng.exponential(1 / hazard)
    censored = rng.uniform(0.5, 4, size=time.size)
    outcomes = outcomes.drop(columns="y").assign(
        time=np.minimum(time, censored), event=(time <= censored).astype(int)
    )
    both = [predictions.assign(horizon=h, risk=predictions["risk"] * h / 2) for h in (1.0, 2.0)]
    return pd.concat(both, ignore_index=True), outcomes
