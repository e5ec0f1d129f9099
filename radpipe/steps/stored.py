"""A stored model, with those that it stands on, ready to predict new cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.errors import RadpipeError
from radpipe.core.target import CLASSES
from radpipe.io.model_json import ESTIMATOR, PASSPORT, file_sha256, read_passport
from radpipe.io.models import other_versions, read_model
from radpipe.models.arithmetic import Arithmetic
from radpipe.models.intervals import interval_of, why_none

SUBMODELS = "submodels"
"""Folder, beside an exported model, of those that it stands on."""

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class StoredModel:
    """A model read from its folder.

    Attributes
    ----------
    passport : dict
        As `radpipe.steps.passport.passport_of` makes it.
    predictor : Arithmetic or ModelPipeline
        What computes.
    below : dict of str to StoredModel
        The models whose values are its inputs, by name.
    """

    passport: dict[str, Any]
    predictor: Any
    below: dict[str, StoredModel] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The model's name in its study."""
        return str(self.passport["model"])

    @property
    def kind(self) -> str:
        """The kind of its endpoint."""
        return str(self.passport["endpoint"]["kind"])

    @property
    def horizons(self) -> tuple[float, ...]:
        """The times of its risks."""
        return tuple(self.passport["endpoint"]["horizons"]) if self.kind == "survival" else ()

    def all(self) -> Iterator[StoredModel]:
        """Yield the models that it stands on, each once and after what it needs, then itself."""
        seen: set[str] = set()
        for model in self.below.values():
            for own in model.all():
                if own.name not in seen:
                    seen.add(own.name)
                    yield own
        yield self

    def variables(self, *sources: str) -> list[dict[str, Any]]:
        """Return the variables of all models that come from somewhere, each once."""
        found = {
            v["name"]: v for m in self.all() for v in m.passport["variables"]
            if v["source"] in sources
        }  # fmt: skip
        return list(found.values())

    def inputs(self, part: str) -> dict[str, Any]:
        """Return the blocks, or the clinical variables, of all models."""
        return {k: v for m in self.all() for k, v in m.passport["inputs"][part].items()}

    @property
    def batches(self) -> list[str]:
        """The columns that name each case's batch."""
        return sorted({name for m in self.all() for name in m.passport["inputs"]["batches"]})

    def table(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return new cases as the model takes them, with the values of the models below it.

        Columns that the model was shown but does not use are missing.
        """
        extra: dict[str, Any] = {}
        for name, model in self.below.items():
            own = model.table(frame)
            risks = self.passport["submodels"][name]["stacks"] == "risk"
            horizons = model.horizons
            values = model.risk(own, horizons) if risks else model.score(own)
            classes = self.passport["endpoint"]["classes"]
            if values.ndim == 1 or self.kind not in CLASSES:
                extra[name] = values.reshape(len(own), -1)[:, 0]
                continue
            labels = range(len(classes)) if risks else classes
            extra |= {f"{name}[{c}]": column for c, column in zip(labels, values.T, strict=True)}
        whole = frame.assign(**extra) if extra else frame
        if isinstance(self.predictor, Arithmetic):
            return whole
        spare = [c for c in self.predictor.prepare_.inputs_ if c not in whole]
        return whole.reindex(columns=[*whole.columns, *spare]) if spare else whole

    def score(self, table: pd.DataFrame) -> FloatArray:
        """Return the scores of cases, shape (n,), or (n, k) where there are classes."""
        return np.asarray(self.predictor.predict_score(table), dtype=float)

    def risk(self, table: pd.DataFrame, horizons: tuple[float, ...]) -> FloatArray:
        """Return the risks of cases, shape (n,), by each horizon (n, h), or of each class."""
        if self.passport["score"] == "risk":
            return self.score(table)
        return np.asarray(self.predictor.predict_risk(table, horizons), dtype=float)

    def linear_predictor(self, table: pd.DataFrame) -> FloatArray | None:
        """Return the linear predictors; None where the model has none."""
        if not isinstance(self.predictor, Arithmetic):
            return None
        return self.predictor.linear_predictor(table)

    def interval(self, table: pd.DataFrame) -> tuple[FloatArray, FloatArray, str] | None:
        """Return limits of the risks and the method; None where the model has no interval."""
        if not isinstance(self.predictor, Arithmetic) or not self.passport["gives_risk"]:
            return None
        score = self.predictor.linear_predictor(table)
        if score is None:
            return None
        values = self.predictor.prepared(table)
        return interval_of(self.predictor.found["model"], values, score, self.horizons)

    @property
    def why_no_interval(self) -> str:
        """Why risks have no interval; empty where there is nothing to say."""
        plain = isinstance(self.predictor, Arithmetic)
        return why_none(self.predictor.found["model"]) if plain else ""


def open_model(place: Path) -> tuple[StoredModel, list[str]]:
    """Read a model from its folder; return it with what there is to say.

    Parameters
    ----------
    place : Path
        The folder, or a file in it.

    Raises
    ------
    RadpipeError
        A file is missing, altered or foreign.
    """
    folder = place.parent if place.name in (PASSPORT, ESTIMATOR) else place
    if not folder.is_dir():
        raise RadpipeError(
            f"{folder}: no such folder; give that of a model, such as "
            "reports/STUDY/.work/models/NAME, or what radpipe export-model wrote"
        )
    notes: list[str] = []
    model = _open(folder, folder, notes)
    return model, list(dict.fromkeys(notes))


def _open(folder: Path, root: Path, notes: list[str]) -> StoredModel:
    passport = read_passport(folder / PASSPORT)
    below = {}
    for name, asked in passport["submodels"].items():
        own = next(
            (p for p in (root / SUBMODELS / name, root.parent / name) if (p / PASSPORT).exists()),
            None,
        )
        if own is None:
            raise RadpipeError(
                f"{folder}: the model {name}, which it stands on, is not here; copy models with "
                "radpipe export-model"
            )
        below[name] = _open(own, root, notes)
        if below[name].passport["estimator"]["sha256"] != asked["estimator"]:
            raise RadpipeError(
                f"{own}: another fit of {name} than the one that {passport['model']} stands on; "
                "copy models with radpipe export-model"
            )
    if passport["arithmetic"] is not None:
        return StoredModel(passport, Arithmetic(passport["arithmetic"]), below)
    path = folder / passport["estimator"]["file"]
    if not path.is_file():
        raise RadpipeError(f"{path}: no such file; export the model again")
    if file_sha256(path) != passport["estimator"]["sha256"]:
        raise RadpipeError(
            f"{path}: altered, or of another fit than {PASSPORT} (its SHA-256 does not fit); "
            "do not use it, export or fit the model again"
        )
    notes += other_versions(passport["model"], passport["versions"])
    return StoredModel(passport, _quietly(path), below)


def _quietly(path: Path) -> Any:
    """Read an estimator; what its versions are is told by the passport."""
    import warnings

    from radpipe.io.models import OtherVersionWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OtherVersionWarning)
        return read_model(path)
