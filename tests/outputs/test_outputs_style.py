"""Colours and lines by which models are told from each other."""

from itertools import combinations

import numpy as np
import pytest

from radpipe.outputs.style import PALETTE, Style, class_colour

# Machado, Oliveira and Fernandes (2009), complete dichromacy
VISIONS = {
    "normal": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175],
       [0.0193339, 0.119192, 0.9503041]]  # fmt: skip


def seen(colour, vision):
    """Return a colour in CIELAB as an eye sees it."""
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    white = np.sum(XYZ, axis=1)
    at = np.array(XYZ) @ np.clip(VISIONS[vision] @ linear, 0, 1) / white
    f = np.where(at > 0.008856, np.cbrt(at), 7.787 * at + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", list(VISIONS))
def test_colour_blind_eyes_tell_all_colours_apart(vision):
    for one, other in combinations(PALETTE, 2):
        assert np.linalg.norm(seen(one, vision) - seen(other, vision)) > 10, (one, other)
    assert max(seen(colour, vision)[0] for colour in PALETTE) < 75  # shows on white


def test_twelve_models_have_twelve_colours_and_twenty_four_differ_in_all():
    style = Style(tuple(f"m{i}" for i in range(24)))
    assert len({style.colour(m) for m in style.models[:12]}) == 12
    assert len({(style.colour(m), str(style.dash(m))) for m in style.models}) == 24
    assert len({(style.colour(m), style.marker(m)) for m in style.models}) == 24
    assert len({class_colour(i) for i in range(11)}) == 11
