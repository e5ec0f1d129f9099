"""Final models on disk: skops, which unlike pickle runs no code of the file's choosing.

A file ends with a seal, the comment of its zip archive: the SHA-256 of all before it, and the
versions of the libraries that made it. So a changed byte is told before anything is read.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from radpipe.core.digests import canonical, versions
from radpipe.core.errors import RadpipeError
from radpipe.io.atomic import replacing
from radpipe.io.model_bytes import reproducible
from radpipe.io.model_types import foreign

LIBRARIES = ("radpipe", "numpy", "scipy", "scikit-learn", "xgboost-cpu", "scikit-survival")
"""Those whose versions a model file tells."""

TOLD = ("scikit-learn", "xgboost-cpu", "scikit-survival")
"""Those of another version of which a stored estimator may predict otherwise."""

_NO_COMMENT = b"\0\0"  # the length of a zip archive's comment, where there is none


class OtherVersionWarning(UserWarning):
    """A model was made by another version of a library."""


def write_model(path: Path, model: Any) -> None:
    """Write a fitted pipeline, and seal it."""
    from skops.io import dumps

    with replacing(path) as temporary:
        body = reproducible(dumps(model))
        if not body.endswith(_NO_COMMENT):
            raise ValueError(f"{path}: the archive has a comment already")
        made = versions(*LIBRARIES)
        seal = canonical({"sha256": _sealed(body, made), "versions": made}).encode()
        temporary.write_bytes(body[:-2] + len(seal).to_bytes(2, "little") + seal)


def _sealed(body: bytes, made: Mapping[str, str]) -> str:
    return hashlib.sha256(body + canonical(dict(made)).encode()).hexdigest()


def read_model(path: Path) -> Any:
    """Read a fitted pipeline.

    Warns
    -----
    OtherVersionWarning
        The file was made by other versions of the libraries that its estimators belong to.

    Raises
    ------
    RadpipeError
        The file is no model of radpipe's, was altered, or holds anything but radpipe's
        estimators and those of the libraries that they are made of.
    """
    from skops.io import get_untrusted_types, load

    for note in other_versions(path.name, _opened(path)):
        warnings.warn(note, OtherVersionWarning, stacklevel=2)
    try:
        unknown = get_untrusted_types(file=path)
        strange = foreign(unknown)
    except Exception as error:  # whatever a file that only looks like one makes skops raise
        raise RadpipeError(
            f"{path}: no model file of radpipe ({type(error).__name__}); fit it again"
        ) from error
    if strange:
        raise RadpipeError(
            f"{path}: holds {', '.join(strange)}, which no model of radpipe is made of; "
            "do not use it, fit the model again"
        )
    return load(path, trusted=unknown)


def _opened(path: Path) -> dict[str, str]:
    """Check a file's seal, and return the versions that made it."""
    try:
        whole = path.read_bytes()
    except OSError as error:
        raise RadpipeError(
            f"{path}: cannot be read ({error.strerror}); fit the model again"
        ) from error
    start = whole.rfind(b'{"sha256":')
    try:
        if start < 2 or int.from_bytes(whole[start - 2 : start], "little") != len(whole) - start:
            raise ValueError
        seal = json.loads(whole[start:])
        told, made = str(seal["sha256"]), dict(seal["versions"])
    except (ValueError, KeyError, TypeError):
        raise RadpipeError(
            f"{path}: no model file that radpipe wrote, or an altered one; "
            "do not use it, fit the model again"
        ) from None
    if _sealed(whole[: start - 2] + _NO_COMMENT, made) != told:
        raise RadpipeError(
            f"{path}: altered since radpipe wrote it (its SHA-256 does not fit); "
            "do not use it, fit the model again"
        )
    return made


def other_versions(name: str, made: Mapping[str, str]) -> list[str]:
    """Return what to say of libraries whose version is not that which made a file, a line each."""
    here = versions(*TOLD)
    return [
        f"{name} was made by {library} {made[library]}, and {here[library]} is installed: "
        "predictions may differ a little; fit the model again to be sure"
        for library in TOLD
        if made.get(library, here[library]) not in (here[library], "absent")
    ]
