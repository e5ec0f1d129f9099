"""Memory that is free, asked before much of it is taken: a process that runs out is killed."""

from __future__ import annotations

from radpipe.core.errors import CaseError, Fault

GB = 1e9


def free() -> int:
    """Return the bytes that can be taken without swapping."""
    import psutil

    return int(psutil.virtual_memory().available)


def peak() -> int:
    """Return the most bytes that this process has held at once."""
    import resource
    import sys

    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held if sys.platform == "darwin" else held * 1024


def check_room(needed: float, where: str, found: str, cure: str) -> None:
    """Check that there is room for what a case needs.

    Parameters
    ----------
    needed : float
        Bytes.
    where, found, cure : str
        As of a `Fault`: what needs the memory, and what to do where there is too little.

    Raises
    ------
    CaseError
        With what is needed and what is free.
    """
    there = free()
    if needed > there:
        numbers = (
            f"{found} needs about {needed / GB:.3g} GB of memory, and {there / GB:.3g} are free"
        )
        raise CaseError(Fault(where, numbers, cure))
