"""A pass in NumPy gives TensorFlow's numbers."""

from collections.abc import Callable

import numpy as np
import pytest

from bptutor.engine.numpy_pass import NumpyPass
from bptutor.engine.trace import run, work_out
from bptutor.language.ops import operations
from bptutor.language.parse import parse_expression
from bptutor.language.tree import Apply, Name, parts
from bptutor.lesson.find import available
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.lesson.steps import steps

FORMULAS = (
    *("X + Y", "X - Y", "X * Y", "X / Y", "-X", "X ** 3", "Y ** -2", "X @ Y.T"),
    *("np.dot(X, Y.T)", "np.dot(v, X)", "np.outer(v, v)", "X > Y", "X >= 0", "X < Y", "X <= Y"),
    *("X == Y", "X != Y", "where(X > 0, X, Y)", "exp(X)", "log(abs(X))", "sqrt(abs(X))"),
    *("square(X)", "sign(X)", "maximum(X, Y)", "minimum(X, 0)", "relu(X)", "leaky_relu(X)"),
    *("leaky_relu(X, alpha=0.01)", "sigmoid(X)", "tanh(X)", "softplus(X)", "softmax(X)"),
    *("softmax(X, axis=0)", "log_softmax(X)", "sum(X)", "sum(X, axis=0)", "mean(X)"),
    *("sum(X, axis=(0, 1), keepdims=True)", "mean(X, axis=1, keepdims=True)", "ones_like(X)"),
    *("expand_dims(v, axis=0)", "expand_dims(v, axis=-1)", "zeros_like(X)", "transpose(X)"),
    *("one_hot(c, depth=3)", "concat(X, Y)", "first(X, 2)", "X[1:]", "erf(X)"),
    *(
        "gelu(X)",
        "silu(X)",
        "elu(X)",
        "stop_gradient(X)",
        "abs(X) ** Y",
        "max(X)",
        "min(X, axis=1)",
    ),
    *("var(X)", "argmax(X, axis=1)", "cumsum(X, axis=1)", "cumsum(X, reverse=True)"),
    *("reshape(X, (3, 2))", "gather(X, c / 2)", "concat(X, Y, axis=0)", "stack(X, Y)"),
)
NUMBERS = {
    "X": np.array([[1.5, -2.0, 0.25], [-0.7, 0.0, 3.0]]),
    "Y": np.array([[0.4, -2.0, 1.0], [0.6, 5.0, -0.3]]),
    "v": np.array([0.3, -1.2]),
    "c": np.array([2.0, 0.0]),
}


@pytest.mark.parametrize("text", FORMULAS)
def test_an_operation(text: str) -> None:
    formula = parse_expression(text, set(NUMBERS))
    found = NumpyPass(NUMBERS, {}).value(formula)
    truth = work_out(formula, NUMBERS)
    assert found.shape == truth.shape
    # leaky_relu keeps its alpha in float32 in TensorFlow, and so here.
    assert found == pytest.approx(truth, rel=1e-12, abs=1e-15)


def test_no_operation_is_left_out() -> None:
    formulas = [parse_expression(text, set(NUMBERS)) for text in FORMULAS]
    met = {part.operation for each in formulas for part in parts(each) if isinstance(part, Apply)}
    assert met == set(operations())


@pytest.mark.parametrize("name", available())
def test_a_lesson(name: str) -> None:
    lesson = load(name)
    numbers, exact = NumpyPass.on_its_own(lesson), run(lesson, dtype="float64")
    for step in steps(lesson):
        found = np.broadcast_to(numbers.settled(Name(step.id)), step.shape)
        assert found == pytest.approx(exact.known(step.id), rel=1e-9, abs=1e-12), step.id


def test_what_is_infinite_stays_so(write_lesson: Callable[[str], Lesson]) -> None:
    lesson = write_lesson(
        'program = """\nz = log(x)\nL = z ** 2\n"""\nloss = "L"\nwatch = ["x"]\n[values]\nx = 2.0\n'
    )
    with np.errstate(all="ignore"):
        assert np.isnan(NumpyPass.through(lesson, {"x": np.array(-1.0)}).value(Name("L")))


def test_a_program_may_be_long() -> None:
    formulas = {f"h{n}": parse_expression(f"h{n - 1} + h{n - 2}") for n in range(2, 2000)}
    numbers = NumpyPass({"h0": np.asarray(0.0), "h1": np.asarray(1.0)}, formulas)
    with np.errstate(all="ignore"):
        assert numbers.value(Name("h1999")) == np.inf
    assert numbers.value(Name("h50")) == 12586269025
