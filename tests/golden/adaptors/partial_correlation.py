"""ppcor::pcor.test, spcor.test and pcor."""

from typing import Any

from radpipe.stats import partial_correlation
from radpipe.stats.results import TestResult
from tests.golden.case import Case, interval


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    found: dict[str, Any] = {}
    for name in case.names():
        if name == "pcor_matrix":
            matrix = partial_correlation.partial_matrix(frame)
            found[name] = {
                row: dict(zip(frame, values, strict=True))
                for row, values in zip(frame, matrix, strict=True)
            }
            continue
        pair, held = name.split("_given_")
        x, y = (frame[v] for v in pair.split("_"))
        given = frame[held.split("_")]
        pearson = partial_correlation.partial(x, y, given)
        found[name] = {
            "pearson": _values(pearson),
            "spearman": _values(partial_correlation.partial(x, y, given, "spearman")),
            "semi_partial": _values(partial_correlation.semi_partial(x, y, given)),
            f"p_of_{pair.split('_')[1]}_in_lm": pearson.p,
        }
    return found


def _values(test: TestResult) -> dict[str, Any]:
    return {
        "r": test.estimate,
        "t": test.statistic,
        "df": test.df,
        "p": test.p,
        "p_ppcor": test.p,
        "ci95_fisher_n_minus_k_minus_3": interval(test),
    }
