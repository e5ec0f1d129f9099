"""Puts together a model's passport: all that a prediction for a new case needs to know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from radpipe.core.columns import BATCH, CLINICAL, COVARIATE, is_factor_like, is_feature
from radpipe.core.digests import digest, versions
from radpipe.features.names import split_id
from radpipe.io import atomic
from radpipe.io.model_json import ESTIMATOR, file_sha256
from radpipe.io.models import LIBRARIES, read_model
from radpipe.models.coefficients import number
from radpipe.models.formula import formula
from radpipe.models.pipeline import ModelPipeline
from radpipe.models.plain import plain
from radpipe.models.training import about_columns
from radpipe.outputs.cutoff_rows import read_cutoffs
from radpipe.outputs.rival_risks import TOO_HIGH, censors
from radpipe.preparation.combat_unseen import LEAST_CASES
from radpipe.steps.context import Context
from radpipe.steps.material import endpoint
from radpipe.study.derived import all_models, inputs_of
from radpipe.study.formulas import refers
from radpipe.study.schema import StudySpec


def passport_of(context: Context, name: str, metrics: pd.DataFrame) -> dict[str, Any]:
    """Return the passport of one of a study's fitted models, ready for JSON.

    Parameters
    ----------
    context : Context
    name : str
        The model.
    metrics : DataFrame
        The study's metrics.
    """
    spec, paths = context.study.spec, context.paths
    model, fit = all_models(spec)[name], atomic.read_json(paths.fit(name))
    pipeline: ModelPipeline = read_model(paths.final(name))
    numbers = plain(pipeline)
    about, cohort = endpoint(context), context.cohort()
    gives_risk = bool(model.gives_risk(pipeline.kind_))
    rivals = "competing" in cohort and bool(cohort["competing"].any())
    too_high = gives_risk and rivals and censors(model.kind)
    variables = [_variable(spec, entry) for entry in fit["training"]]
    named = [entry["name"] for entry in fit["training"]] + about_columns(pipeline)
    return {
        "model": name,
        "title": model.label or name,
        "kind": model.kind,
        "study": {
            "name": context.study.name,
            "title": spec.title or context.study.name,
            "simulated": context.study.simulated,
            "digest": digest(spec.model_dump(mode="json")),
        },
        "endpoint": {
            **{key: about[key] for key in ("kind", "label", "time_unit", "horizons", "classes")},
            "unit": about.get("unit", ""),
        },
        "training": {
            key: fit[key] for key in ("n_train", "n_events", "n_classes", "n_groups") if key in fit
        }
        | _cohorts(cohort),
        "variables": variables,
        "batches": _batches(pipeline),
        "missing_values": _missing_rule(pipeline),
        "gives_risk": gives_risk,
        "calibrated_risk": bool(fit.get("calibrated_risk", True)),
        "score": "risk" if pipeline.score_is_risk else str(pipeline.model.score_scale),
        "cutoff": {
            "low": fit.get("cutoff_final"),
            "high": fit.get("cutoff_high_final"),
            "rule": fit.get("cutoff_rule"),
            "on": "score",
            "told": read_cutoffs(fit),
        },
        "nomogram": fit.get("nomogram"),
        "notes": list(fit["summary"].get("notes", []))
        + list(fit.get("flags", []))
        + ([TOO_HIGH] if too_high else []),
        "formula": None if numbers is None else formula(numbers),
        "arithmetic": numbers,
        "inputs": _inputs(spec, named),
        "submodels": {
            below: {
                "stacks": str(model.stacks(pipeline.kind_)),
                "estimator": file_sha256(paths.final(below)),
            }
            for below in inputs_of(spec, model.inputs).models
        },
        "performance": _performance(metrics, name),
        "versions": versions(*LIBRARIES),
        "estimator": {"file": ESTIMATOR, "sha256": file_sha256(paths.final(name))},
    }


def _cohorts(cohort: pd.DataFrame) -> dict[str, Any]:
    """Return how many training cases each centre or cohort gave."""
    column = "centre" if "centre" in cohort else "cohort"
    counts = cohort.loc[cohort["split"] == "train", column].astype(str).value_counts(sort=False)
    return {"centres": {str(name): int(n) for name, n in counts.items()}}


def _variable(spec: StudySpec, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what training showed of a variable, with where it comes from, its label and unit."""
    name = entry["name"]
    source = "feature" if is_feature(name) else "model"
    more: dict[str, Any] = {}
    if is_factor_like(name):
        source = "clinical"
        own = spec.clinical[name.removeprefix(CLINICAL)]
        more = {"label": own.label or name.removeprefix(CLINICAL), "unit": own.unit or ""}
        more["column"] = own.column or name.removeprefix(CLINICAL)
    return {**entry, "source": source, **more}


