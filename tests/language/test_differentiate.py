"""Whole programs: chain-rule products and local slopes against the tape."""

import re
from time import thread_time

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bptutor.engine.runtime import tensorflow
from bptutor.language.differentiate import gradient_name, gradients, local_derivatives
from bptutor.language.evaluate import cell, evaluate
from bptutor.language.limits import MOST_NODES
from bptutor.language.parse import parse_expression, parse_program
from bptutor.language.render import write
from bptutor.language.shapes import program_shapes
from bptutor.language.tree import Expression, Shape, names, size
from tests.examples import some
from tests.language import truth
from tests.language.draw import Array, Drawn, programs

tf = tensorflow()

quietly = settings(max_examples=some(150), deadline=None)


def forward(drawn: Drawn) -> dict[str, Array]:
    values = dict(drawn.leaves)
    for assignment in drawn.program.assignments:
        values[assignment.target] = truth.value(assignment.expression, values)
    assume(all(np.abs(value).max(initial=0.0) < 1e4 for value in values.values()))
    return values


def backward(products: dict[str, Expression], drawn: Drawn, values: dict[str, Array]) -> None:
    """Works the products out from the loss on, and holds each against the tape."""
    tensors = truth.constants(drawn.leaves)
    with tf.GradientTape() as tape:
        tape.watch(list(tensors.values()))
        for assignment in drawn.program.assignments:
            value = evaluate(assignment.expression, tensors, tf, "float64")
            tensors[assignment.target] = tf.identity(value)
            tape.watch(tensors[assignment.target])
    sources = {name: tensors[name] for name in products}
    expected = tape.gradient(tensors["L"], sources, unconnected_gradients="zero")
    known = dict(values)
    targets = [assignment.target for assignment in drawn.program.assignments]
    for name in [*reversed(targets), *drawn.leaves]:
        if name in products:
            found = truth.value(products[name], known)
            assert truth.same(found, np.asarray(expected[name])), (
                name,
                write(products[name], "ascii"),
            )
            known[gradient_name("L", name)] = found


@quietly
@given(programs())
def test_products_are_the_gradients_of_the_tape(drawn: Drawn) -> None:
    values = forward(drawn)
    products = gradients(drawn.program, "L", drawn.shapes)
    assert set(products) == drawn.program.ancestors("L")
    backward(products, drawn, values)


@quietly
@given(programs())
def test_slopes_are_those_of_the_tape_and_use_what_is_known(drawn: Drawn) -> None:
    values = forward(drawn)
    known = set(drawn.leaves)
    for assignment in drawn.program.assignments:
        known.add(assignment.target)
        inputs = {name: values[name] for name in assignment.inputs}
        expected = truth.tape(assignment.expression, inputs)
        found = local_derivatives(drawn.program, assignment, drawn.shapes)
        assert list(found) == list(assignment.inputs)
        for name, product in found.items():
            assert set(names(product)) <= known
            text = write(product, "ascii")
            assert truth.same(truth.value(product, values), expected[name]), (name, text)


CLUMSY = re.compile(r"(?<![\w.])1 \*|[*/] 1(?![\w.])|--|- -|\+ -")


@quietly
@given(programs())
def test_products_read_back_and_read_well(drawn: Drawn) -> None:
    products = gradients(drawn.program, "L", drawn.shapes)
    known = {*drawn.shapes, *(gradient_name("L", name) for name in drawn.shapes)}
    for product in products.values():
        for style in ("unicode", "ascii"):
            assert parse_expression(write(product, style), known) == product
        assert not CLUMSY.search(write(product, "ascii"))


@quietly
@given(programs(), st.data())
def test_one_cell_of_a_product_in_numbers(drawn: Drawn, data: st.DataObject) -> None:
    values = forward(drawn)
    assignment = drawn.program.assignments[0]
    for name, product in local_derivatives(drawn.program, assignment, drawn.shapes).items():
        whole = truth.value(product, values)
        at = data.draw(st.sampled_from(list(np.ndindex(drawn.shapes[name]))))
        formula = cell(product, at, drawn.shapes, lambda read, at: float(values[read][at]))
        assume("…" not in names(formula))
        assert truth.same(truth.value(formula, {}), np.asarray(whole[at]))
        if size(formula) < MOST_NODES:
            read_back = parse_expression(write(formula, "ascii"))
            assert truth.same(truth.value(read_back, {}), np.asarray(whole[at]))


NETWORK = {"X": (3, 2), "W": (2, 2), "b": (2,), "T": (3, 2), "g": (2,)}
SCALARS: dict[str, Shape] = dict.fromkeys(["x", "y", "z"], ())


