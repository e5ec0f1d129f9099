"""A nomogram's axes hold all that its regression does."""

import numpy as np
import pytest
from modelling_toys import CLINICAL, cohort

from radpipe.models.nomogram import Nomogram
from radpipe.models.prepare import Prepare
from radpipe.models.univariable import alone
from radpipe.preparation.registry import PREPARATION

FEATURE, AGE, SITE = "t1__f0", "clinical.age", "clinical.site"
MARKED = [f"{AGE}=missing", f"{FEATURE}=missing"]


def with_gaps():
    table, targets = cohort(n=120, seed=6)
    table = table[[FEATURE, AGE, SITE]].copy()
    table.iloc[::7, 0] = np.nan
    table.iloc[::5, 1] = np.nan
    return table, targets


@pytest.mark.parametrize("endpoint", ["binary", "survival"])
def test_what_marks_missing_values_has_an_axis_of_its_own(endpoint):
    table, targets = with_gaps()
    y, steps = targets[endpoint], [PREPARATION["impute"](indicator=True)]
    X = Prepare(CLINICAL, steps=steps).fit_transform(table)
    model = Nomogram(endpoint).fit(X, y)
    axes = model.nomogram((100.0,))["variables"]
    assert sorted(axis["name"] for axis in axes) == sorted([FEATURE, AGE, SITE, *MARKED])
    effects = {t["name"]: dict(zip(t["values"], t["effects"], strict=True)) for t in model.terms_
               if t["name"] in MARKED}  # fmt: skip
    coefs = {row["name"]: row["coef"] for row in model.summary()["coefficients"]}
    for name in MARKED:
        assert effects[name][1.0] - effects[name][0.0] == pytest.approx(coefs[name])


@pytest.mark.parametrize("endpoint", ["binary", "survival"])
def test_what_marks_missing_values_of_a_feature_is_fitted_alone(endpoint):
    table, targets = with_gaps()
    prepare = Prepare(CLINICAL, steps=[PREPARATION["impute"](method="knn", indicator=True)])
    names = [FEATURE, f"{FEATURE}=missing", AGE]
    groups = np.asarray(table.index, dtype=str)
    found = alone(lambda: Nomogram(endpoint), prepare, table, targets[endpoint], groups, names)
    told = {name: [row["name"] for row in rows] for name, rows in found["coefficients"].items()}
    assert told == {FEATURE: [FEATURE], f"{FEATURE}=missing": [f"{FEATURE}=missing"],
                    AGE: [AGE, f"{AGE}=missing"]}  # fmt: skip
