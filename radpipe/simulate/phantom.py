"""One phantom: muscle, fat and bone of a limb, cropped around textured regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

RADIUS_MM = 7.5
"""Effective radius of a lesion of average size."""


@dataclass(frozen=True)
class Phantom:
    """A simulated case.

    Parameters
    ----------
    image : array of int16, shape (z, y, x)
        Hounsfield units as of contrast-enhanced CT.
    mask : array of uint8, shape (z, y, x)
        1 in the lesion.
    volume_mm3 : float
        Of the lesion's voxels.
    """

    image: NDArray[np.int16]
    mask: NDArray[np.uint8]
    volume_mm3: float


@dataclass(frozen=True)
class Grid:
    """Where the voxels lie.

    Parameters
    ----------
    shape : tuple of int
        Voxels along x, y, z.
    spacing_mm : tuple of float
        Voxel size x, y, z.
    """

    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]

    @cached_property
    def points(self) -> FloatArray:
        """Return positions in mm from the centre, shape (3, z, y, x) in the order x, y, z."""
        both = zip(self.shape, self.spacing_mm, strict=True)
        axes = [(np.arange(n) - (n - 1) / 2) * step for n, step in both]
        z, y, x = np.meshgrid(axes[2], axes[1], axes[0], indexing="ij")
        return np.stack([x, y, z])

    @cached_property
    def half(self) -> FloatArray:
        """Return half the extent along x, y, z in mm."""
        return np.array([np.abs(axis).max() for axis in self.points])

    def smooth(self, rng: np.random.Generator, mm: float) -> FloatArray:
        """Return a random field of mean 0 and standard deviation 1 with details of ``mm``."""
        from scipy.ndimage import gaussian_filter

        sigma = [mm / step for step in reversed(self.spacing_mm)]
        field = gaussian_filter(rng.normal(size=self.points.shape[1:]), sigma, mode="wrap")
        return (field - field.mean()) / field.std()


@dataclass(frozen=True)
class Scanner:
    """What a centre's scanner makes of the true grey values: ``gain * value + offset``."""

    gain: float = 1.0
    offset: float = 0.0


def make_phantom(
    rng: np.random.Generator,
    heterogeneity: float,
    size: float,
    shape: tuple[int, int, int],
    spacing_mm: tuple[float, float, float],
) -> Phantom:
    """Draw a phantom of one lesion.

    Parameters
    ----------
    rng : Generator
        Source of all that is not given: position, tilt, outline, noise.
    heterogeneity : float
        Standard normal; raises the contrast and the grain of the lesion's texture.
    size : float
        Standard normal; one unit is a factor of 1.6 in volume.
    shape : tuple of int
        Voxels along x, y, z.
    spacing_mm : tuple of float
        Voxel size x, y, z.
    """
    grid = Grid(shape, spacing_mm)
    depths = outlines(rng, grid, [size])
    mask = drawn(depths)
    image = picture(rng, grid, depths, tissue(rng, grid), [heterogeneity])
    return Phantom(image, mask, float(mask.sum() * np.prod(spacing_mm)))


def drawn(depths: FloatArray) -> NDArray[np.uint8]:
    """Return the mask: 1, 2 ... inside the outlines, 0 elsewhere; the deeper region where two meet.

    Parameters
    ----------
    depths : array, shape (k, z, y, x)
        Signed distance (mm, negative inside) to each outline.
    """
    labels = np.where(depths.min(axis=0) <= 0, depths.argmin(axis=0) + 1, 0)
    return labels.astype(np.uint8)


