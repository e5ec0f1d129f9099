"""ROC analysis under one name; the parts live in files of their own."""

from radpipe.stats.cutoffs import (
    Cutoff,
    accuracy_cutoff,
    closest_cutoff,
    cost_cutoff,
    fixed_sensitivity_cutoff,
    fixed_specificity_cutoff,
    youden_cutoff,
)
from radpipe.stats.delong import (
    delong,
    delong_covariance,
    delong_global,
    delong_paired,
    delong_repeats,
    delong_unpaired,
)
from radpipe.stats.placements import auc, auc_batch, placements
from radpipe.stats.rocpoints import (
    PartialAuc,
    RocCurve,
    curve,
    partial_auc,
    sensitivity_at,
    specificity_at,
    vertical_average,
)

__all__ = [
    "Cutoff",
    "PartialAuc",
    "RocCurve",
    "accuracy_cutoff",
    "auc",
    "auc_batch",
    "closest_cutoff",
    "cost_cutoff",
    "curve",
    "delong",
    "delong_covariance",
    "delong_global",
    "delong_paired",
    "delong_repeats",
    "delong_unpaired",
    "fixed_sensitivity_cutoff",
    "fixed_specificity_cutoff",
    "partial_auc",
    "placements",
    "sensitivity_at",
    "specificity_at",
    "vertical_average",
    "youden_cutoff",
]
