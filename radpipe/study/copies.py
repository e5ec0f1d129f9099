"""Which features and clinical variables are the outcome itself, under another name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, lgamma
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.columns import CLINICAL
from radpipe.core.errors import Fault
from radpipe.evaluation.outcomes import outcome_columns
from radpipe.features.names import feature_id
from radpipe.study.cohort import Cohort
from radpipe.study.derived import inputs_of
from radpipe.study.feature_tables import FeatureTable
from radpipe.study.load import Study
from radpipe.study.preparationrefs import steps_of
from radpipe.study.rows import some
from radpipe.study.separation import separating

LEAST_CASES = 5
"""Fewer cases that have a value may agree with the outcome by chance."""
SURE_CASES = 10
"""From so many on a model may not be shown the column, if chance hardly explains it."""
CHANCE = 0.01
"""Chance of such a column beyond which it may be one that separates the few cases rightly.

Of 10 cases with 4 or 5 events, a column of two values that ignores the outcome equals it, or its
reverse, once in a hundred times or less; with 3 events, or beside other such columns, more often.
"""


@dataclass(frozen=True)
class _Copy:
    """A column that is the outcome, and whether that is hardly chance."""

    name: str
    sure: bool


def copied_features(
    study: Study, cohort: Cohort, block: str, table: FeatureTable
) -> tuple[list[Fault], list[str]]:
    """Return what is wrong, and odd, with the features of a table which are the outcome.

    A model may not have such a feature among its inputs; of others a line tells.
    """
    found = list(_copies(study, cohort, table.frame))
    used = [copy.name for copy in found if copy.sure and _is_input(study, block, copy.name)]
    rest = [copy.name for copy in found if copy.name not in used]
    where = study.places.where("blocks", block)
    faults, said = [], []
    if used:
        faults.append(Fault(where, _found(used), _leaving_out(study, block, used, table.written)))
    if rest:
        said.append(f"{where}: {_found(rest)}; leave out with columns what is no feature")
    apart = _apart(study, cohort, table.frame, [copy.name for copy in found])
    if apart:
        said.append(f"{where}: {apart}; leave out with columns what was made from the outcome")
    return faults, said


def copied_variables(study: Study, cohort: Cohort) -> tuple[list[Fault], list[str]]:
    """Return what is wrong, and odd, with the clinical variables that are the outcome."""
    columns = [str(c) for c in cohort.frame if str(c).startswith(CLINICAL)]
    table = cohort.frame[columns].set_axis(cohort.frame["case"])
    taken: set[str] = set()
    models: Mapping[str, Any] = study.spec.models
    for model in models.values():
        taken |= {*inputs_of(study.spec, model.inputs, steps_of(study.spec, model)).variables}
    faults, said = [], []
    copies = list(_copies(study, cohort, table))
    apart = _apart(study, cohort, table, [copy.name for copy in copies])
    if apart:
        where = study.places.where("clinical")
        said.append(f"{where}: {apart}; remove what was not known before the outcome")
    for copy in copies:
        name = copy.name.removeprefix(CLINICAL)
        where = study.places.where("clinical", name)
        if copy.sure and name in taken:
            cure = "remove the variable: the outcome is no predictor"
            faults.append(Fault(where, _found([copy.name]), cure))
        else:
            cure = "remove the variable, unless it was known before the outcome"
            said.append(f"{where}: {_found([copy.name])}; {cure}")
    return faults, said


def _leaving_out(
    study: Study, block: str, features: Sequence[str], written: Mapping[str, set[str]]
) -> str:
    """Return how features are left out: ready to be pasted where the block names no columns."""
    if getattr(study.spec.blocks[block], "columns", ()):
        return "let columns name features only"
    names = [name for feature in features for name in sorted(written[feature])]
    # a space is escaped by re.escape, but needs it in verbose expressions only
    either = "|".join(re.escape(name).replace("\\ ", " ") for name in names)
    pattern = json.dumps(f"/^(?!({either})$)/", ensure_ascii=False)
    return f"leave out with columns what is no feature: [{pattern}]"


def _apart(study: Study, cohort: Cohort, table: pd.DataFrame, known: Sequence[str]) -> str:
    """Return in words which columns, beside those that are the outcome, separate it."""
    if study.spec.endpoint.type != "binary":
        return ""
    event = cohort.frame.set_index("case")["y"].reindex(table.index).to_numpy() == 1
    names = [name for name in separating(table, event) if name not in known]
    verb = "separate" if len(names) > 1 else "separates"
    return f"{some(names)} alone {verb} the cases with the event from all others" if names else ""


def _found(names: Sequence[str]) -> str:
    """Return in words what columns tell."""
    return f"{some(names)} {'tell' if len(names) > 1 else 'tells'} the endpoint of every case"


def _is_input(study: Study, block: str, feature: str) -> bool:
    """Return whether a model has a feature among its inputs, alone or with its whole block."""
    wanted = {block, feature_id(block, feature)}
    models: Mapping[str, Any] = study.spec.models
    return any(wanted & set(model.inputs) for model in models.values())


def _copies(study: Study, cohort: Cohort, table: pd.DataFrame) -> Iterator[_Copy]:
    """Yield the columns of a table, a row a case, that are an outcome column of the cohort.

    A measured outcome is copied number by number, one of classes also under other codes. Only a
    column with as many values as the outcome is a copy; one that separates it is none.
    """
    endpoint = study.spec.endpoint
    outcome = cohort.frame.set_index("case")
    named = list(outcome_columns(endpoint.type, endpoint.class_labels))
    outcome = outcome[named].reindex(table.index)
    told = set()
    for name in outcome:
        of = outcome[name].to_numpy(dtype=float)
        measured = name == "time" or endpoint.type == "continuous"
        levels = len(np.unique(of))
        if levels < 2:
            continue
        alike = table.columns[table.nunique().to_numpy() == levels]
        for column in alike:
            values = table[column]
            known = values.notna().to_numpy()
            if known.sum() < LEAST_CASES or len(np.unique(of[known])) < levels:
                continue
            if measured:
                same = pd.api.types.is_numeric_dtype(values) and np.allclose(
                    values[known].to_numpy(dtype=float), of[known], rtol=1e-9, atol=0
                )
            else:
                pairs = pd.DataFrame({"a": values[known].to_numpy(), "b": of[known]})
                same = len(pairs.drop_duplicates()) == levels
            if same and column not in told:
                told.add(column)
                chance = len(alike) * _chance(of[known], 1 if measured else levels)
                yield _Copy(str(column), known.sum() >= SURE_CASES and chance <= CHANCE)


def _chance(outcome: NDArray[np.float64], codes: int) -> float:
    """Return how likely a column with the outcome's values, in any order, is the outcome.

    ``codes`` is the number of values that may stand for one another: they can be exchanged.
    """
    _, counts = np.unique(outcome, return_counts=True)
    orders = lgamma(outcome.size + 1) - sum(lgamma(count + 1) for count in counts)
    return exp(lgamma(codes + 1) - orders)
