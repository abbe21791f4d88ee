"""What is written can be typed back, whatever the tree."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bptutor.language.algebra import largest_exponent
from bptutor.language.evaluate import cell
from bptutor.language.limits import MOST_EXPONENT
from bptutor.language.ops import operations
from bptutor.language.ops.base import Parameter, Style
from bptutor.language.parse import parse_expression, parse_program
from bptutor.language.render import display_name, write, write_assignment
from bptutor.language.tree import Apply, Expression, Name, Number, Option, parts
from tests.examples import some
from tests.language.draw import Draw

NAMES = ["X", "W1", "b1", "Y_true", "dL_dW1", "dL_dZ1", "df_dx", "σ", "가중치", "d", "T", "E", "j"]
KNOWN = frozenset(NAMES)
numbers = (
    st.integers(-(10**14), 10**14)
    | st.floats(-1e300, 1e300, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-300)
    | st.sampled_from([0, 1, -1, 2, 3, 0.5, -0.5, 1e300, -1e300, 1e15, 1e16, 1e22, 1e-7, 2.0])
)


def options(parameter: Parameter) -> st.SearchStrategy[Option]:
    axes = st.lists(st.integers(-3, 3), min_size=2, max_size=3).map(tuple)
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "axis": st.integers(-3, 3),
        "axes": st.integers(-3, 3) | axes,
        "shape": axes | st.integers(-3, 3).map(lambda size: (size,)),
        "place": st.integers(-3, 3).filter(bool),
        "flag": st.booleans(),
        "count": st.integers(1, 9),
        "number": st.floats(-2, 2) | st.integers(-2, 2),
    }
    return kinds[parameter.kind].filter(lambda value: value != parameter.default)


@st.composite
def trees(draw: Draw, depth: int = 4) -> Expression:
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        leaves = st.sampled_from(NAMES).map(Name) | numbers.map(Number)
        leaf: Expression = draw(leaves)
        return leaf
    operation = operations()[draw(st.sampled_from(sorted(operations())))]
    operands = [draw(trees(depth - 1)) for _ in range(operation.arity)]
    if operation.key == "power":
        operands[1] = Number(draw(st.sampled_from([2, 3, -1, 0.5, -2.5, 64])))
    if operation.key == "negate" and isinstance(operands[0], Number):
        return Number(-operands[0].value)
    if operation.key == "dot":
        operands = [Name("A") if isinstance(o, Number) else o for o in operands]
    given = [(name, draw(options(p))) for name, p in sorted(operation.options.items())]
    needed = ("depth", "shape", "stop")
    chosen = tuple(pair for pair in given if pair[0] in needed or draw(st.booleans()))
    return Apply(operation.key, tuple(operands), chosen)


def _typeable(tree: Expression) -> bool:
    """Are its powers of powers small enough to be typed?"""
    return all(largest_exponent(part) <= MOST_EXPONENT for part in parts(tree))


@pytest.mark.parametrize("style", ["unicode", "ascii"])
@settings(max_examples=some(250), deadline=None)
@given(tree=trees())
def test_any_tree_reads_back(style: Style, tree: Expression) -> None:
    assume(_typeable(tree))
    assert parse_expression(write(tree, style), KNOWN) == tree


@settings(max_examples=some(300), deadline=None)
@given(tree=trees())
def test_code_reads_back_but_for_types(tree: Expression) -> None:
    typed = {"one_hot", "gather", "where"}  # they speak of types, which formulas do not have
    assume(not any(isinstance(part, Apply) and part.operation in typed for part in parts(tree)))
    assume(_typeable(tree))
    assert parse_expression(write(tree, "tensorflow"), KNOWN) == tree


@settings(max_examples=some(200), deadline=None)
@given(tree=trees())
def test_ascii_is_ascii_but_for_names(tree: Expression) -> None:
    text = write(tree, "ascii").replace("σ", "s").replace("가중치", "w")
    assert text.isascii()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("dL_dW1.T @ X", "(∂L/∂W1)ᵀ @ X"),
        ("X.T @ dL_dZ1", "Xᵀ @ ∂L/∂Z1"),
        ("dL_da1 * (Z1 >= 0)", "∂L/∂a1 * 1[Z1 ≥ 0]"),
        ("dL_dx ** 2", "(∂L/∂x)²"),
        ("x ** 3 / 2", "x³ / 2"),
        ("(a + b) * c - (d - e)", "(a + b) * c - (d - e)"),
        ("a / (b * c) / d", "a / (b * c) / d"),
        ("-(x + y) ** 2", "-(x + y)²"),
        ("-2 * x + (-3) * y", "-2 * x + (-3 * y)"),
        ("x ** -1", "x ** -1"),
        ("a * b @ c", "(a * b) @ c"),
        ("a @ b @ c", "a @ b @ c"),
        ("a @ b / 2", "(a @ b) / 2"),
        ("a * (b @ c)", "a * (b @ c)"),
        ("(a @ b).T", "(a @ b)ᵀ"),
        ("sum(x, axis=(0, 1), keepdims=True)", "sum(x, axis=(0, 1), keepdims=True)"),
        ("1e300 * x", "1e+300 * x"),
        ("10000000000000000000 * x", "1e+19 * x"),
        ("dot(a, b)", "a · b"),
    ],
)
def test_written_in_unicode(typed: str, shown: str) -> None:
    assert write(parse_expression(typed), "unicode") == shown


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("dL_da1 * (Z1 >= 0)", "dL_da1 * tf.cast(Z1 >= 0, tf.float32)"),
        ("maximum(Z1, 0)", "tf.maximum(Z1, 0.0)"),
        ("a.T @ b", "tf.transpose(a) @ b"),
        ("mean(x, axis=0)", "tf.reduce_mean(x, axis=0)"),
        ("one_hot(y, 3)", "tf.one_hot(tf.cast(y, tf.int32), depth=3, dtype=tf.float32)"),
        ("where(m, x, 0)", "tf.where(m != 0, x, 0.0)"),
        ("where(x > 0, x, 0)", "tf.where(x > 0, x, 0.0)"),
    ],
)
def test_written_as_code(typed: str, code: str) -> None:
    assert write(parse_expression(typed), "tensorflow") == code
    assert parse_expression("exp(2)") != parse_expression("exp(3)")


def test_bare_numbers_have_the_programs_type_in_code() -> None:
    expression = parse_expression("x * sqrt(2 / 3)")
    assert write(expression, "tensorflow") == "x * tf.sqrt(2 / 3)"
    double = write(expression, "tensorflow", "float64")
    assert double == "x * tf.sqrt(tf.constant(2 / 3, tf.float64))"


def test_names() -> None:
    assert display_name("dL_dW3", "unicode") == "∂L/∂W3"
    assert display_name("dL_dW3", "ascii") == "dL_dW3"
    assert display_name("dL_dY_true", "unicode") == "∂L/∂Y_true"
    assert display_name("data", "unicode") == "data"


def test_a_line_of_a_program() -> None:
    (line,) = parse_program("Z1 = X@W1+b1").assignments
    assert write_assignment(line, "unicode") == "Z1 = X @ W1 + b1"


def test_a_sum_of_a_thousand_terms_is_written() -> None:
    tree: Expression = Name("x0")
    for index in range(1, 1000):
        tree = Apply("add", (tree, Apply("multiply", (Number(index), Name("x")))))
    assert write(tree, "ascii").count("+") == 999


def test_one_cell_of_a_large_product_is_cut_short() -> None:
    shapes = {"X": (64, 784), "W": (784, 10), "T": (64, 10)}
    product = parse_expression("2 * X.T @ (X @ W - T) / 640")
    text = write(cell(product, (3, 1), shapes, lambda name, at: 0.5), "unicode")
    assert text.startswith("(2 * 0.5 * (0.5 * 0.5 + 0.5 * 0.5")
    assert " + …" in text
    assert text.endswith(" / 640")
    assert len(text) < 100_000
