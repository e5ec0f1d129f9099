"""The model families that a study may name."""

from __future__ import annotations

from radpipe.core.registry import Registry

MODELS = Registry(
    "model",
    {
        "marker": "radpipe.models.marker:MarkerSpec",
        "threshold": "radpipe.models.threshold:ThresholdSpec",
        "rule": "radpipe.models.rule:RuleSpec",
        "logistic": "radpipe.models.logistic:LogisticSpec",
        "penalised_logistic": "radpipe.models.penalised_logistic:PenalisedLogisticSpec",
        "svm": "radpipe.models.svm:SvmSpec",
        "random_forest": "radpipe.models.random_forest:RandomForestSpec",
        "extra_trees": "radpipe.models.extra_trees:ExtraTreesSpec",
        "bagged_trees": "radpipe.models.bagged_trees:BaggedTreesSpec",
        "adaboost": "radpipe.models.adaboost:AdaboostSpec",
        "xgboost": "radpipe.models.xgboost:XgboostSpec",
        "knn": "radpipe.models.knn:KnnSpec",
        "naive_bayes": "radpipe.models.naive_bayes:NaiveBayesSpec",
        "lda": "radpipe.models.lda:LdaSpec",
        "qda": "radpipe.models.qda:QdaSpec",
        "gaussian_process": "radpipe.models.gaussian_process:GaussianProcessSpec",
        "mlp": "radpipe.models.mlp:MlpSpec",
        "multinomial": "radpipe.models.multinomial:MultinomialSpec",
        "ordinal": "radpipe.models.ordinal:OrdinalSpec",
        "linear": "radpipe.models.linear:LinearSpec",
        "penalised_linear": "radpipe.models.penalised_linear:PenalisedLinearSpec",
        "ridge": "radpipe.models.ridge:RidgeSpec",
        "svr": "radpipe.models.svr:SvrSpec",
        "cox": "radpipe.models.cox:CoxSpec",
        "penalised_cox": "radpipe.models.penalised_cox:PenalisedCoxSpec",
        "fine_gray": "radpipe.models.fine_gray:FineGraySpec",
        "random_survival_forest": (
            "radpipe.models.random_survival_forest:RandomSurvivalForestSpec"
        ),
        "nomogram": "radpipe.models.nomogram:NomogramSpec",
        "fusion": "radpipe.models.fusion:FusionSpec",
    },
)
