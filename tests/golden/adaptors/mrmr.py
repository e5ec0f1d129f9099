"""mRMRe, praznik and R's formulas: mRMR by each criterion."""

from typing import Any

from radpipe.stats.mrmr import Ranking, mrmr, relevance
from radpipe.stats.mrmr_discrete import mrmr_discrete, mutual_information, three_levels
from tests.golden.case import Case

CORRELATION = {
    "mRMRe_classic_numeric_target": "MID",
    "corr_mi_MID": "MID",
    "corr_mi_MIQ": "MIQ",
    "abs_corr_difference": "ACD",
    "abs_corr_quotient": "ACQ",
    "FCD": "FCD",
    "FCQ": "FCQ",
}
LEVELS = {
    "praznik_MRMR_discretised_mean_pm_half_sd": "MID",
    "entropy_MIQ": "MIQ",
    "entropy_MID": "MID",
}
ORDERED, JMI = "mRMRe_classic_ordered_target", "praznik_JMI"


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    names = [c for c in frame if c != "y"]
    X, y = frame[names].to_numpy(), frame["y"].to_numpy()
    levels = three_levels(X)

    def count(key: str) -> int:
        return len(case.names(key, "features"))

    def chosen(found: Ranking) -> list[str]:
        return [names[i] for i in found.order]

    def shown(found: Ranking) -> dict[str, Any]:
        return {"features": chosen(found), "scores": found.scores.tolist()}

    ordered = shown(mrmr(X, y, count(ORDERED), ordered=True))
    ordered["scores"][0] = None  # mRMRe gives none to the first feature of such a target
    found = {key: shown(mrmr(X, y, count(key), how)) for key, how in CORRELATION.items()}
    found |= {key: shown(mrmr_discrete(levels, y, count(key), how)) for key, how in LEVELS.items()}
    return found | {
        ORDERED: ordered,
        JMI: chosen(mrmr_discrete(levels, y, len(case.names(JMI)), "JMI")),
        "F_statistic": dict(zip(names, relevance(X, y, "FCD"), strict=True)),
        "praznik_MI_with_label": dict(zip(names, mutual_information(levels, y), strict=True)),
    }
