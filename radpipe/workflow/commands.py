"""What the commands do; they return lines, and the command line prints them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from radpipe.core.errors import Fault, FaultsError, RadpipeError, nearest
from radpipe.io import atomic
from radpipe.io.ledger import read_uses
from radpipe.outputs.words import counted
from radpipe.steps.context import Context, default_reports, open_context
from radpipe.steps.uses import held_out_line
from radpipe.study.check import check_path
from radpipe.study.derived import all_models
from radpipe.study.readings import reading_items
from radpipe.study.reported import output_names
from radpipe.study.shards import study_shards
from radpipe.workflow.display import display
from radpipe.workflow.run import RunResult, run_study, steps_to_do
from radpipe.workflow.watch import clock

STUDIES = Path("studies")
MOST_LINES = 40
"""Failures printed at the end of a run; all of them are in its log."""

MOST_STUDIES = 8
"""Studies named where one is not found."""


@dataclass(frozen=True)
class Checked:
    """What a check found, and how it is printed."""

    faults: tuple[Fault, ...]
    lines: tuple[str, ...]


def study_folder(name: str) -> Path:
    """Return the folder that a name on the command line stands for.

    Raises
    ------
    RadpipeError
        There is no such study; the nearest name is proposed.
    """
    for folder in (Path(name), STUDIES / name):
        if (folder / "study.yaml").is_file() or (folder.name == "study.yaml" and folder.is_file()):
            return folder if folder.is_dir() else folder.parent
    known = sorted(path.parent.name for path in STUDIES.glob("*/study.yaml"))
    hint = nearest(Path(name).name, known)
    listed = ", ".join(known[:MOST_STUDIES])
    if len(known) > MOST_STUDIES:
        listed += f" and {len(known) - MOST_STUDIES} more"
    raise RadpipeError(
        f"no study {name!r} here (no {STUDIES / name / 'study.yaml'}); "
        f"there are: {listed or 'none'}{f'; {hint}' if hint else ''}; "
        f"make one with: radpipe new NAME --data FOLDER"
    )


def _reports(folder: Path, reports: Path | None) -> Path:
    return (reports or default_reports(folder)).absolute()


def run(
    name: str,
    *,
    data: Path | None,
    reports: Path | None,
    cores: int,
    exclude_failed: bool,
    extra: Sequence[str],
    say: Callable[[str], None],
) -> list[str]:
    """Run one study and return the lines that sum it up.

    Raises
    ------
    RadpipeError
        All that went wrong; what was done is kept.
    """
    folder = study_folder(name)
    root = _reports(folder, reports)
    report = check_path(folder, data, simulated=root / "simulated")
    if report.fatal:
        raise FaultsError(report.fatal)
    for warning in report.warnings:
        say(f"note: {warning}")
    for fault in report.cases:
        say(f"{fault}")
    if report.cases and not exclude_failed:
        say("the other cases are extracted first; then the study stops for these")
    context = open_context(folder, data=data, reports=root, exclude_failed=exclude_failed)
    config = _config(folder, data, root, exclude_failed)
    spec = context.study.spec
    items = [*spec.extracted, *reading_items(spec)]
    cases = sum(len(shard) for item in items for shard in study_shards(context.study, item))
    with display(context.study.name) as show:
        result = run_study(
            context.paths,
            config,
            cores=cores,
            cases=cases,
            models=len(all_models(spec)),
            done=_done(context),
            extra=extra,
            show=show,
        )
    if result.status:
        raise RadpipeError("\n".join(_failure_lines(context, result)))
    return _summary_lines(context, result, extra)


def _config(folder: Path, data: Path | None, reports: Path, exclude_failed: bool) -> dict[str, str]:
    """Return what the snakefile is told."""
    config = {"study": str(folder.absolute()), "reports": str(reports)}
    config |= {"data": str(data.absolute())} if data else {}
    return config | ({"exclude_failed": "1"} if exclude_failed else {})


def _done(context: Context) -> list[tuple[str, str]]:
    """Return the (block, case) pairs that earlier runs have extracted."""
    # Not those that a kill left half written, which begin with a dot.
    shards = context.paths.work.glob("shards/*/[!.]*.json")
    records = [atomic.read_json(path) for path in shards]
    return [(record["block"], case) for record in records for case in record["keys"]]


def _failure_lines(context: Context, result: RunResult) -> list[str]:
    name = context.study.name
    failures = result.watch.failures or _snakemake_errors(result.log)
    lines = failures[:MOST_LINES]
    if len(failures) > MOST_LINES:
        lines.append(f"... and {len(failures) - MOST_LINES} more lines")
    return [
        *lines,
        f"{name}: stopped after {clock(result.seconds)}; what was done is kept, "
        f"and the same command goes on from there (log: {shown(result.log)})",
    ]


def _snakemake_errors(log: Path) -> list[str]:
    """Return what Snakemake itself complained about, where no step said anything."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8").splitlines()]
    lines = [line for line in lines if line]
    for number, line in enumerate(lines):
        if "Error" in line or "error" in line:
            return [f"snakemake: {' '.join(lines[number : number + 3])}"]
    return [f"snakemake: {lines[-1]}"] if lines else ["snakemake ended without a word"]