def picture(
    rng: np.random.Generator,
    grid: Grid,
    depths: FloatArray,
    around: FloatArray,
    heterogeneity: Sequence[float],
    scanner: Scanner = Scanner(),
) -> NDArray[np.int16]:
    """Return the image of an anatomy.

    Parameters
    ----------
    rng : Generator
        Source of the textures and the noise.
    grid : Grid
    depths : array, shape (k, z, y, x)
        Signed distance to each region's outline.
    around : array, shape (z, y, x)
        Grey values of the tissue around.
    heterogeneity : sequence of float, length k
        Of each region's texture.
    scanner : Scanner
        What becomes of the grey values before the noise is added.
    """
    labels = drawn(depths)
    image = around
    for label, (depth, value) in enumerate(zip(depths, heterogeneity, strict=True), start=1):
        # A soft rim of about a voxel, as partial volume makes it.
        weight = np.clip(0.5 - depth / (2 * min(grid.spacing_mm)), 0, 1)
        image = (1 - weight) * image + weight * _texture(rng, grid, value, labels == label)
    if scanner != Scanner():
        image = scanner.gain * image + scanner.offset
    image = image + rng.normal(scale=8, size=image.shape)
    return np.clip(np.rint(image), -1024, 3071).astype(np.int16)


def outlines(rng: np.random.Generator, grid: Grid, sizes: Sequence[float]) -> FloatArray:
    """Draw regions side by side along x.

    Parameters
    ----------
    rng : Generator
    grid : Grid
    sizes : sequence of float, length k
        Standard normal; one unit is a factor of 1.6 in volume.

    Returns
    -------
    array, shape (k, z, y, x)
        Signed distance (mm, negative inside) to each outline.
    """
    k = len(sizes)
    half = grid.half * [1 / k, 1, 1]
    places = (2 * np.arange(k) - (k - 1)) * half[0]
    return np.stack([_outline(rng, grid, s, x, half) for s, x in zip(sizes, places, strict=True)])


def _outline(
    rng: np.random.Generator, grid: Grid, size: float, place: float, half: FloatArray
) -> FloatArray:
    """Return the signed distance to one outline, whose centre lies near ``place`` on x."""
    field = grid.smooth(rng, 5.0)
    room = 0.45 * half.min()
    radius = min(RADIUS_MM * np.exp(size * np.log(1.6) / 3), room)
    stretch = np.exp(rng.normal(scale=0.15, size=3))
    stretch /= stretch.prod() ** (1 / 3)
    centre = rng.uniform(-1, 1, size=3) * np.minimum(3.0, 0.1 * half) + [place, 0, 0]
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    turned = np.tensordot(rotation, grid.points - centre[:, None, None, None], axes=1)
    distance = np.sqrt(((turned / stretch[:, None, None, None]) ** 2).sum(axis=0))
    return distance - radius * (1 + 0.07 * field)


def tissue(rng: np.random.Generator, grid: Grid) -> FloatArray:
    """Return muscle with fat around it and a bone beside the lesion."""
    x, y, z = grid.points
    half_x, half_y, _ = grid.half
    lean = rng.normal(scale=0.02, size=2)
    from_middle = np.sqrt(
        ((x - lean[0] * z) / half_x) ** 2 + ((y - lean[1] * z) / (0.93 * half_y)) ** 2
    )
    waves = grid.smooth(rng, 3.0)
    fascia = np.sin(0.55 * (x * np.cos(0.6) + y * np.sin(0.6)) + 0.6 * waves)
    image = 50 + 10 * waves + 12 * fascia
    fat = -100 + 10 * grid.smooth(rng, 2.0)
    image = np.where(from_middle > 0.92, fat, image)
    angle = rng.uniform(0, 2 * np.pi)
    bone_x, bone_y = 0.62 * half_x * np.cos(angle), 0.6 * half_y * np.sin(angle)
    from_bone = np.hypot(x - bone_x, y - bone_y) / (0.13 * half_x)
    image = np.where(from_bone < 1, 260.0, image)
    return np.where(from_bone < 0.6, 120.0, image)


def _texture(
    rng: np.random.Generator, grid: Grid, heterogeneity: float, inside: NDArray[np.bool_]
) -> FloatArray:
    """Return a region's grey values: patches whose contrast and size follow heterogeneity."""
    level = rng.normal(105, 10)
    contrast = 24 * np.exp(0.35 * heterogeneity + rng.normal(scale=0.05))
    patches = grid.smooth(rng, 1.5 * np.exp(0.08 * heterogeneity))
    # A small lesion holds few patches: without this their spread would hide the heterogeneity.
    patches = (patches - patches[inside].mean()) / patches[inside].std()
    return level + contrast * patches
