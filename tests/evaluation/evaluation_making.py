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
                    "cutoff_high": np.nan,
                    "draws": 1,
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


NAMES = ["normal", "grade 1", "grade 2", "grade 3", "grade 4"]


def class_endpoint(kind, k=3):
    return {"kind": kind, "label": "grade", "time_unit": "", "horizons": [], "classes": NAMES[:k]}


def class_tables(
    kind="multiclass", k=3, n=60, held_out=40, repeats=3, per_patient=1, seed=4, models=("a", "b")
):
    """The same for several classes or labels: one row a class; model b is noise."""
    rng = np.random.default_rng(seed)
    total = n + held_out
    case = np.array([f"P{i:03d}" for i in range(total)], dtype=object)
    group = np.array([f"G{i // per_patient:03d}" for i in range(total)], dtype=object)
    split = np.where(np.arange(total) < n, "train", "internal").astype(object)
    outcomes = pd.DataFrame({"case": case, "group": group, "cohort": "main", "split": split})
    if kind == "multilabel":
        present = rng.random((total, k)) < 0.4
        outcomes[[f"y.{name}" for name in NAMES[:k]]] = present.astype(int)
    else:
        codes = rng.integers(0, k, total)
        present = codes[:, None] == np.arange(k)
        outcomes["y"] = codes
    parts = []

    def block(rows, kind_of_rows, repeat, model):
        strength = 1.6 if model == models[0] else 0.0
        score = strength * present[rows] + rng.normal(size=(rows.size, k))
        if kind == "multilabel":
            risk = 1 / (1 + np.exp(-score + 0.8))
        else:
            risk = np.exp(score) / np.exp(score).sum(axis=1, keepdims=True)
        fold = rows % 5 if kind_of_rows == "out-of-fold" else np.zeros(rows.size, int)
        base = pd.DataFrame({"case": case[rows], "group": group[rows], "split": split[rows]})
        base = base.assign(format=1, cohort="main", repeat=repeat, fold=fold, model=model)
        base = base.assign(horizon=np.nan, cutoff=np.nan, kind=kind_of_rows)
        base = base.assign(cutoff_high=np.nan, draws=1)
        for i, name in enumerate(NAMES[:k]):
            own = base.assign(score=score[:, i], risk=risk[:, i])
            own["class"] = name
            parts.append(own)

    train, test = np.arange(n), np.arange(n, total)
    for model in models:
        for r in range(repeats):
            block(train, "out-of-fold", r, model)
        block(train, "apparent", 0, model)
        if held_out:
            block(test, "held-out", 0, model)
    predictions = pd.concat(parts, ignore_index=True)
    predictions.loc[predictions["kind"] == "out-of-fold", "split"] = "resampled"
    return predictions, outcomes


CONTINUOUS = {"kind": "continuous", "label": "density", "time_unit": "", "horizons": []}


def continuous_tables(per_patient=1, **options):
    """The same for a measured value; the score is the predicted one."""
    predictions, outcomes = binary_tables(per_patient=per_patient, **options)
    rng = np.random.default_rng(9)
    outcomes = outcomes.assign(y=2.0 * outcomes["y"] + rng.normal(size=len(outcomes)))
    true = outcomes.set_index("case")["y"].loc[predictions["case"]].to_numpy()
    score = np.where(predictions["model"] == "a", 0.7 * true, 0.0)
    score = score + 0.5 * rng.normal(size=len(predictions)) + 0.8
    return predictions.assign(score=score, risk=np.nan, cutoff=np.nan), outcomes


def competing_tables(**options):
    """The survival tables where a third of the censored had a competing event."""
    predictions, outcomes = survival_tables(**options)
    rivals = (outcomes["event"] == 0) & (np.arange(len(outcomes)) % 3 == 0)
    return predictions, outcomes.assign(competing=rivals.astype(int))
