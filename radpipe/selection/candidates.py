"""What univariable tests tell of every variable that they judged, kept or not."""

from __future__ import annotations

from typing import Any

from radpipe.core.columns import is_factor_like
from radpipe.core.numbers import number
from radpipe.selection.base import FloatArray, term

ALONE = "of the variable alone"
WORDS = {
    "t": "Welch's t test",
    "mann_whitney": "Mann-Whitney test",
    "anova": "analysis of variance",
    "kruskal": "Kruskal-Wallis test",
    "chi_square": "chi-square test",
    "logistic": f"score test of a logistic model {ALONE}",
    "cox": f"score test of a Cox model {ALONE}",
    "pearson": f"t test of the slope {ALONE}",
    "spearman": "Spearman's correlation",
}
TWO_GROUPS = "Student's t, Welch's t or Mann-Whitney test, by normality and equality of variances"
AUTOMATIC = {
    "survival": WORDS["cox"],
    "binary": TWO_GROUPS,
    "multilabel": f"{TWO_GROUPS}, the smallest of the labels times their number",
    "multiclass": "Welch's analysis of variance or Kruskal-Wallis test, by normality",
    "ordinal": WORDS["spearman"],
    "continuous": "Pearson's or Spearman's correlation, by normality",
}


def test_words(test: str, kind: str) -> str:
    """Return a test of an endpoint's kind in words."""
    told = AUTOMATIC[kind] if test == "auto" else WORDS[test]
    of_levels = "chi-square"
    if kind == "continuous":
        of_levels = "analysis of variance" if test == "pearson" else "Kruskal-Wallis"
    elif kind == "ordinal" and test in ("auto", "kruskal", "spearman"):
        of_levels = "Kruskal-Wallis"
    return told if kind == "survival" else f"{told}; of categories {of_levels}"


def candidate_rows(names: list[str], p: FloatArray) -> list[dict[str, Any]]:
    """Return ``variable`` and ``p`` of each variable; a factor's columns share one p value."""
    found: dict[str, float | None] = {}
    for name, value in zip(names, p, strict=True):
        found.setdefault(term(name) if is_factor_like(name) else name, number(value))
    return [{"variable": name, "p": value} for name, value in found.items()]
