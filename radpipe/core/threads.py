"""Numerical libraries on one thread, so that the number of cores changes no number."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def on_one_thread() -> Iterator[None]:
    """Hold linear algebra to one thread: products of large tables depend on it in the last bit."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield
