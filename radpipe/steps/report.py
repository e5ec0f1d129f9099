"""Gathers everything into the study's page, and the study into the page over all studies."""

from __future__ import annotations

import fcntl
import platform
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from radpipe.core.digests import digest, versions
from radpipe.io import atomic
from radpipe.io.ledger import read_uses
from radpipe.outputs.flags import flag_sentences
from radpipe.report.context import IndexEntry, ReportContext
from radpipe.report.html import build_index, build_report
from radpipe.report.reportlet import read_reportlet
from radpipe.report.tables import flat
from radpipe.stats.results import counted
from radpipe.steps.codes import codes, shown_info
from radpipe.steps.cohort import included
from radpipe.steps.context import Context
from radpipe.steps.headline import Headline, headline
from radpipe.steps.material import endpoint, resampling_words, shown_models
from radpipe.steps.model_tables import model_tables
from radpipe.steps.uses import held_out_line, held_out_warning
from radpipe.study.advice import advice
from radpipe.study.derived import inputs_of
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
            models=model_tables(context) if spec.models else (),
            provenance=_provenance(context),
            reportlets=tuple(
                read_reportlet(paths.output(output), paths.folder) for output in output_names(spec)
            ),
            assumed=tuple(a.model_dump() for a in spec.assumed),
            warnings=(*warnings(context, info), *_gaps(context, cohort)),
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


def _gaps(context: Context, cohort: pd.DataFrame) -> Iterator[str]:
    """Yield how many features of each block that models use have missing values."""
    spec, cases = context.study.spec, cohort["case"]
    inputs = [name for model in spec.models.values() for name in model.inputs]
    for block in inputs_of(spec, inputs).blocks:
        table = pd.read_parquet(context.paths.block(block)).set_index("case").reindex(cases)
        missing = table.select_dtypes("number").isna().sum()
        some = missing[missing > 0]
        if len(some):
            verb = "has" if len(some) == 1 else "have"
            yield (
                f"{block}: {counted(len(some), 'feature')} of {len(missing)} {verb} missing "
                f"values, in up to {some.max()} of {len(cases)} cases."
            )


def _advice(context: Context) -> list[str]:
    """Return what a statistician would ask about, without the lines of study.yaml."""
    found = advice(context.study, included(context))
    return [re.sub(r"^.*?study\.yaml:\d+ ", "", text) for text in found]


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
        ("Software", f"Python {platform.python_version()}, {software}"),
    )
