"""Gathers everything into the study's page, and the study into the page over all studies."""

from __future__ import annotations

import fcntl
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from radpipe.core.digests import digest, versions
from radpipe.io import atomic
from radpipe.io.ledger import read_uses
from radpipe.outputs.cutoff_rows import SCALES, UNCALIBRATED, read_cutoffs
from radpipe.outputs.flags import flag_sentences
from radpipe.report.context import IndexEntry, ReportContext
from radpipe.report.html import build_index, build_report
from radpipe.report.reportlet import read_reportlet
from radpipe.report.settings import settings_words
from radpipe.report.tables import TableView, flat, shown, table_view
from radpipe.resampling.plan import FINAL
from radpipe.steps.codes import codes, shown_info
from radpipe.steps.cohort import included
from radpipe.steps.context import Context
from radpipe.steps.headline import Headline, headline
from radpipe.steps.material import endpoint, resampling_words, shown_models
from radpipe.steps.uses import held_out_line, held_out_warning
from radpipe.study.advice import advice
from radpipe.study.derived import chains_of, selection_steps
from radpipe.study.reported import controls_left_out, output_names
from radpipe.study.schema import StudySpec

LIBRARIES = (
    "radpipe",
    "pyradiomics-bhklab",
    "SimpleITK",
    "numpy",
    "scipy",
    "pandas",
    "scikit-learn",
    "xgboost-cpu",
    "statsmodels",
    "matplotlib",
    "snakemake",
)


def run(context: Context, item: str, shard: int) -> str:
    """Write report.html, the key of study codes, and the index."""
    spec, paths, name = context.study.spec, context.paths, context.study.name
    cohort, key = context.cohort(), codes(context)
    info = shown_info(context, key)
    found = headline(context, cohort)
    page = build_report(
        ReportContext(
            name=name,
            title=spec.title or name,
            simulated=context.study.simulated,
            key_result=found.paragraph,
            cohort=_cohort_facts(context, cohort, info, found),
            blocks={block: tuple(flat(_settings(spec, block))) for block in spec.blocks},
            models=_models(context) if spec.models else (),
            provenance=_provenance(context),
            reportlets=tuple(
                read_reportlet(paths.output(output), paths.folder) for output in output_names(spec)
            ),
            assumed=tuple(a.model_dump() for a in spec.assumed),
            warnings=warnings(context, info),
            excluded=tuple(
                {"case": key.get(e["case"], e["case"]), "reason": e["reason"]}
                for e in info["excluded"]
            ),
            codes=bool(key),
        )
    )
    atomic.write_text(paths.report, page)
    _write_key(context, key)
    entry = {
        "name": name,
        "title": spec.title or name,
        "href": f"{name}/report.html",
        "simulated": context.study.simulated,
        "endpoint": endpoint(context)["label"],
        "n_cases": len(cohort),
        "n_events": found.events,
        "result": found.result,
    }
    atomic.write_json(paths.summary, entry)
    write_index(context)
    return f"{paths.report}"


def _settings(spec: StudySpec, block: str) -> dict[str, Any]:
    """Return how a block is made, as the report prints it."""
    if block in spec.derived:
        return spec.derived[block].model_dump(mode="json", exclude_defaults=True) | {
            "kind": spec.derived[block].kind
        }
    own = spec.extracted[block]
    named = {"image": own.image, "region": own.region}
    return named | spec.settings(block).model_dump(mode="json", exclude_none=True)


