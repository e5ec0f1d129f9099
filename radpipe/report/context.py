"""What a report is made of. It holds text, numbers and pictures, and reads nothing by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from radpipe.report.tables import TableView

Facts = tuple[tuple[str, str], ...]
"""Pairs of a term and what is to be said of it."""


@dataclass(frozen=True)
class Reportlet:
    """One output as the report shows it.

    Parameters
    ----------
    id, kind, title, section, caption : str
    notes : tuple of str
    picture : bytes or None
        The figure, as SVG or PNG.
    picture_type : str
        ``image/svg+xml`` or ``image/png``.
    width_px : int
        The figure's width at 96 pixels an inch.
    tables : tuple of TableView
    files : tuple of str
        Paths of the output's files, relative to the report.
    facts : mapping
        What the output's ``compute`` left for others (``headline``).
    """

    id: str
    kind: str
    title: str
    section: str
    caption: str
    notes: tuple[str, ...] = ()
    picture: bytes | None = None
    picture_type: str = "image/svg+xml"
    width_px: int = 0
    tables: tuple[TableView, ...] = ()
    files: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ReportContext:
    """A study's report.

    Parameters
    ----------
    name, title : str
    simulated : bool
        The first line of the report then says so.
    key_result : str
        One paragraph.
    cohort : Facts
        Cases, patients, events, split, clinical variables.
    blocks : mapping of str to Facts
        The extraction settings of each block.
    models : tuple of TableView
        The models with their inputs, chosen parameters and cut-offs.
    provenance : Facts
        Seed, resampling, digest, versions of software.
    reportlets : tuple of Reportlet
        In the order of the study; each goes into its section.
    assumed : tuple of mapping
        ``{"what", "value", "why"}``.
    warnings : tuple of str
    excluded, failed : tuple of mapping
        ``{"case", "reason"}``; cases by their study code.
    missing : tuple of mapping
        Outputs that were asked for and could not be made: ``{"output", "reason"}``.
    codes : bool
        Whether study codes stand for ids; the report then says where the key is.
    """

    name: str
    title: str
    simulated: bool
    key_result: str = ""
    cohort: Facts = ()
    blocks: Mapping[str, Facts] = field(default_factory=dict)
    models: tuple[TableView, ...] = ()
    provenance: Facts = ()
    reportlets: tuple[Reportlet, ...] = ()
    assumed: tuple[Mapping[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    excluded: tuple[Mapping[str, str], ...] = ()
    failed: tuple[Mapping[str, str], ...] = ()
    missing: tuple[Mapping[str, str], ...] = ()
    codes: bool = True


@dataclass(frozen=True)
class IndexEntry:
    """One study's line in the index.

    Parameters
    ----------
    name, title, href : str
        ``href`` is relative to the index.
    simulated : bool
    endpoint : str
    n_cases : int
    n_events : str
        Cases with the event, or of each class.
    result : str
        The best model's metric with its interval; empty where there is none.
    """

    name: str
    title: str
    href: str
    simulated: bool
    endpoint: str
    n_cases: int
    n_events: str
    result: str = ""
