"""Compiled loops against a few plain lines of numpy, on regions small enough to count by hand."""

from itertools import combinations

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given, settings
from hypothesis import strategies as st

from radpipe.features.mesh import diameters, surface_and_volume
from radpipe.features.mesh_table import EDGES, triangles
from radpipe.features.neighbours import count, offsets_of, surroundings
from radpipe.features.region import Frame, Region
from radpipe.features.zones import zones_of

many = settings(max_examples=80, deadline=None)


@st.composite
def boxes(draw):
    """Grey levels in a small box, 0 outside the region; some levels are left out."""
    shape = draw(st.tuples(*[st.integers(1, 6)] * 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    levels = np.array(draw(st.sampled_from([[1], [1, 2], [1, 2, 5], [3, 4, 9, 30]])))
    box = levels[rng.integers(0, len(levels), shape)]
    box[rng.random(shape) >= draw(st.sampled_from([0.4, 0.8, 1.0]))] = 0
    box.flat[rng.integers(box.size)] = levels[-1]  # never empty
    return box.astype(np.uint16)


def framed(box, edge):
    inside = np.zeros(box.shape, bool)
    inside[box > 0] = True
    return Frame(Region(inside, (1.0, 1.0, 1.0)), edge).levels(box[inside])


def ranks_of(box):
    """Return the place of each level among those that are there, -1 outside."""
    return np.searchsorted(np.unique(box[box > 0]), box) * (box > 0) - (box == 0)


def at(box, place, step=(0, 0, 0), outside=0):
    """Return what stands at a place and a step from it."""
    there = tuple(int(p + s) for p, s in zip(place, step, strict=True))
    within = all(0 <= p < size for p, size in zip(there, box.shape, strict=True))
    return int(box[there]) if within else outside


def opposite(step):
    return tuple(-s for s in step)


def test_every_neighbour_is_one_step_or_its_opposite():
    for distances, planar, number in (((1,), False, 26), ((2,), False, 98), ((1, 3), True, 32)):
        steps = [tuple(step) for step in offsets_of(distances, planar)]
        everyone = {*steps, *map(opposite, steps)}
        assert len(everyone) == 2 * len(steps) == number
        assert {max(map(abs, step)) for step in everyone} == set(distances)
        assert not planar or all(step[0] == 0 for step in everyone)


@many
@given(boxes(), st.sampled_from([((1,), False), ((1,), True), ((2,), False), ((1, 3), True)]))
def test_pairs(box, how):
    steps = offsets_of(*how)
    ranks = ranks_of(box)
    n = ranks.max() + 1
    expected = np.zeros((len(steps), n, n), int)
    for d, step in enumerate(steps):
        for place in np.argwhere(box):
            other = at(ranks, place, step, -1)
            if other >= 0:
                expected[d, at(ranks, place), other] += 1
    levels = framed(box, max(how[0]))
    np.testing.assert_array_equal(count(levels, steps, how[0] == (1,))[0], expected)


@many
@given(boxes(), st.sampled_from([(1,), (2,), (1, 2)]), st.booleans(), st.integers(0, 3))
def test_dependences_and_differences(box, distances, planar, alpha):
    check_surroundings(box, distances, planar, alpha)


@pytest.mark.parametrize("alpha", [0, 1])
@pytest.mark.parametrize("shape", [(2, 2, 1500), (3, 40, 30)])
def test_surroundings_of_stretches_that_are_long_or_far_apart(shape, alpha):
    box = np.random.default_rng(0).integers(0, 4, shape).astype(np.uint16)
    box[..., 20:23] = 0
    box[-1, :, 40:400] = 0
    box[1, 10:20] = 0
    check_surroundings(box, (1,), False, alpha)


def check_surroundings(box, distances, planar, alpha):
    steps = offsets_of(distances, planar)
    ranks = ranks_of(box)
    dependences = np.zeros((ranks.max() + 1, 2 * len(steps) + 1), int)
    differences = np.zeros(ranks.max() + 1)
    for place in np.argwhere(box):
        around = [at(box, place, way(step)) for step in steps for way in (tuple, opposite)]
        level, inside = at(box, place), [other for other in around if other]
        dependences[at(ranks, place), sum(abs(other - level) <= alpha for other in inside)] += 1
        if inside:
            differences[at(ranks, place)] += abs(level - np.mean(inside))
    found = surroundings(framed(box, max(distances)), steps, alpha)
    np.testing.assert_array_equal(found[0], dependences)
    np.testing.assert_allclose(found[1], differences, rtol=1e-12, atol=1e-12)


@many
@given(boxes(), st.booleans())
def test_runs(box, planar):
    steps = offsets_of((1,), planar)
    ranks = ranks_of(box)
    expected = np.zeros((len(steps), ranks.max() + 1, max(box.shape)), int)
    for d, step in enumerate(steps):
        lines = set()
        for place in np.argwhere(box):
            axis = np.flatnonzero(step)[0]
            lines.add(tuple(place - place[axis] * step[axis] * step))
            if at(box, place, opposite(step)) == at(box, place):
                continue  # not the first of its run
            length = 1
            while at(box, place, length * step) == at(box, place):
                length += 1
            expected[d, at(ranks, place), length - 1] += 1
        if len(lines) == np.count_nonzero(box):  # flat in this direction: it does not count
            expected[d] = 0
    found = count(framed(box, 1), steps, True)[1]
    assert not expected[:, :, found.shape[2] :].any()
    np.testing.assert_array_equal(found, expected[:, :, : found.shape[2]])


@many
@given(boxes(), st.booleans())
def test_zones(box, planar):
    touching = np.ones((3, 3, 3))
    if planar:
        touching[[0, 2]] = 0
    expected = []
    for rank, level in enumerate(np.unique(box[box > 0])):
        zones, _ = scipy.ndimage.label(box == level, touching)
        expected += [(rank, size) for size in np.bincount(zones.ravel())[1:]]
    assert sorted(zip(*zones_of(framed(box, 1), planar), strict=True)) == sorted(expected)


@many
@given(boxes(), st.integers(0, 2**32 - 1))
def test_a_frame_that_held_other_levels_gives_the_same(box, seed):
    inside = box > 0
    frame = Frame(Region(inside, (1.0, 1.0, 1.0)), 1)
    noise = np.random.default_rng(seed).integers(1, 50, np.count_nonzero(inside))
    frame.levels(noise.astype(np.uint16))
    again, new = frame.levels(box[inside]), framed(box, 1)
    for name in ("values", "counts", "box", "ranks"):
        np.testing.assert_array_equal(getattr(again, name), getattr(new, name))


# the mesh

SPACING = (2.5, 0.7, 1.1)


def padded(box):
    return np.pad(box > 0, 1)


def crossings(inside):
    """Return the points halfway between neighbours of which one is inside, in mm."""
    found = []
    for axis in range(3):
        changed = np.argwhere(np.diff(inside, axis=axis))
        found.append(changed + 0.5 * (np.arange(3) == axis))
    return np.concatenate(found) * SPACING


@many
@given(boxes())
def test_diameters_are_the_largest_of_all_pairs(box):
    points = crossings(padded(box))
    gaps = np.array([np.abs(a - b) for a, b in combinations(points, 2)])
    lengths = np.sqrt((gaps**2).sum(axis=1))
    expected = [lengths[gaps[:, axis] == 0].max() for axis in range(3)]
    found = diameters(padded(box), SPACING)
    np.testing.assert_allclose(found, [*expected, lengths.max()], rtol=1e-12)


@many
@given(boxes())
def test_surface_and_volume_are_sums_over_cubes(box):
    inside = padded(box)
    table = {}
    for cube, corners in zip(*triangles(), strict=True):
        table.setdefault(int(cube), []).append(EDGES[corners] * SPACING)
    bits = ((0, 0, 0), (0, 0, 1), (0, 1, 1), (0, 1, 0), (1, 0, 0), (1, 0, 1), (1, 1, 1), (1, 1, 0))
    surface = volume = 0.0
    for place in np.ndindex(*(n - 1 for n in inside.shape)):
        number = sum(at(inside, place, step) << bit for bit, step in enumerate(bits))
        side = 1 if number < 128 else -1
        for a, b, c in table.get(min(number, 255 - number), []):
            here = np.array(place) * SPACING
            surface += np.linalg.norm(np.cross(a - c, b - c)) / 2
            volume += side * np.dot(np.cross(a + here, b + here), c + here) / 6
    np.testing.assert_allclose(surface_and_volume(inside, SPACING), (surface, volume), rtol=1e-11)


def test_one_voxel_is_an_octahedron():
    surface, volume = surface_and_volume(np.pad(np.ones((1, 1, 1), bool), 1), SPACING)
    a, b, c = (0.5 * s for s in SPACING)
    face = 0.5 * np.sqrt((a * b) ** 2 + (b * c) ** 2 + (c * a) ** 2)
    assert (surface, volume) == pytest.approx((8 * face, 4 * a * b * c / 3))
