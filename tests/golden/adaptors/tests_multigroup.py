"""Several groups: analyses of variance and what comes after them."""

from typing import Any

from radpipe.stats import group_tests, multigroup, posthoc, posthoc_ranks, trend
from tests.golden.case import Case, interval

ADJUSTMENTS = ("none", "bonferroni", "holm", "BH")


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    return {name: _one(frame[frame["set"] == name]) for name in case.names()}


def _one(frame: Any) -> dict[str, Any]:
    parts = {name: part.to_numpy(float) for name, part in frame.groupby("group")["value"]}
    labels, groups = list(parts), list(parts.values())

    def named(pairs: Any, value: Any, pattern: str = "{1}-{0}") -> dict[str, Any]:
        return {pattern.format(labels[c.first], labels[c.second]): value(c) for c in pairs}

    anova, welch = multigroup.anova(groups), group_tests.welch_anova(groups)
    ranks, bartlett = group_tests.kruskal_wallis(groups), multigroup.bartlett(groups)
    dunnett = posthoc.dunnett(groups)
    return {
        "anova": {"F": anova.statistic, "df1": anova.df, "df2": anova.df_error, "p": anova.p},
        "eta_squared": anova.eta_squared,
        "omega_squared": anova.omega_squared,
        "welch_anova": {
            "F": welch.statistic,
            "df1": len(groups) - 1,
            "df2": welch.df,
            "p": welch.p,
        },
        "kruskal": {
            "H": ranks.statistic,
            "df": ranks.df,
            "p": ranks.p,
            "epsilon_squared": multigroup.epsilon_squared(ranks),
        },
        "tukey_hsd": named(posthoc.tukey_hsd(groups), _tukey),
        "games_howell": named(posthoc.games_howell(groups), _games_howell),
        "pairwise_t_pooled": {a: named(posthoc.pairwise_t(groups, a), _p) for a in ADJUSTMENTS},
        "pairwise_t_welch_holm": named(posthoc.pairwise_t(groups, "holm", pooled=False), _p),
        "pairwise_wilcox": {
            a: named(posthoc_ranks.pairwise_mann_whitney(groups, a, exact=False), _p)
            for a in ADJUSTMENTS
        },
        "dunn_two_sided_unadjusted": named(
            posthoc_ranks.dunn(groups, "none"),
            lambda c: {"abs_z": abs(c.test.statistic), "p": c.test.p},
            "{0} - {1}",
        ),
        "dunnett_vs_first": {
            "t": named(dunnett, lambda c: c.test.statistic, "{1} - {0}"),
            "p": [c.test.p for c in dunnett],
        },
        "levene_mean": _levene(group_tests.levene(groups, "mean")),
        "levene_median": _levene(group_tests.levene(groups, "median")),
        "bartlett": {"K2": bartlett.statistic, "p": bartlett.p},
        "jonckheere_p": trend.jonckheere(groups).p,
    }


def _p(c: posthoc.Comparison) -> float:
    return c.p_adjusted


def _tukey(c: posthoc.Comparison) -> dict[str, float]:
    t = c.test
    return {"diff": t.estimate, "lwr": t.lower, "upr": t.upper, "p adj": t.p}


def _games_howell(c: posthoc.Comparison) -> dict[str, Any]:
    return {"diff": c.test.estimate, "ci95": interval(c.test), "p": c.test.p}


def _levene(test: Any) -> dict[str, float]:
    return {"F value": test.statistic, "Pr(>F)": test.p}
