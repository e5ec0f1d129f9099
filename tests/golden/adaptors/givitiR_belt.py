"""givitiR: calibration belt and test."""

from typing import Any

import numpy as np

from radpipe.stats.giviti import giviti_belt, giviti_test
from tests.golden.case import Case


def compute(case: Case) -> dict[str, Any]:
    out = {}
    for name, part in case.table().groupby("set"):
        if name not in case.names():
            continue
        y, p, development = part["y"], part["p"], str(name).startswith("int")
        belt = giviti_belt(y, p, development)
        shown = np.round(np.linspace(1, belt.risk.size, 9)).astype(int) - 1
        out[name] = {
            "devel": "internal" if development else "external",
            "n": belt.test.n,
            "degree_m": belt.degree,
            "statistic": belt.test.statistic,
            "p": belt.test.p,
            "test_p": giviti_test(y, p, development).p,
            "belt_p_grid": belt.risk[shown],
            "belt95_lower": belt.lower[0, shown],
            "belt95_upper": belt.upper[0, shown],
            "belt80_lower": belt.lower[1, shown],
            "belt80_upper": belt.upper[1, shown],
            "under_over_95": {"overBisector": belt.over[0], "underBisector": belt.under[0]},
        }
    return out
