"""What a simulated cohort is made of; the ``simulate:`` part of study.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from radpipe.core.spec import Spec

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


class SimulateSpec(Spec):
    """A phantom cohort: image and mask pairs, and a clinical table with a known truth.

    Parameters
    ----------
    cases : int
        How many.
    seed : int
        Equal seeds give equal files, byte for byte.
    endpoint : "binary" or "survival"
        Columns ``event`` (0/1), or ``time`` (days) and ``event`` (0/1).
    prevalence : float
        Share of cases with the event; for survival, seen before the follow-up ends.
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
    endpoint: Literal["binary", "survival"] = "binary"
    prevalence: float = Field(0.4, gt=0.02, lt=0.98)
    size_voxels: tuple[Side, Side, Side] = (48, 48, 24)
    spacing_mm: tuple[Step, Step, Step] = (1.0, 1.0, 2.0)
    effects: EffectSpec = EffectSpec()
    clinical: tuple[ClinicalVariable, ...] = ("age", "sex", "stage", "smoking")
    missing: float = Field(0.0, ge=0, le=0.5)
    follow_up_days: float = Field(1825.0, gt=30)

    @model_validator(mode="after")
    def _both_classes(self) -> SimulateSpec:
        if not 2 <= round(self.cases * self.prevalence) <= self.cases - 2:
            raise ValueError(
                f"prevalence {self.prevalence:g} of {self.cases} cases leaves fewer than 2 with "
                "or without the event; give more cases or a prevalence nearer to 0.5"
            )
        return self
