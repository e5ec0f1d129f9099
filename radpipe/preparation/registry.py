"""The steps that a study's preparation may name."""

from __future__ import annotations

from radpipe.core.registry import Registry

PREPARATION = Registry(
    "preparation step",
    {
        "impute": "radpipe.preparation.impute:ImputeSpec",
        "outliers": "radpipe.preparation.outliers:OutliersSpec",
        "scale": "radpipe.preparation.scale:ScaleSpec",
        "combat": "radpipe.preparation.combat:CombatSpec",
    },
)

BALANCE = Registry(
    "balance",
    {
        "class_weight": "radpipe.preparation.balance:ClassWeightSpec",
        "oversample": "radpipe.preparation.balance:OversampleSpec",
        "undersample": "radpipe.preparation.balance:UndersampleSpec",
        "smote": "radpipe.preparation.smote:SmoteSpec",
    },
)