@pytest.mark.parametrize(
    ("program", "shapes", "by", "written"),
    [
        ("Z = X @ W + b\nL = sum(Z)", NETWORK, "W", "X.T @ dL_dZ"),
        ("Z = X @ W + b\nL = sum(Z)", NETWORK, "X", "dL_dZ @ W.T"),
        ("Z = X @ W + b\nL = sum(Z)", NETWORK, "b", "sum(dL_dZ, axis=0)"),
        ("Z = X @ W + b\nL = sum(Z)", NETWORK, "Z", "ones_like(Z)"),
        ("L = mean((X - T) ** 2)", NETWORK, "X", "(X - T) / 3"),
        ("L = sum((X - T) ** 2) / 3", NETWORK, "X", "2 * (X - T) / 3"),
        ("L = sum(X * X) / 2", NETWORK, "X", "X"),
        ("L = 0.1 * sum(X ** 2)", NETWORK, "X", "0.2 * X"),
        ("a = relu(X)\nL = sum(a)", NETWORK, "X", "dL_da * (X > 0)"),
        ("a = maximum(X, 0)\nL = sum(a)", NETWORK, "X", "dL_da * (X >= 0)"),
        ("a = sigmoid(X)\nL = sum(a)", NETWORK, "X", "dL_da * a * (1 - a)"),
        ("a = tanh(X)\nL = sum(a)", NETWORK, "X", "dL_da * (1 - a ** 2)"),
        ("a = leaky_relu(X)\nL = sum(a)", NETWORK, "X", "dL_da * ((X > 0) + 0.2 * (X <= 0))"),
        ("h = X + tanh(X)\nL = sum(h)", NETWORK, "X", "dL_dh + dL_dh * (1 - tanh(X) ** 2)"),
        (
            "P = softmax(X)\nL = -sum(T * log(P))",
            NETWORK,
            "X",
            "P * (dL_dP - sum(dL_dP * P, axis=1, keepdims=True))",
        ),
        ("P = softmax(X)\nL = -sum(T * log(P))", NETWORK, "P", "-T / P"),
        (
            "L = -mean(sum(T * log_softmax(X), axis=1))",
            NETWORK,
            "X",
            "-T / 3 + softmax(X) * sum(T, axis=1, keepdims=True) / 3",
        ),
        (
            "v = mean(X ** 2, axis=0)\nh = X / sqrt(v + 0.001)\nL = sum(h)",
            NETWORK,
            "v",
            "-sum(dL_dh * X / (v + 0.001), axis=0) / (2 * sqrt(v + 0.001))",
        ),
        ("q = x + y\nf = q * z", SCALARS, "x", "df_dq"),
        ("f = x * y + y * x", SCALARS, "x", "2 * y"),
        ("f = x / y", SCALARS, "y", "-x / y ** 2"),
        ("f = x * x * x", SCALARS, "x", "3 * x ** 2"),
        ("f = log(x ** 2)", SCALARS, "x", "2 / x"),
        ("f = (x - y) ** 2 / 2", SCALARS, "y", "y - x"),
        ("f = x - x", SCALARS, "x", "0"),
        ("f = x * 0.1 * 3", SCALARS, "x", "0.3"),
        ("f = 1e300 * x * 1e300", SCALARS, "x", "1e+300 ** 2"),
        ("f = (x / 3) * 2 / 4", SCALARS, "x", "1 / 6"),
    ],
)
def test_products_are_what_a_person_would_write(
    program: str, shapes: dict[str, Shape], by: str, written: str
) -> None:
    parsed = parse_program(program)
    used = {name: shapes[name] for name in parsed.leaves}
    loss = parsed.assignments[-1].target
    product = gradients(parsed, loss, program_shapes(parsed, used))[by]
    assert write(product, "ascii") == written


def test_a_slope_does_not_use_names_of_later_lines() -> None:
    program = parse_program("a = x * tanh(y)\nq = tanh(y)\nL = a + q * z")
    shapes = program_shapes(program, SCALARS)
    assert (
        write(local_derivatives(program, program.assignments[0], shapes)["x"], "ascii") == "tanh(y)"
    )
    assert write(gradients(program, "L", shapes)["x"], "ascii") == "dL_da * q"


def test_a_name_for_a_name_and_a_name_for_a_number() -> None:
    program = parse_program("c = 3\nh = x\nk = one_hot(y, 2)\nL = sum(h * c) + sum(k)")
    shapes = program_shapes(program, {"x": (2,), "y": (2,)})
    products = {
        name: write(product, "ascii") for name, product in gradients(program, "L", shapes).items()
    }
    assert products == {
        "x": "dL_dh",
        "y": "zeros_like(y)",
        "h": "c * ones_like(h)",
        "c": "sum(h)",
        "k": "ones_like(k)",
    }
    found = [
        local_derivatives(program, assignment, shapes) for assignment in program.assignments[:2]
    ]
    assert [{n: write(p, "ascii") for n, p in each.items()} for each in found] == [
        {},
        {"x": "ones_like(x)"},
    ]


def test_a_long_program_is_quick() -> None:
    lines, leaves = ["h0 = X @ W0 + b0"], {"X": (4, 8), "W0": (8, 8), "b0": (8,), "T": (4, 8)}
    for layer in range(1, 60):
        lines.append(f"z{layer} = h{layer - 1} @ W{layer} + b{layer} + h{max(0, layer - 2)}")
        lines.append(f"h{layer} = tanh(z{layer})")
        leaves |= {f"W{layer}": (8, 8), f"b{layer}": (8,)}
    program = parse_program("\n".join([*lines, "L = mean((h59 - T) ** 2)"]))
    shapes = program_shapes(program, leaves)
    times = []
    for _ in range(3):
        start = thread_time()
        gradients(program, "L", shapes)
        for assignment in program.assignments:
            local_derivatives(program, assignment, shapes)
        times.append(thread_time() - start)
    assert min(times) < 1.0  # a second for what takes a tenth of it on a busy machine


def test_what_is_0_whatever_comes_is_0_in_every_column() -> None:
    program = parse_program("h = 0 / (square(first(V, 1)) + 0.5)\nL = 0.5 + mean(h)")
    shapes = {"V": (2, 2), "h": (2, 1), "L": ()}
    slope = local_derivatives(program, program.by_target["h"], shapes)["V"]
    assert evaluate(slope, {"V": tf.ones((2, 2))}, tf, "float32").numpy().tolist() == [
        [0, 0],
        [0, 0],
    ]
