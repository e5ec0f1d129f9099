"""How numerical libraries are held while a model is fitted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def on_one_thread() -> Iterator[None]:
    """Hold linear algebra to one thread, so that the number of cores changes no number.

    Products of large tables depend on it in the last bit.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield


@contextmanager
def settings_known() -> Iterator[None]:
    """Spare scikit-learn the check of settings that the study's own reading has checked.

    It costs a forest, which checks those of every tree, a fifth of its time.
    """
    from sklearn import config_context

    with config_context(skip_parameter_validation=True):
        yield
