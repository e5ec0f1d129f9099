"""psych: the ICC of each radiomic feature between two readers, and who passes a threshold."""

from typing import Any

import numpy as np

from radpipe.stats.icc import icc_features, koo_li
from radpipe.stats.icc_forms import FORMS
from tests.golden.case import Case


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    wide = frame.pivot(index=["feature", "lesion"], columns="reader", values="value")
    names = wide.index.get_level_values("feature").unique()
    found = icc_features(np.stack([wide.loc[name].to_numpy(float) for name in names]))
    one, two, three = (FORMS.index(f"ICC({i},1)") for i in (1, 2, 3))

    def kept(values: np.ndarray, least: float) -> list[str]:
        return names[values >= least].tolist()

    features = {}
    for i, name in enumerate(names):
        row: dict[str, Any] = {"p_F": found.p[i, two]}
        for j, key in ((two, "ICC2_1"), (three, "ICC3_1"), (one, "ICC1_1")):
            row[key] = found.estimate[i, j]
            row[f"{key}_ci95"] = [found.lower[i, j], found.upper[i, j]]
        features[name] = row
    lists = {
        "kept_ICC2_1_ge_0.75": kept(found.estimate[:, two], 0.75),
        "kept_ICC2_1_lower95_ge_0.75": kept(found.lower[:, two], 0.75),
        "kept_ICC3_1_ge_0.75": kept(found.estimate[:, three], 0.75),
        "kept_ICC2_1_ge_0.9": kept(found.estimate[:, two], 0.9),
    }
    return {
        "features": features,
        **lists,
        "n_kept": {
            "icc21": len(lists["kept_ICC2_1_ge_0.75"]),
            "icc21_lower": len(lists["kept_ICC2_1_lower95_ge_0.75"]),
            "icc31": len(lists["kept_ICC3_1_ge_0.75"]),
        },
        "koo_li_class_by_estimate": {
            name: koo_li(found.estimate[i, two]) for i, name in enumerate(names)
        },
    }
