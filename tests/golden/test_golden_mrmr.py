"""mRMR against mRMRe and R's formulas."""

import pytest
from legacy import check, table

from radpipe.stats.mrmr import mrmr, relevance

CRITERIA = {
    "mRMRe_classic_numeric_target": "MID",
    "corr_mi_MID": "MID",
    "corr_mi_MIQ": "MIQ",
    "abs_corr_difference": "ACD",
    "abs_corr_quotient": "ACQ",
    "FCD": "FCD",
    "FCQ": "FCQ",
}


@pytest.mark.parametrize("key", CRITERIA)
def test_ranking(key):
    frame = table("mrmr")
    names = list(frame.columns[1:])
    found = mrmr(frame[names], frame["y"], 15, CRITERIA[key])
    check("mrmr", {key: {"features": [names[i] for i in found.order], "scores": found.scores}}, 30)


def test_f_statistic():
    frame = table("mrmr")
    names = list(frame.columns[1:])
    values = relevance(frame[names], frame["y"], "FCD")
    check("mrmr", {"F_statistic": dict(zip(names, values, strict=True))}, 60)
