"""The likelihood of subdistribution hazards where a trial step has gone too far."""

import warnings

import numpy as np

from radpipe.stats.fine_gray import _censoring
from radpipe.stats.fine_gray_likelihood import Data, moments


def test_a_risk_set_next_to_nothing_has_no_likelihood_and_nothing_overflows():
    rng = np.random.default_rng(0)
    X, time = rng.normal(size=(40, 2)), rng.permutation(np.arange(1.0, 41.0))
    code = np.arange(40) % 3
    data = Data.of(X, time, code, _censoring(time, code, "crr"), efron=False)
    known = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for far in np.arange(1.0, 600.0):  # some of them leave less than the smallest normal number
            now = moments(data, np.array([far, -far]))
            assert np.isfinite(now.step).all() or now.loglik == -np.inf
            known.append(np.isfinite(now.loglik))
    assert known[0]
    assert not known[-1]
