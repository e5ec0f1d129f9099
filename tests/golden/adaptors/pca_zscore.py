"""prcomp, scale, and scaling by range or quartiles."""

from typing import Any

import numpy as np

from radpipe.stats.scaling import fit_pca, fit_scaling
from tests.golden.case import Case


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    names = case.names("abs_rotation")
    x = frame[names].to_numpy(float)
    pca = fit_pca(x)

    def first_row(kind: str) -> dict[str, float]:
        return dict(zip(names, fit_scaling(x, kind).apply(x[:1])[0], strict=True))

    return {
        "sdev": pca.sdev,
        "prop_var": pca.share,
        "abs_rotation": {
            name: {f"PC{i}": value for i, value in enumerate(row, 1)}
            for name, row in zip(names, np.abs(pca.rotation), strict=True)
        },
        "zscore_first_row_sd_n_minus_1": first_row("zscore"),
        "minmax_first_row": first_row("minmax"),
        "robust_first_row_median_iqr_type7": first_row("robust"),
    }
