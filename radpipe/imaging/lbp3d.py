"""Local binary patterns in the volume.

The image is sampled on a sphere around each voxel; which samples are at least as large as the
voxel is a function on the sphere; the norm of each degree of its spherical harmonics does not
change when the image is turned. J. Banerjee, A. Moelker, W. J. Niessen and T. van Walsum, 3D
LBP-based rotationally invariant region description, ACCV 2012 Workshops, LNCS 7728 (2013) 26-37,
doi:10.1007/978-3-642-37410-4_3.

The numbers are PyRadiomics', which departs from the paper: the sphere's x, y, z are added to the
indices z, y, x; polar angle and azimuth stand in each other's place in the harmonics, so that the
norms do change with turning; the norm is that of complex numbers without their conjugates, of which
the real part is kept; and samples have the image's own type: in an integer image they are rounded.
"""

from __future__ import annotations

import warnings
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from radpipe.core.errors import CaseError, Fault

MARGIN = 48
"""How many voxels around a region enter the spline's coefficients.

What lies n voxels away enters with 0.268^n: at 48 voxels nothing is left of it in float64."""

BLOCK = 1 << 16
"""Samples worked on at once: some 10 MB at two levels."""

Array = NDArray[np.float64]
Places = tuple[NDArray[np.intp], ...]


def lbp_3d(
    array: NDArray,
    mask: NDArray,
    levels: int = 2,
    radius: float = 1.0,
    subdivision: int = 1,
    image_name: str = "image",
) -> list[Array]:
    """Return the local binary patterns of a region: images m1, m2, ... of the levels, then k.

    Parameters
    ----------
    array : ndarray
        The whole image, z, y, x.
    mask : ndarray
        Not 0 inside the region.
    levels : int
        How many degrees of spherical harmonics (0, 1, ...).
    radius : float
        Radius of the sphere in voxels (the spacing does not enter).
    subdivision : int
        How many times the icosahedron's triangles are divided: 12, 42, 162 ... samples.
    image_name : str
        What the image is called in messages.

    Returns
    -------
    list of ndarray
        float64, 0 outside of the region. The last one is the kurtosis of the samples, NaN where
        all are equal.

    Raises
    ------
    CaseError
        Where the image is no volume.
    """
    where = np.nonzero(mask)
    values = lbp_3d_values(array, where, levels, radius, subdivision, image_name)
    images = []
    for row in values:
        image = np.zeros(array.shape)
        image[where] = row
        images.append(image)
    return images


