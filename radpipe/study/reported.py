"""What a study's report shows: the outputs that are asked for, and what every report tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from radpipe.study.derived import selection_steps
from radpipe.study.region_volumes import region_volumes
from radpipe.study.schema import StudySpec


def controls_left_out(spec: StudySpec) -> list[str]:
    """Return why a control does not apply, one line each."""
    lines = []
    if not spec.controls.volume:
        lines.append("volume alone: switched off in study.yaml (controls.volume)")
    elif not region_volumes(spec):
        lines.append("volume alone: does not apply, since no block has the region's volume")
    if not spec.controls.clinical:
        lines.append("clinical variables alone: switched off in study.yaml (controls.clinical)")
    elif not spec.clinical:
        lines.append("clinical variables alone: does not apply, since there are none")
    if not spec.controls.permutations:
        lines.append("permuted endpoint: switched off in study.yaml (controls.permutations)")
    return lines


def always_reported(spec: StudySpec) -> list[Any]:
    """Return the outputs that a report has unasked: what controls, selections, readers found.

    Of models that an output of study.yaml shows already, none is shown again.
    """
    if not spec.models:
        return []
    from radpipe.models.penalised import PenaltyChoice
    from radpipe.outputs.registry import OUTPUTS

    steps = {name: selection_steps(spec, model) for name, model in spec.models.items()}
    sparse = {name for name, model in spec.models.items() if isinstance(model, PenaltyChoice)}
    wanted = {
        "selected_features": [name for name in steps if steps[name] or name in sparse],
        "reliability": [n for n, own in steps.items() if any(s.needs_readings for s in own)],
        "controls": list(spec.models),
    }
    found = []
    for kind, models in wanted.items():
        named = [output for output in spec.outputs if output.kind == kind]
        shown = {name for output in named for name in getattr(output, "models", ()) or models}
        rest = [name for name in models if name not in shown]
        if rest and named:
            others = f"{OUTPUTS[kind].heading}: other models"
            found.append(OUTPUTS[kind](models=rest, title=others))
        elif rest:
            found.append(OUTPUTS[kind]())
    return found


def output_names(spec: StudySpec) -> Mapping[str, Any]:
    """Return the outputs by the name of their folder; a kind asked for twice is numbered.

    Those that every report has come last.
    """
    named: dict[str, Any] = {}
    for output in (*spec.outputs, *always_reported(spec)):
        name, number = output.name, 2
        while name in named:
            name, number = f"{output.name}-{number}", number + 1
        named[name] = output.model_copy(update={"id": name})
    return named