def write_index(context: Context) -> None:
    """Write the page over all studies; two studies that finish together take turns."""
    reports = context.paths.reports
    with (reports / ".index.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        records = [atomic.read_json(path) for path in sorted(reports.glob("*/.work/summary.json"))]
        page = build_index(IndexEntry(**record) for record in records)
        atomic.write_text(reports / "index.html", page)


def _write_key(context: Context, key: dict[str, str]) -> None:
    if key:
        rows = sorted((code, case) for case, code in key.items())
        table = pd.DataFrame(rows, columns=["code", "case"])
        atomic.write_text(context.paths.codes, table.to_csv(index=False, lineterminator="\n"))
    else:
        context.paths.codes.unlink(missing_ok=True)


def _cohort_facts(
    context: Context, cohort: pd.DataFrame, info: dict[str, Any], found: Headline
) -> tuple[tuple[str, str], ...]:
    spec = context.study.spec
    counts = info["split"]["counts"]
    patients = cohort["group"].nunique()
    held_out = ", ".join(f"{side} {n}" for side, n in counts.items()) if len(counts) > 1 else ""
    cases = f"{len(cohort)} of {info['n_table']} in the table"
    return (
        ("Endpoint", f"{endpoint(context)['label']} ({spec.endpoint.type})"),
        ("Cases", cases + (f", {patients} patients" if patients != len(cohort) else "")),
        ("Events" if found.events.isdigit() else "Outcomes", found.events or "a measured value"),
        ("Split", held_out or "none: all cases are training cases, and are resampled"),
        ("Clinical variables", ", ".join(v.label or n for n, v in spec.clinical.items()) or "none"),
    )


def _models(context: Context) -> tuple[TableView, ...]:
    """Return the models, and beneath them the selections that they name."""
    rows = []
    selections: dict[str, tuple[str, dict[str, dict[str, None]]]] = {}
    for name, model in context.study.spec.models.items():
        fit = atomic.read_json(context.paths.fit(name))
        tuned = fit["summary"].get("params") or {}
        label = model.label or name
        chosen = model.selection if isinstance(model.selection, str) else f"own of {label}"
        steps = _steps(context, model)
        if steps:
            _, left = selections.setdefault(chosen, (steps, {}))
            for inputs, words in _left(context, model):
                left.setdefault(inputs, {})[words] = None
        rows.append(
            {
                "model": label,
                "kind": model.kind,
                "inputs": ", ".join(model.inputs),
                "selection": chosen if steps else "none",
                "settings of the final model": settings_words(tuned),
                "features": len(fit["features_final"]),
                "cut-off": _cutoff(fit),
                "fits with none": len(fit["degenerate"]),
            }
        )
    tables = [table_view(pd.DataFrame(rows), "Models")]
    if selections:
        listed = [
            {"selection": name, "steps": steps, "left in the final fit": _told_left(left)}
            for name, (steps, left) in selections.items()
        ]
        tables.append(table_view(pd.DataFrame(listed), "Selections, learned anew in every fit"))
    return tuple(tables)


def warnings(context: Context, info: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what readers have to know: of held-out cases, of single models, of the cohort.

    Parameters
    ----------
    context : Context
    info : mapping
        ``warnings`` and ``notes`` on the cohort, as they may be shown.
    """
    used = held_out_warning(read_uses(context.paths.ledger))
    known = (*info["warnings"], *info["notes"], *_advice(context))
    return (*([used] if used else ()), *_flags(context), *known)


def _flags(context: Context) -> list[str]:
    """Return what has to be said of single models."""
    spec = context.study.spec
    fits = {name: atomic.read_json(context.paths.fit(name)) for name in spec.models}
    return flag_sentences(shown_models(spec), fits, spec.models)


def _advice(context: Context) -> list[str]:
    """Return what a statistician would ask about, without the lines of study.yaml."""
    found = advice(context.study, included(context))
    return [re.sub(r"^.*?study\.yaml:\d+ ", "", text) for text in found]


def _cutoff(fit: Mapping[str, Any]) -> Any:
    """Return the final model's cut-offs as they are read, with the scale of their numbers."""
    told = read_cutoffs(fit)
    values, scale = told["values"], told["scale"]
    if not values:
        return None
    found = values[0] if len(values) == 1 else " and ".join(map(shown, values))
    if told["at_most"]:
        found = " and ".join(f"at most {shown(v)}" for v in values)
    return f"{shown(found)} ({scale})" if scale in (*SCALES.values(), UNCALIBRATED) else found


def _left(context: Context, model: Any) -> Iterator[tuple[str, str]]:
    """Yield the inputs of a model's selections, and how many the final fit left, or why none."""
    for chain in chains_of(context.study.spec, model):
        final = atomic.read_json(context.paths.chain(chain.name))[FINAL]
        words = str(len(final["selected"])) if final["selected"] else f"none: {final['reason']}"
        yield ", ".join(chain.inputs), words


def _told_left(left: Mapping[str, Iterable[str]]) -> str:
    """Return what a selection left of each of its inputs; several where preparations differ."""
    told = {inputs: " or ".join(words) for inputs, words in left.items()}
    if len(told) == 1:
        return next(iter(told.values()))
    return "; ".join(f"{inputs}: {words}" for inputs, words in told.items())


def _steps(context: Context, model: Any) -> str:
    steps = selection_steps(context.study.spec, model)
    words = []
    for step in steps:
        own = flat(step.model_dump(mode="json", exclude={"kind"}, exclude_none=True))
        words.append(f"{step.kind} ({', '.join(f'{k} {v}' for k, v in own)})" if own else step.kind)
    return ", then ".join(words)


def _provenance(context: Context) -> tuple[tuple[str, str], ...]:
    spec = context.study.spec
    installed = versions(*LIBRARIES)
    software = ", ".join(f"{k} {v}" for k, v in installed.items() if v != "absent")
    resampling = spec.evaluation.resampling
    uses = held_out_line(read_uses(context.paths.ledger))
    return (
        ("Resampling", resampling_words(resampling)),
        (
            "Inner folds",
            f"{resampling.inner_folds}, for tuning, penalties, calibration, cut-offs and stacking "
            "(nested cross-validation)",
        ),
        ("Seed", str(spec.evaluation.seed)),
        ("Permutations", str(spec.controls.permutations)),
        *((("Held-out cases looked at", uses),) if uses else ()),
        *(("Control left out", line) for line in controls_left_out(spec)),
        ("Study definition", f"digest {digest(spec.model_dump(mode='json'))}"),
        ("Software", software),
    )
