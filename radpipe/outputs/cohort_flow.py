"""How the cases came to be: rows of the table, excluded with reasons, included, split."""

from __future__ import annotations

from typing import ClassVar, Literal

from radpipe.outputs.base import OutputSpec


class CohortFlowSpec(OutputSpec):
    """The flow of cases from the table to the analysis."""

    kind: Literal["cohort_flow"] = "cohort_flow"
    heading: ClassVar[str] = "Flow of cases"
    section: ClassVar[str] = "cohort"
