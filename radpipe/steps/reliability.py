"""What selections found when they compared readings, for figures and tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from radpipe.io import atomic
from radpipe.resampling.plan import FINAL
from radpipe.study.derived import chains, chains_of

if TYPE_CHECKING:
    from radpipe.steps.context import Context


def reliability(context: Context) -> tuple[Mapping[str, Any], ...]:
    """Return an entry for each selector that compared readings, as its final fit left it."""
    spec = context.study.spec
    used: dict[str, list[str]] = {}
    for name, model in spec.models.items():
        for own in chains_of(spec, model):
            used.setdefault(own.name, []).append(model.label or name)
    found = []
    for chain in chains(spec).values():
        if not chain.needs_readings:
            continue
        final = atomic.read_json(context.paths.chain(chain.name))[FINAL]
        for detail in final.get("details", ()):
            step = chain.steps[detail["place"]]
            if step.needs_readings:
                log = final["log"][detail["place"]]
                apart = [{**row, "dropped_before": True} for row in detail["apart"]]
                rows = sorted([*detail["rows"], *apart], key=lambda row: row["feature"])
                found.append(
                    {
                        "selection": chain.name.rpartition("-")[0],
                        "models": used[chain.name],
                        "step": detail["place"] + 1,
                        "form": step.form,
                        "threshold": step.threshold,
                        "on": step.on,
                        "cases": log["cases"] or max((row["n"] for row in rows), default=0),
                        "readers": log["readers"],
                        "without_readings": log["without_readings"],
                        "dropped_before": len(detail["apart"]),
                        "rows": rows,
                    }
                )
    return tuple(found)
