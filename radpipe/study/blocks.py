"""Blocks of features: extracted from images, read from a table, or made of other blocks."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, FiniteFloat, model_validator

from radpipe.core.kinds import OneOf
from radpipe.core.registry import Registry
from radpipe.core.spec import KindSpec, Spec, Text, Texts
from radpipe.features.histogram import HistogramSettings
from radpipe.features.preparation_settings import PreparationSettings
from radpipe.features.registry import DEFAULT_ENGINE
from radpipe.features.settings import ExtractionSettings, settings_of
from radpipe.study.names import Name
from radpipe.study.patterns import Pattern, pattern_problem

BLOCKS = Registry(
    "block",
    {
        "extraction": "radpipe.study.blocks:ExtractionSpec",
        "histogram": "radpipe.study.blocks:HistogramSpec",
        "table": "radpipe.study.blocks:TableSpec",
        "delta": "radpipe.study.blocks:DeltaSpec",
        "ratio": "radpipe.study.blocks:RatioSpec",
    },
)

MEAN = "original_firstorder_Mean"


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


class BlockSpec(KindSpec):
    """A block of features, a row a case."""


class ImageBlockSpec(BlockSpec):
    """A block that is extracted from one region on one image."""

    image: Text = Field(description="name of an image")
    region: Text = Field(description="name of a region")

    engine: ClassVar[str] = DEFAULT_ENGINE

    def settings(self, normalise: Any, channel: int | None) -> ExtractionSettings:
        """Return the extraction settings, with the normalisation and channel of the image."""
        raise NotImplementedError


class DerivedSpec(BlockSpec):
    """A block that is made without images: of other blocks, or of a table."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the blocks that it is made of."""
        return ()


class ExtractionSpec(ImageBlockSpec, ExtractionSettings):
    """The features of one region on one image; the kind of a block that names none."""

    kind: Literal["extraction"] = "extraction"
    extraction: ParamsSpec | None = Field(
        None, description="a PyRadiomics parameter file instead of all keys but image and region"
    )

    def settings(self, normalise: Any, channel: int | None) -> ExtractionSettings:
        """Return the extraction settings, with the normalisation and channel of the image."""
        return settings_of(self, normalise, channel)


Percent = Annotated[FiniteFloat, Field(ge=0, le=100)]


class HistogramSpec(ImageBlockSpec, PreparationSettings):
    """The distribution of grey values in one region on one image.

    Percentiles, mean, standard deviation (of all voxels), skewness and kurtosis of the grey
    values as they are prepared, not discretised. Names: ``original_histogram_5Percentile``,
    ``original_histogram_Mean``, ``..._StandardDeviation``, ``..._Skewness``, ``..._Kurtosis``.

    Parameters
    ----------
    step : int
        Percentiles from this one to 99 in steps of it.
    percentiles : tuple of float
        Those that are wanted, instead of steps.
    """

    engine: ClassVar[str] = "histogram"

    kind: Literal["histogram"] = "histogram"
    step: int = Field(1, ge=1, le=50)
    percentiles: tuple[Percent, ...] = ()

    @model_validator(mode="after")
    def _either(self) -> HistogramSpec:
        if self.percentiles and "step" in self.model_fields_set:
            raise ValueError("percentiles beside step; remove one of them")
        twice = [p for p in self.percentiles if self.percentiles.count(p) > 1]
        if twice:
            raise ValueError(f"the percentile {twice[0]:g} twice; give each once")
        return self

    def settings(self, normalise: Any, channel: int | None) -> ExtractionSettings:
        """Return the extraction settings, with the normalisation and channel of the image."""
        given = {
            name: getattr(self, name)
            for name in PreparationSettings.model_fields
            if name in self.model_fields_set
        }
        wanted = self.percentiles or tuple(map(float, range(self.step, 100, self.step)))
        return settings_of(HistogramSettings(percentiles=wanted, **given), normalise, channel)


