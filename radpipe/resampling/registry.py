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
    },
)

RESAMPLING = Registry(
    "resampling",
    {
        "repeated_cv": "radpipe.resampling.schemes:RepeatedCvSpec",
        "bootstrap": "radpipe.resampling.schemes:BootstrapSpec",
    },
)
