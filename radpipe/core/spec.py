"""The base of every settings object: strict, frozen, and found by its ``kind``."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator

from radpipe.core.registry import Registry


class Spec(BaseModel):
    """Settings of one part of a study; unknown keys are faults."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class KindSpec(Spec):
    """Settings chosen by name through a registry (each subclass narrows ``kind``)."""

    kind: str


def _named(value: Any) -> Any:
    """Let a bare name stand for ``{kind: name}``."""
    return {"kind": value} if isinstance(value, str) else value


def only_one(settings: BaseModel, **meaning: str) -> None:
    """Refuse settings that give none, or several, of some keys, each with its meaning."""
    given = [key for key in meaning if getattr(settings, key) is not None]
    if len(given) != 1:
        said = " beside ".join(given) or f"none of {', '.join(meaning)}"
        keys = " or ".join(f"{key} ({words})" for key, words in meaning.items())
        raise ValueError(f"{said}; give one: {keys}")


def one_of(registry: Registry) -> Any:
    """Return the pydantic type of "any spec of this registry", discriminated by ``kind``."""
    classes = [registry[name] for name in registry]
    if len(classes) == 1:
        return Annotated[classes[0], BeforeValidator(_named)]
    union = reduce(or_, classes)
    return Annotated[Annotated[union, Discriminator("kind")], BeforeValidator(_named)]


def as_text(value: Any) -> Any:
    """Read a YAML number or boolean where a label is meant (``positive: 1`` is ``"1"``)."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


Text = Annotated[str, BeforeValidator(as_text)]
"""A label: text, or a number that is read as text."""


def _listed(value: Any) -> Any:
    """Let one label stand for a list of it."""
    return [value] if isinstance(value, str | int | float) else value


Texts = Annotated[tuple[Text, ...], BeforeValidator(_listed)]
"""Labels, or one of them."""
