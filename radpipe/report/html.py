"""One self-contained page a study, and one over all studies. Nothing is fetched, nothing runs."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from radpipe.report.context import IndexEntry, ReportContext, Reportlet
from radpipe.report.tables import records_view

SECTIONS = (
    ("cohort", "Cohort"),
    ("features", "Images and features"),
    ("models", "Models"),
    ("performance", "Performance"),
    ("controls", "Negative controls"),
)
"""Sections that take outputs, in the order of the page."""


def build_report(context: ReportContext) -> str:
    """Return a study's report as one HTML page.

    Every value is escaped. The page's policy lets no script run and nothing load but the
    pictures it carries itself and its one style sheet, which is known by its digest.
    """
    known = {name for name, _ in SECTIONS}
    parts: dict[str, list[Reportlet]] = {name: [] for name, _ in SECTIONS}
    for reportlet in context.reportlets:
        section = reportlet.section if reportlet.section in known else "performance"
        parts[section].append(reportlet)
    return _render(
        "report.html.j2",
        study=context,
        parts=parts,
        sections=[(name, title) for name, title in SECTIONS if _filled(context, name, parts)],
        cases_view=records_view,
        trouble=bool(context.warnings or context.excluded or context.failed or context.missing),
    )


def build_index(entries: Iterable[IndexEntry]) -> str:
    """Return the page over all studies, real ones first, then by name."""
    ordered = sorted(entries, key=lambda e: (e.simulated, e.name))
    return _render("index.html.j2", entries=ordered)


def _filled(context: ReportContext, name: str, parts: dict[str, list[Reportlet]]) -> bool:
    """Return whether a section has anything to show."""
    more = {"cohort": context.cohort, "features": context.blocks, "models": context.models}
    return bool(parts[name] or more.get(name))


def _render(template: str, **values: Any) -> str:
    style = _source("page.css")
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    environment = Environment(
        autoescape=True,
        loader=FunctionLoader(_source),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data_uri"] = _data_uri
    environment.filters["breakable"] = _breakable
    return environment.get_template(template).render(
        style=Markup(style),  # our own file, no user's text
        policy=f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'",
        **values,
    )


def _source(name: str) -> str:
    return files("radpipe.report").joinpath("templates", name).read_text(encoding="utf-8")


def _data_uri(reportlet: Reportlet) -> str:
    body = base64.b64encode(reportlet.picture or b"").decode("ascii")
    return f"data:{reportlet.picture_type};base64,{body}"


def _breakable(text: str) -> Markup:
    """Let long names, such as those of features, go on in a new line after an underscore."""
    return Markup("_<wbr>").join(escape(part) for part in text.split("_"))