def _readable(patterns: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in patterns:
        if is_expression(pattern):
            try:
                re.compile(pattern[1:-1])
            except re.error as error:
                raise ValueError(f"the pattern {pattern}, which is none ({error})") from None
    return patterns


Columns = Annotated[Texts, AfterValidator(_readable)]
"""Names, patterns with * and ?, or regular expressions between slashes."""


def is_expression(pattern: str) -> bool:
    """Return whether a pattern is a regular expression."""
    return len(pattern) > 2 and pattern.startswith("/") and pattern.endswith("/")


def leaves_out(pattern: str) -> bool:
    """Return whether a pattern only says what is not meant: ``/^(?!...)/``."""
    return pattern.startswith("/^(?!") and pattern.endswith(")/")


def fits(name: str, pattern: str) -> bool:
    """Return whether a name is meant by a pattern."""
    if is_expression(pattern):
        return re.search(pattern[1:-1], name) is not None
    return name == pattern or fnmatchcase(name, pattern)


class TableSpec(DerivedSpec):
    """Features that another program computed, from its table.

    Parameters
    ----------
    file : str
        csv (UTF-8, GBK), xlsx or parquet file, from the data folder; an external cohort may have
        its own in its folder. With a placeholder, such as slicer/{patient_id}.csv, each case
        has a file of its own. With {reader}, such as features_{reader}.csv, each reader has: the
        block holds the first one's values, and selectors compare the others' of the training
        cases that theirs hold.
    sheet : str or None
        Sheet of an xlsx file; default the first.
    layout : str
        wide: a row a case, a column a feature. long: a row a case and feature, with the value
        in one column (as 3D Slicer writes it). transposed: a row a feature, a column a case.
    id : str or None
        Column with the case ids (wide, long); default that of the cohort.
    columns : tuple of str
        Which features: names, patterns with * and ?, or regular expressions between slashes
        (/^path_[0-9]+$/). Default every column that holds numbers, as where each pattern only
        leaves out (/^(?!(age|site)$)/); those that begin with diagnostics_ never count.
    feature : tuple of str
        Columns whose cells, joined by _, name the feature (long, transposed).
    value : str
        Column with the values (long).
    where : dict of str to tuple of str
        Column -> the values of the rows that count; the others are left out.
    missing : tuple of str
        Cells that mean missing besides the empty one.
    """

    kind: Literal["table"] = "table"
    file: Pattern
    sheet: Text | None = None
    layout: Literal["wide", "long", "transposed"] = "wide"
    id: Text | None = None
    columns: Columns = ()
    feature: Texts = ("Image type", "Feature Class", "Feature Name")
    value: Text = "Value"
    where: dict[Text, Texts] = Field({})
    missing: Texts = ()

    @model_validator(mode="after")
    def _of_its_layout(self) -> TableSpec:
        belongs = {"feature": ("long", "transposed"), "value": ("long",), "id": ("wide", "long")}
        for key, layouts in belongs.items():
            if key in self.model_fields_set and self.layout not in layouts:
                raise ValueError(
                    f"{key} in a table of layout {self.layout}; remove it, or set layout: "
                    f"{' or '.join(layouts)}"
                )
        return self


class DeltaSpec(DerivedSpec):
    """How features changed from one block to another, matched by their names.

    Parameters
    ----------
    of : str
        The later block.
    minus : str
        The earlier block.
    change : str
        absolute: later minus earlier. relative: that, divided by the absolute value of the
        earlier; missing where the earlier is 0.
    """

    kind: Literal["delta"] = "delta"
    of: Name
    minus: Name
    change: Literal["absolute", "relative"] = "absolute"

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the blocks that it is made of."""
        return (self.of, self.minus)


class RatioSpec(DerivedSpec):
    """Features of one block divided by those of another, matched by their names.

    Parameters
    ----------
    of : str
        The block above the line.
    over : str
        The block below it; the ratio is missing where its feature is 0.
    features : tuple of str
        Which features: names, patterns with * and ?, or regular expressions between slashes.
        Default the mean grey value of the region.
    """

    kind: Literal["ratio"] = "ratio"
    of: Name
    over: Name
    features: Columns = Field((MEAN,), min_length=1)

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the blocks that it is made of."""
        return (self.of, self.over)


Blocks = dict[Name, Annotated[BlockSpec, OneOf(BLOCKS, default="extraction")]]
