"""The rules by which a study may have a cut-off learned."""

from __future__ import annotations

from radpipe.core.registry import Registry

CUTOFFS = Registry(
    "cut-off",
    {
        "youden": "radpipe.models.cutoffs.youden:YoudenSpec",
        "sensitivity": "radpipe.models.cutoffs.sensitivity:SensitivitySpec",
        "specificity": "radpipe.models.cutoffs.specificity:SpecificitySpec",
        "prevalence": "radpipe.models.cutoffs.prevalence:PrevalenceSpec",
        "fixed": "radpipe.models.cutoffs.fixed:FixedSpec",
        "median": "radpipe.models.cutoffs.median:MedianSpec",
        "tertiles": "radpipe.models.cutoffs.tertiles:TertilesSpec",
        "max_logrank": "radpipe.models.cutoffs.max_logrank:MaxLogrankSpec",
        "x_tile": "radpipe.models.cutoffs.x_tile:XTileSpec",
    },
)
