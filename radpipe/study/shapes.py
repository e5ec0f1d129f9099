"""The settings classes seen as a tree: what may stand at a key path, in words."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types as at
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from radpipe.study.kinds import OneOf

_ORDER = {at.Gt: ("gt", ">"), at.Ge: ("ge", ">="), at.Lt: ("lt", "<"), at.Le: ("le", "<=")}
_PLAIN = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}


@dataclass(frozen=True)
class Shape:
    """A type and the constraints on it, as pydantic knows them."""

    annotation: Any
    metadata: tuple[Any, ...] = ()

    @classmethod
    def of(cls, annotation: Any, metadata: Sequence[Any] = ()) -> Shape:
        """Return the shape of an annotation, with what ``Annotated`` adds to it."""
        extra = list(metadata)
        while get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            extra += more
        flat: list[Any] = []
        for item in extra:
            flat += item.metadata if isinstance(item, FieldInfo) else [item]
        return cls(annotation, tuple(flat))

    @classmethod
    def of_field(cls, field: FieldInfo) -> Shape:
        """Return the shape of a field of a settings class."""
        return cls.of(field.annotation, field.metadata)

    def branches(self) -> list[Shape]:
        """Return the alternatives other than null; this shape alone where there is one."""
        if get_origin(self.annotation) in (Union, types.UnionType):
            found = [Shape.of(a, self.metadata) for a in get_args(self.annotation)]
            return [b for s in found if s.annotation is not type(None) for b in s.branches()]
        return [self]

    @property
    def optional(self) -> bool:
        """Return whether null may stand here."""
        args = get_args(self.annotation)
        return get_origin(self.annotation) in (Union, types.UnionType) and type(None) in args

    def marker(self) -> OneOf | None:
        """Return what says that a registry decides, if anything does."""
        return next((m for m in self.metadata if isinstance(m, OneOf)), None)


def spec_for(shape: Shape, value: Any) -> type[BaseModel] | None:
    """Return the settings class that governs ``value``; None where no class does."""
    specs: list[type[BaseModel]] = []
    for branch in shape.branches():
        marker = branch.marker()
        if marker is not None:
            kind = marker.kind_of(value)
            if isinstance(kind, str) and kind in list(marker.registry):
                found: type[BaseModel] = marker.registry[kind]
                specs.append(found)
        elif is_spec(branch.annotation):
            specs.append(branch.annotation)
    if len(specs) < 2:
        return specs[0] if specs else None
    for spec in specs:
        for name in ("kind", "type"):
            said = value.get(name) if isinstance(value, Mapping) else value
            if isinstance(said, str) and said in literal(spec, name):
                return spec
    return None


def is_spec(annotation: Any) -> bool:
    """Return whether an annotation is a settings class."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def literal(spec: type[BaseModel], name: str) -> tuple[Any, ...]:
    """Return the words that a Literal field allows; none where it is no such field."""
    field = spec.model_fields.get(name)
    allowed = field is not None and get_origin(field.annotation) is Literal
    return get_args(field.annotation) if field is not None and allowed else ()


def fields(spec: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a settings class by the names that the file uses."""
    return {field.alias or name: field for name, field in spec.model_fields.items()}


def step(shape: Shape, value: Any, part: str | int) -> Shape | None:
    """Return what may stand one key or one list position further."""
    spec = spec_for(shape, value)
    if spec is not None:
        field = fields(spec).get(str(part))
        return Shape.of_field(field) if field else None
    for branch in shape.branches():
        origin, args = get_origin(branch.annotation), get_args(branch.annotation)
        if origin in (dict, Mapping) and isinstance(part, str):
            return Shape.of(args[1])
        if origin in (tuple, list, Sequence) and isinstance(part, int):
            repeated = origin is not tuple or args[-1] is Ellipsis
            return Shape.of(args[0] if repeated else args[min(part, len(args) - 1)])
    return None


def tags(shape: Shape) -> tuple[str, list[str]]:
    """Return the key that chooses among settings (``kind``, ``type``) and its words."""
    key, words = "kind", list[str]()
    for branch in shape.branches():
        marker = branch.marker()
        if marker is not None:
            words += list(marker.registry)
        elif is_spec(branch.annotation):
            for name in ("kind", "type"):
                found = literal(branch.annotation, name)
                key = name if found else key
                words += [str(word) for word in found] if len(found) == 1 else []
    return key, words


def describe(shape: Shape) -> str:
    """Return in words what may stand here: ``a number > 0 and <= 1``."""
    key, known = tags(shape)
    chosen = [f"settings with {key}: {', '.join(known)}"] if known else []
    plain = [branch for branch in shape.branches() if not tags(branch)[1]]
    words = [*dict.fromkeys(_one(branch) for branch in plain), *chosen]
    return " or ".join(words) + (" or null" if shape.optional else "")


def example(shape: Shape) -> str:
    """Return how a mapping of names is written; nothing where none is meant."""
    for branch in shape.branches():
        if get_origin(branch.annotation) in (dict, Mapping):
            inner = Shape.of(get_args(branch.annotation)[1])
            return f"{{NAME: {_example(inner)}, ...}}"
    return ""


def _example(shape: Shape) -> str:
    """Return how one value is written."""
    branch = shape.branches()[0]
    if is_spec(branch.annotation):
        known = fields(branch.annotation)
        needed = [name for name, field in known.items() if field.is_required()]
        return "{" + ", ".join(f"{name}: ..." for name in needed or list(known)[:1]) + "}"
    listed = get_origin(branch.annotation) in (tuple, list, Sequence)
    return "[VALUE, ...]" if listed else "VALUE"


def _one(shape: Shape) -> str:
    """Return the words for a shape without alternatives."""
    if is_spec(shape.annotation):
        return "settings (key: value)"
    if get_origin(shape.annotation) is Literal:
        return ", ".join(str(word) for word in get_args(shape.annotation))
    origin, args = get_origin(shape.annotation), get_args(shape.annotation)
    if origin in (dict, Mapping):
        return f"a mapping {{name: {describe(Shape.of(args[1]))}{_least(shape)}}}"
    if origin in (tuple, list, Sequence):
        return _listed(shape, origin, args)
    return " ".join(filter(None, [_PLAIN.get(shape.annotation, "a value"), _limits(shape)]))


def _listed(shape: Shape, origin: Any, args: tuple[Any, ...]) -> str:
    """Return the words for a list."""
    count = ""
    if origin is tuple and args[-1] is not Ellipsis:
        count = f"{len(args)} of "
    inner = dict.fromkeys(describe(Shape.of(a)) for a in args if a is not Ellipsis)
    return f"a list [{count}{' and '.join(inner)}{_least(shape)}]"


def _least(shape: Shape) -> str:
    least = next((m.min_length for m in shape.metadata if isinstance(m, at.MinLen)), 0)
    return f", at least {least}" if least else ""


def _limits(shape: Shape) -> str:
    """Return the limits of a number: ``> 0 and <= 1``."""

    def each() -> Iterator[str]:
        for item in shape.metadata:
            if isinstance(item, at.Interval):
                for name, sign in _ORDER.values():
                    limit = getattr(item, name)
                    if limit is not None:
                        yield f"{sign} {_digits(limit)}"
            for kind, (name, sign) in _ORDER.items():
                if isinstance(item, kind):
                    yield f"{sign} {_digits(getattr(item, name))}"

    return " and ".join(each())


def _digits(limit: float) -> str:
    return str(limit) if isinstance(limit, int) else f"{limit:g}"
