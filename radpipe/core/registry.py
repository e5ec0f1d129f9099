"""A registry: the names that a ``kind:`` may have, and where their code lives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from radpipe.core.errors import RadpipeError, nearest


class Registry(Mapping[str, Any]):
    """Names mapped to ``module:attribute``; a module is imported when its name is asked for.

    Parameters
    ----------
    noun : str
        What the names stand for, for messages (``"selector"``).
    entries : mapping of str to str
        ``{"mrmr": "radpipe.selection.mrmr:MrmrSpec"}``.
    """

    def __init__(self, noun: str, entries: Mapping[str, str]) -> None:
        self.noun = noun
        self._entries = dict(entries)

    def __getitem__(self, name: str) -> Any:
        if name not in self._entries:
            hint = nearest(name, list(self._entries))
            raise RadpipeError(
                f"{self.noun}: {name!r} is not known; allowed: {', '.join(self._entries)}"
                + (f"; {hint}" if hint else "")
            )
        module, attribute = self._entries[name].split(":")
        return getattr(import_module(module), attribute)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def module_of(self, name: str) -> str:
        """Return the dotted module that holds ``name``, without importing it."""
        return self._entries[name].split(":")[0]
