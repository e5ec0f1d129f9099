"""e1071, randomForest: support vector machines and a random forest; every third row is a test row.

R grew 20 forests; five are enough for the tolerance of what they show.
"""

from typing import Any

import numpy as np

from radpipe.models.prepare import Prepare
from radpipe.models.random_forest import RandomForest
from radpipe.models.svm import Svm
from radpipe.stats.roc import auc
from tests.golden.case import Case

KERNELS = {"svm_linear_C1": "linear", "svm_rbf_C1_gamma_1_over_p": "rbf"}
SEEDS = range(5)


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    y = frame.pop("y").to_numpy()
    test = np.arange(len(y)) % 3 == 0
    prepare = Prepare(scaling="all").fit(frame[~test])
    X, new = prepare.transform(frame[~test]), prepare.transform(frame[test])
    found: dict[str, Any] = {}
    for key, kernel in KERNELS.items():
        svm = Svm(kernel, cost=1.0).fit(X, y[~test])
        decision = svm.predict_score(new)
        found[key] = {
            "n_sv": svm.support_vectors(),
            "decision_test_first15": decision[:15],
            "auc_test": auc(y[test], decision),
            "accuracy_test": np.mean((decision > 0) == (y[test] == 1)),
        }
    errors, aucs = [], []
    for seed in SEEDS:
        forest = RandomForest(trees=500, min_leaf=1, seed=seed).fit(X, y[~test])
        errors.append(forest.out_of_bag_error(X, y[~test]))
        aucs.append(auc(y[test], forest.predict_risk(new)))
    found["random_forest_500"] = {
        "oob_error_mean": np.mean(errors),
        "oob_error_range": [min(errors), max(errors)],
        "test_auc_mean": np.mean(aucs),
        "test_auc_range": [min(aucs), max(aucs)],
    }
    return found
