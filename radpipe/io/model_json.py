"""A model's passport: what it is, what it takes, and its numbers, as JSON with a seal.

R reads it (``jsonlite::fromJSON``), and so does a person. The last key is the SHA-256 of all the
others, written without blanks and with sorted keys; of the estimator in the file beside it the
passport holds the SHA-256 too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from radpipe.core.digests import canonical
from radpipe.core.errors import RadpipeError
from radpipe.io import atomic

FORMAT = "radpipe-model"
VERSION = 1
PASSPORT = "model.json"
ESTIMATOR = "model.skops"
KEYS = (
    *("model", "title", "kind", "study", "endpoint", "training", "variables", "missing_values"),
    *("batches", "gives_risk", "calibrated_risk", "score", "cutoff", "nomogram", "notes"),
    *("formula", "arithmetic", "inputs", "submodels", "performance", "versions", "estimator"),
)
"""What every passport holds, and its readers rely on."""


def write_passport(path: Path, passport: Mapping[str, Any]) -> None:
    """Write a passport, sealed; NaN and infinity are refused, since JSON has neither."""
    whole = {"format": FORMAT, "format_version": VERSION, **passport}
    # what is read back is sealed, so that numbers that JSON writes alike are alike
    whole = json.loads(json.dumps(whole, allow_nan=False))
    atomic.write_json(path, {**whole, "sha256": seal_of(whole)})


def seal_of(passport: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a passport without its seal."""
    text = canonical({key: value for key, value in passport.items() if key != "sha256"})
    return hashlib.sha256(text.encode()).hexdigest()


def read_passport(path: Path) -> dict[str, Any]:
    """Read a passport.

    Raises
    ------
    RadpipeError
        It is none, was altered, is of a later format, or lacks a key.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RadpipeError(
            f"{path}: cannot be read ({error.strerror}); give the folder of a model, such as "
            "reports/STUDY/.work/models/NAME, or what radpipe export-model wrote"
        ) from error
    except ValueError as error:
        raise RadpipeError(f"{path}: no JSON, or a damaged one; {_CURE}") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise RadpipeError(f"{path}: no model of radpipe (its format is not {FORMAT!r}); {_CURE}")
    if found.get("format_version") != VERSION:
        raise RadpipeError(
            f"{path}: of format {found.get('format_version')!r}, and this radpipe reads {VERSION}; "
            "use the radpipe that wrote it, or fit the model again"
        )
    if found.get("sha256") != seal_of(found):
        raise RadpipeError(
            f"{path}: altered since radpipe wrote it (its SHA-256 does not fit); {_CURE}"
        )
    if lacking := [key for key in KEYS if key not in found]:
        raise RadpipeError(f"{path}: incomplete, without {', '.join(lacking)}; {_CURE}")
    return found


_CURE = "do not use it, export or fit the model again"


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
