"""Compiles the extraction engine on this machine, before the cases need it."""

from __future__ import annotations

from radpipe.features.registry import DEFAULT_ENGINE, ENGINES
from radpipe.io import atomic
from radpipe.steps.context import Context


def run(context: Context, item: str, shard: int) -> str:
    """Fill the cache that all workers share; one of them that runs elsewhere does it there."""
    engine = ENGINES[DEFAULT_ENGINE]()
    engine.warm()
    atomic.write_json(context.paths.warm, {"engine": engine.name, "version": engine.version()})
    return f"the engine {engine.name} is ready"
