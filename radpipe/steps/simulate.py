"""Makes the simulated cohort of a study that asks for one."""

from __future__ import annotations

from radpipe.core.errors import FaultsError, RadpipeError
from radpipe.simulate import cohort
from radpipe.steps.context import Context
from radpipe.study.check import check


def run(context: Context, item: str, shard: int) -> str:
    """Write images, masks, clinical.csv and truth.json; then check the study on them.

    What only the data tell is so told before anything is extracted.

    Raises
    ------
    RadpipeError
        The study is one of real data.
    FaultsError
        What is wrong with the study as its data are.
    """
    spec = context.study.spec.simulate
    if spec is None:
        raise RadpipeError(
            f"{context.study.name}: no simulate: section in {context.study.file}; "
            "a study of real data is never simulated"
        )
    cohort.simulate(spec, context.paths.simulated)
    report = check(context.study)
    if report.fatal:
        raise FaultsError(report.fatal)
    notes = [f"note: {line}" for line in (*report.warnings, *map(str, report.cases))]
    said = f"{spec.cases} simulated cases in {context.paths.simulated}"
    return "\n".join([said, *notes])
