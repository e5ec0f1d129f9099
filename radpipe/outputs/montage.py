"""Slices with the outline of the region, so that a reader sees that the masks fit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, model_validator

from radpipe.core.errors import CaseError, RadpipeError
from radpipe.core.spec import Text
from radpipe.core.target import KINDS
from radpipe.outputs.base import CaseImages, OutputData, OutputSpec, Result
from radpipe.outputs.style import DOUBLE_MM, wrap
from radpipe.outputs.words import counted, opening

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from radpipe.outputs.style import Style

ACROSS = 4
TILE_MM = 43.5
GAP_MM = 2.0
TITLE_MM = 4.2
OUTLINE = "#FFD400"


class MontageSpec(OutputSpec):
    """A grid of slices.

    Parameters
    ----------
    cases : tuple of str
        Which cases; empty means ``n`` spread evenly over the cohort.
    n : int
        How many cases where none are named.
    images : tuple of str
        Which images; empty means those of the blocks.
    slice : {"largest", "central"}
        The slice where the region is largest, or the middle one of the region.
    window_percentiles : (low, high)
        Grey levels, as percentiles of the slice shown.
    """

    kind: Literal["montage"] = "montage"
    cases: tuple[Text, ...] = ()
    n: Annotated[int, Field(ge=1, le=200)] = 12
    images: tuple[Text, ...] = ()
    slice: Literal["largest", "central"] = "largest"
    window_percentiles: tuple[
        Annotated[float, Field(ge=0, lt=100)], Annotated[float, Field(gt=0, le=100)]
    ] = (1.0, 99.0)

    @model_validator(mode="after")
    def _window(self) -> Self:
        low, high = self.window_percentiles
        if low >= high:
            raise ValueError(f"the window {low:g} to {high:g}; give the lower one first")
        return self

    endpoints: ClassVar[frozenset[str]] = KINDS
    heading: ClassVar[str] = "Regions on the images"
    section: ClassVar[str] = "features"
    needs_images: ClassVar[bool] = True

    def compute(self, data: OutputData) -> Result:
        """Return table ``tiles`` (one row a tile) and the pixels shown."""
        chosen = self.chosen_cases(data)
        rows: list[dict[str, Any]] = []
        pictures: dict[str, NDArray[np.float64]] = {}
        for entry in (e for case in chosen for e in data.cases if e.case == case):
            if self.images and entry.image not in self.images:
                continue
            key = f"tile{len(rows):03d}"
            row = {
                "tile": key,
                "case": data.code(entry.case),
                "image": entry.image,
                "region": entry.region,
                **_NOTHING,
            }
            try:
                found = _tile(entry, self.slice)
            except CaseError as error:
                row["missing"] = error.fault.found
            else:
                pictures[key], pictures[f"{key}mask"] = found.pop("grey"), found.pop("mask")
                row |= found
            rows.append(row)
        table = pd.DataFrame(rows, columns=["tile", "case", "image", "region", *_NOTHING])
        low, high = self.window_percentiles
        which = "of largest area" if self.slice == "largest" else "in the middle"
        caption = (
            f"{opening(data)}{counted(len(chosen), 'case')} of {len(data.cohort)}"
            f"{'' if self.cases else ', spread evenly over the cohort'}: the axial slice {which} "
            "of the region, with its outline. Grey levels from percentile "
            f"{low:g} to {high:g} of the slice; pixels at their true aspect."
        )
        lost = table[table["missing"] != ""]
        notes = tuple(f"{r['case']} {r['image']}: {r['missing']}" for _, r in lost.iterrows())
        return Result({"tiles": table}, caption, notes, {"window": [low, high]}, (), pictures)

    def chosen_cases(self, data: OutputData) -> list[str]:
        """Return the cases to show, in the order of the cohort."""
        order = list(dict.fromkeys(str(c) for c in data.cohort["case"]))
        unknown = [case for case in self.cases if case not in order]
        if unknown:
            raise RadpipeError(
                f"output {self.name}: case {unknown[0]!r} is not among the included cases"
            )
        if self.cases:
            return [case for case in order if case in self.cases]
        places = np.linspace(0, len(order) - 1, min(self.n, len(order))).round().astype(int)
        return [order[i] for i in dict.fromkeys(places.tolist())]

    def draw(self, result: Result, style: Style) -> Figure | None:
        """Return the grid; a missing image is a labelled empty tile."""
        table = result.tables["tiles"]
        if table.empty:
            return None
        down = -(-len(table) // ACROSS)
        pitch = TILE_MM + TITLE_MM + GAP_MM
        sheet = style.sheet(DOUBLE_MM, down * pitch + 1)
        for i, (_, row) in enumerate(table.iterrows()):
            left = 1.5 + (i % ACROSS) * (TILE_MM + GAP_MM)
            top = (i // ACROSS) * pitch
            words = f"{row['case']} · {row['image']} · {row['region']}"
            sheet.text(left, top + TITLE_MM - 0.6, wrap(words, 32, 1), va="bottom", fontsize=6.2)
            ax = sheet.axes(left, top + TITLE_MM, TILE_MM, TILE_MM)
            ax.set(xticks=[], yticks=[], facecolor="black")
            if row["missing"]:
                _empty(ax, str(row["missing"]))
            else:
                _show(ax, result, row)
        return sheet.figure


_NOTHING: dict[str, Any] = {
    "slice": -1,
    "spacing_x_mm": float("nan"),
    "spacing_y_mm": float("nan"),
    "area_mm2": float("nan"),
    "missing": "",
}


def _tile(entry: CaseImages, which: str) -> dict[str, Any]:
    """Return the slice of one case with its mask; volumes are (z, y, x).

    Raises
    ------
    CaseError
        Where a file is missing or damaged, or the region is empty.
    """
    import SimpleITK as sitk

    from radpipe.core.errors import Fault

    def refuse(found: str) -> CaseError:
        return CaseError(Fault("montage", found, "", case=entry.case))

    if entry.image_path is None or entry.mask_path is None:
        raise refuse("no image" if entry.image_path is None else "no mask")
    image, mask = _pair(entry, Path(entry.image_path), Path(entry.mask_path))
    if image.GetSize() != mask.GetSize():
        raise refuse("the mask is on another grid")
    inside = sitk.GetArrayViewFromImage(mask) == entry.label
    areas = inside.sum(axis=(1, 2))
    slices = np.flatnonzero(areas)
    if not len(slices):
        raise refuse(f"label {entry.label} is not in the mask")
    z = int(np.argmax(areas)) if which == "largest" else int(slices[len(slices) // 2])
    dx, dy, _ = image.GetSpacing()
    return {
        "grey": np.asarray(sitk.GetArrayViewFromImage(image)[z], float),
        "mask": np.asarray(inside[z], float),
        "slice": z,
        "spacing_x_mm": float(dx),
        "spacing_y_mm": float(dy),
        "area_mm2": float(areas[z] * dx * dy),
    }


def _pair(entry: CaseImages, image_path: Path, mask_path: Path) -> tuple[Any, Any]:
    """Return image and mask as they are extracted from, with three axes."""
    import SimpleITK as sitk

    from radpipe.imaging.axes import as_volume, one_channel, with_axes_of
    from radpipe.io.images import read_mask
    from radpipe.io.maps import read_source

    image = one_channel(read_source(entry.made or image_path), entry.channels[0], str(image_path))
    mask = one_channel(read_mask(mask_path), entry.channels[1], str(mask_path))
    image, mask = as_volume(image), as_volume(with_axes_of(mask, image))
    if entry.correct_mask:
        mask = sitk.Resample(mask, image, sitk.Transform(), sitk.sitkNearestNeighbor)
    return image, mask


def _empty(ax: Any, why: str) -> None:
    ax.set_facecolor("#F0F0F0")
    for spine in ax.spines.values():
        spine.set(visible=True, color="#BBBBBB")
    ax.text(0.5, 0.5, wrap(why, 26, 5), transform=ax.transAxes, ha="center", va="center")


def _show(ax: Any, result: Result, row: pd.Series) -> None:
    """Show one slice in millimetres, centred in its square tile, with the outline on top."""
    grey, mask = result.pictures[row["tile"]], result.pictures[f"{row['tile']}mask"]
    low, high = np.percentile(grey, result.facts["window"])
    dx, dy = float(row["spacing_x_mm"]), float(row["spacing_y_mm"])
    height, width = grey.shape
    ax.imshow(
        grey,
        cmap="gray",
        vmin=low,
        vmax=high if high > low else low + 1,
        extent=(0, width * dx, height * dy, 0),
        interpolation="nearest",
    )
    # A frame of zeros closes outlines that run along the edge of the slice.
    framed = np.pad(mask, 1)
    x = (np.arange(-1, width + 1) + 0.5) * dx
    y = (np.arange(-1, height + 1) + 0.5) * dy
    ax.contour(x, y, framed, levels=[0.5], colors=[OUTLINE], linewidths=0.7)
    half = max(width * dx, height * dy) / 2
    ax.set_xlim(width * dx / 2 - half, width * dx / 2 + half)
    ax.set_ylim(height * dy / 2 + half, height * dy / 2 - half)
    for spine in ax.spines.values():
        spine.set_visible(False)
