"""The p value of each column against the outcome, with the tests of every kind of endpoint."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.core import target
from radpipe.core.columns import is_factor_like
from radpipe.selection.base import FloatArray
from radpipe.selection.ranking import variables
from radpipe.selection.relation import over_labels


def p_values(X: FloatArray, names: list[str], y: NDArray[Any], test: str = "auto") -> FloatArray:
    """Return the p value of each column, shape (p,); a factor's columns share that of the whole.

    - ``auto``: by the rules of `radpipe.stats.screening.automatic` (two groups),
      `screening_groups.automatic_groups` and `screening_numbers.automatic_numbers`; Spearman for
      ordered levels, Cox for survival;
    - ``t`` is Welch's; ``mann_whitney`` goes by the rule of R's ``wilcox.test``; ``anova``,
      ``kruskal``, ``pearson`` and ``spearman`` are the plain tests;
    - ``logistic`` (binary, multinomial, proportional odds) and ``cox``: the score test of a model
      of one variable;
    - a factor: Pearson's chi-square without correction (for classes), Kruskal-Wallis of the
      outcome between its levels (ordered levels; a continuous outcome unless the test is
      Pearson's, where it is the analysis of variance), or the score test of a Cox model of its
      levels.

    Of several labels the smallest p value counts, times their number (Bonferroni).
    """
    if target.kind_of(y) == "multilabel":
        found = over_labels(lambda label: p_values(X, names, label, test), y)
        known = np.where(np.isnan(found), np.inf, found).min(axis=0)
        return np.where(np.isinf(known), np.nan, np.minimum(1.0, len(found) * known))
    owner = variables(names)
    factor = np.array([is_factor_like(n) and "=" in n for n in names], dtype=bool)
    out = np.full(len(names), np.nan)
    if not factor.all():
        out[~factor] = column_p(X[:, ~factor], y, test)
    for variable in np.unique(owner[factor]):
        levels = factor & (owner == variable)
        out[levels] = factor_p(X[:, levels], y, test)
    return out


def column_p(X: FloatArray, y: NDArray[Any], test: str) -> FloatArray:
    """Return the p value of each column, shape (p,), for one outcome; NaN where undefined."""
    from radpipe.stats import screening, screening_groups, screening_numbers

    kind = target.kind_of(y)
    if kind == "survival":
        return screening.cox_score(X, y["time"], y["event"].astype(float)).p
    if kind == "continuous":
        of_numbers = {
            "auto": screening_numbers.automatic_numbers,
            "pearson": screening_numbers.pearson,
            "spearman": screening_numbers.spearman,
        }
        return of_numbers[test](X, y).p
    of_groups: dict[str, Any] = {
        "auto": screening_groups.automatic_groups,
        "anova": screening_groups.anova,
        "kruskal": screening_groups.kruskal,
        "chi_square": screening_groups.chi_square,
        "logistic": screening_groups.multinomial_score,
    }
    if kind == "ordinal":
        of_groups |= {
            "auto": screening_numbers.spearman,
            "spearman": screening_numbers.spearman,
            "logistic": screening_numbers.ordinal_score,
        }
    elif kind == "binary":
        of_groups |= {
            "auto": screening.automatic,
            "t": screening.t_test,
            "mann_whitney": screening.mann_whitney,
            "logistic": screening.logistic_score,
        }
    found: FloatArray = of_groups[test](X, target.codes(y)).p
    return found


def factor_p(levels: FloatArray, y: NDArray[Any], test: str = "auto") -> float:
    """Return the p value of a factor, given its 0/1 columns without the reference."""
    kind = target.kind_of(y)
    if kind == "survival":
        from radpipe.stats.cox import fit_cox

        return float(fit_cox(levels, y["time"], y["event"].astype(float)).score_test.p)
    place = np.where(levels.any(axis=1), levels.argmax(axis=1) + 1, 0)
    if kind in ("continuous", "ordinal") and test not in ("chi_square", "anova", "logistic"):
        from radpipe.stats import group_tests, multigroup

        values = target.codes(y).astype(float) if kind == "ordinal" else y
        parts = [values[place == level] for level in np.unique(place)]
        if test == "pearson":
            return multigroup.anova(parts).p
        return group_tests.kruskal_wallis(parts).p
    from radpipe.stats.contingency import chi_square, cross_table

    return chi_square(cross_table(place, target.codes(y))[0], correction=False).p
