"""How findings about a table are written as commented YAML: endpoint, cohort, clinical."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Sequence

from radpipe.study import words as w
from radpipe.study.columns import Column
from radpipe.study.names import name_problem
from radpipe.study.outcomes import Candidate
from radpipe.study.sniff import Findings
from radpipe.study.yaml import plain

_WIDTH = 100
_SAFE = re.compile(r"[\w.][\w./+()-]*( [\w./+()-]+)*")
_UNIT = re.compile(r"[(（\[]([^()（）\[\]]{1,10})[)）\]]$")
_SWITCHES = frozenset({"yes", "no", "y", "n", "on", "off"})
_MOST_SHOWN = 12
_SWAPS = {
    "binary": "logistic -> cox, penalised_logistic -> penalised_cox, roc -> kaplan_meier",
    "survival": "cox -> logistic, penalised_cox -> penalised_logistic, kaplan_meier -> roc",
    "multiclass": "multinomial -> logistic; confusion_matrix goes",
    "ordinal": "ordinal -> logistic; confusion_matrix goes",
}
"""What changes with the type of the first endpoint."""

FEW = 5
"""Cases below which a level counts as rare."""


def scalar(text: str) -> str:
    """Return text as a YAML scalar, quoted where it would read as anything else."""
    # Other YAML readers (1.1) take these for numbers and booleans, and so do people.
    misread = text.lower() in _SWITCHES or text.replace(".", "").isdigit()
    if _SAFE.fullmatch(text) and plain(text) == text and not misread:
        return text
    # JSON's escapes are YAML's; what is no printable character is escaped as well.
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in quoted)


def flow(items: Iterable[str]) -> str:
    """Return texts as a YAML list on one line."""
    return f"[{', '.join(scalar(item) for item in items)}]"


def remark(text: str, indent: str = "") -> list[str]:
    """Return a comment, wrapped; control characters of data cannot leave it."""
    return textwrap.wrap(
        _clean(text),
        _WIDTH,
        initial_indent=f"{indent}# ",
        subsequent_indent=f"{indent}#   ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def aligned(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    """Return ``key value  # comment`` lines, the values below each other."""
    width = max((len(key) for key, _, _ in rows), default=0)
    return [
        f"{key:<{width}} {value}{beside(comment) if comment else ''}"
        for key, value, comment in rows
    ]


def beside(text: str) -> str:
    """Return a comment that ends a line."""
    return f"   # {_clean(text)}"


