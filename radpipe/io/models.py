"""Final models on disk: skops, which unlike pickle runs no code of the file's choosing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from radpipe.core.errors import RadpipeError
from radpipe.io.atomic import replacing

TRUSTED_MODULES = (
    "radpipe.models.", "radpipe.selection.", "sklearn.", "sksurv.", "xgboost.", "numpy.",
)  # fmt: skip
"""Only types of these are loaded; a file that holds any other is refused."""


def write_model(path: Path, model: Any) -> None:
    """Write a fitted pipeline."""
    from skops.io import dump

    with replacing(path) as temporary:
        dump(model, temporary)


def read_model(path: Path) -> Any:
    """Read a fitted pipeline.

    Raises
    ------
    RadpipeError
        The file holds anything but radpipe's models and the libraries that they are made of.
    """
    from skops.io import get_untrusted_types, load

    try:
        unknown = get_untrusted_types(file=path)
        foreign = [name for name in unknown if not name.startswith(TRUSTED_MODULES)]
    except (OSError, ValueError, KeyError) as error:
        raise RadpipeError(f"{path}: no model file of radpipe ({error}); fit it again") from error
    if foreign:
        raise RadpipeError(
            f"{path}: holds {', '.join(foreign)}, which no model of radpipe is made of; "
            "do not use it, fit the model again"
        )
    return load(path, trusted=unknown)
