"""Puts together what figures, tables and the report are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from radpipe.io import atomic
from radpipe.outputs.base import CaseImages, OutputData
from radpipe.steps.codes import codes, shown_info
from radpipe.steps.context import Context
from radpipe.study.derived import (
    CLINICAL_CONTROL,
    VOLUME_CONTROL,
    all_models,
    control_models,
    controls_left_out,
)
from radpipe.study.files import case_pairs
from radpipe.study.pairs import Pair

ALONE = {VOLUME_CONTROL: "volume_only", CLINICAL_CONTROL: "clinical_only"}
"""The control models, and what the controls' figure calls them."""


def material(context: Context) -> OutputData:
    """Return all that an output may look at."""
    spec, paths = context.study.spec, context.paths
    cohort = context.cohort().merge(pd.read_parquet(paths.clinical), on="case", how="left")
    key = codes(context)
    info = shown_info(context, key)
    metrics = pd.read_parquet(paths.metrics) if all_models(spec) else pd.DataFrame()
    names = list(spec.models)
    return OutputData(
        study_name=context.study.name,
        title=spec.title or context.study.name,
        simulated=context.study.simulated,
        endpoint=endpoint(context),
        predictions=pd.read_parquet(paths.predictions) if names else pd.DataFrame(),
        outcomes=pd.read_parquet(paths.outcomes) if names else pd.DataFrame(),
        cohort=cohort,
        cohort_info=info,
        clinical={
            name: {**info["clinical"][name], "unit": variable.unit, "label": variable.label}
            for name, variable in spec.clinical.items()
        },
        fits={name: atomic.read_json(paths.fit(name)) for name in names},
        controls=controls(context, metrics),
        cases=tuple(_shown(p) for p in case_pairs(context.study) if p.case in set(cohort["case"])),
        models={
            name: {
                "kind": model.kind,
                "label": model.label or name,
                "inputs": list(model.inputs),
            }
            for name, model in spec.models.items()
        },
        seed=spec.evaluation.seed,
        codes=key,
        resampling=resampling_words(spec.evaluation.resampling),
    )


def _shown(pair: Pair) -> CaseImages:
    """Return what is shown of a pair: as the first of its blocks is extracted from it."""
    first = pair.settings[0]
    return CaseImages(
        pair.case,
        pair.image,
        pair.region,
        str(pair.image_path),
        str(pair.mask_path),
        pair.label,
        (first.channel, first.mask_channel),
        first.correct_mask,
    )


def endpoint(context: Context) -> dict[str, Any]:
    """Return the endpoint as figures need it."""
    spec = context.study.spec.endpoint
    return {
        "kind": spec.type,
        "label": spec.shown_label,
        "time_unit": getattr(spec, "time_unit", ""),
        "horizons": list(context.horizons),
    }


def resampling_words(resampling: Any) -> str:
    """Return the resampling as a caption says it."""
    if resampling.kind == "bootstrap":
        return f"{resampling.repeats} bootstrap resamples, out-of-bag predictions"
    times = "once" if resampling.repeats == 1 else f"repeated {resampling.repeats} times"
    return f"{resampling.folds}-fold cross-validation {times}"


def controls(context: Context, metrics: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return each model's permutations beside its real value, and the controls that stand alone."""
    spec, paths = context.study.spec, context.paths
    found: dict[str, dict[str, Any]] = {}
    for name in spec.models:
        entry = {"model": name, "reason": "switched off in study.yaml"}
        if spec.controls.permutations:
            entry = atomic.read_json(paths.control(name))
        found[name] = entry | real_value(context, metrics, name)
    for name, shown in ALONE.items():
        if name in control_models(spec):
            found[shown] = {"model": shown} | real_value(context, metrics, name)
    for line in controls_left_out(spec):
        for shown, words in (("volume_only", "volume"), ("clinical_only", "clinical")):
            if line.startswith(words):
                found[shown] = {"model": shown, "reason": line.split(": ", 1)[1]}
    return found


def real_value(context: Context, metrics: pd.DataFrame, model: str) -> dict[str, Any]:
    """Return a model's out-of-fold AUC or C with its interval."""
    metric = "c_index" if context.study.spec.endpoint.type == "survival" else "auc"
    rows = metrics[
        (metrics["model"] == model)
        & (metrics["split"] == "resampled")
        & (metrics["metric"] == metric)
    ]
    if rows.empty:
        return {"metric": metric, "real": None}
    row = rows.iloc[0]
    values = {"real": row["estimate"], "lower": row["lower"], "upper": row["upper"]}
    return {"metric": metric} | {k: float(v) if np.isfinite(v) else None for k, v in values.items()}
