"""A small language for formulas: arithmetic, comparisons and a few functions, never code.

``0.0061*height_cm + 0.0128*weight_kg - 0.1529`` over the columns of a table, ``post - pre`` over
the voxels of images. A formula is read by `radpipe.core.expression_syntax` into a tree; it can name
nothing but the columns it is given, and calls nothing but ``log`` (natural), ``log2``, ``log10``,
``exp``, ``sqrt``, ``abs``, ``min``, ``max``, ``round(x, digits)``, ``where(condition, yes, no)``.

Grammar, from what binds loosest to what binds closest::

    or, and, not                    truths, with missing values as in three-valued logic
    < <= > >= == != in, not in      a < b < c is (a < b) and (b < c)
    + -
    * /
    - +                             signs
    ** or ^                         powers, from the right
    number, "text", name, `name with spaces`, function(...), ( ... )

Text may only be compared: ``sex == "F"``, ``stage in ("III", "IV")``. Whatever is undefined (a
division by zero, the logarithm of a negative number) is missing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from radpipe.core.expression_syntax import Node, is_truth, read, walk
from radpipe.core.expression_tokens import ExpressionError

FloatArray = NDArray[np.float64]

MOST_CHARACTERS = 2000


class Values(Protocol):
    """What a formula's names stand for."""

    def numbers(self, name: str) -> FloatArray:
        """Return a name's values as numbers, NaN where missing."""
        ...

    def texts(self, name: str) -> NDArray[np.object_]:
        """Return a name's values as text, None where missing."""
        ...


@dataclass(frozen=True)
class Expression:
    """A formula that was read.

    Parameters
    ----------
    text : str
        As it was written.
    tree : Node
        What it means.
    names : tuple of str
        What it refers to, in order, each once.
    truth : bool
        Whether it says yes or no (a comparison), rather than a number.
    """

    text: str
    tree: Node
    names: tuple[str, ...]
    truth: bool

    def evaluate(self, values: Values) -> FloatArray:
        """Return the numbers (a truth is 1 or 0); NaN where missing or undefined."""
        with np.errstate(all="ignore"):
            found = np.asarray(_value(self.tree, values), dtype=float)
        return np.where(np.isfinite(found), found, np.nan)


def parse(text: str) -> Expression:
    """Read a formula.

    Raises
    ------
    ExpressionError
        Where it is none.
    """
    if len(text) > MOST_CHARACTERS:
        raise ExpressionError(
            f"a formula of {len(text)} characters; give {MOST_CHARACTERS} at most"
        )
    tree = read(unicodedata.normalize("NFKC", text))
    names = tuple(dict.fromkeys(node.value for node in walk(tree) if node.kind == "name"))
    if not names:
        raise ExpressionError("a formula without a column; name one")
    return Expression(text, tree, names, is_truth(tree))


def _least(*values: Any) -> Any:
    found = values[0]
    for value in values[1:]:
        found = np.minimum(found, value)
    return found


def _largest(*values: Any) -> Any:
    found = values[0]
    for value in values[1:]:
        found = np.maximum(found, value)
    return found


def _rounded(value: Any, digits: Any = 0.0) -> Any:
    scale = 10.0 ** np.round(digits)
    return np.round(np.asarray(value) * scale) / scale


def _chosen(condition: Any, yes: Any, no: Any) -> Any:
    """Return one of two numbers by a truth; missing where that is."""
    return np.where(np.isnan(condition), np.nan, np.where(condition == 1, yes, no))


_COMPUTE: Mapping[str, Callable[..., Any]] = {
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "min": _least,
    "max": _largest,
    "round": _rounded,
    "where": _chosen,
}
_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.float_power,
}
_COMPARING: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}


def _value(node: Node, values: Values) -> Any:
    """Return the numbers of a tree; a truth is 1, 0, or NaN where it cannot be told."""
    if node.kind == "number":
        return np.float64(node.value)
    if node.kind == "name":
        return values.numbers(node.value)
    if node.kind == "compare" and node.parts[1].kind == "text":
        return _same_text(node.parts[0], node.parts[1:], values, node.value == "!=")
    if node.kind == "in" and node.parts[1].kind == "text":
        return _same_text(node.parts[0], node.parts[1:], values, False)
    parts = [_finite(_value(part, values)) for part in node.parts]
    if node.kind == "sign2":
        return _ARITHMETIC[node.value](*parts)
    if node.kind == "minus":
        return np.negative(parts[0])
    if node.kind == "call":
        return _COMPUTE[node.value](*parts)
    if node.kind == "compare":
        missing = np.isnan(parts[0]) | np.isnan(parts[1])
        return np.where(missing, np.nan, _COMPARING[node.value](*parts))
    if node.kind == "in":
        same = np.isin(parts[0], np.array(parts[1:]))
        return np.where(np.isnan(parts[0]), np.nan, same)
    return _LOGIC[node.kind](*parts)


def _finite(value: Any) -> Any:
    """Return a value, missing where it is infinite: what is undefined stays so in what follows."""
    return np.where(np.isfinite(value), value, np.nan)


def _same_text(name: Node, texts: Sequence[Node], values: Values, negated: bool) -> FloatArray:
    known = values.texts(name.value)
    wanted = {text.value for text in texts}
    return np.array(
        [np.nan if cell is None else float((cell in wanted) != negated) for cell in known]
    )


def _and(a: Any, b: Any) -> Any:
    no = (a == 0) | (b == 0)
    return np.where(no, 0.0, np.where(np.isnan(a) | np.isnan(b), np.nan, 1.0))


def _or(a: Any, b: Any) -> Any:
    yes = (a == 1) | (b == 1)
    return np.where(yes, 1.0, np.where(np.isnan(a) | np.isnan(b), np.nan, 0.0))


_LOGIC: Mapping[str, Callable[..., Any]] = {
    "and": _and,
    "or": _or,
    "not": lambda a: np.where(np.isnan(a), np.nan, 1.0 - np.asarray(a)),
}
