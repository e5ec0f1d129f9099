"""The plan of a study's fits: how its seed, groups and sides reach the folds."""

from __future__ import annotations

from typing import Any

import pandas as pd
from numpy.typing import NDArray

from radpipe.resampling.plan import Plan, make_plan
from radpipe.study.load import Study


def plan_of(study: Study, y: NDArray[Any], frame: pd.DataFrame) -> Plan:
    """Return the plan of a study whose outcomes are ``y`` and whose cohort is ``frame``.

    Raises
    ------
    RadpipeError
        Where it cannot be laid out.
    """
    evaluation = study.spec.evaluation
    centres = frame["centre"].to_numpy(dtype=str) if "centre" in frame else None
    groups, labels = frame["group"].to_numpy(dtype=str), frame["split"].to_numpy(dtype=str)
    return make_plan(y, groups, labels, evaluation.resampling, evaluation.seed, centres)
