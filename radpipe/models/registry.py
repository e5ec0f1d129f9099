"""The model families that a study may name."""

from __future__ import annotations

from radpipe.core.registry import Registry

MODELS = Registry(
    "model",
    {
        "marker": "radpipe.models.marker:MarkerSpec",
        "logistic": "radpipe.models.logistic:LogisticSpec",
        "penalised_logistic": "radpipe.models.penalised_logistic:PenalisedLogisticSpec",
        "svm": "radpipe.models.svm:SvmSpec",
        "random_forest": "radpipe.models.random_forest:RandomForestSpec",
        "xgboost": "radpipe.models.xgboost:XgboostSpec",
        "cox": "radpipe.models.cox:CoxSpec",
        "penalised_cox": "radpipe.models.penalised_cox:PenalisedCoxSpec",
        "random_survival_forest": (
            "radpipe.models.random_survival_forest:RandomSurvivalForestSpec"
        ),
        "nomogram": "radpipe.models.nomogram:NomogramSpec",
    },
)