def lbp_3d_values(
    array: NDArray,
    where: Places,
    levels: int = 2,
    radius: float = 1.0,
    subdivision: int = 1,
    image_name: str = "image",
) -> Array:
    """Return the local binary patterns of some voxels, one row a level and the kurtosis last.

    Parameters
    ----------
    array : ndarray
        The whole image, z, y, x.
    where : tuple of ndarray
        The voxels' indices along z, y and x.
    levels, radius, subdivision, image_name
        As in :func:`lbp_3d`.
    """
    if array.ndim != 3:
        raise CaseError(
            Fault(
                image_name,
                f"has {array.ndim} dimensions; local binary patterns in 3D need a volume",
                "use the local binary pattern in 2D",
            )
        )
    voxels = np.stack(where)
    sphere = icosphere(subdivision, radius)
    degrees, harmonics = _harmonics(sphere, levels, radius)
    spline, origin = _spline(array, voxels, int(np.ceil(radius)) + 2)
    result = np.empty((levels + 1, voxels.shape[1]))
    step = max(1, BLOCK // len(sphere))
    for start in range(0, voxels.shape[1], step):
        some = voxels[:, start : start + step]
        samples = _sample(spline, origin, some, sphere, array.dtype)
        result[-1, start : start + step] = _kurtosis(samples)
        bits = samples >= array[tuple(some)][:, np.newaxis]
        result[:-1, start : start + step] = _norms(bits, degrees, harmonics, levels)
    return result


def icosphere(subdivision: int, radius: float) -> Array:
    """Return points spread evenly on a sphere, in the order in which trimesh has them.

    Parameters
    ----------
    subdivision : int
        How many times each triangle of the icosahedron is divided into four.
    radius : float
        Radius of the sphere.

    Returns
    -------
    ndarray
        One row a point: x, y, z.
    """
    short, long = 0.5257311121191336, 0.85065080835204  # 1 and the golden ratio, at length 1
    corners = np.array([[-short, long, 0], [short, long, 0], [-short, -long, 0], [short, -long, 0]])
    points = np.concatenate([np.roll(corners, turn, axis=1) for turn in range(3)])
    near = np.linalg.norm(points[:, np.newaxis] - points, axis=2) < 1.1
    triangles = np.array(
        [t for t in combinations(range(12), 3) if all(near[a, b] for a, b in combinations(t, 2))]
    )
    for _ in range(subdivision):
        points, triangles = _divide(points, triangles)
        points = _onto_sphere(points, radius)
    return points if subdivision else _onto_sphere(points, radius)


def _divide(points: Array, triangles: NDArray[np.intp]) -> tuple[Array, NDArray[np.intp]]:
    """Return four triangles for each: new points are the middles of the edges."""
    edges = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    # each edge once, by its later and then by its earlier point
    places, which = np.unique(edges[:, ::-1], axis=0, return_inverse=True)
    middles = (points[places[:, 1]] + points[places[:, 0]]) / 2
    ab, bc, ca = which.reshape(-1, 3).T + len(points)
    a, b, c = triangles.T
    corners = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
    return np.concatenate([points, middles]), np.concatenate([np.stack(t, 1) for t in corners])


def _onto_sphere(points: Array, radius: float) -> Array:
    """Return points moved along their direction to a distance."""
    lengths = np.sqrt(np.dot(points**2, np.ones(3)))[:, np.newaxis]
    return points + points / lengths * (radius - lengths)


def _harmonics(
    sphere: Array, levels: int, radius: float
) -> tuple[NDArray[np.intp], NDArray[np.complex128]]:
    """Return the spherical harmonics at the points (one column each) and the columns' degrees."""
    from scipy.special import sph_harm_y

    x, y, z = sphere.T
    polar = np.arccos(np.clip(z / radius, -1, 1))  # rounding may leave the range by one bit
    azimuth = np.arctan2(y, x)
    pairs = [(n, m) for n in range(levels) for m in range(-n, n + 1)]
    # sph_harm_y takes the polar angle first; PyRadiomics, by the order of the older sph_harm,
    # gives it the azimuth there. Polar angles begin at 0: of one below, SciPy takes the size
    columns = np.stack([sph_harm_y(n, m, np.abs(azimuth), polar) for n, m in pairs], axis=1)
    return np.array([n for n, _ in pairs]), columns


def _spline(array: NDArray, voxels: NDArray[np.intp], reach: int) -> tuple[Array, NDArray[np.intp]]:
    """Return the cubic spline's coefficients around some voxels and the index they begin at.

    Axis by axis, as :func:`scipy.ndimage.spline_filter` does, and after each axis cut to what the
    samples will need.
    """
    from scipy.ndimage import spline_filter1d

    lowest, highest = voxels.min(axis=1), voxels.max(axis=1) + 1
    size = np.array(array.shape)
    first, last = np.maximum(lowest - reach, 0), np.minimum(highest + reach, size)
    begin, end = np.maximum(first - MARGIN, 0), np.minimum(last + MARGIN, size)
    values = array[tuple(slice(a, b) for a, b in zip(begin, end, strict=True))]
    for axis in range(3):
        values = spline_filter1d(values, 3, axis, output=np.float64, mode="constant")
        keep = [slice(None)] * 3
        keep[axis] = slice(first[axis] - begin[axis], last[axis] - begin[axis])
        values = values[tuple(keep)]
    return np.ascontiguousarray(values), first


def _sample(
    spline: Array,
    origin: NDArray[np.intp],
    voxels: NDArray[np.intp],
    sphere: Array,
    dtype: np.dtype,
) -> NDArray:
    """Return the image around each voxel (row) at each point of the sphere; outside it is 0."""
    from scipy.ndimage import map_coordinates

    # the position in the whole image first: its last bits decide where samples equal the voxel.
    # Taking the origin off afterwards is exact
    positions = voxels[:, :, np.newaxis] + sphere.T[:, np.newaxis, :]
    positions -= origin[:, np.newaxis, np.newaxis]
    return map_coordinates(spline, positions, output=dtype, order=3, prefilter=False)


def _kurtosis(samples: NDArray) -> Array:
    """Return each row's excess kurtosis, NaN where its values are equal but for rounding."""
    from scipy.stats import kurtosis

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # "precision loss", where NaN is returned
        return kurtosis(samples, axis=1)


def _norms(
    bits: NDArray[np.bool_],
    degrees: NDArray[np.intp],
    harmonics: NDArray[np.complex128],
    levels: int,
) -> Array:
    """Return the norm of each degree's part of a function on the sphere, one row a degree."""
    # sums run over one point, or one harmonic, after the other: PyRadiomics' rounding, in which
    # numpy's own sums follow only for some shapes
    weights = np.zeros((len(degrees), len(bits)), np.complex128)
    for seen, values in zip(bits.T, harmonics, strict=True):
        weights += seen * values[:, np.newaxis]
    squares = np.zeros((levels, len(bits)), np.complex128)
    for values in harmonics:
        parts = np.zeros_like(squares)
        for degree, weight, value in zip(degrees, weights, values, strict=True):
            parts[degree] += weight * value
        squares += parts**2
    return np.sqrt(squares).real
