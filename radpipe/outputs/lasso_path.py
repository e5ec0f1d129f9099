"""Coefficient paths of penalised models and their cross-validation curve."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from radpipe.outputs.base import ModelOutputSpec


class LassoPathSpec(ModelOutputSpec):
    """LASSO path and cross-validation curve of the final fit.

    Parameters
    ----------
    named : int
        How many paths are named, those with the largest final coefficients.
    """

    kind: Literal["lasso_path"] = "lasso_path"
    named: Annotated[int, Field(ge=0, le=20)] = 8

    heading: ClassVar[str] = "Coefficient paths"
    section: ClassVar[str] = "models"
    model_kinds: ClassVar[frozenset[str] | None] = frozenset(
        {"penalised_logistic", "penalised_cox"}
    )
