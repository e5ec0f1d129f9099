"""The ways to hold cases out, and the ways to resample the training cases."""

from __future__ import annotations

from radpipe.core.registry import Registry

SPLITS = Registry(
    "split",
    {
        "none": "radpipe.resampling.splits:NoSplitSpec",
        "random": "radpipe.resampling.splits:RandomSplitSpec",
        "column": "radpipe.resampling.splits:ColumnSplitSpec",
        "date": "radpipe.resampling.splits:DateSplitSpec",
        "centre": "radpipe.resampling.splits:CentreSplitSpec",
    },
)

RESAMPLING = Registry(
    "resampling",
    {
        "repeated_cv": "radpipe.resampling.schemes:RepeatedCvSpec",
        "k_fold": "radpipe.resampling.schemes:KFoldSpec",
        "leave_one_centre_out": "radpipe.resampling.schemes:LeaveOneCentreOutSpec",
        "repeated_splits": "radpipe.resampling.schemes:RepeatedSplitsSpec",
        "bootstrap": "radpipe.resampling.bootstrap:BootstrapSpec",
        "bootstrap_optimism": "radpipe.resampling.bootstrap:BootstrapOptimismSpec",
        "bootstrap_632": "radpipe.resampling.bootstrap:Bootstrap632Spec",
    },
)
