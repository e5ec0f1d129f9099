"""Rubin's rules over completed data sets, as mice::pool."""

from typing import Any

import numpy as np

from radpipe.stats.linear import fit_linear
from radpipe.stats.rubin import pool
from tests.golden.case import Case


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    names = case.names("per_imputation", 0, "coef")
    fits = [fit_linear(part[names[1:]], part["chl"]) for _, part in frame.groupby(".imp")]
    found = pool(
        np.array([fit.coef for fit in fits]),
        np.array([fit.se for fit in fits]),
        fits[0].df_residual,
    )
    columns = {
        "estimate": found.estimate,
        "se": found.se,
        "t": found.t,
        "df_barnard_rubin": found.df,
        "p": found.p,
        "ci95": np.column_stack([found.lower, found.upper]),
        "ubar": found.within,
        "b": found.between,
        "total_var": found.total,
        "riv": found.riv,
        "lambda": found.share,
        "fmi": found.fmi,
    }
    return {
        "per_imputation": [
            {
                "coef": dict(zip(names, fit.coef, strict=True)),
                "se": dict(zip(names, fit.se, strict=True)),
            }
            for fit in fits
        ],
        "pooled": {
            name: {key: values[i] for key, values in columns.items()}
            for i, name in enumerate(names)
        },
    }
