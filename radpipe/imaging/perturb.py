"""Masks and images changed at random, to see which features hold out against it.

The procedures are those of Zwanenburg et al., Sci Rep 2019;9:614 (doi:10.1038/s41598-018-36938-4):
noise, translation, rotation, growth and shrinkage, contour randomisation, in this order. There,
image and mask are turned and shifted together; here the mask alone is, against the image, as a
second reader's would lie.

All functions take arrays (z, y, x), with lengths in mm in the same order. A step that would leave
no voxel leaves the region as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
Spacing = tuple[float, float, float]

MARGIN_VOXELS = 2
CONTEXT_MM = 15.0
"""How much of the image around the region noise is measured on, and supervoxels are made of."""


@dataclass(frozen=True)
class Perturbation:
    """How a case is changed.

    Parameters
    ----------
    shift_mm, rotate_deg, volume_fraction : float
        The largest amounts; what is done is drawn uniformly between minus and plus these.
    randomise_contour : bool
        Whether the border is redrawn along supervoxels.
    noise : float
        Standard deviation of the added noise, in multiples of the image's own.
    seed : int
        Of the draw.
    """

    shift_mm: float
    rotate_deg: float
    volume_fraction: float
    randomise_contour: bool
    noise: float
    seed: int


def changed_mask(
    image: NDArray[np.number], inside: BoolArray, spacing: Spacing, how: Perturbation
) -> BoolArray:
    """Return the region moved, resized and redrawn.

    Parameters
    ----------
    image : array, shape (z, y, x)
        Grey values, which a border is redrawn along.
    inside : bool array, shape (z, y, x)
        The region, not empty.
    spacing : tuple of float
        Voxel size in mm.
    how : Perturbation
        What is changed; the same one gives the same result.
    """
    rng = np.random.default_rng([how.seed, 0])
    # All is drawn, whatever is asked for: a step more or less leaves the others as they are.
    shift = rng.uniform(-how.shift_mm, how.shift_mm, 3)
    turn = rng.uniform(-how.rotate_deg, how.rotate_deg)
    share = rng.uniform(-how.volume_fraction, how.volume_fraction)
    of_rim, of_contour = rng.spawn(2)
    if inside.shape[0] == 1:
        shift[0] = 0.0  # a picture has no slices to move across
    part = around(inside, spacing, reach(inside, spacing, how))
    mask = inside[part]
    if how.shift_mm or how.rotate_deg:
        mask = moved(mask, spacing, shift, turn)
    if how.volume_fraction:
        mask = resized(mask, spacing, share, of_rim)
    if how.randomise_contour:
        mask = redrawn(image[part], mask, spacing, of_contour)
    changed = np.zeros_like(inside)
    changed[part] = mask
    return changed


def with_noise(
    image: NDArray[np.number], inside: BoolArray, spacing: Spacing, how: Perturbation
) -> FloatArray:
    """Return the image with normal noise, of a multiple of the level around the region.

    Further away much of an image is air without any noise, which would hide the rest. Parameters
    as for `changed_mask`.
    """
    level = noise_level(image[around(inside, spacing, CONTEXT_MM)])
    rng = np.random.default_rng([how.seed, 1])
    return image + how.noise * level * rng.standard_normal(image.shape)


def reach(inside: BoolArray, spacing: Spacing, how: Perturbation) -> float:
    """Return how far from its bounding box, in mm, the changed region may reach.

    A region lies in a ball around its box, and no region of its volume needs a thicker rim than a
    ball does to grow by a share; the ball of the box is larger still.
    """
    corners = [np.flatnonzero(inside.any(axis=rest)) for rest in ((1, 2), (0, 2), (0, 1))]
    size = np.array([at[-1] - at[0] + 1 for at in corners]) * spacing
    radius = float(np.linalg.norm(size)) / 2
    turned = radius if how.rotate_deg else 0.0
    context = CONTEXT_MM if how.randomise_contour else 0.0
    return how.shift_mm + turned + radius * how.volume_fraction + context


def around(inside: BoolArray, spacing: Spacing, margin_mm: float) -> tuple[slice, ...]:
    """Return the region's bounding box with a margin in mm (and two voxels), within the array."""
    part = []
    for axis, rest in enumerate(((1, 2), (0, 2), (0, 1))):
        at = np.flatnonzero(inside.any(axis=rest))
        margin = int(np.ceil(margin_mm / spacing[axis])) + MARGIN_VOXELS
        part.append(slice(max(0, int(at[0]) - margin), int(at[-1]) + 1 + margin))
    return tuple(part)