def _summary_lines(context: Context, result: RunResult, extra: Sequence[str]) -> list[str]:
    name, watch, paths = context.study.name, result.watch, context.paths
    if not watch.jobs:
        done = "nothing to do: all is up to date"
    else:
        computed, stored = watch.statuses["computed"], watch.statuses["stored"]
        done = f"{watch.jobs_done} of {watch.jobs} steps in {clock(result.seconds)}"
        if computed or stored:
            done += f"; {computed} case extractions computed, {stored} found in the case store"
    if result.resumed:
        done += f"; went on where an earlier run died ({result.ended} of its processes ended)"
    left_out = len(context.cohort_info()["excluded"]) if paths.cohort_info.exists() else 0
    if left_out:
        done += f"; {left_out} case{'s' if left_out > 1 else ''} left out (the report says why)"
    if not paths.report.exists():
        return [f"{name}: {done}", f"log: {shown(result.log)}", "report: not made by this call"]
    summary = atomic.read_json(paths.summary)
    simulated = " (SIMULATED data)" if summary["simulated"] else ""
    return [
        f"{name}{simulated}: {done}",
        f"best: {summary['result'] or 'no model'}",
        f"report: {shown(paths.report)}",
    ]


def shown(path: Path) -> str:
    """Return a path as short as the working folder allows."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def check(name: str, *, data: Path | None, reports: Path | None) -> Checked:
    """Look for everything that is wrong with a study."""
    folder = study_folder(name)
    root = _reports(folder, reports)
    report = check_path(folder, data, simulated=root / "simulated", voxels=True)
    lines = [str(fault) for fault in report.faults]
    lines += [f"note: {warning}" for warning in report.warnings]
    lines += list(report.facts)
    if not report.faults:
        lines.append(f"{folder.name}: no fault found; run it with: radpipe run {name}")
    return Checked(tuple(report.faults), tuple(lines))


def status(name: str, *, data: Path | None, reports: Path | None) -> list[str]:
    """Return what is done, failed and missing."""
    context = open_context(study_folder(name), data=data, reports=reports)
    study, paths, spec = context.study, context.paths, context.study.spec
    lines = [f"{study.name}: {spec.title}"]
    if not study.has_data:
        where = "made by the first run" if study.simulated else f"not found: {study.table}"
        lines.append(f"  data        {where}")
        if not study.simulated:
            return lines
    lost: dict[str, str] = {}
    for block in spec.extracted:
        done, failed, total = _extracted(context, block)
        lost |= failed
        lines.append(
            f"  block {block}: {done} of {total} cases extracted, "
            f"{len(failed)} failed, {total - done - len(failed)} missing"
        )
        lines += [f"    failed: {why}" for why in failed.values()]
    lines += [line for item in reading_items(spec) for line in _reading_lines(context, item)]
    for noun, names, place in (
        ("models", list(all_models(spec)), paths.scores),
        ("controls", list(spec.models) if spec.controls.permutations else [], paths.control),
        ("outputs", list(output_names(spec)), lambda n: paths.output(n) / "reportlet.json"),
    ):
        missing = [item for item in names if not place(item).exists()]
        tail = f"; missing: {', '.join(missing)}" if missing else ""
        lines.append(f"  {noun}: {len(names) - len(missing)} of {len(names)} done{tail}")
    uses = held_out_line(read_uses(paths.ledger))
    if uses:
        lines.append(f"  held-out cases looked at: {uses} ({shown(paths.ledger)})")
    lines.append(f"  report: {shown(paths.report) if paths.report.exists() else 'missing'}")
    # With failed cases there is a report only where the user went on without them.
    excluding = bool(lost) and paths.report.exists()
    config = _config(study.folder, data, paths.reports, excluding)
    try:
        left = steps_to_do(paths, config) if paths.work.exists() else None
    except RadpipeError as error:
        return [*lines, f"  to do: not known ({error})"]
    call = f"radpipe run {name}{' --exclude-failed' if excluding else ''}"
    steps = "all" if left is None else counted(left, "step")
    lines.append("  all is up to date" if left == 0 else f"  to do: {steps}, with: {call}")
    return lines


def _extracted(context: Context, block: str) -> tuple[int, dict[str, str], int]:
    """Return how many cases of a block are done, the failed ones with reasons, and all."""
    done, failed, total = 0, {}, 0
    for number, cases in enumerate(study_shards(context.study, block)):
        total += len(cases)
        record = context.paths.shard(block, number)
        if record.exists():
            found = atomic.read_json(record)
            done += len(found["keys"]) + len(found.get("empty", {}))
            failed |= found["failed"]
    return done, failed, total


def _reading_lines(context: Context, item: str) -> list[str]:
    """Return how far the second readings of a block by one reader are."""
    done, failed, total = _extracted(context, item)
    missing = total - done - len(failed)
    counts = f"{done} of {total} cases extracted, {len(failed)} failed, {missing} missing"
    return [f"  reading {item}: {counts}", *(f"    failed: {why}" for why in failed.values())]


def new(name: str, data: Path | None, endpoint: str | None = None) -> list[str]:
    """Write a commented study.yaml from what a data folder holds."""
    from radpipe.study.scaffold import write_study

    written = write_study(STUDIES / name, name, data, endpoint)
    lines = [f"wrote {shown(path.absolute())}" for path in written]
    return [
        *lines,
        f"read {shown((STUDIES / name / 'study.yaml').absolute())}, confirm or mend each line "
        f"marked '# found', then: radpipe check {name}",
    ]


def simulate(name: str, *, reports: Path | None) -> str:
    """Make the simulated cohort of a study."""
    from radpipe.steps.simulate import run as make

    context = open_context(study_folder(name), reports=reports)
    return make(context, "", 0)
