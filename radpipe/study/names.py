"""Names that a study gives, and ids that its table holds."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator

RESERVED = frozenset({"clinical"})
_MAX_LENGTH = 64
_UNWRITABLE = re.compile(r"[/\\\x00-\x1f\x7f-\x9f\u2028\u2029]")

NAME_RULE = (
    "a letter first, then letters of any script, digits and single _, "
    f"{_MAX_LENGTH} characters at most"
)


def name_problem(name: str) -> str:
    """Return what is wrong with a name, or an empty string.

    Names become parts of file names, feature ids (``block__feature``) and references
    (``clinical.age``), so that dots, separators and ``__`` cannot stand in them.
    """
    if name in RESERVED:
        return f"the reserved name {name!r}"
    if not unicodedata.is_normalized("NFKC", name):
        return f"the name {name!r} in an unusual encoding (plain: {normal(name)!r})"
    fits = (
        0 < len(name) <= _MAX_LENGTH
        and name[0].isalpha()
        and all(c == "_" or unicodedata.category(c)[0] in "LMN" for c in name)
        and "__" not in name
        and not name.endswith("_")
    )
    return "" if fits else f"the name {name!r}"


def _checked(name: str) -> str:
    problem = name_problem(name)
    if problem:
        raise ValueError(f"{problem}; allowed: {NAME_RULE}")
    return name


Name = Annotated[str, AfterValidator(_checked)]
"""A name of a block, model, image, region, clinical variable or selection."""


def an(word: str) -> str:
    """Return a word with its article: ``an ordinal``."""
    return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"


def normal(text: str) -> str:
    """Return text as it is compared: NFKC, trimmed."""
    return unicodedata.normalize("NFKC", text).strip()


def id_problem(case: str) -> str:
    """Return what makes an id unusable as a file name, or an empty string."""
    if case in ("", ".") or ".." in case:
        return "'..' in the id" if ".." in case else f"the id {case!r}"
    unwritable = _UNWRITABLE.search(case)
    if unwritable:
        character = unwritable.group()
        shown = repr(character) if character.isprintable() else f"U+{ord(character):04X}"
        return f"the character {shown} in the id"
    return ""


def regression_kind(endpoint: str) -> str:
    """Return the kind of model that is the plain regression of an endpoint."""
    return {"survival": "cox", "continuous": "linear"}.get(endpoint, "logistic")
