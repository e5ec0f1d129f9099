"""stats: p.adjust."""

from typing import Any

from radpipe.stats.p_values import p_adjust
from tests.golden.case import Case


def compute(case: Case) -> dict[str, Any]:
    sets = dict(list(case.table().groupby("set", sort=False)["p"]))
    return {
        name: {method: p_adjust(sets[name].to_numpy(float), method) for method in case.names(name)}
        for name in case.names()
    }
