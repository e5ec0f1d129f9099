"""Univariable screening against t.test, wilcox.test, shapiro.test and leveneTest."""

import numpy as np
from legacy import check, expected, table

from radpipe.stats import screening


def test_each_feature():
    frame = table("feature_screen")
    names, y = list(frame.columns[1:]), frame["label"].to_numpy()
    X = frame[names].to_numpy()
    ranks = screening.mann_whitney(X, y)
    columns = {
        "shapiro_p0": screening.shapiro(X[y == 0]),
        "shapiro_p1": screening.shapiro(X[y == 1]),
        "levene_median_p": screening.levene(X, y).p,
        "t_student_p": screening.t_test(X, y, equal_variances=True).p,
        "t_welch_p": screening.t_test(X, y).p,
        "mwu_p_continuity": ranks.p,
        "auc": ranks.statistic / ((y == 1).sum() * (y == 0).sum()),
    }
    got = {n: {k: v[j] for k, v in columns.items()} for j, n in enumerate(names)}
    check("feature_screen", {"per_feature": got, "n_mwu_lt_0.05": int((ranks.p < 0.05).sum())}, 421)


def test_automatic_choice():
    frame = table("feature_screen")
    names = list(frame.columns[1:])
    found = screening.automatic(frame[names], frame["label"])
    check("feature_screen", {"auto_rule": {"p": dict(zip(names, found.p, strict=True))}}, 60)
    tests = expected("feature_screen")["values"]["auto_rule"]["test"]
    short = {"Welch's t": "welch", "Student's t": "student"}
    said = {n: short.get(m, "mann_whitney") for n, m in zip(names, found.method, strict=True)}
    assert said == tests
    assert np.isfinite(found.statistic).all()