def _batches(pipeline: ModelPipeline) -> list[dict[str, Any]]:
    """Return the columns of batches, with the batches that harmonisation knows and their cases."""
    found = {
        (step.batch, step.transductive): {
            "column": step.batch,
            "seen": dict(step.batches_),
            "transductive_from": LEAST_CASES if step.transductive else None,
        }
        for step in pipeline.prepare_.steps_
        if step.kind == "combat"  # once, where each selection's columns have a step of their own
    }
    return list(found.values())


def _missing_rule(pipeline: ModelPipeline) -> str:
    """Return in words what becomes of a missing value."""
    if not pipeline.prepare_.impute:
        return "a case without the value has no prediction, unless the model says what it counts as"
    words = {
        "median": "numbers take the training median, factors the most frequent training level",
        "most_frequent": "the most frequent training value",
        "knn": "the mean of the nearest training cases that have the value",
        "iterative": "a regression on the other variables, learned on the training cases",
    }
    methods = [s.report()["method"] for s in pipeline.prepare_.steps_ if s.kind == "impute"]
    return "; then ".join(dict.fromkeys(words[m] for m in methods))


def _inputs(spec: StudySpec, names: Iterable[str]) -> dict[str, Any]:
    """Return how to read or extract what the named columns need."""
    blocks: dict[str, Any] = {}
    clinical: dict[str, Any] = {}
    batches = []
    for name in names:
        if is_feature(name):
            _add_block(spec, split_id(name)[0], blocks)
        elif name.startswith(BATCH):
            batches.append(name.removeprefix(BATCH))
        elif is_factor_like(name):
            _add_variable(spec, name.removeprefix(CLINICAL).removeprefix(COVARIATE), clinical)
    return {
        "id": spec.cohort.id,
        "missing": list(spec.cohort.missing),
        "blocks": blocks,
        "clinical": clinical,
        "batches": batches,
    }


def _add_block(spec: StudySpec, name: str, found: dict[str, Any]) -> None:
    if name in found:
        return
    if name in spec.derived:
        own = spec.derived[name]
        found[name] = own.model_dump(mode="json")
        for part in own.parts:
            _add_block(spec, part, found)
        return
    block = spec.extracted[name]
    image = spec.images[block.image]
    found[name] = {
        "kind": block.kind,
        "engine": block.engine,
        "image": block.image,
        "modality": image.modality,
        "expression": image.expression,
        "region": block.region,
        "label": spec.regions[block.region].label,
        "empty": spec.empty(name),
        "settings": spec.settings(name).model_dump(mode="json"),
    }


def _add_variable(spec: StudySpec, name: str, found: dict[str, Any]) -> None:
    """Add how a variable is read, and those that its formula names before it."""
    for other in refers(name, spec.clinical):
        _add_variable(spec, other, found)
    # the reference is in the model's coding already, and a new table need not hold it
    found[name] = spec.clinical[name].model_dump(mode="json") | {"reference": None}


def _performance(metrics: pd.DataFrame, name: str) -> list[dict[str, Any]]:
    """Return the model's rows of the metrics, those with an estimate."""
    own = metrics[(metrics["model"] == name) & metrics["estimate"].notna()]
    return [
        {
            **{key: str(row[key]) for key in ("split", "metric", "class", "method")},
            **{key: number(row[key]) for key in ("horizon", "estimate", "lower", "upper")},
            "n": int(row["n"]),
            "events": int(row["events"]),
        }
        for row in own.to_dict("records")
    ]
