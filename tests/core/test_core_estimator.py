"""Our estimators are scikit-learn's, and reading a study does not load it."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from radpipe.core.estimator import Estimator
from radpipe.selection.correlation import CorrelationSelector
from radpipe.selection.variance import VarianceSpec


class Leaf(Estimator):
    def __init__(self, depth=1, names=("a",)):
        self.depth = depth
        self.names = names


class Tree(Estimator):
    def __init__(self, leaf=None):
        self.leaf = leaf


def test_parameters_are_those_of_the_constructor():
    tree = Tree(Leaf(3))
    assert tree.get_params(deep=False) == {"leaf": tree.leaf}
    assert tree.get_params()["leaf__depth"] == 3
    assert tree.set_params(leaf__depth=5).leaf.depth == 5
    assert repr(tree) == "Tree(leaf=Leaf(depth=5, names=('a',)))"
    with pytest.raises(ValueError, match="Leaf: no parameter 'size'; allowed: depth, names"):
        tree.set_params(leaf__size=1)


def test_a_clone_has_the_parameters_and_nothing_learned():
    tree = Tree(Leaf(3))
    tree.learned_ = 1
    copy = clone(tree)
    assert copy.leaf is not tree.leaf
    assert copy.leaf.depth == 3
    assert not hasattr(copy, "learned_")


def test_a_selector_stands_in_a_search_over_a_pipeline():
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.normal(size=(60, 3)), columns=["a", "b", "c"])
    X["d"] = X["a"] + rng.normal(scale=0.01, size=60)
    y = (X["a"] + rng.normal(size=60) > 0).astype(int).to_numpy()
    steps = make_pipeline(VarianceSpec().build(0), CorrelationSelector(0.9), LogisticRegression())
    search = GridSearchCV(steps, {"correlationselector__threshold": [0.5, 0.9]}, cv=3).fit(X, y)
    assert len(search.best_estimator_["correlationselector"].get_feature_names_out()) == 3
    assert search.best_score_ > 0.6


def test_reading_a_study_loads_no_scikit_learn(root):
    code = (
        "import sys; from pathlib import Path; from radpipe.study.load import load_study; "
        f"load_study(Path({str(root / 'studies' / 'demo')!r})); "
        "print([m for m in ('sklearn', 'scipy.stats', 'xgboost', 'lifelines') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
