"""Keep the columns that share most information with the endpoint."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from numpy.typing import NDArray
from pydantic import Field

from radpipe.core import target
from radpipe.selection.base import COUNTED, BoolArray, FloatArray, Selector, SelectorSpec
from radpipe.selection.ranking import top
from radpipe.selection.relation import over_labels


class MutualInformationSpec(SelectorSpec):
    """Keep the columns with the largest mutual information with the endpoint.

    It is estimated from nearest neighbours, so that it sees relations of any form. Ordered levels
    are taken as classes, of several labels the largest counts, and a factor counts once. It is
    not defined for times that are cut short (survival).

    Parameters
    ----------
    n : int
        How many columns are kept.
    neighbours : int
        Nearest neighbours that the estimate rests on: more make it steadier and less local.
    """

    endpoints: ClassVar[frozenset[str]] = COUNTED

    kind: Literal["mutual_information"] = "mutual_information"
    n: int = Field(20, ge=1)
    neighbours: int = Field(3, ge=1)

    def build(self, seed: int) -> Selector:
        """Return the unfitted selector."""
        return MutualInformationSelector(self.n, self.neighbours)


class MutualInformationSelector(Selector):
    """The estimates of `radpipe.stats.neighbour_information`, in nats.

    Attributes
    ----------
    scores_ : array, shape (p,)
        In order of the columns' names.
    """

    def __init__(self, n: int = 20, neighbours: int = 3) -> None:
        self.n = n
        self.neighbours = neighbours

    def _keep(self, X: FloatArray, names: list[str], y: NDArray[Any], groups: Any) -> BoolArray:
        self.scores_ = self._information(X, y)
        return top(self.scores_, names, self.n)

    def _information(self, X: FloatArray, y: NDArray[Any]) -> FloatArray:
        from radpipe.stats.neighbour_information import information_classes, information_numbers

        kind = target.kind_of(y)
        if kind == "multilabel":
            return over_labels(lambda label: self._information(X, label), y).max(axis=0)
        if kind == "continuous":
            return information_numbers(X, y, min(self.neighbours, len(y) - 1))
        return information_classes(X, target.codes(y), self.neighbours)
