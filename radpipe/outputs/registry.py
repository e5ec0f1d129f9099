"""The figures and tables that a study may ask for. A new one is one file and one line here."""

from __future__ import annotations

from radpipe.core.registry import Registry

OUTPUTS = Registry(
    "output",
    {
        "cohort_flow": "radpipe.outputs.cohort_flow:CohortFlowSpec",
        "baseline_table": "radpipe.outputs.baseline_table:BaselineTableSpec",
        "montage": "radpipe.outputs.montage:MontageSpec",
        "metrics": "radpipe.outputs.metrics:MetricsSpec",
        "roc": "radpipe.outputs.roc:RocSpec",
        "time_dependent_roc": "radpipe.outputs.time_dependent_roc:TimeDependentRocSpec",
        "comparison": "radpipe.outputs.comparison:ComparisonSpec",
        "waterfall": "radpipe.outputs.waterfall:WaterfallSpec",
        "confusion_matrix": "radpipe.outputs.confusion_matrix:ConfusionMatrixSpec",
        "observed_predicted": "radpipe.outputs.observed_predicted:ObservedPredictedSpec",
        "calibration": "radpipe.outputs.calibration:CalibrationSpec",
        "decision_curve": "radpipe.outputs.decision_curve:DecisionCurveSpec",
        "kaplan_meier": "radpipe.outputs.kaplan_meier:KaplanMeierSpec",
        "regression_table": "radpipe.outputs.regression_table:RegressionTableSpec",
        "nomogram": "radpipe.outputs.nomogram:NomogramSpec",
        "lasso_path": "radpipe.outputs.lasso_path:LassoPathSpec",
        "reliability": "radpipe.outputs.reliability:ReliabilitySpec",
        "selected_features": "radpipe.outputs.selected_features:SelectedFeaturesSpec",
        "controls": "radpipe.outputs.controls:ControlsSpec",
    },
)
