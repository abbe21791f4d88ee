"""Every operation that there is against TensorFlow: shape, value, one cell, slope, traits."""

import ast
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import bptutor
from bptutor.engine.runtime import tensorflow
from bptutor.language.differentiate import gradients, local_derivatives
from bptutor.language.evaluate import cell
from bptutor.language.ops import operations, spellings
from bptutor.language.ops.base import Cell
from bptutor.language.render import ONE, UPSTREAM, forward_words, rule_words, write
from bptutor.language.shapes import infer_shape, resolved
from bptutor.language.tree import Apply, Assignment, Expression, Name, Number, Program
from bptutor.text import Message
from tests.examples import some
from tests.language import draw, truth

tf = tensorflow()

KEYS = sorted(operations())
every_operation = pytest.mark.parametrize("key", KEYS)
quietly = settings(
    max_examples=some(10), deadline=None, suppress_health_check=[HealthCheck.filter_too_much]
)


def _ascii(expression: Expression) -> str:
    return write(expression, "ascii")


def one_line(expression: Apply) -> tuple[Program, Assignment]:
    assignment = Assignment("L", expression, 1)
    return Program((assignment,)), assignment


@every_operation
@quietly
@given(data=st.data())
def test_shape_and_value(key: str, data: st.DataObject) -> None:
    case = data.draw(draw.cases(key))
    value = truth.value(case.node, case.values)
    assert infer_shape(case.node, case.shapes) == value.shape


@every_operation
@quietly
@given(data=st.data())
def test_slope_with_upstream_of_any_shape(key: str, data: st.DataObject) -> None:
    case = data.draw(draw.cases(key))
    upstream = data.draw(draw.upstreams(infer_shape(case.node, case.shapes)))
    loss = Apply("sum", (Apply("multiply", (Name("g"), case.node)),))
    values = {**case.values, "g": upstream}
    shapes = {**case.shapes, "g": upstream.shape, "L": ()}
    slopes_too = truth.tape(case.node, case.values)  # infinite ones, even where upstream is 0
    assume(all(np.isfinite(slope).all() for slope in slopes_too.values()))
    assume(np.isfinite(truth.value(case.node, case.values)).all())
    expected = truth.tape(loss, values)
    for name, formula in gradients(one_line(loss)[0], "L", shapes).items():
        found = truth.value(formula, values)
        assert truth.same(found, expected[name]), (name, write(formula, "ascii"))


@pytest.mark.parametrize("key", ["sum", "mean"])
@pytest.mark.parametrize("axis", [0, 1, 2, -1, (0, 1), (0, 2), (1, 2), ()])
@pytest.mark.parametrize("rank", [0, 1, 2])
def test_slope_of_a_reduction_with_upstream_of_lower_rank(
    key: str, axis: int | tuple[int, ...], rank: int
) -> None:
    x = np.arange(24.0).reshape(2, 4, 3)
    node = Apply(key, (Name("x"),), (("axis", axis),))
    kept = infer_shape(node, {"x": x.shape})
    small = kept[max(0, len(kept) - rank) :]
    values = {"x": x, "g": np.arange(1.0, np.prod(small) + 1.0).reshape(small)}
    loss = Apply("sum", (Apply("multiply", (Name("g"), node)),))
    shapes = {"x": x.shape, "g": values["g"].shape, "L": ()}
    formula = gradients(one_line(loss)[0], "L", shapes)["x"]
    assert truth.same(truth.value(formula, values), truth.tape(loss, values)["x"])


@every_operation
@quietly
@given(data=st.data())
def test_slope_summed_over_outputs(key: str, data: st.DataObject) -> None:
    case = data.draw(draw.cases(key))
    expected = truth.tape(case.node, case.values)
    assume(all(np.isfinite(gradient).all() for gradient in expected.values()))
    shapes = {**case.shapes, "L": infer_shape(case.node, case.shapes)}
    values = {**case.values, "L": truth.value(case.node, case.values)}
    for name, formula in local_derivatives(*one_line(case.node), shapes).items():
        found = truth.value(formula, values)
        assert truth.same(found, expected[name]), (name, write(formula, "ascii"))


@every_operation
@quietly
@given(data=st.data())
def test_one_cell_in_numbers(key: str, data: st.DataObject) -> None:
    case = data.draw(draw.cases(key))
    value = truth.value(case.node, case.values)
    assume(np.isfinite(value).all())

    def number(name: str, at: Cell) -> float:
        return float(case.values[name][at])

    for at in np.ndindex(value.shape):
        formula = cell(case.node, at, case.shapes, number)
        assert truth.same(truth.value(formula, {}), value[at])


