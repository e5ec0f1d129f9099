"""The selectors that a study may name."""

from __future__ import annotations

from radpipe.core.registry import Registry

SELECTORS = Registry(
    "selector",
    {
        "icc": "radpipe.selection.icc:IccSpec",
        "variance": "radpipe.selection.variance:VarianceSpec",
        "correlation": "radpipe.selection.correlation:CorrelationSpec",
        "clusters": "radpipe.selection.clusters:ClustersSpec",
        "vif": "radpipe.selection.vif:VifSpec",
        "univariable": "radpipe.selection.univariable:UnivariableSpec",
        "mutual_information": "radpipe.selection.mutual_information:MutualInformationSpec",
        "k_best": "radpipe.selection.k_best:KBestSpec",
        "relieff": "radpipe.selection.relieff:RelieffSpec",
        "mrmr": "radpipe.selection.mrmr:MrmrSpec",
        "lasso": "radpipe.selection.lasso:LassoSpec",
        "elastic_net": "radpipe.selection.elastic_net:ElasticNetSpec",
        "boruta": "radpipe.selection.boruta:BorutaSpec",
        "rfe": "radpipe.selection.rfe:RfeSpec",
        "forest_importance": "radpipe.selection.forest_importance:ForestImportanceSpec",
        "survival_forest_importance": (
            "radpipe.selection.survival_forest_importance:SurvivalForestImportanceSpec"
        ),
        "stepwise": "radpipe.selection.stepwise:StepwiseSpec",
        "univariable_multivariable": (
            "radpipe.selection.univariable_multivariable:UnivariableMultivariableSpec"
        ),
        "pca": "radpipe.selection.pca:PcaSpec",
        "stability": "radpipe.selection.stability:StabilitySpec",
    },
)
