"""The whole of study.yaml as one strict model; ``radpipe schema`` prints it for people."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr

from radpipe.core.expressions import parse
from radpipe.core.spec import KindSpec, Spec, Text
from radpipe.features.settings import ExtractionSettings
from radpipe.models.registry import MODELS
from radpipe.outputs.base import OutputSpec
from radpipe.outputs.registry import OUTPUTS
from radpipe.preparation.registry import PREPARATION
from radpipe.resampling.registry import RESAMPLING
from radpipe.resampling.schemes import RepeatedCvSpec
from radpipe.selection.registry import SELECTORS
from radpipe.simulate.spec import SimulateSpec
from radpipe.study.blocks import DerivedSpec, ImageBlockSpec
from radpipe.study.endpoint import Endpoint
from radpipe.study.kinds import OneOf
from radpipe.study.names import Name
from radpipe.study.readers import PerturbationsSpec, Readers
from radpipe.study.sections import Blocks, Clinical, CohortSpec, Images, Regions


class EvaluationSpec(Spec):
    """How performance is measured."""

    resampling: Annotated[KindSpec, OneOf(RESAMPLING)] = Field(
        RepeatedCvSpec(), description="how the training cases are resampled"
    )
    seed: int = Field(
        2024,
        ge=0,
        le=2**53,
        description="every random draw follows from this number, and from the order of the cohort "
        "table's rows: splits and folds are drawn in it",
    )


class ControlsSpec(Spec):
    """The checks that a run makes of itself."""

    permutations: int = Field(
        40, ge=0, le=10_000, description="how often each model is fitted on a permuted endpoint"
    )
    volume: bool = Field(True, description="a model of the volumes of the regions alone")
    clinical: bool = Field(True, description="a model of the clinical variables alone")


class AssumedSpec(Spec):
    """Something that had to be assumed."""

    what: Text = Field(description="what was open")
    value: Text = Field(description="what was taken")
    why: Text = Field(description="why")


class ReportSpec(Spec):
    """What the report shows."""

    ids: bool = Field(False, description="print case ids; otherwise codes such as C001")


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class StudySpec(Spec):
    """A study: its data, its models, and what it shows of them."""

    version: Literal[1] = Field(alias="schema", description="version of this format")
    title: Text = Field("", description="title of the report")
    data: Annotated[tuple[Text, ...], BeforeValidator(_as_list)] = Field(
        ("data", "."),
        min_length=1,
        description="folders in which the data are looked for, from the study's folder",
    )
    simulate: SimulateSpec | None = Field(
        None, description="make the cohort up instead of reading it; always labelled so"
    )
    endpoint: Endpoint = Field(description="what is predicted")
    cohort: CohortSpec = Field(description="the table of cases")
    readers: Readers = Field({}, description="who drew the masks, by name")
    perturbations: PerturbationsSpec | None = Field(
        None, description="second readings made from the only mask, by changing it at random"
    )
    images: Images = Field({}, description="the images of each case, by name")
    regions: Regions = Field({}, description="the regions of interest, by name")
    blocks: Blocks = Field({}, description="blocks of features, by name")
    clinical: Clinical = Field({}, description="clinical variables, by name")
    preparation: dict[Name, tuple[Annotated[KindSpec, OneOf(PREPARATION)], ...]] = Field(
        {}, description="steps before selection and model, by name"
    )
    selection: dict[Name, tuple[Annotated[KindSpec, OneOf(SELECTORS)], ...]] = Field(
        {}, description="chains of selectors, by name"
    )
    models: dict[Name, Annotated[KindSpec, OneOf(MODELS)]] = Field(
        {}, description="models, by name"
    )
    evaluation: EvaluationSpec = Field(EvaluationSpec(), description="how performance is measured")
    controls: ControlsSpec = Field(ControlsSpec(), description="the study's own negative controls")
    outputs: tuple[Annotated[OutputSpec, OneOf(OUTPUTS)], ...] = Field(
        (), description="figures and tables, in the order of the report"
    )
    assumed: tuple[AssumedSpec, ...] = Field((), description="what had to be assumed, and why")
    report: ReportSpec = Field(ReportSpec(), description="what the report shows")

    _table_volumes: tuple[str, ...] = PrivateAttr(())

    @property
    def table_volumes(self) -> tuple[str, ...]:
        """Return the features of tables that are volumes of regions, as far as they are known."""
        return self._table_volumes

    def with_table_volumes(self, features: tuple[str, ...]) -> StudySpec:
        """Return these settings with what the study's tables told of volumes."""
        found = self.model_copy()
        found._table_volumes = features
        return found

    def made_of(self, image: str) -> tuple[str, ...]:
        """Return the images with files that an image is made of: itself, or those of its map."""
        expression = self.images[image].expression
        names = (image,) if expression is None else parse(expression).names
        return tuple(n for n in names if n in self.images and self.images[n].path is not None)

    def image_patterns(self, image: str) -> dict[str, str]:
        """Return the files that an image is made of: name of each image -> its path."""
        return {name: self.images[name].path or "" for name in self.made_of(image)}

    @property
    def extracted(self) -> dict[str, ImageBlockSpec]:
        """Return the blocks that are extracted from images, by name."""
        return {n: block for n, block in self.blocks.items() if isinstance(block, ImageBlockSpec)}

    @property
    def derived(self) -> dict[str, DerivedSpec]:
        """Return the blocks that are made of others, or read from a table, by name."""
        return {n: block for n, block in self.blocks.items() if isinstance(block, DerivedSpec)}

    @property
    def may_exclude(self) -> list[str]:
        """Return the blocks whose cases without the region are left out of the cohort."""
        return [n for n, block in self.extracted.items() if self.empty(n) == "exclude"]

    def empty(self, block: str) -> str:
        """Return what becomes of a case of a block that has no voxel of its region."""
        region = self.regions.get(self.extracted[block].region)
        return "fault" if region is None else region.empty

    def settings(self, block: str) -> ExtractionSettings:
        """Return a block's extraction settings, with the normalisation and channel of its image."""
        spec = self.extracted[block]
        image = self.images[spec.image]
        return spec.settings(image.normalise, image.channel)

    def pairs(self) -> list[tuple[str, str]]:
        """Return the (image, region) of the blocks, and of the images that an output names.

        Without blocks, all that have a mask.
        """
        blocks = [(block.image, block.region) for block in self.extracted.values()]
        drawn = [(i, name) for name, region in self.regions.items() for i in region.masks]
        named = {image for output in self.outputs for image in getattr(output, "images", ())}
        known = [
            (image, region)
            for image, region in [*(blocks or drawn), *(d for d in drawn if d[0] in named)]
            if image in self.images
            and region in self.regions
            and image in self.regions[region].masks
        ]
        return list(dict.fromkeys(known))
