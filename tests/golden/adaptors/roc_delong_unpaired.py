"""pROC: two AUCs on independent cases."""

from typing import Any

from radpipe.stats import roc
from tests.golden.case import Case, interval


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    y = (frame["outcome"] == "Poor").astype(int).to_numpy()
    male = (frame["gender"] == "Male").to_numpy()
    found = {}
    for name in case.names():
        x = frame[name].to_numpy(float)
        both = (y[male], x[male], y[~male], x[~male])
        m, f = roc.delong(*both[:2]), roc.delong(*both[2:])
        test = roc.delong_unpaired(*both)
        found[name] = {
            "auc_male": m.estimate,
            "auc_female": f.estimate,
            "ci_male": interval(m),
            "ci_female": interval(f),
            "var_male": m.se**2,
            "var_female": f.se**2,
            "D": test.statistic,
            "df_satterthwaite": test.df,
            "p_t": test.p,
            "p_normal": roc.delong_unpaired(*both, reference="normal").p,
        }
    return found
