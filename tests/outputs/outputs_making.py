"""Made-up studies for the tests of outputs and report: the tables that WORK would hold."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from fit_making import fit, nomogram
from reliability_making import entry

from radpipe.outputs.base import CaseImages, OutputData
from radpipe.outputs.registry import OUTPUTS
from radpipe.outputs.style import Style, drawing

LABELS = (
    "Clinical",
    "Radscore (T1 MRI)",
    "Nomogram",
    "Support vector machine",
    "Random forest",
    "XGBoost",
    "SUVmax",
    "A model with a really very long name that no journal would print",
)
KINDS = (
    "logistic",
    "penalised_logistic",
    "nomogram",
    "svm",
    "random_forest",
    "xgboost",
    "marker",
    "logistic",
)


def ids(n: int) -> list[str]:
    return [f"STS_{i + 1:03d}" for i in range(n)]


def model_table(count: int, survival: bool, labels: tuple[str, ...]) -> dict[str, Any]:
    swap = {"logistic": "cox", "penalised_logistic": "penalised_cox"} if survival else {}
    return {
        f"m{i}": {"kind": swap.get(KINDS[i], KINDS[i]), "label": labels[i], "inputs": ["clinical"]}
        for i in range(count)
    }


def clinical_columns(rng: np.random.Generator, y: np.ndarray) -> dict[str, Any]:
    n = len(y)
    age = rng.normal(56 + 3 * y, 15, n).round()
    age[: min(2, n)] = np.nan
    return {
        "clinical.age": age,
        "clinical.volume": np.exp(rng.normal(4 + 0.4 * y, 1, n)),
        "clinical.sex": rng.choice(["Female", "Male"], n),
        "clinical.grade": rng.choice(
            ["Low", "Intermediate", "High", "N/A"], n, p=[0.2, 0.2, 0.5, 0.1]
        ),
    }


CLINICAL = {
    "age": {"type": "continuous", "unit": "years", "label": "Age", "levels": None},
    "volume": {"type": "continuous", "unit": "mL", "label": "Volume", "levels": None},
    "sex": {"type": "nominal", "levels": ["Female", "Male"], "label": "Sex", "unit": None},
    "grade": {
        "type": "ordinal",
        "levels": ["Low", "Intermediate", "High", "N/A"],
        "label": "Grade",
        "unit": None,
    },
}


def prediction_rows(
    cases: pd.DataFrame,
    model: str,
    repeat: int,
    fold: Any,
    score: np.ndarray,
    risk: np.ndarray,
    cutoff: Any,
    kind: str,
    split: Any,
    horizon: float = np.nan,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "format": 1,
            "case": cases["case"].to_numpy(),
            "group": cases["group"].to_numpy(),
            "cohort": "main",
            "split": split,
            "repeat": repeat,
            "fold": fold,
            "model": model,
            "class": "",
            "horizon": horizon,
            "score": score,
            "risk": risk,
            "cutoff": cutoff,
            "cutoff_high": np.nan,
            "draws": 1,
            "kind": kind,
        }
    )


def predictions_of(
    outcomes: pd.DataFrame,
    models: dict[str, Any],
    truth: np.ndarray,
    rng: np.random.Generator,
    repeats: int,
    horizons: tuple[float, ...],
) -> pd.DataFrame:
    frames = []
    train = (outcomes["split"] == "train").to_numpy()
    for i, (name, model) in enumerate(models.items()):
        skill = 0.3 + 0.25 * i
        marker = model["kind"] == "marker"
        for horizon in horizons or (np.nan,):
            for repeat in range(repeats):
                noise = np.random.default_rng([7, i, repeat]).normal(0, 0.8, len(outcomes))
                link = skill * truth + noise - 0.4 + (0.5 if horizon > 400 else 0)
                risk = 1 / (1 + np.exp(-link))
                score = link if horizons else risk
                frames.append(
                    prediction_rows(
                        outcomes[train],
                        name,
                        repeat,
                        np.arange(train.sum()) % 5,
                        score[train],
                        np.nan if marker else risk[train],
                        0.0 if horizons else 0.42,
                        "out-of-fold",
                        "resampled",
                        horizon,
                    )
                )
            link = (skill + 0.6) * truth + rng.normal(0, 0.6, len(outcomes)) - 0.4
            risk = 1 / (1 + np.exp(-link))
            score = link if horizons else risk
            for rows, kind in ((train, "apparent"), (~train, "held-out")):
                if rows.any():
                    frames.append(
                        prediction_rows(
                            outcomes[rows],
                            name,
                            0,
                            0,
                            score[rows],
                            np.nan if marker else risk[rows],
                            0.0 if horizons else 0.42,
                            kind,
                            outcomes.loc[rows, "split"].to_numpy(),
                            horizon,
                        )
                    )
    return pd.concat(frames, ignore_index=True)


CLASSES = ("Normal meniscus", "Grade 1", "Grade 2", "Grade 3", "Discoid, torn")


def class_predictions(
    outcomes: pd.DataFrame,
    models: dict[str, Any],
    present: np.ndarray,
    classes: tuple[str, ...],
    kind: str,
    repeats: int,
) -> pd.DataFrame:
    """One row a class; a later model is better, and a marker gives no risks."""
    frames = []
    train = (outcomes["split"] == "train").to_numpy()
    runs = [(r, "out-of-fold", "resampled", train) for r in range(repeats)]
    runs.append((0, "apparent", "train", train))
    for split in sorted(set(outcomes["split"]) - {"train"}):
        runs.append((0, "held-out", split, (outcomes["split"] == split).to_numpy()))
    for i, (name, model) in enumerate(models.items()):
        for place, (repeat, row_kind, split, rows) in enumerate(runs):
            noise = np.random.default_rng([5, i, place]).normal(0, 1, present.shape)
            score = (0.8 + 0.4 * i) * present + noise
            if kind == "multilabel":
                risk = 1 / (1 + np.exp(-score + 0.6))
            else:
                risk = np.exp(score) / np.exp(score).sum(axis=1, keepdims=True)
            fold = np.arange(rows.sum()) % 5 if row_kind == "out-of-fold" else 0
            for c, label in enumerate(classes):
                given = np.nan if model["kind"] == "marker" else risk[rows, c]
                args = (name, repeat, fold, score[rows, c], given, np.nan, row_kind, split)
                own = prediction_rows(outcomes[rows], *args)
                own["class"] = label
                frames.append(own)
    return pd.concat(frames, ignore_index=True)


def make_kind(
    kind: str,
    *,
    k: int = 3,
    n: int = 80,
    models: int = 2,
    repeats: int = 2,
    held_out: bool = True,
    classes: tuple[str, ...] = CLASSES,
    labels: tuple[str, ...] = LABELS,
) -> OutputData:
    """A study whose endpoint is one of several classes, several labels, or a measured value."""
    data = make(n=n, models=models, repeats=repeats, held_out=held_out, labels=labels)
    rng = np.random.default_rng(n + k)
    outcomes = data.outcomes.drop(columns="y")
    names = classes[:k]
    if kind == "continuous":
        y = rng.normal(1.0, 0.2, n)
        outcomes["y"] = y
        known = dict(zip(outcomes["case"], y, strict=True))
        true = data.predictions["case"].map(known)
        place = data.predictions["model"].str[1:].astype(int)
        score = 0.5 + 0.5 * true + rng.normal(0, 0.12, len(true)) / (1 + place)
        predictions = data.predictions.assign(score=score, risk=np.nan, cutoff=np.nan)
        names = ()
    else:
        if kind == "multilabel":
            present = rng.random((n, k)) < 0.4
            outcomes[[f"y.{name}" for name in names]] = present.astype(int)
        else:
            codes = rng.permutation(np.arange(n) % k)
            present = codes[:, None] == np.arange(k)
            outcomes["y"] = codes
        args = (outcomes, dict(data.models), present, names, kind, repeats)
        predictions = class_predictions(*args)
    metric = "r2" if kind == "continuous" else "macro_auc"
    chance = 0.0 if kind == "continuous" else 0.5
    controls = {
        m: {
            "model": m,
            "metric": metric,
            "permutations": (chance + rng.normal(-0.02, 0.05, 40)).tolist(),
            "range95": [chance - 0.12, chance + 0.08],
            "n": 40,
            "real": chance + 0.2,
            "lower": chance + 0.1,
            "upper": chance + 0.3,
        }
        for m in data.models
    }
    label = "bone density" if kind == "continuous" else "meniscus"
    endpoint = {"kind": kind, "label": label, "time_unit": "", "horizons": []}
    clinical = data.cohort[[c for c in data.cohort if c.startswith("clinical.")]]
    return dataclasses.replace(
        data,
        endpoint={**endpoint, "classes": list(names), "unit": "g/cm²"},
        outcomes=outcomes,
        predictions=predictions,
        cohort=pd.concat([outcomes, clinical], axis=1),
        controls=controls,
    )


def make(
    *,
    survival: bool = False,
    n: int = 51,
    models: int = 3,
    repeats: int = 5,
    held_out: bool = False,
    simulated: bool = False,
    labels: tuple[str, ...] = LABELS,
    prevalence: float = 0.37,
    codes: bool = True,
) -> OutputData:
    rng = np.random.default_rng(n + models)
    truth = rng.normal(0, 1, n)
    y = (truth + rng.normal(0, 0.8, n) > np.quantile(truth, 1 - prevalence)).astype(int)
    y[0], y[-1] = 1, 0
    split = np.where(rng.random(n) < 0.3, "internal", "train") if held_out else np.full(n, "train")
    outcomes = pd.DataFrame({"case": ids(n), "group": ids(n), "cohort": "main", "split": split})
    horizons = (365.0, 730.0) if survival else ()
    if survival:
        time = rng.exponential(900 * np.exp(-0.8 * truth))
        censor = rng.uniform(100, 1800, n)
        outcomes["time"] = np.minimum(time, censor).round() + 1
        outcomes["event"] = (time <= censor).astype(int)
        events = int(outcomes["event"].sum())
    else:
        outcomes["y"] = y
        events = int(y.sum())
    table = model_table(models, survival, labels)
    cohort = outcomes.assign(**clinical_columns(rng, y))
    endpoint = "survival" if survival else "binary"
    fits = {m: fit(rng, spec["kind"], endpoint, n, events) for m, spec in table.items()}
    for model, spec in table.items():
        if spec["kind"] == "nomogram":
            fits[model]["nomogram"] = nomogram(horizons)
    metric = "c_index" if survival else "auc"
    controls = {
        m: {
            "model": m,
            "metric": metric,
            "permutations": (0.5 + rng.normal(0, 0.09, 40)).tolist(),
            "range95": [0.33, 0.68],
            "n": 40,
            "real": 0.62 + 0.05 * i,
        }
        for i, m in enumerate(table)
    }
    return OutputData(
        study_name="sts-lung-metastasis",
        title="Lung metastasis of soft-tissue sarcoma",
        simulated=simulated,
        endpoint={
            "kind": endpoint,
            "label": "metastasis-free survival" if survival else "lung metastasis",
            "time_unit": "days" if survival else None,
            "horizons": list(horizons),
        },
        predictions=predictions_of(outcomes, table, truth, rng, repeats, horizons),
        outcomes=outcomes,
        cohort=cohort,
        cohort_info={
            "n_table": n + 2,
            "n_included": n,
            "excluded": [
                {"case": "STS_101", "reason": "two components"},
                {"case": "STS_102", "reason": "no outcome"},
            ],
            "notes": [],
            "warnings": [],
            "split": {"kind": "random" if held_out else "none"},
        },
        clinical=CLINICAL,
        fits=fits,
        controls=controls,
        cases=tuple(CaseImages(c, "t1", "mass", None, None, 1) for c in ids(n)),
        models=table,
        seed=2024,
        codes={c: f"C{i + 1:03d}" for i, c in enumerate(ids(n))} if codes else {},
        resampling="5-fold cross-validation repeated 5 times",
        reliability=(entry(),),
    )


STUDIES: dict[str, dict[str, Any]] = {
    "binary": {"repeats": 3},
    "simulated": {"models": 8, "repeats": 2, "held_out": True, "simulated": True},
    "survival": {"survival": True, "models": 2, "repeats": 2, "held_out": True},
    "tiny": {"n": 9, "models": 1, "repeats": 2, "prevalence": 0.2, "held_out": True},
}


KINDS_OF_ENDPOINT: dict[str, dict[str, Any]] = {
    "multiclass": {"models": 3},
    "ordinal": {"k": 5, "models": 1},
    "multilabel": {},
    "continuous": {"models": 3},
}
STUDIES |= {kind: {} for kind in KINDS_OF_ENDPOINT}


@cache
def study(name: str) -> OutputData:
    if name in KINDS_OF_ENDPOINT:
        return make_kind(name, **KINDS_OF_ENDPOINT[name])
    return make(**STUDIES[name])


@cache
def made(kind: str, name: str) -> tuple[Any, Any]:
    """Return result and figure of an output with its default settings."""
    result = OUTPUTS[kind]().compute(study(name))
    with drawing():
        return result, OUTPUTS[kind]().draw(result, Style.of(study(name)))
