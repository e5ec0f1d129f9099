"""What every output is given, what it gives back, and the settings they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core.errors import RadpipeError, nearest
from radpipe.core.spec import KindSpec, Text
from radpipe.outputs.flags import flag_sentences
from radpipe.outputs.rival_risks import rival_sentences

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from radpipe.io.maps import ImageMap
    from radpipe.outputs.style import Style

BOTH = frozenset({"binary", "survival"})
"""Kinds of endpoint with one event."""


@dataclass(frozen=True)
class CaseImages:
    """Where one case's image and mask lie; a path that is None is a missing image.

    Parameters
    ----------
    case, image, region : str
        The case's id, the image's name (``t1``) and the region's name (``mass``).
    image_path, mask_path : str or None
    label : int
        The region's value in the mask.
    channels : (int or None, int)
        Those of image and mask, where they have several.
    correct_mask : bool
        Whether a mask on another grid is brought to the image's.
    made : ImageMap or None
        How the image is computed, where it is a map; `image_path` is then its first file.
    """

    case: str
    image: str
    region: str
    image_path: str | None
    mask_path: str | None
    label: int = 1
    channels: tuple[int | None, int] = (None, 0)
    correct_mask: bool = False
    made: ImageMap | None = None


@dataclass(frozen=True)
class OutputData:
    """All that an output may look at; the tables are those that WORK holds.

    Parameters
    ----------
    study_name, title : str
    simulated : bool
        Every figure and table then says so.
    endpoint : mapping
        ``{"kind", "label", "time_unit", "horizons", "classes", "unit"}``.
    predictions, outcomes, cohort : DataFrame
    cohort_info : mapping
        ``{"n_table", "n_included", "excluded", "notes", "warnings", "split"}``.
    clinical : mapping
        Name -> ``{"type", "levels", "unit", "label"}``.
    fits, controls : mapping
        Model -> what its fit (its permutations) wrote.
    cases : sequence of CaseImages
    models : mapping
        Name -> ``{"kind", "label", "inputs"}``, in the order of the study.
    seed : int
    codes : mapping
        Case id -> the code that stands for it in print (``C001``); empty where ids are shown.
    reliability : sequence of mapping
        Each comparison of readings by a selector: ``selection``, ``models``, ``step``, ``form``,
        ``threshold``, ``on``, ``cases``, ``readers``, ``without_readings``, ``dropped_before``
        (how many features an earlier step of the selection dropped; they are in ``rows`` too),
        and ``rows``, a mapping a feature: feature, icc, lower, upper, n, kept, and
        ``dropped_before`` where it was.
    resampling : str
        The resampling in words (``"5-fold cross-validation repeated 20 times"``).
    """

    study_name: str
    title: str
    simulated: bool
    endpoint: Mapping[str, Any]
    predictions: pd.DataFrame
    outcomes: pd.DataFrame
    cohort: pd.DataFrame
    cohort_info: Mapping[str, Any]
    clinical: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    fits: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    controls: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    cases: tuple[CaseImages, ...] = ()
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    seed: int = 0
    codes: Mapping[str, str] = field(default_factory=dict)
    resampling: str = ""
    reliability: tuple[Mapping[str, Any], ...] = ()

    def model_label(self, model: str) -> str:
        """Return how a model is called in print."""
        return str(self.models.get(model, {}).get("label") or model)

    def code(self, case: str) -> str:
        """Return what stands for a case in print; an id is never shown where codes are used."""
        return self.codes.get(case, "–") if self.codes else case


@dataclass(frozen=True)
class Result:
    """What an output computed; ``draw`` looks at nothing else.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Tidy tables, each saved as NAME.csv; they suffice to draw the figure again.
    caption : str
        What is shown, on how many cases, by which method.
    notes : tuple of str
        What could not be shown, and why.
    facts : mapping
        The few words and numbers that the figure needs beside the tables (JSON-able).
    readable : tuple of str
        Names of the tables that a reader wants to see in the report.
    pictures : mapping of str to array
        Pixels of the montage, which no table holds.
    """

    tables: Mapping[str, pd.DataFrame]
    caption: str
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    readable: tuple[str, ...] = ()
    pictures: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)


class OutputSpec(KindSpec):
    """A named figure or table. ``id`` defaults to the kind; ``title`` to the kind's own."""

    id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")
    title: Text | None = None

    endpoints: ClassVar[frozenset[str]] = BOTH
    needs_risk: ClassVar[bool] = False
    needs_horizon: ClassVar[bool] = False
    model_kinds: ClassVar[frozenset[str] | None] = None
    needs_images: ClassVar[bool] = False
    heading: ClassVar[str] = ""
    section: ClassVar[str] = "performance"

    @property
    def name(self) -> str:
        """Return the folder's name under outputs/."""
        return self.id or self.kind

    def shown_title(self) -> str:
        """Return the title that the report prints."""
        return self.title or self.heading or self.kind

    def compute(self, data: OutputData) -> Result:
        """Return the tables and the caption."""
        raise NotImplementedError

    def shown_models(self, data: OutputData) -> tuple[str, ...]:
        """Return the models of which the output shows something."""
        return ()

    def result(self, data: OutputData) -> Result:
        """Return what `compute` does; the caption says what must be said of the models shown."""
        found = self.compute(data)
        shown = self.shown_models(data)
        said = flag_sentences(data.models, data.fits, shown)
        if self.needs_risk and "competing" in data.outcomes and data.outcomes["competing"].any():
            said += rival_sentences(data.models, shown)
        return replace(found, caption=" ".join([found.caption, *said]))

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return the figure, or None where the tables are all there is."""
        return None


class ModelOutputSpec(OutputSpec):
    """An output of models.

    Parameters
    ----------
    models : tuple of str
        Which models, in this order; empty means all that the output can show.
    """

    models: tuple[Text, ...] = ()

    def chosen(self, data: OutputData) -> tuple[str, ...]:
        """Return the models to show, those asked for or all of a fitting kind."""
        for model in self.models:
            if model not in data.models:
                raise RadpipeError(
                    f"output {self.name}: model {model!r} is not known; "
                    f"allowed: {', '.join(data.models)}; {nearest(model, list(data.models))}"
                )
        names = self.models or tuple(data.models)
        if self.model_kinds is not None:
            names = tuple(m for m in names if data.models[m]["kind"] in self.model_kinds)
        return names

    def shown_models(self, data: OutputData) -> tuple[str, ...]:
        """Return the models of which the output shows something."""
        return self.chosen(data)


class PredictionOutputSpec(ModelOutputSpec):
    """An output of models' predictions, split by split.

    Parameters
    ----------
    splits : tuple of str
        Which rows: ``resampled``, ``internal``, ``temporal``, ``external:NAME`` or
        ``apparent``. Empty means every split but the apparent one.
    """

    splits: tuple[Text, ...] = ()
