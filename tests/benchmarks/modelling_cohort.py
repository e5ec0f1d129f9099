"""The cohort of the modelling benchmark: blocks that are correlated as radiomics are."""

from __future__ import annotations

import numpy as np
import pandas as pd

CLINICAL = {
    "age": {"type": "continuous", "unit": "years"},
    "stage": {"type": "ordinal", "levels": ["I", "II", "III"]},
}
BLOCKS = ("t1", "t2", "dwi")


def cohort(cases: int, features: int, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Return measured columns, indexed by case, and a binary outcome.

    Each block has families of features that say nearly the same (|r| above 0.9 within most), of
    very different scales; a few families of each block, and the clinical variables, bear on the
    outcome.
    """
    rng = np.random.default_rng(seed)
    lean = np.zeros(cases)
    blocks = [_block(name, cases, features, lean, rng) for name in BLOCKS]
    age, stage = rng.normal(60, 8, cases), rng.integers(0, 3, cases)
    lean += 0.04 * (age - 60) + 0.5 * (stage - 1)
    about = {"clinical.age": age, "clinical.stage": np.array(["I", "II", "III"])[stage]}
    y = (lean + rng.logistic(size=cases) > 0.4).astype(int)
    index = pd.Index([f"case{i:03d}" for i in range(cases)], name="case")
    blocks[-1] = blocks[-1].assign(**about)
    return pd.concat(blocks, axis=1).set_axis(index), y


def _block(
    name: str, cases: int, features: int, lean: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Return a block, and add what it tells of the outcome to ``lean``."""
    families = max(features // 8, 2)
    common = rng.normal(size=(cases, 6)) @ rng.normal(size=(6, families)) / 6**0.5
    own = 0.8 * common + 0.6 * rng.normal(size=(cases, families))
    lean += 0.35 * own[:, :3].sum(axis=1)
    member = np.sort(rng.integers(0, families, features))
    values = own[:, member] + rng.uniform(0.05, 0.4, features) * rng.normal(size=(cases, features))
    values *= np.exp(rng.normal(0, 3, features)) * rng.choice([-1.0, 1.0], features)
    return pd.DataFrame(values, columns=[f"{name}__f{i:04d}" for i in range(features)])
