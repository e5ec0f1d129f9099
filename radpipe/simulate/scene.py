"""All images and masks of one simulated case, at every visit and by every reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.resampling.streams import stream
from radpipe.simulate.extras import PRIMARY, SimulatedImage
from radpipe.simulate.phantom import Grid, Scanner, drawn, make_phantom, outlines, picture, tissue
from radpipe.simulate.spec import SimulateSpec
from radpipe.simulate.table import latent_names

IMAGES = "images"
MASKS = "masks"

GROWTH = 0.3
"""How much of a change in heterogeneity shows in the size."""


@dataclass(frozen=True)
class Scene:
    """The files of a case.

    Parameters
    ----------
    volumes : mapping of PurePosixPath to array (z, y, x)
        Image or mask by its path below the cohort's folder.
    measured : mapping of str to float
        Volume in mm3 of each region on the first image: ``volume_mm3``, ``REGION.volume_mm3``.
    """

    volumes: Mapping[PurePosixPath, NDArray[Any]]
    measured: Mapping[str, float] = field(default_factory=dict)


def make_scene(
    spec: SimulateSpec, case: str, row: Mapping[str, Any], truth: Mapping[str, Any]
) -> Scene:
    """Draw the images and masks of a case.

    Parameters
    ----------
    spec : SimulateSpec
    case : str
    row, truth : mapping of str to value
        The case's row of the table, and of the truth.
    """
    if not (spec.images or spec.regions or spec.readers or spec.centre_shift):
        return _plain(spec, case, truth)
    volumes: dict[PurePosixPath, NDArray[Any]] = {}
    measured: dict[str, float] = {}
    images = spec.images or {"": SimulatedImage()}
    for change in sorted({image.change for image in images.values()}):
        visit = _Visit.of(spec, case, truth, change)
        for name in (name for name, image in images.items() if image.change == change):
            volumes[place(spec, IMAGES, case, name)] = visit.image(name, images[name], row)
            for reader in _readers(spec, row):
                volumes[place(spec, MASKS, case, name, reader)] = visit.mask(reader)
        measured = measured or visit.measured()
    return Scene(volumes, measured)


def place(
    spec: SimulateSpec, kind: str, case: str, image: str = "", reader: str = PRIMARY
) -> PurePosixPath:
    """Return where an image or a mask lies, from the cohort's folder."""
    folders = [reader] if kind == MASKS and spec.readers else []
    return PurePosixPath(kind, *folders, image, f"{case}.nii.gz")


def _plain(spec: SimulateSpec, case: str, truth: Mapping[str, Any]) -> Scene:
    """Return one image of one lesion, all from one random stream."""
    rng = stream(spec.seed, "simulate", "phantom", case)
    latent = truth["heterogeneity"], truth["size"]
    phantom = make_phantom(rng, *latent, spec.size_voxels, spec.spacing_mm)
    volumes = {place(spec, IMAGES, case): phantom.image, place(spec, MASKS, case): phantom.mask}
    return Scene(volumes, {"volume_mm3": phantom.volume_mm3})


def _readers(spec: SimulateSpec, row: Mapping[str, Any]) -> Iterator[str]:
    """Yield who drew a case."""
    yield PRIMARY
    yield from (name for name, reader in spec.readers.items() if row[reader.column] == "1")


@dataclass(frozen=True)
class _Visit:
    """The anatomy of a case at one time, which all images of that visit show."""

    spec: SimulateSpec
    case: str
    truth: Mapping[str, Any]
    change: float
    grid: Grid
    depths: NDArray[np.float64]
    around: NDArray[np.float64]

    @classmethod
    def of(cls, spec: SimulateSpec, case: str, truth: Mapping[str, Any], change: float) -> _Visit:
        """Draw the anatomy."""
        grid = Grid(spec.size_voxels, spec.spacing_mm)
        rng = stream(spec.seed, "simulate", "anatomy", case, f"{change:g}")
        grown = GROWTH * change * truth.get("change", 0.0)
        names = (latent_names(spec, region)[1] for region in _regions(spec))
        depths = outlines(rng, grid, [truth[name] + grown for name in names])
        return cls(spec, case, truth, change, grid, depths, tissue(rng, grid))

    def image(
        self, name: str, settings: SimulatedImage, row: Mapping[str, Any]
    ) -> NDArray[np.int16]:
        """Return what one sequence shows."""
        rng = stream(self.spec.seed, "simulate", "image", self.case, name)
        moved = self.change * self.truth.get("change", 0.0)
        seen = settings.agreement
        shown = [
            seen * (self.truth[latent_names(self.spec, region)[0]] + moved)
            + np.sqrt(1 - seen**2) * rng.normal()
            for region in _regions(self.spec)
        ]
        scanner = self._scanner(name, row.get("centre", ""))
        return picture(rng, self.grid, self.depths, self.around, shown, scanner)

    def mask(self, reader: str) -> NDArray[np.uint8]:
        """Return what a reader draws; the first one draws the truth."""
        if reader == PRIMARY:
            return drawn(self.depths)
        where = (self.case, f"{self.change:g}")
        rng = stream(self.spec.seed, "simulate", "outline", reader, *where)
        off = [self.grid.smooth(rng, 4.0) for _ in self.depths]
        moved = self.depths + self.spec.readers[reader].disagreement_mm * np.stack(off)
        mask = drawn(moved)
        # An outline that leaves no voxel is none that a reader would hand in.
        labels = range(1, len(self.depths) + 1)
        return mask if all((mask == label).any() for label in labels) else drawn(self.depths)

    def measured(self) -> dict[str, float]:
        """Return the volume of each region."""
        voxel = float(np.prod(self.spec.spacing_mm))
        mask = drawn(self.depths)
        names = list(self.spec.regions)
        return {
            f"{names[region]}.volume_mm3" if region else "volume_mm3": voxel
            * float((mask == region + 1).sum())
            for region in _regions(self.spec)
        }

    def _scanner(self, name: str, centre: str) -> Scanner:
        """Return what the scanner of a centre does to a sequence."""
        if not self.spec.centre_shift:
            return Scanner()
        gain, offset = stream(self.spec.seed, "simulate", "scanner", centre, name).normal(size=2)
        shift = self.spec.centre_shift
        return Scanner(float(np.exp(0.1 * shift * gain)), float(10 * shift * offset))


def _regions(spec: SimulateSpec) -> range:
    return range(max(1, len(spec.regions)))
