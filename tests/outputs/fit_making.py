"""Made-up fits: what a model's fit.json would hold."""

from __future__ import annotations

from typing import Any

import numpy as np


def path_summary(rng: np.random.Generator, names: list[str]) -> dict[str, Any]:
    log_lambda = np.linspace(-1.6, -6.2, 60)
    coefs, nonzero = {}, np.zeros(60, int)
    for j, name in enumerate(names):
        enter = 1 + int(45 * j / len(names))
        slope = rng.normal(0, 0.5)
        path = np.where(np.arange(60) >= enter, slope * (np.arange(60) - enter) / 40, 0.0)
        nonzero += path != 0
        coefs[name] = path.tolist()
    mean = 1.32 - 0.2 * np.exp(-((log_lambda + 3.2) ** 2)) + 0.05 * np.maximum(0, -3.2 - log_lambda)
    return {
        "log_lambda": log_lambda.tolist(),
        "coefs": coefs,
        "cv_mean": mean.tolist(),
        "cv_se": np.full(60, 0.05).tolist(),
        "nonzero": nonzero.tolist(),
        "lambda_min": float(np.exp(log_lambda[int(np.argmin(mean))])),
        "lambda_1se": float(np.exp(log_lambda[12])),
    }


def fit(
    rng: np.random.Generator, kind: str, endpoint: str, n: int, n_events: int
) -> dict[str, Any]:
    names = [
        f"t1_mass__{image}_{feature}"
        for image in ("original", "log-sigma-3-mm-3D", "wavelet-LLH")
        for feature in (
            "glcm_Contrast",
            "firstorder_90Percentile",
            "glszm_SmallAreaLowGrayLevelEmphasis",
            "shape_Sphericity",
        )
    ]
    ratio = "hr" if endpoint == "survival" else "or"
    coefficients = [
        {"name": name, "coef": float(c), ratio: float(np.exp(c))}
        for name, c in zip(names[:8], rng.normal(0, 0.4, 8), strict=True)
    ]
    summary: dict[str, Any] = {
        "coefficients": coefficients,
        "intercept": -0.6,
        "params": {},
        "notes": [],
    }
    if kind.startswith("penalised"):
        summary["path"] = path_summary(rng, names)
    return {
        "model": "",
        "kind": kind,
        "inputs": ["t1_mass"],
        "endpoint": endpoint,
        "n_train": n,
        "n_events": n_events,
        "features_final": names[:8],
        "selected_by_scope": {},
        "frequency": [
            {"feature": name, "count": int(c), "of": 25}
            for name, c in zip(names, rng.integers(1, 26, len(names)), strict=True)
        ],
        "degenerate": [],
        "unseen_levels": 0,
        "summary": summary,
        "cutoff_final": 0.4,
        "cutoffs": [0.4],
        "seconds": 1.0,
    }


def nomogram(horizons: tuple[float, ...]) -> dict[str, Any]:
    return {
        "variables": [
            {
                "name": "m1",
                "values": [-3, -2, -1, 0, 1, 2, 3],
                "points": list(np.linspace(0, 100, 7)),
                "categorical": False,
            },
            {
                "name": "clinical.age",
                "values": list(range(10, 95, 5)),
                "points": list(np.linspace(24, 0, 17)),
                "categorical": False,
            },
            {
                "name": "clinical.grade",
                "values": ["Low", "Intermediate", "High", "N/A"],
                "points": [0, 22.0, 25.5, 24.0],
                "categorical": True,
            },
            {
                "name": "clinical.sex",
                "values": ["Female", "Male"],
                "points": [0, 1.5],
                "categorical": True,
            },
            {
                "name": "a variable with a long name that someone typed in, 影像组学评分",
                "values": [
                    "undifferentiated pleomorphic sarcoma",
                    "liposarcoma, dedifferentiated",
                    "leiomyosarcoma",
                ],
                "points": [0, 10, 43],
                "categorical": True,
            },
        ],
        "total_points": list(range(0, 201, 20)),
        "risks": [
            {
                "horizon": h,
                "risk": [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99],
                "total_points": list(np.linspace(12, 186, 13)),
            }
            for h in (horizons or (None,))
        ],
    }
