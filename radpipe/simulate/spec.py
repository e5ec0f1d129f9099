"""What a simulated cohort is made of; the ``simulate:`` part of study.yaml."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

from pydantic import Field, model_validator

from radpipe.core.spec import Spec
from radpipe.simulate.extras import PRIMARY, ExtrasSpec

Endpoint = Literal["binary", "survival", "multiclass", "ordinal", "continuous"]
ClinicalVariable = Literal["age", "sex", "stage", "smoking"]
Side = Annotated[int, Field(ge=12, le=512)]
Step = Annotated[float, Field(gt=0, le=20)]


class EffectSpec(Spec):
    """How strongly each source of information drives the latent risk.

    The latent risk is a weighted sum of independent standard normal variables; a weight is the
    change of the log odds (binary) or log hazard (survival) a standard deviation.

    Parameters
    ----------
    heterogeneity : float
        Of the lesion's texture: its contrast and its coarseness.
    size : float
        Of the lesion's volume.
    clinical : float
        Shared by age and stage; sex and smoking are never informative.
    """

    heterogeneity: float = Field(2.5, ge=0, le=10)
    size: float = Field(1.0, ge=0, le=10)
    clinical: float = Field(1.4, ge=0, le=10)


class PlainSpec(Spec):
    """What every simulated cohort has.

    Parameters
    ----------
    cases : int
        How many.
    seed : int
        Equal seeds give equal files, byte for byte.
    endpoint : "binary", "survival", "multiclass", "ordinal" or "continuous"
        Columns ``event`` (0/1); ``time`` (days) and ``event`` (0/1); ``class``; ``value``.
    prevalence : float
        Share of cases with the event (binary); for survival, seen before the follow-up ends.
    size_voxels : tuple of 3 int
        Voxels along x, y, z.
    spacing_mm : tuple of 3 float
        Voxel size x, y, z.
    effects : EffectSpec
        What the risk depends on.
    clinical : tuple of str
        Clinical variables in the table.
    missing : float
        Share of cells left empty in the last clinical variable.
    follow_up_days : float
        Longest follow-up, for survival.
    """

    cases: int = Field(60, ge=10, le=2000)
    seed: int = Field(2024, ge=0)
    endpoint: Endpoint = "binary"
    prevalence: float = Field(0.4, gt=0.02, lt=0.98)
    size_voxels: tuple[Side, Side, Side] = (48, 48, 24)
    spacing_mm: tuple[Step, Step, Step] = (1.0, 1.0, 2.0)
    effects: EffectSpec = EffectSpec()
    clinical: tuple[ClinicalVariable, ...] = ("age", "sex", "stage", "smoking")
    missing: float = Field(0.0, ge=0, le=0.5)
    follow_up_days: float = Field(1825.0, gt=30)


class SimulateSpec(ExtrasSpec, PlainSpec):
    """A phantom cohort: image and mask pairs, and a clinical table with a known truth."""

    @model_validator(mode="after")
    def _both_classes(self) -> SimulateSpec:
        if not 2 <= round(self.cases * self.prevalence) <= self.cases - 2:
            raise ValueError(
                f"prevalence {self.prevalence:g} of {self.cases} cases leaves fewer than 2 with "
                "or without the event; give more cases or a prevalence nearer to 0.5"
            )
        return self

    @model_validator(mode="after")
    def _fitting_endpoint(self) -> SimulateSpec:
        graded = self.endpoint in ("multiclass", "ordinal")
        if graded and len(set(self.classes)) < 3:
            raise ValueError(f"a {self.endpoint} endpoint without classes; name 3 or more")
        if self.classes and not graded:
            raise ValueError(f"classes of a {self.endpoint} endpoint; remove them")
        if len(set(self.classes)) < len(self.classes):
            raise ValueError("a class named twice; name each once")
        if self.shares and (len(self.shares), round(sum(self.shares), 6)) != (len(self.classes), 1):
            raise ValueError(
                f"{len(self.shares)} shares with the sum {sum(self.shares):g} for "
                f"{len(self.classes)} classes; give one a class, with the sum 1"
            )
        if self.competing and self.endpoint != "survival":
            raise ValueError(f"competing events of a {self.endpoint} endpoint; remove them")
        if self.competing and round(self.cases * (self.prevalence + self.competing)) >= self.cases:
            raise ValueError("prevalence and competing leave no case censored; lower one of them")
        return self

    @model_validator(mode="after")
    def _fitting_parts(self) -> SimulateSpec:
        if PRIMARY in self.readers:
            raise ValueError(f"the second reader {PRIMARY}, who is the first; rename it")
        for name, reader in self.readers.items():
            if reader.cases > self.cases:
                raise ValueError(
                    f"reader {name} draws {reader.cases} of {self.cases} cases; lower the number"
                )
        counts = {(reader.column, reader.cases) for reader in self.readers.values()}
        shared = [column for column, n in Counter(c for c, _ in counts).items() if n > 1]
        if shared:
            raise ValueError(
                f"readers of the column {shared[0]} who draw different numbers of cases; give "
                "each a column of its own, or equal numbers"
            )
        if self.centres and round(sum(self.centres.values()), 6) != 1:
            total = sum(self.centres.values())
            raise ValueError(f"shares of the centres with the sum {total:g}; make it 1")
        if self.centre_shift and len(self.centres) < 2:
            raise ValueError("centre_shift without centres; name 2 or more")
        if self.dates and self.dates[0] >= self.dates[1]:
            raise ValueError("dates that do not rise; give the first day first")
        first_visit = [image for image in self.images.values() if not image.change]
        if self.images and not first_visit:
            raise ValueError("no image of the first visit; give one without change")
        if self.change and len(first_visit) == len(self.images):
            raise ValueError("an effect of change that no image shows; give one image a change")
        return self

    @model_validator(mode="after")
    def _columns_once(self) -> SimulateSpec:
        twice = [name for name, n in Counter(self.columns).items() if n > 1]
        if twice:
            raise ValueError(f"two columns {twice[0]!r} in the table; rename one of them")
        if {"clinical", "truth"} & set(self.tables):
            raise ValueError("a feature table named clinical or truth; rename it")
        return self

    @property
    def id(self) -> str:
        """Return the column of the case ids."""
        return "patient_id" if self.group is None else "case_id"

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of the table, in order."""
        outcome = {"survival": ("time", "event"), "binary": ("event",), "continuous": ("value",)}
        return (
            self.id,
            "simulated",
            *((self.group.column,) if self.group else ()),
            *self.clinical,
            *self.variables,
            *outcome.get(self.endpoint, ("class",)),
            *(("centre",) if self.centres else ()),
            *(("date",) if self.dates else ()),
            *(("split",) if self.train else ()),
            *dict.fromkeys(reader.column for reader in self.readers.values()),
        )
