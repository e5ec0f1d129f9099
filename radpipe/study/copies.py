"""Which features and clinical variables are the outcome itself, under another name."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from radpipe.evaluation.outcomes import outcome_columns
from radpipe.study.cohort import Cohort
from radpipe.study.load import Study
from radpipe.study.rows import some

LEAST_CASES = 5
"""Fewer cases that have a value may agree with the outcome by chance."""


def copied_features(study: Study, cohort: Cohort, block: str, table: pd.DataFrame) -> list[str]:
    """Return a line that names the features of a table which are the outcome; none of most."""
    found = list(_copies(study, cohort, table))
    if not found:
        return []
    where = study.places.where("blocks", block)
    return [
        f"{where}: {some(found)} {'tell' if len(found) > 1 else 'tells'} the endpoint of every "
        "case; leave out with columns what is no feature"
    ]


def copied_variables(study: Study, cohort: Cohort) -> list[str]:
    """Return a line for each clinical variable that is the outcome."""
    columns = [str(c) for c in cohort.frame if str(c).startswith("clinical.")]
    table = cohort.frame[columns].set_axis(cohort.frame["case"])
    return [
        f"{study.places.where(*name.split('.', 1))}: {name} tells the endpoint of every case; "
        "remove the variable, unless it was known before the outcome"
        for name in _copies(study, cohort, table)
    ]


def _copies(study: Study, cohort: Cohort, table: pd.DataFrame) -> Iterator[str]:
    """Yield the columns of a table, a row a case, that are an outcome column of the cohort.

    A measured outcome is copied number by number, one of classes also under other codes.
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
        for column in table.columns[table.nunique().to_numpy() == levels]:
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
                yield str(column)
