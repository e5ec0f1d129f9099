"""The whole of study.yaml as one strict model; ``radpipe schema`` prints it for people."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from radpipe.core.spec import KindSpec, Spec, Text
from radpipe.features.settings import ExtractionSettings, settings_of
from radpipe.models.registry import MODELS
from radpipe.outputs.base import OutputSpec
from radpipe.outputs.registry import OUTPUTS
from radpipe.resampling.registry import RESAMPLING
from radpipe.resampling.schemes import RepeatedCvSpec
from radpipe.selection.registry import SELECTORS
from radpipe.simulate.spec import SimulateSpec
from radpipe.study.endpoint import Endpoint
from radpipe.study.kinds import OneOf
from radpipe.study.names import Name
from radpipe.study.sections import Blocks, Clinical, CohortSpec, Images, Regions


class EvaluationSpec(Spec):
    """How performance is measured."""

    resampling: Annotated[KindSpec, OneOf(RESAMPLING)] = Field(
        RepeatedCvSpec(), description="how the training cases are resampled"
    )
    seed: int = Field(
        2024, ge=0, le=2**53, description="every random draw follows from this number"
    )


class ControlsSpec(Spec):
    """The checks that a run makes of itself."""

    permutations: int = Field(
        40, ge=0, le=10_000, description="how often each model is fitted on a permuted endpoint"
    )
    volume: bool = Field(True, description="a model of the region's volume alone")
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
    images: Images = Field({}, description="the images of each case, by name")
    regions: Regions = Field({}, description="the regions of interest, by name")
    blocks: Blocks = Field({}, description="blocks of features, by name")
    clinical: Clinical = Field({}, description="clinical variables, by name")
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

    def settings(self, block: str) -> ExtractionSettings:
        """Return a block's extraction settings, with the normalisation and channel of its image."""
        spec = self.blocks[block]
        image = self.images[spec.image]
        normalise: Any = image.normalise
        return settings_of(spec, normalise, image.channel)

    def pairs(self) -> list[tuple[str, str]]:
        """Return the (image, region) of the blocks, and of the images that an output names.

        Without blocks, all that have a mask.
        """
        blocks = [(block.image, block.region) for block in self.blocks.values()]
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