@every_operation
@quietly
@given(data=st.data())
def test_the_code_shown_computes_the_same(key: str, data: st.DataObject) -> None:
    case = data.draw(draw.cases(key))
    value = truth.value(case.node, case.values)
    assume(np.isfinite(value).all())
    code = write(resolved(case.node, case.shapes), "tensorflow", "float64")
    names: dict[str, Any] = {"tf": tf, **truth.constants(case.values)}
    # The text is made by our own writer from a tree that was drawn here.
    found = np.asarray(tf.cast(eval(code, names), "float64"))
    rounding = 1e-7 if key == "gelu" else 1e-9  # tf.nn.gelu has a constant in float32
    assert truth.same(found, value, rounding), code


@every_operation
@quietly
@given(data=st.data())
def test_it_says_what_it_is(key: str, data: st.DataObject) -> None:
    """Every field of its words is filled in, in both languages."""
    operation, node = operations()[key], data.draw(draw.cases(key)).node
    spoken = [forward_words(node, _ascii)]
    upstreams: list[Message | str] = [ONE, UPSTREAM, "g"]
    for upstream, index in product(upstreams, range(len(node.operands))):
        spoken += rule_words(node, index, _ascii, upstream=upstream, value="L")
    assert len(spoken) > 3 * len(node.operands)
    for message, language in product(spoken, ("en", "ko")):
        assert message.to(language).strip()
    assert operation.infix or operation.code
    assert len(operation.operand_names[: operation.arity]) == operation.arity


def test_no_two_functions_share_a_name() -> None:
    named = [name for each in operations().values() for name in (each.key, *each.spellings)]
    assert len(named) == len(set(named)) == len(spellings())


def test_leaky_relu_keeps_alpha_in_float32_as_tensorflow_does() -> None:
    node = Apply("leaky_relu", (Name("x"),))
    values = {"x": np.array([-3.0, 0.0, 2.0])}
    (formula,) = local_derivatives(*one_line(node), {"x": (3,), "L": (3,)}).values()
    found, expected = truth.value(formula, values), truth.tape(node, values)["x"]
    assert list(found) == [0.2, 0.2, 1.0]
    assert truth.same(found, expected, 1e-7)


@pytest.mark.parametrize(
    ("key", "at_zero"), [("relu", 0.0), ("maximum", 1.0), ("minimum", 1.0), ("abs", 0.0)]
)
def test_slope_at_exactly_zero(key: str, at_zero: float) -> None:
    second = (Apply("zeros_like", (Name("x"),)),) if operations()[key].arity == 2 else ()
    node = Apply(key, (Name("x"), *second))
    zero = {"x": np.array(0.0)}
    (formula,) = local_derivatives(*one_line(node), {"x": (), "L": ()}).values()
    assert truth.value(formula, zero) == truth.tape(node, zero)["x"] == at_zero


X = np.array([[-40.0, -2.0, -0.5, 0.0, 0.25, 1.0, 3.0, 40.0]])

ACTIVATIONS = [key for key, each in operations().items() if each.traits.activation]


def applied(key: str) -> Apply:
    """The operation to x, and to 0 where it takes two operands."""
    operands: list[Expression] = [Name("x"), Number(0)]
    return Apply(key, tuple(operands[: operations()[key].arity]))


def slope_of_one(key: str) -> draw.Array:
    (slope,) = truth.tape(applied(key), {"x": X}).values()
    return np.asarray(slope)


@pytest.mark.parametrize("key", [key for key, each in operations().items() if each.traits.keras])
def test_keras_computes_the_same_under_its_name(key: str) -> None:
    traits = operations()[key].traits
    x = tf.Variable(X)
    with tf.GradientTape() as tape:
        value = tf.keras.activations.get(traits.keras)(x)
    assert np.asarray(value) == pytest.approx(truth.value(applied(key), {"x": X}), rel=1e-6)
    same = np.isclose(np.asarray(tape.gradient(value, x)), slope_of_one(key), rtol=1e-6)
    assert same[X != 0].all()
    assert same.all() != traits.passes_at_tie


@pytest.mark.parametrize(
    "key", [key for key, each in operations().items() if each.traits.activation]
)
def test_an_activation_is_flat_far_from_0_on_both_sides_where_it_says_so(key: str) -> None:
    if operations()[key].elementwise:
        flat = np.abs(slope_of_one(key)[:, [0, -1]]).max() < 1e-3
        assert flat == operations()[key].traits.saturates


@pytest.mark.parametrize(
    "key", [key for key, each in operations().items() if each.traits.probabilities]
)
def test_probabilities_are_from_0_to_1_and_those_of_a_row_add_up(key: str) -> None:
    value = np.asarray(truth.value(applied(key), {"x": X}))
    assert ((value >= 0) & (value <= 1)).all()
    assert np.isclose(value.sum(), 1) == (operations()[key].traits.probabilities == "row")


def test_nothing_but_the_operations_themselves_lists_activations() -> None:
    package = Path(bptutor.__file__).parent
    named = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in ACTIVATIONS
    }
    own = {each for each in named if each.startswith("language/ops/")}
    # σ is a character of the notation, also where it is spoken; a layer of Keras is a Softmax.
    assert named - own == {"language/notation.py", "plain/heard.py", "engine/keras/program.py"}
    assert own
