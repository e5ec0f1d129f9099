"""The sections of study.yaml that say where the data are and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, FiniteFloat, model_validator

from radpipe.core.expression_tokens import ExpressionError
from radpipe.core.expressions import parse
from radpipe.core.spec import KindSpec, Spec, Text, Texts
from radpipe.features.registry import NORMALISERS
from radpipe.resampling.registry import SPLITS
from radpipe.resampling.splits import NoSplitSpec
from radpipe.study.blocks import Blocks as Blocks
from radpipe.study.external import EACH, Externals
from radpipe.study.kinds import OneOf
from radpipe.study.names import Name, normal
from radpipe.study.patterns import Pattern


def _formula(text: str) -> str:
    try:
        parse(text)
    except ExpressionError as error:
        raise ValueError(str(error)) from None
    return text


def _once(split: Any) -> Any:
    kind = split.get("kind") if isinstance(split, Mapping) else split
    if kind in ("repeated", "repeated_splits", "repeated_cv"):
        raise ValueError(
            f"the split {kind!r}, which holds no cases out for good; remove it, and for random "
            "splits drawn many times set evaluation.resampling: {kind: repeated_splits}"
        )
    return split


Formula = Annotated[Text, AfterValidator(_formula)]
"""What `radpipe.core.expressions` reads."""


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
    split: Annotated[KindSpec, OneOf(SPLITS), BeforeValidator(_once)] = Field(
        NoSplitSpec(), description="which cases are held out"
    )
    external: Externals = Field(
        {},
        description="cohorts from elsewhere, each a test set `external:NAME`: name -> folder, or "
        "external/* for one cohort a folder",
    )
    exclude: dict[str, Text] = Field(
        {}, description="cases left out, each with the reason that the report prints"
    )

    def held_out(self) -> tuple[tuple[str, ...], bool]:
        """Return the names of the held-out sets, and whether the data may tell of more."""
        named: tuple[str, ...] | None = self.split.sets()  # type: ignore[attr-defined]
        cohorts = tuple(f"external:{name}" for name in self.external if name != EACH)
        return (*(named or ()), *cohorts), named is None or EACH in self.external


class ImageSpec(Spec):
    """One image of each case."""

    path: Pattern | None = Field(
        None, description="NIfTI, NRRD or MHA file, such as images/{patient_id}.nii.gz"
    )
    expression: Formula | None = Field(
        None,
        description="a parametric map instead of a file: a formula over the grey values of other "
        "images on the same grid, such as post - pre; its functions are those of clinical "
        "variables",
    )
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

    @model_validator(mode="after")
    def _from_somewhere(self) -> ImageSpec:
        if (self.path is None) == (self.expression is None):
            said = "neither path nor expression" if self.path is None else "path beside expression"
            raise ValueError(f"{said}; give one of them")
        if self.expression is not None and self.channel is not None:
            raise ValueError("channel of a map; give it to the images that the formula names")
        if self.expression is not None and parse(self.expression).truth:
            raise ValueError("a formula that says yes or no; write where(condition, 1, 0)")
        return self


Empty = Literal["fault", "exclude", "missing", "zero"]


class RegionSpec(Spec):
    """One region of interest, with a mask on the grid of each image."""

    label: int = Field(1, ge=1, le=2**31 - 1, description="the region's value in the masks")
    masks: dict[str, Pattern] = Field(
        min_length=1, description="image name -> mask file; {image} stands for the image's name"
    )
    empty: Empty = Field(
        "fault",
        description="what becomes of a case without a voxel of the region in its mask: fault "
        "stops the study; exclude leaves the case out, counted in the flow; missing leaves its "
        "features missing, to be filled in from training rows; zero makes them 0",
    )


class CutSpec(Spec):
    """Numbers cut into classes."""

    breaks: tuple[FiniteFloat, ...] = Field(
        min_length=1, description="where one class ends and the next begins, the lowest first"
    )
    levels: tuple[Text, ...] = Field(
        min_length=2,
        description="the classes, that of the lowest numbers first; one more than breaks",
    )
    right: bool = Field(
        description="where a number that equals a break belongs: true to the class below it, "
        "false to the class above"
    )

    @model_validator(mode="after")
    def _fits(self) -> CutSpec:
        if any(a >= b for a, b in pairwise(self.breaks)):
            raise ValueError(f"the breaks {list(self.breaks)}; give them rising, each once")
        if len(self.levels) != len(self.breaks) + 1:
            raise ValueError(
                f"{len(self.levels)} levels for {len(self.breaks)} breaks; "
                f"give {len(self.breaks) + 1}"
            )
        return self


class ClinicalSpec(Spec):
    """One clinical variable."""

    type: Literal["continuous", "ordinal", "nominal", "binary"] = Field(
        description="how the variable is read and modelled"
    )
    column: Text | None = Field(None, description="column of the table; default the name")
    expression: Formula | None = Field(
        None,
        description="a formula instead of a column, over columns and other clinical variables: "
        "+ - * / **, comparisons, and, or, not, in, log, log2, log10, exp, sqrt, abs, min, max, "
        "round(x, digits), where(condition, yes, no); names `in backquotes` where they hold other "
        'signs, text "in quotes"; what is undefined is missing',
    )
    cut: CutSpec | None = Field(
        None, description="cut the numbers of the column or the formula into levels"
    )
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

    @property
    def computed(self) -> bool:
        """Return whether the values are made of numbers, rather than read."""
        return self.expression is not None or self.cut is not None

    @property
    def known_levels(self) -> tuple[str, ...]:
        """Return the levels in their order, as far as study.yaml says them."""
        if self.cut is not None:
            return self.cut.levels
        asked = self.expression is not None and self.type == "binary"
        return self.levels or (("no", "yes") if asked else ())

    @model_validator(mode="after")
    def _coherent(self) -> ClinicalSpec:
        self._computed()
        levels = self.known_levels
        if self.type == "continuous":
            for key in ("levels", "groups", "reference"):
                if getattr(self, key):
                    raise ValueError(f"{key} on a continuous variable; remove it, or change type")
        if self.type == "ordinal" and self.reference:
            raise ValueError(
                "reference on an ordinal variable; its levels are counted up; remove it"
            )
        if self.type == "ordinal" and len(levels) < 2:
            raise ValueError("an ordinal variable without its order; give levels: [low, ..., high]")
        if self.type == "binary" and levels and len(levels) != 2:
            raise ValueError(f"{len(levels)} levels of a binary variable; give 2")
        self._each_once()
        if levels and self.reference and self.reference not in levels:
            raise ValueError(
                f"the reference {self.reference!r}, which is no level; allowed: {', '.join(levels)}"
            )
        return self

    def _computed(self) -> None:
        """Refuse what a formula or a cut leaves without a meaning."""
        if not self.computed:
            return
        if self.expression is not None and self.column is not None:
            raise ValueError("column beside expression; remove one of them")
        what = "cut" if self.cut is not None else "expression"
        spare = [key for key in ("groups", "levels") if getattr(self, key)]
        if spare and (spare[0] == "groups" or self.cut is not None):
            raise ValueError(f"{spare[0]} beside {what}; remove {spare[0]}")
        if self.cut is not None and self.type == "continuous":
            raise ValueError("cut on a continuous variable; set its type to ordinal")
        if self.expression is None:
            return
        truth = parse(self.expression).truth
        if truth and (self.cut is not None or self.type != "binary"):
            raise ValueError(
                "an expression that says yes or no; set the type to binary, without cut"
            )
        if not truth and self.cut is None and self.type != "continuous":
            raise ValueError(
                f"an expression that gives numbers as a variable of type {self.type}; add cut, "
                "compare (age >= 65, type binary), or set the type to continuous"
            )

    def _each_once(self) -> None:
        """Refuse a level or a grouped value that stands twice, and a group that is no level."""
        grouped = [value for values in self.groups.values() for value in values]
        for noun, found in (("level", self.known_levels), ("value of groups", grouped)):
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


def _formulas(value: Any) -> Any:
    """Let a formula stand for a variable of numbers, or of yes and no where it asks something."""
    if not isinstance(value, Mapping):
        return value
    types = get_args(ClinicalSpec.model_fields["type"].annotation)
    return {
        name: {"type": _type_of(told), "expression": told}
        if isinstance(told, str) and told not in types
        else told
        for name, told in value.items()
    }


def _type_of(formula: str) -> str:
    try:
        asks = parse(formula).truth
    except ExpressionError:
        asks = False  # what is wrong with it is told of the expression
    return "binary" if asks else "continuous"


Clinical = Annotated[dict[Name, ClinicalSpec], BeforeValidator(_formulas)]
"""Clinical variables by name; a bare formula is one that is computed."""
