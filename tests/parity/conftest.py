"""Parity tests compute on one thread: PyRadiomics' small matrices are slower on several."""

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    with threadpool_limits(1):
        yield
