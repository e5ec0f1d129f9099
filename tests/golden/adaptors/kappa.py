"""irr, vcd, DescTools: agreement on categories."""

import re
from typing import Any

from radpipe.stats import kappa, kappa_many
from tests.golden.case import Case, interval


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    one, two = frame["rater1"].to_numpy(), frame["rater2"].to_numpy()
    table = next(name for name in case.names() if name.startswith("table_"))
    low, high = map(int, re.search(r"(\d+)to(\d+)", table).groups())
    scale = range(low, high + 1)
    found: dict[str, Any] = {table: kappa.agreement_table(one, two, scale)}
    for name, weights in (
        ("unweighted", "unweighted"),
        ("linear_weighted", "linear"),
        ("quadratic_weighted", "quadratic"),
    ):
        k = kappa.cohen_kappa(one, two, scale, weights)
        found[name] = {
            "kappa": k.estimate,
            "z": k.z,
            "p": k.p,
            "n": k.n,
            "ase": k.se,
            "ci95": interval(k),
        }
        if "psych_ci95" in case.names(name):
            found[name]["psych_ci95"] = interval(k)
    binary = next(name for name in case.names() if name.startswith("binary_gt"))
    cut = float(binary.removeprefix("binary_gt"))
    counts = kappa.agreement_table(one > cut, two > cut, (False, True))
    k = kappa.kappa_of_table(counts)
    found[binary] = {
        "table": counts,
        "percent_agreement": k.observed,
        "kappa": k.estimate,
        "ase": k.se,
        "pabak": k.pabak,
    }
    many = case.table("input_fleiss.csv").to_numpy()
    fleiss = kappa_many.fleiss_kappa(many, variance="null")
    found["fleiss"] = {
        "kappa": fleiss.estimate,
        "z": fleiss.z,
        "p": fleiss.p,
        "raters": fleiss.raters,
        "subjects": fleiss.n,
        "by_category": {c.category: c.estimate for c in kappa_many.fleiss_by_category(many)},
        "exact_conger": kappa_many.conger_kappa(many).estimate,
        "light": kappa_many.light_kappa(many).estimate,
        "DescTools_ci95": interval(fleiss),
    }
    ordinal = frame.to_numpy(float)
    found["kendall_w"] = kappa_many.kendall_w(ordinal).estimate
    return found
