"""What a study's parts are called, and the faults of what is called by another name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from radpipe.core.errors import Fault, nearest
from radpipe.study.draft import Draft
from radpipe.study.names import RESERVED, an
from radpipe.study.places import KeyPath
from radpipe.study.schema import StudySpec


class Lookup:
    """The names of one study; those of parts that are wrong inside count as there."""

    def __init__(self, draft: Draft, spec: StudySpec) -> None:
        self.spec = spec
        self.told = draft.names
        self.places = draft.places
        self.positions = draft.outputs
        self.broken = draft.broken
        self.left_out = draft.left_out

    def names(self, *sections: str) -> frozenset[str]:
        """Return the names in some sections."""
        return frozenset().union(*(self.told.get(section, ()) for section in sections))

    def known(
        self,
        place: KeyPath,
        name: str,
        section: str,
        noun: str,
        more: str = "",
    ) -> Iterator[Fault]:
        """Return the fault of a name that a section does not have."""
        known = sorted(self.names(section) - RESERVED)
        if name not in known and section in self.told:
            cure = nearest(name, known) or f"add it under {section}"
            found = f"found the {noun} {name!r}{more}"
            yield self.fault(place, found, cure, ", ".join(known) or "none")

    def takes(
        self, place: KeyPath, settings: Any, noun: str, kinds: Mapping[str, Any] | None = None
    ) -> Iterator[Fault]:
        """Return the fault of a family that does not take the endpoint; which of ``kinds`` do."""
        takes, endpoint = _endpoints(settings), self.spec.endpoint.type
        if takes and endpoint not in takes and "endpoint" not in self.broken:
            able = [kind for kind in kinds or () if endpoint in _endpoints((kinds or {})[kind])]
            yield self.fault(
                place,
                f"{noun} for {an(endpoint)} endpoint",
                f"choose another kind{': ' if able else ''}{', '.join(able)}",
                f"endpoint {', '.join(sorted(takes))}",
            )

    def fault(self, place: Iterable[str | int], found: str, cure: str, allowed: str = "") -> Fault:
        return Fault(self.places.where(*place), found, cure, allowed)


def _endpoints(settings: Any) -> frozenset[str]:
    """Return the kinds of endpoint that settings take, a model's one-vs-rest included."""
    if hasattr(settings, "all_endpoints"):
        return frozenset(settings.all_endpoints())
    return frozenset(getattr(settings, "endpoints", ()))
