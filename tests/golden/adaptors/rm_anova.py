"""afex, friedman.test and lme4 on one continuous outcome measured repeatedly."""

from typing import Any

import numpy as np

from radpipe.stats import mixed_model, repeated_measures
from tests.golden.case import Case


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    wide = frame.pivot_table(index=["subject", "sex"], columns="age", values="distance")
    values, sex = wide.to_numpy(float), wide.index.get_level_values("sex")
    plain, mixed = repeated_measures.rm_anova(values), repeated_measures.rm_anova(values, sex)
    ranks, shape = repeated_measures.friedman(values), plain.sphericity
    return {
        "within_only": {
            "F": plain.within.statistic,
            "df1": plain.within.df,
            "df2": plain.within.df_error,
            "p": plain.within.p,
            "ges": plain.within.generalised_eta_squared,
            "pes": plain.within.partial_eta_squared,
            "mauchly_W": shape.mauchly_w,
            "mauchly_p": shape.mauchly_p,
            "gg_eps": shape.greenhouse_geisser,
            "gg_p": plain.within.p_greenhouse_geisser,
            "hf_eps": shape.huynh_feldt,
            "hf_p": plain.within.p_huynh_feldt,
        },
        "mixed_sex_by_age": {
            "sex": _line(mixed.between),
            "agef": _line(mixed.within),
            "sex:agef": _line(mixed.interaction),
        },
        "friedman": {
            "chi2": ranks.statistic,
            "df": ranks.df,
            "p": ranks.p,
            "kendall_w": ranks.estimate,
        },
        "lmm_random_intercept_REML": _mixed_model(frame),
    }


def _line(effect: Any) -> dict[str, float]:
    return {
        "num Df": effect.df,
        "den Df": effect.df_error,
        "MSE": effect.mean_square_error,
        "F": effect.statistic,
        "ges": effect.generalised_eta_squared,
        "Pr(>F)": effect.p,
    }


def _mixed_model(frame: Any) -> dict[str, Any]:
    columns = {
        "(Intercept)": np.ones(len(frame)),
        "age": frame["age"].to_numpy(float),
        "sexMale": (frame["sex"] == "Male").to_numpy(float),
    }
    fit = mixed_model.random_intercept(
        frame["distance"], np.column_stack(list(columns.values())), frame["subject"]
    )
    return {
        "fixef": dict(zip(columns, fit.coef, strict=True)),
        "se": dict(zip(columns, fit.se, strict=True)),
        "var_subject": fit.var_group,
        "var_resid": fit.var_residual,
        "reml_crit": fit.criterion,
        "icc": fit.icc,
    }
