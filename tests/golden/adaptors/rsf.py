"""randomForestSRC: a random survival forest, one tree on all rows, and the best first division.

R grew 20 forests; five are enough for the tolerance of what they show.
"""

from typing import Any

import numpy as np

from radpipe.core.target import survival
from radpipe.models.random_survival_forest import RandomSurvivalForest
from radpipe.stats.concordance import harrell
from radpipe.stats.logrank_split import best_split
from tests.golden.case import Case

SEEDS = range(5)
FOREST = {"trees": 500, "node_size": 15, "columns": 3}


def compute(case: Case) -> dict[str, Any]:
    frame = case.table()
    time, status = frame.pop("time").to_numpy(float), frame.pop("status").to_numpy()
    names, y = list(frame), survival(time, status)

    def c(score: Any) -> float:
        return harrell(time, status, score).estimate

    out_of_bag, apparent, falls = [], [], []
    for seed in SEEDS:
        forest = RandomSurvivalForest(**FOREST, seed=seed).fit(frame, y)
        out_of_bag.append(c(forest.out_of_bag_mortality(frame)))
        apparent.append(c(forest.mortality(frame)))
        falls.append(list(forest.permutation_importance(frame, y, seed).values()))
    tree = RandomSurvivalForest(1, 15, len(names), bootstrap=False).fit(frame, y)
    first = best_split(frame, time, status)
    return {
        "oob_c_index_mean": np.mean(out_of_bag),
        "oob_c_index_range": [min(out_of_bag), max(out_of_bag)],
        "apparent_c_index_mean": np.mean(apparent),
        "permutation_vimp_mean": dict(zip(names, np.mean(falls, axis=0), strict=True)),
        "best_root_split_exhaustive_logrank": {
            "variable": names[first.column],
            "cut_le": first.cut,
            "next_value": first.next_value,
            "chisq": first.statistic,
            "n_left": first.n_low,
            "n_right": first.n_high,
        },
        "single_tree_no_bootstrap_leaves": tree.leaves()[0],
        "single_tree_apparent_c": c(tree.mortality(frame)),
    }
