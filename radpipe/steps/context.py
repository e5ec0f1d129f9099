"""What every step is given: the study, its files, and its tables read on demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from radpipe.core.columns import BATCH, COVARIATE
from radpipe.evaluation.outcomes import target_of
from radpipe.io import atomic
from radpipe.io.paths import Paths
from radpipe.models.inputs import Inputs, Stacked, stacked
from radpipe.resampling.plan import Plan
from radpipe.study.derived import inputs_of
from radpipe.study.load import Study, load_study
from radpipe.study.plans import plan_of

REPORTS_VARIABLE = "RADPIPE_REPORTS"
"""Environment variable that tells a step the folder of results."""

EXCLUDE_VARIABLE = "RADPIPE_EXCLUDE_FAILED"
"""Environment variable, 1 where failed cases are left out."""


@dataclass(frozen=True)
class Context:
    """One study at work.

    Parameters
    ----------
    study : Study
        The loaded study.
    paths : Paths
        Where its results lie.
    exclude_failed : bool
        Go on without the cases that could not be extracted.
    """

    study: Study
    paths: Paths
    exclude_failed: bool = False

    def cohort(self) -> pd.DataFrame:
        """Return the cohort: case, group, cohort, split, the endpoint's columns, any centre."""
        return pd.read_parquet(self.paths.cohort)

    def cohort_info(self) -> dict[str, Any]:
        """Return counts, exclusions and remarks."""
        info: dict[str, Any] = atomic.read_json(self.paths.cohort_info)
        return info

    def dictionary(self, names: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return how clinical variables are read: type, levels (the reference first)."""
        known = self.cohort_info()["clinical"] if names else {}
        return {name: known[name] for name in names}

    def outcome(self, cohort: pd.DataFrame) -> NDArray[Any]:
        """Return the target of each case of ``cohort``, shape (n,)."""
        endpoint = self.study.spec.endpoint
        return target_of(cohort, endpoint.type, endpoint.class_labels)

    def inputs(
        self,
        names: Sequence[str],
        cohort: pd.DataFrame,
        preparation: Sequence[Any] = (),
        readings: Sequence[str] = (),
    ) -> Inputs:
        """Return what the inputs ``names`` hold of each case.

        Parameters
        ----------
        names : sequence of str
            Blocks, features, ``clinical``, ``clinical.x``, models (fitted already).
        cohort : DataFrame
            Its cases give the rows and their order.
        preparation : sequence of PreparationSpec
            Steps whose batches and covariates are wanted too.
        readings : sequence of str
            The inputs whose second readings are wanted.
        """
        wanted = inputs_of(self.study.spec, names, preparation)
        cases = cohort["case"].tolist()
        below: dict[str, Stacked] = {}
        for model in wanted.models:
            below |= stacked(model, pd.read_parquet(self.paths.scores(model)), cases)
        parts = [pd.DataFrame(index=pd.Index(cases, name="case"))]
        for block in wanted.blocks:
            frame = pd.read_parquet(self.paths.block(block)).set_index("case")
            single = [f for f in wanted.features if f.startswith(f"{block}__")]
            parts.append((frame if block in names else frame[single]).reindex(cases))
        if wanted.clinical:
            frame = pd.read_parquet(self.paths.clinical).set_index("case").reindex(cases)
            parts.append(frame[[f"clinical.{name}" for name in wanted.clinical]])
        about = self._about(preparation, wanted.covariates, cohort)
        second: dict[str, pd.DataFrame] = {}
        if readings:
            from radpipe.steps.readings import read_readings

            compared = inputs_of(self.study.spec, readings).blocks
            second = read_readings(self, compared, cases)
        return Inputs(
            pd.concat([*parts, about], axis=1),
            cohort["group"].to_numpy(dtype=str),
            self.dictionary(wanted.variables),
            below,
            second,
        )

    def _about(
        self, preparation: Sequence[Any], names: Sequence[str], cohort: pd.DataFrame
    ) -> pd.DataFrame:
        """Return the batches that steps need, and the covariates ``names``."""
        cases = cohort["case"].tolist()
        batches = sorted({name for step in preparation for name in step.batch_columns()})
        about = cohort.set_index("case")[[f"{BATCH}{name}" for name in batches]]
        if names:
            frame = pd.read_parquet(self.paths.clinical).set_index("case").reindex(cases)
            columns = {f"clinical.{name}": f"{COVARIATE}{name}" for name in names}
            about = about.join(frame[list(columns)].rename(columns=columns))
        return about

    def plan(self, cohort: pd.DataFrame, y: NDArray[Any]) -> Plan:
        """Return the fits of the study."""
        return plan_of(self.study, y, cohort)

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the names of the endpoint's classes or labels; empty where there are none."""
        return self.study.spec.endpoint.class_labels

    @property
    def horizons(self) -> tuple[float, ...]:
        """Return the times at which risks are wanted, in the endpoint's unit."""
        endpoint = self.study.spec.endpoint
        return tuple(endpoint.horizons) if endpoint.type == "survival" else ()


def open_context(
    study: Path,
    *,
    data: Path | None = None,
    reports: Path | None = None,
    exclude_failed: bool = False,
) -> Context:
    """Load a study and lay out its files.

    Parameters
    ----------
    study : Path
        The study's folder.
    data : Path, optional
        The cohort's folder.
    reports : Path, optional
        The folder of results; default ``reports`` beside the folder that holds the study.
    """
    root = reports or default_reports(study)
    loaded = load_study(study, data, simulated=root / "simulated", need_data=False)
    return Context(loaded, Paths(root.absolute(), loaded.name), exclude_failed)


def default_reports(study: Path) -> Path:
    """Return ``reports`` beside ``studies``, or in the working folder for a study elsewhere."""
    folder = study.absolute()
    home = folder.parent.parent if folder.parent.name == "studies" else Path.cwd()
    return home / "reports"
