"""What a stored model may be made of; a file that holds anything else is refused."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec

OURS = ("radpipe.models.", "radpipe.preparation.")
"""Where an estimator, or the settings of one, may be ours."""

OUR_RECORDS = frozenset(
    {
        "radpipe.preparation.coding.Factor",
        "radpipe.preparation.combat_unseen.Frame",
        "radpipe.selection.projection.Projection",
        "radpipe.stats.combat.ComBat",
    }
)
"""Ours that are neither: plain records of numbers."""

OTHERS = frozenset(
    {
        "numpy.dtype",
        "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
        "sklearn.gaussian_process.kernels.ConstantKernel",
        "sklearn.gaussian_process.kernels.Product",
        "sklearn.gaussian_process.kernels.RBF",
        "sklearn.impute._iterative.IterativeImputer",
        "sklearn.impute._iterative._ImputerTriplet",
        "sklearn.tree._tree.Tree",
        "sksurv.ensemble.forest.RandomSurvivalForest",
        "sksurv.tree.tree.SurvivalTree",
        "xgboost.core.Booster",
        "xgboost.sklearn.XGBClassifier",
        "xgboost.sklearn.XGBRegressor",
    }
)
"""Types of libraries that our estimators hold, besides those that skops trusts itself."""


def foreign(names: Iterable[str]) -> list[str]:
    """Return which types no model of radpipe is made of."""
    return [name for name in names if name not in OTHERS | OUR_RECORDS and not _ours(name)]


def _ours(name: str) -> bool:
    """Return whether a name is that of an estimator of ours, or of the settings of one."""
    from radpipe.core.estimator import Estimator
    from radpipe.core.spec import Spec

    module, _, attribute = name.rpartition(".")
    if not name.startswith(OURS) or find_spec(module) is None:
        return False
    found = getattr(import_module(module), attribute, None)
    mine = isinstance(found, type) and found.__module__ == module
    return mine and issubclass(found, Estimator | Spec)
