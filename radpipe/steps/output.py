"""Makes one figure or table."""

from __future__ import annotations

from radpipe.outputs.style import Style, drawing
from radpipe.outputs.write import write_reportlet
from radpipe.steps.context import Context
from radpipe.steps.material import material
from radpipe.study.reported import output_names


def run(context: Context, name: str, shard: int) -> str:
    """Compute, draw, and write the output's folder."""
    spec = output_names(context.study.spec)[name]
    data = material(context)
    result = spec.result(data)
    with drawing():
        figure = spec.draw(result, Style.of(data))
        write_reportlet(context.paths.output(name), spec, result, figure, simulated=data.simulated)
    return f"{name}: {', '.join(result.tables) or 'no table'}"
