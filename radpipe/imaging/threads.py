"""ITK on one thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def itk_on_one_thread() -> Iterator[None]:
    """Hold ITK to one thread while something runs.

    With several it sums in another order, and the last digits would follow the number of cores;
    and steps that run side by side would crowd each other out.
    """
    import SimpleITK as sitk

    process = sitk.ProcessObject
    threads = process.GetGlobalDefaultNumberOfThreads()
    process.SetGlobalDefaultNumberOfThreads(1)
    try:
        yield
    finally:
        process.SetGlobalDefaultNumberOfThreads(threads)
