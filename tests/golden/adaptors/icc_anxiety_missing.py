"""psych and irr: the six forms where ratings are missing."""

from typing import Any

from radpipe.stats.icc import icc
from radpipe.stats.icc_reml import icc_reml
from tests.golden.adaptors.icc_shrout_fleiss import psych
from tests.golden.case import Case


def compute(case: Case) -> dict[str, Any]:
    whole = case.table().to_numpy(float)
    missing = case.table("input_missing.csv").to_numpy(float)
    listwise = icc(missing)
    return {
        "complete_psych_anova": psych(icc(whole)),
        "missing_listwise_psych_anova": psych(listwise),
        "missing_psych_lmer_reml": psych(icc_reml(missing)),
        "missing_irr_listwise": {
            "ICC_A_1": listwise.forms["ICC(2,1)"].estimate,
            "ICC_C_1": listwise.forms["ICC(3,1)"].estimate,
            "ICC_1": listwise.forms["ICC(1,1)"].estimate,
            "n_subjects": listwise.n,
        },
    }
