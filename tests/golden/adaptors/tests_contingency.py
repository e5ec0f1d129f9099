"""chisq.test, fisher.test, mcnemar.test, mantelhaen.test and their kin on counts."""

from typing import Any

from radpipe.stats import contingency, counts, matched, roots, stratified, trend
from tests.golden.case import Case, interval


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    frame["ftv"] = frame["ftv"].clip(upper=3)
    found: dict[str, Any] = {}
    for name in case.names():
        variable = name.split("_by_")[0]
        if name.startswith("mcnemar_"):
            found[name] = _mcnemar(*(int(part) for part in name.split("_")[1:]))
        elif name.startswith("cmh_"):
            exposure, outcome, stratum = name.removeprefix("cmh_").replace("_by", "").split("_")
            found[name] = _cmh(frame[exposure], frame[outcome], frame[stratum])
        elif name == "cochran_q":
            # the data of this part stand beside its values only
            found[name] = _cochran(case.expected["values"][name]["matrix"])
        else:
            table = counts.cross_table(frame[variable], frame["low"])[0]
            asked = case.names(name)
            every = _two_by_two(table) if table.shape == (2, 2) else _larger(table)
            found[name] = {key: every[key] for key in asked}
    return found


def _two_by_two(table: Any) -> dict[str, Any]:
    yates = contingency.chi_square(table)
    plain = contingency.chi_square(table, correction=False)
    exact = contingency.fisher(table, root_tolerance=roots.R_TOLERANCE)
    odds, risk = contingency.odds_ratio(table), contingency.risk_ratio(table)
    difference = contingency.risk_difference(table, interval="wald")
    return {
        "table_rows_exposure01_cols_outcome01": table,
        "expected": contingency.expected_counts(table),
        "chi2_yates": yates.statistic,
        "p_yates": yates.p,
        "chi2": plain.statistic,
        "p_chi2": plain.p,
        "g_test_p": contingency.g_test(table).p,
        "fisher_p": exact.p,
        "fisher_or_conditional_mle": exact.estimate,
        "fisher_or_ci95": interval(exact),
        "odds_ratio": odds.estimate,
        "or_ci95_woolf": interval(odds),
        "risk_ratio": risk.estimate,
        "rr_ci95_log": interval(risk),
        "risk_diff": difference.estimate,
        "rd_ci95_wald": interval(difference),
        "cramers_v": contingency.cramers_v(table),
        "phi": abs(contingency.phi(table)),  # DescTools has it without sign
    }


def _larger(table: Any) -> dict[str, Any]:
    test = contingency.chi_square(table)
    slope = trend.cochran_armitage(table[:, 1], table.sum(axis=1))
    return {
        "table": table,
        "chi2": test.statistic,
        "df": test.df,
        "p": test.p,
        "min_expected": contingency.expected_counts(table).min(),
        "fisher_p": contingency.fisher(table).p,
        "cramers_v": contingency.cramers_v(table),
        "linear_by_linear_trend_chi2": slope.statistic,
        "trend_p": slope.p,
        "adjusted_residuals": contingency.adjusted_residuals(table),
    }


def _mcnemar(a: int, b: int, c: int, d: int) -> dict[str, Any]:
    corrected, plain = matched.mcnemar(b, c, "corrected"), matched.mcnemar(b, c, "chi-square")
    return {
        "table": [[a, b], [c, d]],
        "chi2_corrected": corrected.statistic,
        "p_corrected": corrected.p,
        "chi2": plain.statistic,
        "p": plain.p,
        "exact_p": matched.mcnemar(b, c, "exact").p,
        "midp": matched.mcnemar(b, c, "mid-p").p,
    }


def _cmh(exposure: Any, outcome: Any, stratum: Any) -> dict[str, Any]:
    tables = counts.stratified_table(exposure, outcome, stratum)
    corrected, plain = stratified.cmh(tables), stratified.cmh(tables, correction=False)
    return {
        "common_or": corrected.estimate,
        "ci95": interval(corrected),
        "chi2_corrected": corrected.statistic,
        "p_corrected": corrected.p,
        "chi2": plain.statistic,
        "p": plain.p,
    }


def _cochran(matrix: Any) -> dict[str, Any]:
    test = matched.cochran_q(matrix)
    return {"matrix": matrix, "Q": test.statistic, "df": test.df, "p": test.p}
