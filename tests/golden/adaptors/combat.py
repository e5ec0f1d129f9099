"""sva::ComBat in its variants."""

from typing import Any

from radpipe.stats.combat import fit_combat
from tests.golden.case import Case


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    names = [name for name in frame if name not in ("batch", "group", "age")]
    values, batch = frame[names].to_numpy(float), frame["batch"].to_numpy()
    kept = frame[["group", "age"]].to_numpy(float)
    variants: dict[str, dict[str, Any]] = {
        "param_no_covariates": {"covariates": None},
        "param_with_group_age": {},
        "mean_only_with_group_age": {"mean_only": True},
        "ref_batch_A_with_group_age": {"reference": "A"},
        "nonparametric_with_group_age": {"prior": "nonparametric"},
    }
    found = {}
    for variant, asked in variants.items():
        options = {"covariates": kept, **asked}
        fitted = fit_combat(values, batch, **options)
        adjusted = fitted.apply(values, batch, options["covariates"])
        found[variant] = dict(zip(names, adjusted.T, strict=True))
    return found
