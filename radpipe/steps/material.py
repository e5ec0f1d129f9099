"""Puts together what figures, tables and the report are made of."""

from __future__ import annotations

from typing import Any

import pandas as pd

from radpipe.core.numbers import number
from radpipe.evaluation.against import BEYOND_VOLUME
from radpipe.evaluation.headline_metric import HEADLINE
from radpipe.io import atomic
from radpipe.outputs.base import CaseImages, OutputData
from radpipe.steps.codes import codes, shown_info
from radpipe.steps.context import Context
from radpipe.steps.reliability import reliability
from radpipe.study.derived import CLINICAL_CONTROL, VOLUME_CONTROL, all_models, control_models
from radpipe.study.files import case_pairs
from radpipe.study.pairs import Pair
from radpipe.study.region_volumes import region_volumes
from radpipe.study.reported import controls_left_out
from radpipe.study.schema import StudySpec

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
        models=shown_models(spec),
        seed=spec.evaluation.seed,
        codes=key,
        resampling=resampling_words(spec.evaluation.resampling),
        reliability=reliability(context),
    )


def shown_models(spec: StudySpec) -> dict[str, dict[str, Any]]:
    """Return how the study's models are called, and what they are made of."""
    return {
        name: {"kind": model.kind, "label": model.label or name, "inputs": list(model.inputs)}
        for name, model in spec.models.items()
    }


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
        pair.made,
    )


def endpoint(context: Context) -> dict[str, Any]:
    """Return the endpoint as figures need it."""
    spec = context.study.spec
    return {**spec.endpoint.about, "resampling": spec.evaluation.resampling.kind}


def resampling_words(resampling: Any) -> str:
    """Return the resampling as a caption says it."""
    words: str = resampling.words()
    return words


def controls(context: Context, metrics: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return each model's permutations beside its real value, and the controls that stand alone.

    With ``beyond_volume``, how much better a model that uses images is than volume alone.
    """
    spec, paths = context.study.spec, context.paths
    found: dict[str, dict[str, Any]] = {}
    for name in spec.models:
        entry = {"model": name, "reason": "switched off in study.yaml"}
        if spec.controls.permutations:
            entry = atomic.read_json(paths.control(name))
        found[name] = entry | real_value(context, metrics, name)
        found[name] |= _beyond_volume(metrics, name)
    for name, shown in ALONE.items():
        if name in control_models(spec):
            found[shown] = {"model": shown} | real_value(context, metrics, name)
    if "volume_only" in found:
        found["volume_only"]["of"] = list(region_volumes(spec).values())
    for line in controls_left_out(spec):
        for shown, words in (("volume_only", "volume"), ("clinical_only", "clinical")):
            if line.startswith(words):
                found[shown] = {"model": shown, "reason": line.split(": ", 1)[1]}
    return found


def _beyond_volume(metrics: pd.DataFrame, model: str) -> dict[str, Any]:
    """Return how much better than the volume alone a model is, where they were compared."""
    rows = metrics[(metrics["model"] == model) & (metrics["metric"] == BEYOND_VOLUME)]
    if rows.empty:
        return {}
    row = rows.iloc[0]
    values = {"difference": row["estimate"], "lower": row["lower"], "upper": row["upper"]}
    known = {key: number(value) for key, value in values.items()}
    return {BEYOND_VOLUME: known | {"note": row["note"]}}


def real_value(context: Context, metrics: pd.DataFrame, model: str) -> dict[str, Any]:
    """Return a model's out-of-fold headline metric with its interval."""
    metric = HEADLINE[context.study.spec.endpoint.type].name
    rows = metrics[
        (metrics["model"] == model)
        & (metrics["split"] == "resampled")
        & (metrics["metric"] == metric)
    ]
    if rows.empty:
        return {"metric": metric, "real": None}
    row = rows.iloc[0]
    values = {"real": row["estimate"], "lower": row["lower"], "upper": row["upper"]}
    return {"metric": metric} | {key: number(value) for key, value in values.items()}