def moved(
    inside: BoolArray, spacing: Spacing, shift_mm: NDArray[np.floating], turn_deg: float
) -> BoolArray:
    """Return the region turned in its slices about its centre, then shifted.

    Parameters
    ----------
    inside, spacing
        As for `changed_mask`.
    shift_mm : array of 3 float
        Along z, y, x.
    turn_deg : float
        From the y axis to the x axis.

    Notes
    -----
    A voxel is inside where half of it or more is, by linear interpolation. What leaves the array
    is lost.
    """
    from scipy.ndimage import affine_transform

    angle = np.deg2rad(turn_deg)
    turn = np.array(
        [
            [1.0, 0.0, 0.0],
            [0.0, np.cos(angle), -np.sin(angle)],
            [0.0, np.sin(angle), np.cos(angle)],
        ]
    )
    step = np.asarray(spacing, dtype=float)
    back = turn.T * step[None, :] / step[:, None]  # from new voxels to old ones
    centre = np.argwhere(inside).mean(axis=0)
    offset = centre - back @ (centre + np.asarray(shift_mm) / step)
    cover = affine_transform(inside.astype(float), back, offset, order=1, mode="constant")
    found = cover >= 0.5
    if not found.any() and cover.any():  # thinner than a voxel
        found = cover >= cover.max()
    return np.asarray(found if found.any() else inside, dtype=np.bool_)


def resized(
    inside: BoolArray, spacing: Spacing, share: float, rng: np.random.Generator
) -> BoolArray:
    """Return the region grown (or shrunk) by a share of its volume, to the voxel.

    The voxels next to the region are added, or those next to its outside removed, the nearest
    first; of those equally near, some at random. At least one voxel stays.

    Parameters
    ----------
    inside, spacing
        As for `changed_mask`.
    share : float
        Above -1; negative ones shrink.
    rng : Generator
        Decides among voxels that are equally near.
    """
    from scipy.ndimage import distance_transform_edt

    volume = int(np.count_nonzero(inside))
    count = round(abs(share) * volume)
    count = min(count, inside.size - volume) if share > 0 else min(count, volume - 1)
    if not count:
        return inside
    where = ~inside if share > 0 else inside
    distance = distance_transform_edt(where, sampling=spacing)[where]
    order = np.lexsort((rng.random(len(distance)), distance.round(9)))
    changed = inside.copy()
    changed.reshape(-1)[np.flatnonzero(where)[order[:count]]] = share > 0
    return changed


def redrawn(
    image: NDArray[np.number], inside: BoolArray, spacing: Spacing, rng: np.random.Generator
) -> BoolArray:
    """Return the region with its border redrawn along supervoxels of the image.

    A supervoxel joins with the probability that is its share within the region; those with a
    share of 0.9 or more always join, those below 0.2 never (Zwanenburg et al.).
    """
    from radpipe.imaging.supervoxels import supervoxels

    part = around(inside, spacing, CONTEXT_MM)
    labels = supervoxels(image[part], spacing).ravel()
    share = np.bincount(labels, inside[part].ravel()) / np.bincount(labels)
    joins = (share >= 0.9) | ((share >= 0.2) & (rng.random(len(share)) < share))
    found = np.zeros_like(inside)
    found[part] = joins[labels].reshape(found[part].shape)
    return found if found.any() else inside


def noise_level(image: NDArray[np.number]) -> float:
    """Return the standard deviation of the noise in an image, 0 where there is none.

    Notes
    -----
    The median absolute value over 0.6745 of what a coiflet's high-pass filter leaves along both
    axes of the slices (Chang et al., IEEE Trans Image Process 2000;9:1532).
    """
    import pywt
    from scipy.ndimage import convolve1d

    high = np.asarray(pywt.Wavelet("coif1").dec_hi)
    band = image.astype(float)
    for axis in (1, 2):
        band = convolve1d(band, high, axis=axis, mode="mirror")
    return float(np.median(np.abs(band))) / 0.6745
