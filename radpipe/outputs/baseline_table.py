"""Table 1: the clinical variables by outcome or by split."""

from __future__ import annotations

from typing import ClassVar, Literal

from radpipe.core.spec import Text
from radpipe.outputs.base import OutputSpec


class BaselineTableSpec(OutputSpec):
    """Clinical variables by group.

    Parameters
    ----------
    by : {"auto", "outcome", "split"}
        What makes the columns; auto is the split where cases are held out, else the outcome.
    variables : tuple of str
        Clinical variables, in this order; empty means all.
    continuous : {"auto", "mean_sd", "median_iqr"}
        How continuous variables are told; auto goes by normality within the groups.
    smd, p : bool
        Whether to print standardised mean differences and p values.
    """

    kind: Literal["baseline_table"] = "baseline_table"
    by: Literal["auto", "outcome", "split"] = "auto"
    variables: tuple[Text, ...] = ()
    continuous: Literal["auto", "mean_sd", "median_iqr"] = "auto"
    smd: bool = True
    p: bool = True

    heading: ClassVar[str] = "Characteristics of the cases"
    section: ClassVar[str] = "cohort"
