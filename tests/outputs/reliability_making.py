"""What a selection found when it compared readings."""

from __future__ import annotations

from typing import Any


def entry(**changes: Any) -> dict[str, Any]:
    rows = [
        {"feature": f"t1__original_{name}", "icc": icc, "lower": low, "upper": high, "n": 24}
        for name, icc, low, high in (
            ("glcm_Contrast", 0.5, 0.2, 0.7),
            ("shape_Volume", 0.99, 0.97, 1.0),
            ("firstorder_Mean", 0.8, 0.6, 0.9),
            ("firstorder_Minimum", None, None, None),
        )
    ]
    for row in rows:
        row["kept"] = row["icc"] is not None and row["icc"] >= 0.75
        row["reason"] = "" if row["icc"] is not None else "no variation"
    given = {
        "selection": "radiomic",
        "models": ["Radscore"],
        "step": 1,
        "form": "icc2_1",
        "threshold": 0.75,
        "on": "estimate",
        "cases": 24,
        "readers": ["r2"],
        "without_readings": 0,
        "dropped_before": 0,
        "rows": rows,
    }
    return given | changes
