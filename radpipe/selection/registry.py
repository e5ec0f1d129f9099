"""The selectors that a study may name."""

from __future__ import annotations

from radpipe.core.registry import Registry

SELECTORS = Registry(
    "selector",
    {
        "variance": "radpipe.selection.variance:VarianceSpec",
        "correlation": "radpipe.selection.correlation:CorrelationSpec",
        "univariable": "radpipe.selection.univariable:UnivariableSpec",
        "mrmr": "radpipe.selection.mrmr:MrmrSpec",
        "lasso": "radpipe.selection.lasso:LassoSpec",
    },
)
