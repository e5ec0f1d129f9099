"""A chain of selectors on one set of training rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from radpipe.core.errors import RadpipeError
from radpipe.resampling.streams import integer
from radpipe.selection.base import SelectorSpec, term
from radpipe.selection.projection import Projection


@dataclass(frozen=True)
class ChainResult:
    """What a chain left.

    Attributes
    ----------
    selected : list of str
        Variables kept, in order of their names (a factor by its variable, not by its levels);
        where there is a projection, those that it needs.
    log : tuple of dict
        One entry a selector that ran: kind, and how many columns entered, were kept, dropped.
    reason : str
        Why nothing is left; empty where something is.
    projection : Projection, optional
        The new columns (principal components) that stand for those selected.
    details : tuple of dict
        What comparisons of readings tell of each column that entered (``rows``), and of those
        that had been dropped before (``apart``); the p values that univariable tests
        gave each variable (``rows``), and which tests. Kept for the final fit.
    """

    selected: list[str]
    log: tuple[dict[str, Any], ...] = ()
    reason: str = ""
    projection: Projection | None = None
    details: tuple[dict[str, Any], ...] = ()

    def to_dict(self, details: bool = False) -> dict[str, Any]:
        """Return the result ready for JSON."""
        left_out = set() if details else {"details"}
        if self.projection is None:
            left_out.add("projection")
        return {key: value for key, value in asdict(self).items() if key not in left_out}

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> ChainResult:
        """Return the result that `to_dict` wrote."""
        projection = found.get("projection")
        return cls(
            list(found["selected"]),
            tuple(found.get("log", ())),
            str(found.get("reason", "")),
            Projection.from_dict(projection) if projection else None,
            tuple(found.get("details", ())),
        )


@dataclass(frozen=True)
class Chosen:
    """What one fit of a model may use.

    Attributes
    ----------
    columns : list of str
        Variables, in order of their names.
    projections : tuple of Projection
        New columns that stand for some of them.
    parts : tuple of sequence of str
        Variables that each chain chose from, where these were not all
        (`radpipe.models.prepare.Prepare`).
    free : tuple of str
        Those of the variables that stay, be they part of new columns too.
    """

    columns: list[str]
    projections: tuple[Projection, ...] = ()
    parts: tuple[Sequence[str], ...] = ()
    free: tuple[str, ...] = ()


def merged(
    results: Mapping[str, ChainResult],
    free: Sequence[str] = (),
    parts: Sequence[Sequence[str]] = (),
) -> Chosen:
    """Return what several chains left, each of its own inputs, and what none of them chose from.

    Parameters
    ----------
    results : mapping of str to ChainResult
        By the name of each chain's inputs, which the names of new columns begin with where there
        are several chains.
    free : sequence of str
        Variables that are kept whatever the chains leave.
    parts : sequence of sequence of str
        Variables that each chain chose from.
    """
    made = {name: r.projection for name, r in results.items() if r.projection is not None}
    if len(results) > 1:
        made = {
            name: replace(p, names=[f"{name}.{own}" for own in p.names]) for name, p in made.items()
        }
    columns = {column for result in results.values() for column in result.selected}
    apart = tuple(parts) if free or len(parts) > 1 else ()
    return Chosen(sorted(columns | set(free)), tuple(made.values()), apart, tuple(free))


def run_chain(
    specs: Sequence[SelectorSpec],
    X: pd.DataFrame,
    y: NDArray[Any],
    seed: int,
    groups: Any = None,
    readings: Mapping[str, pd.DataFrame] | None = None,
    detailed: bool = True,
    constant: Mapping[str, Sequence[str]] | None = None,
) -> ChainResult:
    """Run selectors one after the other on training rows.

    Parameters
    ----------
    specs : sequence of SelectorSpec
        The chain; an empty one keeps everything.
    X : DataFrame, shape (n, p)
        Complete numeric columns (`radpipe.models.prepare`), in any order.
    y : array, shape (n,)
        Target.
    seed : int
        Seed of this run; each step has its own stream.
    groups : array, shape (n,), optional
        Rows that stay together wherever a selector divides the rows.
    readings : mapping of str to DataFrame, optional
        Other readings of ``X`` by reader, for the selectors that need them: its rows, and the
        columns that the reader read.
    detailed : bool
        Whether the p values of univariable tests are wanted, and the coefficients of columns that
        were dropped before readings were compared.
    constant : mapping of str to sequence of str, optional
        Columns of the other readings, by reader, that preparation dropped since ``X`` does not
        vary there.

    Returns
    -------
    ChainResult
        An empty selection is a result, not an error: the model then predicts the prevalence.
    """
    left = X[sorted(X.columns)]
    log: list[dict[str, Any]] = []
    details: list[dict[str, Any]] = []
    lost: list[str] = []
    projection: Projection | None = None
    reason = "" if left.shape[1] else "no column varies on the training rows"
    for place, spec in enumerate(specs):
        if not left.shape[1]:
            break
        selector = spec.build(integer(seed, "selector", str(place), spec.kind))
        given = {"readings": _alike(readings or {}, left)} if spec.needs_readings else {}
        kept = selector.fit(left, y, groups, **given).transform(left)
        entered, stayed = left.shape[1], kept.shape[1]
        told = selector.log() if hasattr(selector, "log") else {}
        log.append(
            {"kind": spec.kind, "entered": entered, "kept": stayed, "dropped": entered - stayed}
            | told
        )
        if spec.needs_readings:
            # What an earlier step dropped is judged all the same, to be told.
            others = _alike(readings or {}, X[lost])
            apart = selector.judge(X[lost], others, constant) if detailed else []
            details.append(
                {"kind": spec.kind, "place": place, "rows": selector.table_, "apart": apart}
            )
        if detailed and hasattr(selector, "candidates"):
            details.append({"kind": spec.kind, "place": place, **selector.candidates()})
        dropped = set(left.columns) - set(kept.columns)
        lost += [c for c in X.columns if c in dropped]
        if not kept.shape[1]:
            why = f": {told['why']}" if "why" in told else ""
            reason = f"{spec.kind} kept none of {left.shape[1]} columns{why}"
        if hasattr(selector, "projection"):
            if projection is not None:
                raise RadpipeError(f"{spec.kind}: its columns are components already; take it out")
            projection = Projection.from_dict(selector.projection())
        left = kept
    names = [str(c) for c in left.columns]
    if projection is not None:  # without a component left there is nothing to make
        projection = projection.only(names) if names else None
        names = projection.columns if projection is not None else []
    selected = sorted({term(name) for name in names})
    return ChainResult(selected, tuple(log), reason, projection, tuple(details))


def _alike(readings: Mapping[str, pd.DataFrame], X: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the readings of the columns that are left; a reader may have read none of them."""
    return {
        reader: table[[c for c in X.columns if c in table.columns]]
        for reader, table in readings.items()
    }
