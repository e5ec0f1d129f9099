"""survRM2::rmst2: two arms up to a horizon."""

from typing import Any

from radpipe.stats import rmst
from tests.golden.case import Case, interval


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    t, d, arm = (frame[name].to_numpy(float) for name in ("time", "status", "arm"))
    found: dict[str, Any] = {"largest_common_time": rmst.largest_common_time(t, arm)}
    for name in case.names():
        if not name.startswith("tau"):
            continue
        test = rmst.compare_rmst(t, d, arm, float(name.removeprefix("tau")))
        found[name] = {"tau": test.tau}
        for i, mean in enumerate(test.rmst):
            found[name][f"arm{i}"] = {
                "rmst": mean.estimate,
                "se": mean.se,
                "ci95": interval(mean),
            }
        for key in ("difference", "ratio", "rmtl_ratio"):
            contrast = getattr(test, key)
            found[name][key] = [contrast.estimate, *interval(contrast), contrast.p]
    return found
