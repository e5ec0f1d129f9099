"""Named random streams: every draw of a study is a function of its seed and of a name."""

from __future__ import annotations

import hashlib

import numpy as np


def _digest(seed: int, names: tuple[str, ...]) -> bytes:
    # Each name is preceded by its length, so that ("ab", "c") and ("a", "bc") differ.
    text = f"{seed}" + "".join(f"|{len(name)}:{name}" for name in names)
    return hashlib.sha256(text.encode()).digest()


def stream(seed: int, *names: str) -> np.random.Generator:
    """Return the random generator of this name (PCG64, seeded by SHA-256 of seed and names).

    Adding a model or using more cores moves no other stream, since none is shared.
    """
    return np.random.default_rng(int.from_bytes(_digest(seed, names)[:16], "big"))


def integer(seed: int, *names: str) -> int:
    """Return the 32-bit seed of this name, for libraries that take an integer."""
    return int.from_bytes(_digest(seed, names)[:4], "big")
