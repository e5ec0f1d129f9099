"""How a formula is read: a tree of a few kinds of nodes, by recursive descent."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from radpipe.core.errors import nearest
from radpipe.core.expression_tokens import ExpressionError, Token, tokens

MOST_WORDS = 400
"""Numbers, names and signs of a formula."""

MOST_DEPTH = 40
"""How deep parentheses, signs, functions and powers may lie in each other."""

FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "log": (1, 1),
    "log2": (1, 1),
    "log10": (1, 1),
    "exp": (1, 1),
    "sqrt": (1, 1),
    "abs": (1, 1),
    "min": (2, 20),
    "max": (2, 20),
    "round": (1, 2),
    "where": (3, 3),
}
"""What a formula may call, and of how many values at least and at most."""

_MEANT = {
    "ln": "log",
    "lg": "log10",
    "power": "x ** y",
    "pow": "x ** y",
    "if": "where(condition, yes, no)",
    "ifelse": "where(condition, yes, no)",
}
"""What formulas of other programs are called here."""

_COMPARE = ("<", "<=", ">", ">=", "==", "!=")


@dataclass(frozen=True)
class Node:
    """A part of a formula: what it is, its word or value, and what it is made of."""

    kind: str
    value: Any = None
    parts: tuple[Node, ...] = ()


def read(text: str) -> Node:
    """Return what a formula means.

    Raises
    ------
    ExpressionError
        Where it is none.
    """
    words = list(tokens(text))
    if len(words) > MOST_WORDS:
        raise ExpressionError(
            f"a formula of {len(words)} words and signs; give {MOST_WORDS} at most"
        )
    tree = _Parser(words).whole()
    if tree.kind == "text":
        raise ExpressionError("a formula that is mere text; compare it with a column")
    return tree


def walk(tree: Node) -> Iterator[Node]:
    """Yield every node of a tree."""
    yield tree
    for part in tree.parts:
        yield from walk(part)


def is_truth(node: Node) -> bool:
    """Return whether a formula says yes or no, rather than a number."""
    return node.kind in ("and", "or", "not", "compare", "in")


class _Parser:
    """Reads tokens by recursive descent; every method reads one level of the grammar."""

    def __init__(self, words: list[Token]) -> None:
        self.tokens = words
        self.position = 0
        self.depth = 0

    def whole(self) -> Node:
        tree = self.either()
        if self.next.kind != "end":
            raise self._strange()
        return tree

    @property
    def next(self) -> Token:
        return self.tokens[self.position]

    def _took(self, *words: str) -> str:
        """Return the next word or sign, and go on, where it is one of these."""
        token = self.next
        if token.kind in ("word", "sign") and token.text in words:
            self.position += 1
            return token.text
        return ""

    def _need(self, sign: str) -> None:
        if not self._took(sign):
            raise self._strange(f"write {sign!r} there")

    def _strange(self, cure: str = "correct the formula") -> ExpressionError:
        token = self.next
        what = "the formula ends" if token.kind == "end" else f"{token.text!r}"
        return ExpressionError(f"{what} at character {token.place + 1}; {cure}")

    def _deeper(self, level: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise ExpressionError(f"a formula more than {MOST_DEPTH} levels deep; simplify it")
        found = level()
        self.depth -= 1
        return found

    def either(self) -> Node:
        left = self.both()
        while self._took("or"):
            left = Node("or", None, (_truth(left), _truth(self.both())))
        return left

    def both(self) -> Node:
        left = self.no()
        while self._took("and"):
            left = Node("and", None, (_truth(left), _truth(self.no())))
        return left

    def no(self) -> Node:
        if self._took("not"):
            return Node("not", None, (_truth(self._deeper(self.no)),))
        return self.comparison()

    def comparison(self) -> Node:
        left = self.sum()
        found: Node | None = None
        while True:
            negated = bool(self._took("not"))
            if negated or (self.next.text == "in" and self.next.kind == "word"):
                if not self._took("in"):
                    raise self._strange("write 'in' after 'not'")
                return self._member(found, left, negated)
            sign = self._took(*_COMPARE)
            if not sign:
                return left if found is None else found
            right = self.sum()
            pair = Node("compare", sign, _comparable(sign, left, right))
            found = pair if found is None else Node("and", None, (found, pair))
            left = right

    def _member(self, before: Node | None, left: Node, negated: bool) -> Node:
        if before is not None or left.kind != "name":
            raise ExpressionError("'in' after something else than a column; write column in (...)")
        self._need("(")
        choices = [self.sum()]
        while self._took(","):
            choices.append(self.sum())
        self._need(")")
        if len({choice.kind for choice in choices}) > 1 or choices[0].kind not in (
            "text",
            "number",
        ):
            raise ExpressionError("'in' without a list of texts or of numbers; write one")
        member = Node("in", None, (left, *choices))
        return Node("not", None, (member,)) if negated else member

    def sum(self) -> Node:
        left = self.product()
        while sign := self._took("+", "-"):
            left = Node("sign2", sign, (_number(left), _number(self.product())))
        return left

    def product(self) -> Node:
        left = self.signed()
        while sign := self._took("*", "/"):
            left = Node("sign2", sign, (_number(left), _number(self.signed())))
        return left

    def signed(self) -> Node:
        sign = self._took("+", "-")
        if sign:
            inner = _number(self._deeper(self.signed))
            if sign == "-" and inner.kind == "number":
                return Node("number", -inner.value)
            return Node("minus", None, (inner,)) if sign == "-" else inner
        return self.power()

    def power(self) -> Node:
        base = self.atom()
        if self._took("**", "^"):
            exponent = self._deeper(self.signed)
            return Node("sign2", "**", (_number(base), _number(exponent)))
        return base

    def atom(self) -> Node:
        token = self.next
        if self._took("("):
            inner = self._deeper(self.either)
            self._need(")")
            return inner
        if token.kind == "number":
            self.position += 1
            value = float(token.text)
            if not math.isfinite(value):
                raise ExpressionError(f"the number {token.text}; give a smaller one")
            return Node("number", value)
        if token.kind in ("text", "name"):
            self.position += 1
            if token.kind == "name" and self.next.text == "(" and self.next.kind == "sign":
                return self._call(token.text)
            return Node(token.kind, token.text)
        raise self._strange()

    def _call(self, name: str) -> Node:
        if name not in FUNCTIONS:
            meant = _MEANT.get(name.lower())
            hint = f"write {meant}" if meant else nearest(name, list(FUNCTIONS))
            raise ExpressionError(
                f"the function {name!r}; allowed: {', '.join(FUNCTIONS)}"
                + (f"; {hint}" if hint else "")
            )
        self._need("(")
        parts = [self._deeper(self.either)]
        while self._took(","):
            parts.append(self._deeper(self.either))
        self._need(")")
        least, most = FUNCTIONS[name]
        if not least <= len(parts) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise ExpressionError(f"{name} of {len(parts)} values; give {wanted}")
        if name == "where":
            return Node("call", name, (_truth(parts[0]), *map(_number, parts[1:])))
        return Node("call", name, tuple(map(_number, parts)))


def _number(node: Node) -> Node:
    if node.kind == "text":
        raise ExpressionError(f"the text {node.value!r} in a sum; text can only be compared")
    return node


def _truth(node: Node) -> Node:
    if not is_truth(node):
        raise ExpressionError(
            "a number where yes or no is meant; write a comparison, such as age >= 65"
        )
    return node


def _comparable(sign: str, left: Node, right: Node) -> tuple[Node, Node]:
    """Return both sides of a comparison; text is compared with a column, for equality."""
    texts = [node for node in (left, right) if node.kind == "text"]
    if not texts:
        return left, right
    other = right if left.kind == "text" else left
    if len(texts) > 1 or other.kind != "name":
        raise ExpressionError(f"the text {texts[0].value!r} beside no column; name one")
    if sign not in ("==", "!="):
        raise ExpressionError(f"{sign!r} before text; texts have no order, use == or !=")
    return other, texts[0]
