"""Receiver operating characteristic curves."""

from __future__ import annotations

from typing import ClassVar, Literal

from radpipe.outputs.base import ModelOutputSpec


class RocSpec(ModelOutputSpec):
    """ROC curves with AUC and 95% interval, one panel a split."""

    kind: Literal["roc"] = "roc"

    heading: ClassVar[str] = "Receiver operating characteristic curves"
    endpoints: ClassVar[frozenset[str]] = frozenset({"binary"})
