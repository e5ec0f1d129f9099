"""Surface of a mask by marching cubes, and the largest distances on it."""

from __future__ import annotations

import numpy as np

from radpipe.core.kernels import kernel
from radpipe.features.mesh_table import EDGES, triangles


def surface_and_volume(
    inside: np.ndarray, spacing: tuple[float, float, float]
) -> tuple[float, float]:
    """Return the surface in mm² and the volume in mm³ of the mesh around a mask.

    Each cube adds what its number says, so that counting the numbers, and where they are, is
    all that passes over the mask.

    Parameters
    ----------
    inside : ndarray of bool, shape (z, y, x)
        With an edge of False all round.
    spacing : tuple of 3 float
        Voxel size along z, y, x in mm.
    """
    number = np.zeros(256, np.int64)
    position = np.zeros((256, 3), np.int64)
    _cubes(inside, number, position)
    scale = np.array(spacing)
    cube, corners = triangles()
    a, b, c = (EDGES[corners[:, k]] * scale for k in range(3))
    areas = 0.5 * np.linalg.norm(np.cross(a - c, b - c), axis=1)
    alone = (np.cross(a, b) * c).sum(axis=1)
    moved = np.cross(a, b) + np.cross(b, c) + np.cross(c, a)
    other = 255 - cube
    surface = (number[cube] + number[other]) @ areas
    volume = (number[cube] - number[other]) @ alone
    volume += ((position[cube] - position[other]) * scale * moved).sum()
    return float(surface), float(volume / 6)


def diameters(
    inside: np.ndarray, spacing: tuple[float, float, float]
) -> tuple[float, float, float, float]:
    """Return the largest distances on the mesh: in planes of one z, of one y, of one x, at all.

    The two ends of the largest distance are corners of the convex hull, in the plane and in
    space; few points are, and only those are compared.

    Parameters
    ----------
    inside : ndarray of bool, shape (z, y, x)
        With an edge of False all round.
    spacing : tuple of 3 float
        Voxel size along z, y, x in mm.
    """
    points = _crossings(inside)
    scale = np.array(spacing)
    in_plane = []
    corners = points
    for axis in range(3):
        found, first = _hulls(points, axis, 2 * np.array(inside.shape))
        in_plane.append(_largest_by_plane(found, first, scale))
        corners, _ = _hulls(corners, axis, 2 * np.array(inside.shape))
    return (*in_plane, _largest(corners, scale))


def _hulls(points: np.ndarray, axis: int, shape: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the hull's corners in each plane across an axis, and where each plane begins."""
    rows, along = [other for other in range(3) if other != axis]
    low = np.full((shape[axis], shape[rows]), np.iinfo(np.int32).max, np.int32)
    high = np.full((shape[axis], shape[rows]), -1, np.int32)
    _extremes(points, axis, rows, along, low, high)
    found = np.empty((2 * low.size, 3), np.int32)
    first = np.zeros(shape[axis] + 1, np.int64)
    _corners(low, high, axis, rows, along, found, first)
    return found[: first[-1]], first


def _largest(points: np.ndarray, scale: np.ndarray) -> float:
    """Return the largest distance of all; pairs too near the middle to matter are left out."""
    at = points * 0.5 * scale
    reach = np.linalg.norm(at - at.mean(axis=0), axis=1)
    order = np.argsort(-reach, kind="stable")
    return float(np.sqrt(_farthest(np.ascontiguousarray(at[order]), reach[order])))


@kernel("void(boolean[:,:,::1], int64[::1], int64[:,::1])")
def _cubes(inside, number, position):
    """Count cubes by their number, and add up where they are."""
    depth, height, width = inside.shape
    for z in range(depth - 1):
        for y in range(height - 1):
            a, b = inside[z, y], inside[z, y + 1]
            c, d = inside[z + 1, y], inside[z + 1, y + 1]
            for x in range(width - 1):
                cube = (
                    int(a[x])
                    | int(a[x + 1]) << 1
                    | int(b[x + 1]) << 2
                    | int(b[x]) << 3
                    | int(c[x]) << 4
                    | int(c[x + 1]) << 5
                    | int(d[x + 1]) << 6
                    | int(d[x]) << 7
                )
                if cube != 0 and cube != 255:
                    number[cube] += 1
                    position[cube, 0] += z
                    position[cube, 1] += y
                    position[cube, 2] += x


@kernel("int32[:,::1](boolean[:,:,::1])")
def _crossings(inside):
    """Return the points halfway between a voxel inside and one outside, in half voxels."""
    depth, height, width = inside.shape
    found = 0
    points = np.empty((0, 3), np.int32)
    for fill in range(2):
        if fill:
            points = np.empty((found, 3), np.int32)
            found = 0
        for z in range(depth - 1):
            for y in range(height - 1):
                for x in range(width - 1):
                    here = inside[z, y, x]
                    for axis in range(3):
                        dz, dy, dx = int(axis == 0), int(axis == 1), int(axis == 2)
                        if inside[z + dz, y + dy, x + dx] != here:
                            if fill:
                                points[found, 0] = 2 * z + dz
                                points[found, 1] = 2 * y + dy
                                points[found, 2] = 2 * x + dx
                            found += 1
    return points


@kernel("void(int32[:,::1], int64, int64, int64, int32[:,::1], int32[:,::1])")
def _extremes(points, axis, rows, along, low, high):
    """Keep, of each row of each plane, the first and the last point."""
    for i in range(points.shape[0]):
        plane, row, at = points[i, axis], points[i, rows], points[i, along]
        low[plane, row] = min(low[plane, row], at)
        high[plane, row] = max(high[plane, row], at)


@kernel("void(int32[:,::1], int32[:,::1], int64, int64, int64, int32[:,::1], int64[::1])")
def _corners(low, high, axis, rows, along, found, first):
    """Walk up one side of each plane's points and up the other, keeping convex turns."""
    count = 0
    for plane in range(low.shape[0]):
        first[plane] = count
        for side in range(2):
            sign = 1 if side == 0 else -1
            base = count
            for row in range(low.shape[1]):
                if high[plane, row] < 0:
                    continue
                at = low[plane, row] if side == 0 else high[plane, row]
                while count - base >= 2:
                    u0, v0 = found[count - 2, rows], found[count - 2, along]
                    u1, v1 = found[count - 1, rows], found[count - 1, along]
                    turn = (u1 - u0) * (at - v0) - (v1 - v0) * (row - u0)
                    if turn * sign > 0:
                        break
                    count -= 1
                found[count, axis] = plane
                found[count, rows] = row
                found[count, along] = at
                count += 1
    first[low.shape[0]] = count


@kernel("float64(int32[:,::1], int64[::1], float64[::1])")
def _largest_by_plane(points, first, scale):
    largest = 0.0
    for plane in range(first.size - 1):
        for i in range(first[plane], first[plane + 1]):
            for j in range(first[plane], i):
                square = 0.0
                for k in range(3):
                    gap = points[i, k] * 0.5 * scale[k] - points[j, k] * 0.5 * scale[k]
                    square += gap * gap
                largest = max(largest, square)
    return np.sqrt(largest)


@kernel("float64(float64[:,::1], float64[::1])")
def _farthest(at, reach):
    """Return the largest squared distance of points that are ordered by falling reach."""
    best = 0.0
    for i in range(at.shape[0]):
        if (reach[0] + reach[i]) ** 2 < best:
            break
        for j in range(i):
            if (reach[j] + reach[i]) ** 2 < best:
                break
            square = 0.0
            for k in range(3):
                gap = at[i, k] - at[j, k]
                square += gap * gap
            best = max(best, square)
    return best
