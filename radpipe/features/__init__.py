"""Extraction engines and their settings; ``extract`` is the front for programs."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from radpipe.features.arrays import extract as extract

__all__ = ["extract"]


def __getattr__(name: str) -> Any:
    """Load the front when it is asked for: the command line starts without numpy."""
    if name == "extract":
        from radpipe.features.arrays import extract

        return extract
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
