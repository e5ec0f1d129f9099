"""One phantom: muscle, fat and bone of a limb, cropped around a textured lesion."""

from __future__ import annotations

from dataclasses import dataclass

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


def make_phantom(
    rng: np.random.Generator,
    heterogeneity: float,
    size: float,
    shape: tuple[int, int, int],
    spacing_mm: tuple[float, float, float],
) -> Phantom:
    """Draw a phantom.

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
    grid = _grid(shape, spacing_mm)
    field = _field(rng, grid, spacing_mm)
    inside, depth = _lesion(rng, grid, spacing_mm, size, field)
    image = _tissue(rng, grid, spacing_mm)
    # A soft rim of about a voxel, as partial volume makes it.
    weight = np.clip(0.5 - depth / (2 * min(spacing_mm)), 0, 1)
    image = (1 - weight) * image + weight * _texture(rng, grid, spacing_mm, heterogeneity, inside)
    image += rng.normal(scale=8, size=image.shape)
    mask = inside.astype(np.uint8)
    volume = float(mask.sum() * np.prod(spacing_mm))
    return Phantom(np.clip(np.rint(image), -1024, 3071).astype(np.int16), mask, volume)


def _grid(shape: tuple[int, int, int], spacing_mm: tuple[float, float, float]) -> FloatArray:
    """Return positions in mm from the centre, shape (3, z, y, x) in the order x, y, z."""
    axes = [(np.arange(n) - (n - 1) / 2) * step for n, step in zip(shape, spacing_mm, strict=True)]
    z, y, x = np.meshgrid(axes[2], axes[1], axes[0], indexing="ij")
    return np.stack([x, y, z])


def _smooth(
    rng: np.random.Generator, like: FloatArray, spacing_mm: tuple[float, float, float], mm: float
) -> FloatArray:
    """Return a random field of mean 0 and standard deviation 1 with details of ``mm``."""
    from scipy.ndimage import gaussian_filter

    sigma = [mm / step for step in reversed(spacing_mm)]
    field = gaussian_filter(rng.normal(size=like.shape[1:]), sigma, mode="wrap")
    return (field - field.mean()) / field.std()


def _field(
    rng: np.random.Generator, grid: FloatArray, spacing_mm: tuple[float, float, float]
) -> FloatArray:
    return _smooth(rng, grid, spacing_mm, 5.0)


def _lesion(
    rng: np.random.Generator,
    grid: FloatArray,
    spacing_mm: tuple[float, float, float],
    size: float,
    field: FloatArray,
) -> tuple[NDArray[np.bool_], FloatArray]:
    """Return the lesion and the signed distance (mm, negative inside) to its outline."""
    half = np.array([np.abs(axis).max() for axis in grid])
    room = 0.45 * half.min()
    radius = min(RADIUS_MM * np.exp(size * np.log(1.6) / 3), room)
    stretch = np.exp(rng.normal(scale=0.15, size=3))
    stretch /= stretch.prod() ** (1 / 3)
    centre = rng.uniform(-1, 1, size=3) * np.minimum(3.0, 0.1 * half)
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    turned = np.tensordot(rotation, grid - centre[:, None, None, None], axes=1)
    distance = np.sqrt(((turned / stretch[:, None, None, None]) ** 2).sum(axis=0))
    depth = distance - radius * (1 + 0.07 * field)
    return depth <= 0, depth


def _tissue(
    rng: np.random.Generator, grid: FloatArray, spacing_mm: tuple[float, float, float]
) -> FloatArray:
    """Return muscle with fat around it and a bone beside the lesion."""
    x, y, z = grid
    half_x, half_y = np.abs(x).max(), np.abs(y).max()
    lean = rng.normal(scale=0.02, size=2)
    from_middle = np.sqrt(
        ((x - lean[0] * z) / half_x) ** 2 + ((y - lean[1] * z) / (0.93 * half_y)) ** 2
    )
    waves = _smooth(rng, grid, spacing_mm, 3.0)
    fascia = np.sin(0.55 * (x * np.cos(0.6) + y * np.sin(0.6)) + 0.6 * waves)
    image = 50 + 10 * waves + 12 * fascia
    fat = -100 + 10 * _smooth(rng, grid, spacing_mm, 2.0)
    image = np.where(from_middle > 0.92, fat, image)
    angle = rng.uniform(0, 2 * np.pi)
    bone_x, bone_y = 0.62 * half_x * np.cos(angle), 0.6 * half_y * np.sin(angle)
    from_bone = np.hypot(x - bone_x, y - bone_y) / (0.13 * half_x)
    image = np.where(from_bone < 1, 260.0, image)
    return np.where(from_bone < 0.6, 120.0, image)


def _texture(
    rng: np.random.Generator,
    grid: FloatArray,
    spacing_mm: tuple[float, float, float],
    heterogeneity: float,
    inside: NDArray[np.bool_],
) -> FloatArray:
    """Return the lesion's grey values: patches whose contrast and size follow heterogeneity."""
    level = rng.normal(105, 10)
    contrast = 24 * np.exp(0.35 * heterogeneity + rng.normal(scale=0.05))
    patches = _smooth(rng, grid, spacing_mm, 1.5 * np.exp(0.08 * heterogeneity))
    # A small lesion holds few patches: without this their spread would hide the heterogeneity.
    patches = (patches - patches[inside].mean()) / patches[inside].std()
    return level + contrast * patches