def _clean(text: str) -> str:
    """Return text of a table as one printable line, so that it cannot leave its comment."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def endpoint_lines(findings: Findings) -> list[str]:
    """Return the endpoint, and the others that were seen as comments."""
    dirty = [
        line
        for column in findings.columns
        if column.dirt and (w.is_condition(column.name) or w.is_survival(column.name))
        for line in remark(f"found, no endpoint: {column.name} holds {column.dirt}")
    ]
    if not findings.endpoints:
        columns = ", ".join(c.name for c in findings.columns) or "none seen"
        return [
            *remark(f"found: no column that looks like an outcome; name it here ({columns})"),
            *dirty,
            'endpoint: {type: binary, column: outcome, positive: "1"}',
        ]
    first, *others = findings.endpoints
    lines = remark(f"found: {_told(first)}")
    lines += dirty
    if first.time and not first.unit_said:
        lines += remark(f"found: the unit {first.unit} is guessed from the values; check it")
    lines.append(f"endpoint: {_endpoint(first)}")
    if others:
        lines += remark(
            "Other endpoints; where the type changes, so do models and outputs: "
            f"{_SWAPS[first.type]}"
        )
        lines += [f"# endpoint: {_endpoint(c)}   # {_told(c)}" for c in others[:_MOST_SHOWN]]
    return lines


def _told(c: Candidate) -> str:
    """Return how often an event was seen."""
    missing = f"; {c.missing} cases without it" if c.missing else ""
    if c.classes:
        counts = ", ".join(f"{level} in {n}" for level, n in c.classes.items())
        return f"{c.column} is {counts} of {c.n} cases{missing}"
    when = f", time in {c.time}" if c.time else ""
    return f"{c.column} is {c.positive} in {c.events} of {c.n} cases{when}{missing}"


def _endpoint(c: Candidate) -> str:
    missing = ", missing: exclude" if c.missing else ""
    if c.classes:
        classes = f"levels: {flow(c.classes)}"
        if not c.ordered:
            classes = f"classes: {{{', '.join(f'{scalar(v)}: {scalar(v)}' for v in c.classes)}}}"
        return f"{{type: {c.type}, column: {scalar(c.column)}, {classes}{missing}}}"
    if not c.time:
        return (
            f"{{type: binary, column: {scalar(c.column)}, positive: {scalar(c.positive)}, "
            f"negative: {scalar(c.negative)}{missing}}}"
        )
    horizons = ", ".join(f"{h:g}" for h in c.horizons)
    return (
        f"{{type: survival, time: {scalar(c.time)}, event: {scalar(c.column)}, "
        f"event_code: {scalar(c.positive)}, censored: {scalar(c.negative)}, "
        f"time_unit: {c.unit}, horizons: [{horizons}]{missing}}}"
    )


def cohort_lines(findings: Findings) -> list[str]:
    """Return the cohort: table, id, split, what counts as missing, who is left out."""
    lines = [
        line for t in findings.tables[:_MOST_SHOWN] for line in remark(f"found, not used: {t}")
    ]
    rows = f"   # found: {findings.n} rows" if findings.n else ""
    lines += ["cohort:", f"  table: {scalar(findings.table)}{rows}"]
    lines += [f"  sheet: {scalar(findings.sheet)}"] if findings.sheet else []
    lines.append(f"  id: {scalar(findings.id)}")
    if findings.group:
        lines += remark("found: values that repeat, so that it seems to name the patient", "  ")
        lines.append(f"  group: {scalar(findings.group)}")
    if missing := missing_words(findings):
        lines += remark("found: words that mean a missing value", "  ")
        lines.append(f"  missing: {flow(missing)}")
    lines += _split_lines(findings)
    excluded = findings.excluded
    if excluded:
        lines += remark("found: cases that cannot be used; mend the data, or keep:", "  ")
        lines.append("  exclude:")
        lines += [f"    {scalar(case)}: {scalar(why)}" for case, why in excluded.items()]
    return lines


def missing_words(findings: Findings) -> tuple[str, ...]:
    """Return the words that stand for a missing value in the columns the study uses."""
    used = {c.name for c in findings.predictors}
    used |= {n for e in findings.endpoints[:1] for n in (e.column, e.time)}
    tokens = [t for c in findings.columns if c.name in used for t in c.tokens]
    tokens += [t for e in findings.endpoints[:1] for t in e.tokens]
    return tuple(dict.fromkeys(tokens))


def _split_lines(findings: Findings) -> list[str]:
    column, levels = findings.split
    if not column:
        return [
            "  split: {kind: none}   # or {kind: random, test_fraction: 0.3}, {kind: column, ...}"
        ]
    sides: dict[str, list[str]] = {"train": [], "internal": [], "external": []}
    for level in levels:
        known = {"train": w.TRAIN, "external": w.EXTERNAL}
        sides[next((s for s, k in known.items() if w.says(level, k)), "internal")].append(level)
    parts = [f"{s}: {flow(sides[s])}" for s in ("train", "internal") if sides[s]]
    if sides["external"]:
        parts.append(f"external: {{external: {flow(sides['external'])}}}")
    return [
        *remark(f"found: {column} names the sides ({', '.join(levels)}); or {{kind: none}}", "  "),
        f"  split: {{kind: column, column: {scalar(column)}, {', '.join(parts)}}}",
    ]


def clinical_names(findings: Findings) -> dict[str, str]:
    """Return the name of each clinical variable -> its column."""
    names: dict[str, str] = {}
    for number, column in enumerate(findings.predictors, start=1):
        options = (column.name, "_".join(w.words(_UNIT.sub("", column.name))), f"variable{number}")
        taken = {name.casefold() for name in names}
        name = next(n for n in options if not name_problem(n) and n.casefold() not in taken)
        names[name] = column.name
    return names


def clinical_lines(findings: Findings) -> list[str]:
    """Return the clinical variables; those left out follow as comments with the reason."""
    by_name = {c.name: c for c in findings.columns}
    names = clinical_names(findings)
    dropped = set(missing_words(findings))
    rows = [
        (f"  {scalar(name)}:", *_variable(name, by_name[column], dropped))
        for name, column in names.items()
    ]
    lines = ["clinical:", *aligned(rows)] if rows else []
    left = findings.left_out or {}
    outcome = {n for e in findings.endpoints[:1] for n in (e.column, e.time)}
    shown = [(column, why) for column, why in left.items() if column not in outcome]
    if shown:
        lines += remark("found, left out (put back only what is known before the outcome):", "  ")
        lines += [line for column, why in shown for line in remark(f"{column}: {why}", "  ")]
    return lines


def _variable(name: str, column: Column, dropped: set[str]) -> tuple[str, str]:
    """Return a clinical variable's settings and what they rest on."""
    parts = [f"column: {scalar(column.name)}"] if name != column.name else []
    empty = f"; {column.missing} missing" if column.missing else ""
    if column.kind == "continuous":
        unit = "years" if w.says(column.name, ("age", "年龄")) else ""
        if said := _UNIT.search(column.name):
            unit = said[1]
        parts += [f"unit: {scalar(unit)}"] if unit else []
        comment = f"found: {column.low:g} to {column.high:g}{empty}"
        return f"{{{', '.join(['type: continuous', *parts])}}}", comment
    kept = [(v, n) for v, n in zip(column.levels, column.counts, strict=True) if v not in dropped]
    levels = [v for v, _ in kept]
    gaps = [v for v in levels if v.lower() in w.MISSING]
    kind = "nominal" if gaps and column.kind == "ordinal" else column.kind
    parts.append(f"levels: {flow(levels)}")
    comment = f"found: {', '.join(f'{n} {v}' for v, n in kept)}{empty}"
    if gaps:
        comment += f"; where {', '.join(gaps)} means missing, put it in cohort.missing"
        comment += ", and make this ordinal" if column.kind == "ordinal" else ""
    elif column.kind == "nominal" and min(n for _, n in kept) < FEW:
        comment += "; put rare levels together with groups: {other: [...]}"
    elif column.kind == "ordinal":
        comment += "; or nominal, if it has no order"
    return f"{{{', '.join([f'type: {kind}', *parts])}}}", comment
