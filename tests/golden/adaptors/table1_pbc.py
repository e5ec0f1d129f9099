"""tableone: a baseline table of two arms."""

from typing import Any

from radpipe.stats import baseline
from radpipe.stats.describe import Counts, Description
from tests.golden.case import Case

ARMS = {"trt1": 1, "trt2": 2}


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    parts = [frame[frame["trt"] == arm] for arm in ARMS.values()]
    sizes = dict(zip(ARMS, map(len, parts), strict=True))
    found: dict[str, Any] = {"n": {"overall": len(frame)} | sizes}
    found["continuous"] = {
        name: _measure([part[name].to_numpy(float) for part in parts])
        for name in case.names("continuous")
    }
    found["categorical"] = {}
    for name in case.names("categorical"):
        labels = [[v if isinstance(v, str) else f"{v:g}" for v in part[name]] for part in parts]
        levels = case.names("categorical", name, "overall")
        found["categorical"][name] = _category(baseline.category(labels, levels))
    return found


def _measure(groups: list[Any]) -> dict[str, Any]:
    row = baseline.measure(groups)
    described = dict(zip(ARMS, row.groups, strict=True))
    return {name: _described(d) for name, d in ({"overall": row.overall} | described).items()} | {
        "p_student_equal_var_tableone": row.equal_variance.p,
        "p_welch": row.welch.p,
        "p_kruskal_tableone_nonnormal": row.kruskal.p,
        "p_mannwhitney_continuity": row.mann_whitney.p,
        "smd": row.smd,
    }


def _category(row: baseline.Category) -> dict[str, Any]:
    counted = dict(zip(ARMS, row.groups, strict=True))
    return {name: _counted(c) for name, c in ({"overall": row.overall} | counted).items()} | {
        "missing": row.overall.missing,
        "p_chisq_tableone": row.chi_square.p,
        "p_chisq_no_correction": row.chi_square_plain.p,
        "p_fisher": row.fisher.p,
        "min_expected": row.min_expected,
        "smd": row.smd,
    }


def _described(d: Description) -> dict[str, Any]:
    return {
        "n": d.n,
        "missing": d.missing,
        "mean": d.mean,
        "sd": d.sd,
        "median": d.median,
        "q1_q3": [d.q1, d.q3],
        "min_max": [d.minimum, d.maximum],
    }


def _counted(c: Counts) -> dict[str, Any]:
    return {
        level: {"n": n, "pct": share}
        for level, n, share in zip(c.levels, c.counts, c.percent, strict=True)
    }
