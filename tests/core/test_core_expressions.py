"""Formulas give numbers, and nothing that is written in them is ever run."""

import numpy as np
import pytest

from radpipe.core.expression_tokens import ExpressionError
from radpipe.core.expressions import parse

COLUMNS = {
    "a": np.array([1.0, 2.0, np.nan, 0.0]),
    "b": np.array([0.0, 1.0, 2.0, 3.0]),
    "肿瘤大小": np.array([1.0, 2.0, 3.0, 4.0]),
    "tumour size": np.array([2.0, 2.0, 2.0, 2.0]),
    "sex": np.array(["F", "M", None, "F"], dtype=object),
}
NAN = np.nan


class Columns:
    def numbers(self, name):
        return COLUMNS[name]

    texts = numbers


def value(text):
    return parse(text).evaluate(Columns())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b * 2 - 1", [0, 3, NAN, 5]),
        ("-a ** 2", [-1, -4, NAN, 0]),  # a power binds closer than a sign
        ("2 ^ 3 ^ b", [2, 8, 512, 2**27]),
        ("a / b", [NAN, 2, NAN, 0]),
        ("0 * (a / b)", [NAN, 0, NAN, 0]),  # what is undefined stays so
        ("log(b - 1)", [NAN, NAN, 0, np.log(2)]),
        ("round(b / 3, 2)", [0, 0.33, 0.67, 1]),
        ("max(a, b, 1.5)", [1.5, 2, NAN, 3]),
        ("`tumour size` * 肿瘤大小", [2, 4, 6, 8]),
        ("where(b > 0, 1 / b, -1)", [-1, 1, 0.5, 1 / 3]),
        ("where(a > 0, 1, 0)", [1, 1, NAN, 0]),
        ("(a > 1) + (b >= 2)", [0, 1, NAN, 1]),
        ("1 <= b < 3", [0, 1, 1, 0]),
        ('sex == "F" and b > 1', [0, 0, NAN, 1]),
        ('not sex == "F" or b == 2', [0, 1, 1, 0]),  # yes, whatever the missing value is
        ('sex not in ("M", "X")', [1, 0, NAN, 1]),
        ("b in (-1, 0, 3)", [1, 0, 0, 1]),
        ("ａ＋ｂ", [1, 3, NAN, 3]),  # as a Chinese keyboard writes it
        ("9 ** 9 ** 9 ** 9 * b", [NAN] * 4),
    ],
)  # fmt: skip
def test_what_a_formula_means(text, expected) -> None:
    np.testing.assert_allclose(value(text), np.array(expected, dtype=float))


def test_what_it_refers_to() -> None:
    found = parse('where(sex == "F", a, `tumour size`) + a')
    assert found.names == ("sex", "a", "tumour size")
    assert not found.truth
    assert parse("a < 1 or b > 2").truth


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a.__class__", "'.__class__' at character 2; names have no parts"),
        ("__import__('os')", "the function '__import__'; allowed: log, log2"),
        ("().__class__", "'.__class__' at character 3"),
        ("a[0]", "'[0]' at character 2"),
        ("lambda: a", "': a' at character 7"),
        ("a; b", "'; b' at character 2"),
        ("a = 1", "'= 1' at character 3; write == to compare"),
        ("a if b else 1", "'if' at character 3"),
        ("[x for x in a]", "'[x for x in ' at character 1"),
        ("{a}", "'{a}' at character 1"),
        ("a @ b", "'@ b' at character 3"),
        ("f'{a}'", "'{a}' at character 3"),
        ("sin(a)", "the function 'sin'"),
        ("log(a, b)", "log of 2 values; give 1"),
        ("(" * 41 + "a" + ")" * 41, "a formula more than 40 levels deep"),
        ("-" * 1000 + "a", "a formula of 1002 words and signs"),
        ("a" + "+a" * 999, "a formula of 2000 words and signs"),
        ("a" * 2001, "a formula of 2001 characters"),
        ("1e999 * a", "the number 1e999"),
        ("1 + 1", "a formula without a column"),
        ("", "the formula ends at character 1"),
        ("(a", "the formula ends at character 3; write ')' there"),
        ("a + 'x'", "the text 'x' in a sum"),
        ("sex < 'F'", "'<' before text"),
        ("where(a, 1, 2)", "a number where yes or no is meant"),
        ("a + 3x", "'3x' at character 5"),
    ],
)  # fmt: skip
def test_what_is_no_formula(text, said) -> None:
    with pytest.raises(ExpressionError) as error:
        parse(text)
    assert str(error.value).startswith(said)


def test_a_long_formula_is_computed() -> None:
    np.testing.assert_allclose(value("a" + "+a" * 198), 199 * COLUMNS["a"])
