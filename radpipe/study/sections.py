"""The sections of study.yaml that say where the data are and what they mean."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from radpipe.core.spec import KindSpec, Spec, Text, Texts
from radpipe.features.registry import NORMALISERS
from radpipe.features.settings import ExtractionSettings
from radpipe.resampling.registry import SPLITS
from radpipe.resampling.splits import NoSplitSpec
from radpipe.study.kinds import OneOf
from radpipe.study.names import Name, normal
from radpipe.study.patterns import pattern_problem


def _inside(pattern: str) -> str:
    problem = pattern_problem(pattern)
    if problem:
        raise ValueError(problem)
    return pattern


Pattern = Annotated[Text, AfterValidator(_inside)]
"""A path below the data folder; ``{column}`` stands for that column's value."""


class CohortSpec(Spec):
    """The cohort table: one row a case."""

    table: Pattern = Field(
        description="csv (UTF-8, GBK), xlsx or parquet file, from the data folder"
    )
    sheet: Text | None = Field(None, description="sheet of an xlsx file; default the first")
    id: Text = Field(description="column with the case ids")
    group: Text | None = Field(
        None, description="column that names the patient, where one has several cases"
    )
    missing: Texts = Field(
        (), description='cells that mean missing besides the empty one, such as "NA"'
    )
    split: Annotated[KindSpec, OneOf(SPLITS)] = Field(
        NoSplitSpec(), description="which cases are held out"
    )
    exclude: dict[str, Text] = Field(
        {}, description="cases left out, each with the reason that the report prints"
    )


class ImageSpec(Spec):
    """One image of each case."""

    path: Pattern = Field(description="NIfTI, NRRD or MHA file, such as images/{patient_id}.nii.gz")
    modality: Literal["MR", "CT", "PT", "US", "MG", "OT"] = Field(
        description="as DICOM calls it: magnetic resonance, computed tomography, positron "
        "emission, ultrasound, mammography, other"
    )
    normalise: Annotated[KindSpec, OneOf(NORMALISERS)] | None = Field(
        None, description="what is done to the grey values of the whole image first"
    )
    channel: int | None = Field(
        None, ge=0, description="which channel of a colour image is worked on, from 0"
    )


class RegionSpec(Spec):
    """One region of interest, with a mask on the grid of each image."""

    label: int = Field(1, ge=1, le=2**31 - 1, description="the region's value in the masks")
    masks: dict[str, Pattern] = Field(
        min_length=1, description="image name -> mask file; {image} stands for the image's name"
    )


def _beside(path: str) -> str:
    problem = pattern_problem(path, "study's folder")
    if problem:
        raise ValueError(problem)
    return path


class ParamsSpec(Spec):
    """An extraction that a PyRadiomics parameter file says."""

    params: Annotated[Text, AfterValidator(_beside)] = Field(
        description="YAML or JSON file of PyRadiomics, from the study's folder"
    )


class BlockSpec(ExtractionSettings):
    """The features of one region on one image."""

    image: Text = Field(description="name of an image")
    region: Text = Field(description="name of a region")
    extraction: ParamsSpec | None = Field(
        None, description="a PyRadiomics parameter file instead of all keys but image and region"
    )


class ClinicalSpec(Spec):
    """One clinical variable."""

    type: Literal["continuous", "ordinal", "nominal", "binary"] = Field(
        description="how the variable is read and modelled"
    )
    column: Text | None = Field(None, description="column of the table; default the name")
    levels: tuple[Text, ...] = Field(
        (), description="the levels in their order (after `groups`); ordinal needs them"
    )
    groups: dict[Text, tuple[Text, ...]] = Field(
        {}, description="new level -> the values of the table that it stands for"
    )
    reference: Text | None = Field(
        None, description="level that the others are compared with; default the first"
    )
    unit: Text | None = Field(None, description="unit that figures print")
    label: Text | None = Field(None, description="how figures and tables call it")

    @model_validator(mode="after")
    def _coherent(self) -> ClinicalSpec:
        if self.type == "continuous":
            for key in ("levels", "groups", "reference"):
                if getattr(self, key):
                    raise ValueError(f"{key} on a continuous variable; remove it, or change type")
        if self.type == "ordinal" and self.reference:
            raise ValueError(
                "reference on an ordinal variable; its levels are counted up; remove it"
            )
        if self.type == "ordinal" and len(self.levels) < 2:
            raise ValueError("an ordinal variable without its order; give levels: [low, ..., high]")
        if self.type == "binary" and self.levels and len(self.levels) != 2:
            raise ValueError(f"{len(self.levels)} levels of a binary variable; give 2")
        self._each_once()
        if self.levels and self.reference and self.reference not in self.levels:
            raise ValueError(
                f"the reference {self.reference!r}, which is no level; "
                f"allowed: {', '.join(self.levels)}"
            )
        return self

    def _each_once(self) -> None:
        """Refuse a level or a grouped value that stands twice, and a group that is no level."""
        grouped = [value for values in self.groups.values() for value in values]
        for noun, found in (("level", self.levels), ("value of groups", grouped)):
            plain = [normal(value) for value in found]
            twice = [value for value in plain if plain.count(value) > 1]
            if twice:
                raise ValueError(f"the {noun} {twice[0]!r} twice; give each once")
        for level in self.groups:
            if self.levels and level not in self.levels:
                raise ValueError(
                    f"the group {level!r}, which is no level; allowed: {', '.join(self.levels)}"
                )


Images = dict[Name, ImageSpec]
Regions = dict[Name, RegionSpec]
Blocks = dict[Name, BlockSpec]
Clinical = dict[Name, ClinicalSpec]
