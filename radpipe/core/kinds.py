"""Settings chosen by ``kind:`` from a registry, importing only the kinds that are named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from radpipe.core.registry import Registry
from radpipe.core.spec import KindSpec


@dataclass(frozen=True, eq=False)
class OneOf:
    """Marks a field as "settings of any kind in this registry".

    ``Annotated[KindSpec, OneOf(SELECTORS)]`` takes ``{kind: mrmr, n: 20}`` or a bare ``mrmr``.
    Unlike a union of all the classes it imports a kind when it is named, so that reading a study
    stays fast however many kinds there are.

    Parameters
    ----------
    registry : Registry
        The kinds.
    default : str
        What settings without a kind are; empty where it must be named.
    """

    registry: Registry
    default: str = ""

    def kind_of(self, value: Any) -> Any:
        """Return the kind that a value names, or that it is without naming one."""
        if not isinstance(value, Mapping):
            return value
        return value.get("kind", self.default or None)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Tell pydantic how to validate the field."""
        return core_schema.no_info_plain_validator_function(self.validate)

    def validate(self, value: Any) -> KindSpec:
        """Return the settings; pydantic keeps the places of what is wrong inside them."""
        if isinstance(value, KindSpec):
            return value
        settings = {"kind": value} if isinstance(value, str) else value
        if not isinstance(settings, Mapping):
            raise PydanticCustomError("kind_type", "a {noun}", {"noun": self.registry.noun})
        kind = self.kind_of(settings)
        if kind is None:
            raise PydanticCustomError("kind_missing", "no kind")
        if kind not in list(self.registry):
            raise PydanticCustomError("kind_unknown", "unknown kind")
        spec: KindSpec = self.registry[kind].model_validate(settings)
        return spec
