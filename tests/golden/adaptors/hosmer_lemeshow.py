"""ResourceSelection::hoslem.test, PredictABEL, and rms's le Cessie-van Houwelingen test."""

from typing import Any

from radpipe.stats.hosmer_lemeshow import hosmer_lemeshow
from radpipe.stats.le_cessie import le_cessie
from tests.golden.case import Case


def tests(y: Any, p: Any, g: int) -> dict[str, Any]:
    found, ranks = hosmer_lemeshow(y, p, g), hosmer_lemeshow(y, p, g, by="ranks")
    return {
        "hoslem_test": {
            "chi2": found.statistic,
            "df_groups_formed_minus_2": found.df,
            "p": found.p,
            "groups_formed": found.observed.size,
        },
        "p_df_groups_formed": found.p_external,
        "p_df_g_minus_2_ignoring_lost_groups": found.p_asked,
        "rank_groups_chi2": ranks.statistic,
        "rank_groups_p_g_minus_2": ranks.p_asked,
        "observed1": found.observed,
        "expected1": found.expected,
    }


def compute(case: Case) -> dict[str, Any]:
    sets = {name: (part["y"], part["p"]) for name, part in case.table().groupby("set")}
    out: dict[str, Any] = {}
    for name, (y, p) in sets.items():
        if name in case.names():
            out[name] = {key: tests(y, p, int(key[1:])) for key in case.names(name)}
    y, p = next(pair for name, pair in sets.items() if name.startswith("dev"))
    rounded = hosmer_lemeshow(y, p, 10, by="cut2", rounded=True)
    squares = le_cessie(y, p)
    out["PredictABEL_dev_g10"] = {
        "chi2": rounded.statistic,
        "df": rounded.df_asked,
        "p": rounded.p_asked,
    }
    out["le_cessie_van_houwelingen_dev"] = {
        "Sum_of_squared_errors": squares.sum_of_squares,
        "Expected_value_H0": squares.expected,
        "SD": squares.sd,
        "Z": squares.z,
        "P": squares.p,
    }
    return out
