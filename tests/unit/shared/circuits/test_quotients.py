"""Quotients of integers in expressions, against a small evaluator of its own."""

import math
import operator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from novacron.errors import BadInput
from shared.circuits.instruction import Gate
from shared.circuits.reader import read

NAMES = {"one": 1, "two": 2, "n": 7, "k": -3}
HEAD = (
    'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit q;\n'
    "const int one = 1; const int two = 2; int n = 7; int[16] k = -3; float x = 0.75;\n"
)
OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul}


class RemainderError(Exception):
    """An integer quotient with a remainder becomes a real number."""


@dataclass(frozen=True)
class Tree:
    """An expression: a leaf has a value, other nodes have parts."""

    text: str
    real: bool
    value: float | int | None = None
    sign: str = ""
    parts: tuple["Tree", ...] = ()


def integer(value: int) -> Tree:
    return Tree(str(value), False, value)


def joined(sign: str, left: Tree, right: Tree) -> Tree:
    return Tree(f"({left.text} {sign} {right.text})", left.real or right.real, None, sign, (left, right))


LEAVES = st.one_of(
    st.integers(0, 9).map(integer),
    st.sampled_from(sorted(NAMES)).map(lambda name: Tree(name, False, NAMES[name])),
    st.sampled_from([Tree("0.5", True, 0.5), Tree("x", True, 0.75), Tree("pi", True, math.pi)]),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(joined, st.sampled_from(["+", "-", "*", "/", "/"]), inner, inner),
        inner.map(lambda one: Tree(f"(-{one.text})", one.real, None, "neg", (one,))),
        inner.map(lambda one: Tree(f"float({one.text})", True, None, "float", (one,))),
        inner.filter(lambda one: not one.real).map(
            lambda one: Tree(f"int({one.text})", False, None, "int", (one,))
        ),
    ),
    max_leaves=8,
)


def evaluated(tree: Tree, real: bool) -> Any:
    """The value in exact integers and floats; divisions by zero are no examples."""
    if tree.value is not None:
        return tree.value
    if tree.sign == "int":
        return evaluated(tree.parts[0], False)
    if tree.sign == "float":
        return float(evaluated(tree.parts[0], True))
    if tree.sign == "neg":
        return -evaluated(tree.parts[0], real)
    real = real or tree.real
    left, right = (evaluated(part, real) for part in tree.parts)
    if tree.sign != "/":
        return OPERATORS[tree.sign](left, right)
    assume(right != 0)
    if isinstance(left, float) or isinstance(right, float):
        return left / right
    if real and left % right:
        raise RemainderError
    return int(math.copysign(abs(left) // abs(right), left * right))


def angle_of(text: str) -> Any:
    gates = [one for one in read(HEAD + text).instructions if isinstance(one, Gate)]
    return gates[-1].params[0]


@given(TREES)
def test_a_real_number_is_the_value_or_refused_for_its_remainder(tree: Tree) -> None:
    try:
        expected = evaluated(tree, True)
    except RemainderError:
        with pytest.raises(BadInput, match="divides integers"):
            angle_of(f"rx({tree.text}) q;")
        return
    assert angle_of(f"rx({tree.text}) q;") == pytest.approx(float(expected), rel=1e-12, abs=1e-12)


@given(TREES.filter(lambda one: not one.real))
def test_an_integer_is_divided_towards_zero(tree: Tree) -> None:
    try:
        expected = evaluated(tree, False)
    except RemainderError:
        with pytest.raises(BadInput, match="divides integers"):
            angle_of(f"int value = {tree.text}; rx(value) q;")
        return
    assert angle_of(f"int value = {tree.text}; rx(value) q;") == float(expected)


@pytest.mark.parametrize(("a", "b"), [(a, b) for a in (-7, -4, -1, 1, 4, 7) for b in (-3, -2, 2, 3)])
def test_the_sign_and_the_remainder_decide(a: int, b: int) -> None:
    declared = f"int a = {a}; int b = {b};"
    assert angle_of(f"{declared} rx(int(a/b)) q;") == math.trunc(a / b)
    assert angle_of(f"{declared} rx(float(a)/b) q;") == a / b
    if a % b:
        with pytest.raises(BadInput, match="divides integers"):
            angle_of(f"{declared} rx(a/b) q;")
    else:
        assert angle_of(f"{declared} rx(a/b) q;") == a // b
