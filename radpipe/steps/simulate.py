"""Makes the simulated cohort of a study that asks for one."""

from __future__ import annotations

from radpipe.core.errors import RadpipeError
from radpipe.simulate import cohort
from radpipe.steps.context import Context


def run(context: Context, item: str, shard: int) -> str:
    """Write images, masks, clinical.csv and truth.json.

    Raises
    ------
    RadpipeError
        The study is one of real data.
    """
    spec = context.study.spec.simulate
    if spec is None:
        raise RadpipeError(
            f"{context.study.name}: no simulate: section in {context.study.file}; "
            "a study of real data is never simulated"
        )
    cohort.simulate(spec, context.paths.simulated)
    return f"{spec.cases} simulated cases in {context.paths.simulated}"
