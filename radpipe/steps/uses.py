"""Keeps the ledger of held-out use, and says what it tells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from radpipe.core.digests import code_digest, digest
from radpipe.io.ledger import Use, counts, note_use
from radpipe.models.registry import MODELS
from radpipe.outputs.words import listed
from radpipe.preparation.registry import BALANCE, PREPARATION
from radpipe.selection.registry import SELECTORS
from radpipe.steps.context import Context
from radpipe.study.derived import selection_steps
from radpipe.study.preparationrefs import steps_of

SHOWN = {"title", "data", "controls", "outputs", "assumed", "report"}
"""Keys of study.yaml that no prediction of the study's own models follows from."""


def note_held_out(context: Context, predictions: pd.DataFrame) -> None:
    """Write into the ledger that held-out cases were predicted, where there are any."""
    models = list(context.study.spec.models)
    rows = predictions[(predictions["kind"] == "held-out") & predictions["model"].isin(models)]
    if len(rows):
        splits = {str(k): int(n) for k, n in rows.groupby("split")["case"].nunique().items()}
        note_use(context.paths.ledger, configuration(context), models, splits)


def configuration(context: Context) -> str:
    """Return the digest of all that the models' predictions follow from: settings and code.

    Names for print do not count, nor does what is merely shown.
    """
    spec = context.study.spec
    settings: dict[str, Any] = spec.model_dump(mode="json", exclude=SHOWN)
    for part in (
        settings["endpoint"],
        *settings["clinical"].values(),
        *settings["models"].values(),
    ):
        part.pop("label", None)
        part.pop("unit", None)
    modules = ["radpipe.models.crossfit", "radpipe.models.chains"]
    for model in spec.models.values():
        modules.append(MODELS.module_of(model.kind))
        modules += [PREPARATION.module_of(step.kind) for step in steps_of(spec, model)]
        chosen = [part for step in selection_steps(spec, model) for part in step.parts()]
        modules += [SELECTORS.module_of(part.kind) for part in chosen]
        balance = getattr(model, "balance", None)
        modules += [BALANCE.module_of(balance.kind)] if balance is not None else []
    return digest(settings, code_digest(modules))


def held_out_line(uses: Sequence[Use]) -> str:
    """Return how often, with other settings or code each time, held-out cases were looked at.

    Empty where they never were.
    """
    sizes = {split: n for use in uses for split, n in use.splits.items()}
    words = [
        f"{split} ({sizes[split]} {'case' if sizes[split] == 1 else 'cases'}) {_times(n)}"
        for split, n in counts(uses).items()
    ]
    return listed(words) if words else ""


def held_out_warning(uses: Sequence[Use]) -> str:
    """Return what readers must know of held-out cases that were looked at more than once."""
    often = counts(uses)
    most = max(often.values(), default=0)
    if most < 2:
        return ""
    splits = [split for split, n in often.items() if n == most]
    first, last = uses[0].time[:10], uses[-1].time[:10]
    when = first if first == last else f"{first} to {last}"
    return (
        f"The held-out cases have been looked at {_times(most)} with different settings "
        f"or code ({listed(splits)}; {when}): the more often, the less their values tell of new "
        "cases, since settings may have been chosen by them."
    )


def _times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{n} times")
