"""What is printed is true: a chain rule, worked out as printed, gives the tape's gradient."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from bptutor.course.exercise import OnTape
from bptutor.course.questions import bare, chain_rule, formula, relevant
from bptutor.engine.runtime import tensorflow
from bptutor.engine.trace import Array, EngineError, Trace, evaluate_expression, run
from bptutor.grading.facts import Facts
from bptutor.language.evaluate import evaluate
from bptutor.language.ops.base import Style
from bptutor.language.parse import parse_expression, parse_program
from bptutor.language.tree import Expression, Name, names
from bptutor.lesson.find import available
from bptutor.lesson.lesson import Lesson, Texts
from bptutor.lesson.load import load
from bptutor.lesson.steps import factors, places, steps
from tests.engine.networks import networks
from tests.examples import some
from tests.language.draw import Drawn, programs

STYLES: tuple[Style, ...] = ("unicode", "ascii")
OPERATION = re.compile(r"(?P<line>.+):  (?P<upstream>\S+) (?:→|->) (?P<gradient>\S+)")
PATH = re.compile(r"\((?P<upstream>\S+) (?:→|->) (?P<by>\w+)\)")


def lesson_of(drawn: Drawn) -> Lesson:
    """A drawn program as a lesson that differentiates by all of its leaves."""
    none = Texts({})
    values = {name: array.tolist() for name, array in drawn.leaves.items()}
    read = tuple(drawn.program.leaves)
    return Lesson(
        *("drawn", Path("drawn.toml"), "", none, none, none, none, {}, {}),
        *(drawn.program, "L", (), read, 0.1, "float64"),
        *({name: values[name] for name in read}, drawn.shapes),
    )


def read(text: str, trace: Trace) -> Expression:
    known = {*trace.values, *trace.locals, *trace.gradients}
    formula = parse_expression(text, known)
    assert set(names(formula)) <= known
    return formula


def sent_back(expression: Expression, by: str, upstream: Array, trace: Trace) -> Array:
    """TensorFlow's vector-Jacobian product of an assignment, by one name."""
    tf = tensorflow()
    tensors = {name: tf.constant(value) for name, value in trace.values.items()}
    with tf.GradientTape() as tape:
        tape.watch(tensors[by])
        value = tf.identity(evaluate(expression, tensors, tf, "float64"))
    given = tf.constant(np.broadcast_to(upstream, value.shape))
    zero = tf.UnconnectedGradients.ZERO
    found = tape.gradient(value, tensors[by], given, unconnected_gradients=zero)
    return np.asarray(found)


def upstream_of(text: str, lesson: Lesson, trace: Trace) -> tuple[str, Array]:
    """The assignment that an upstream gradient is of, and the gradient."""
    name = read(text, trace)
    assert isinstance(name, Name)
    if name.id == lesson.loss:
        return lesson.loss, np.ones(lesson.shapes[lesson.loss])
    return name.id.removeprefix(f"d{lesson.loss}_d"), trace.gradients[name.id]


def worked_out(line: str, lesson: Lesson, trace: Trace) -> tuple[str, Array]:
    """What a chain rule comes to as it is printed, and the name of the gradient."""
    if found := OPERATION.fullmatch(line):
        gradient = read(found["gradient"], trace)
        assert isinstance(gradient, Name)
        (assignment,) = parse_program(found["line"]).assignments
        target, upstream = upstream_of(found["upstream"], lesson, trace)
        assert target == assignment.target
        by = gradient.id.removeprefix(f"d{lesson.loss}_d")
        return gradient.id, sent_back(assignment.expression, by, upstream, trace)
    left, _, right = line.partition(" = ")
    gradient = read(left, trace)
    assert isinstance(gradient, Name)
    total = np.zeros(trace.gradients[gradient.id].shape)
    for term in right.split(" + "):
        if path := PATH.fullmatch(term):
            target, upstream = upstream_of(path["upstream"], lesson, trace)
            expression = lesson.program.by_target[target].expression
            part = sent_back(expression, path["by"], upstream, trace)
        else:
            part = evaluate_expression(read(term, trace), trace)
        assert part.shape == total.shape
        total = total + part
    return gradient.id, total


def require_true(lesson: Lesson) -> int:
    """Every printed chain rule of a lesson, and every local derivative; counts the lines."""
    trace = run(lesson, dtype="float64")
    printed = 0
    for step in steps(lesson):
        for style in STYLES:
            line = chain_rule(lesson, step, style)
            assert formula(lesson, step, style) == (line or bare(lesson, step, style))
            if not line:
                continue
            name, value = worked_out(line, lesson, trace)
            assert name == step.id
            truth = trace.gradients[step.id]
            scale = max(np.abs(truth).max(initial=0.0), np.abs(value).max(initial=0.0), 1e-9)
            assert np.abs(value - truth).max(initial=0.0) <= 1e-9 * scale, line
            printed += 1
        if step.kind == "backward":
            shown = {name for name in relevant(lesson, step) if name in trace.locals}
            assert shown <= factors(lesson)
    return printed


@pytest.mark.parametrize("name", available())
def test_every_chain_rule_of_a_lesson_is_true(name: str) -> None:
    lesson = load(name)
    assert require_true(lesson)
    assert require_true(replace(lesson, local="tape"))


@settings(max_examples=some(300), suppress_health_check=[HealthCheck.too_slow])
@given(programs())
def test_every_chain_rule_of_a_program_is_true(drawn: Drawn) -> None:
    try:
        require_true(lesson_of(drawn))
    except EngineError:  # beyond the largest float
        assume(False)


@settings(max_examples=some(15))
@given(networks())
def test_every_chain_rule_of_a_network_is_true(lesson: Lesson) -> None:
    assert require_true(lesson)


@pytest.mark.parametrize("name", available())
def test_a_local_derivative_times_the_upstream_gradient_is_what_goes_back(name: str) -> None:
    lesson = load(name)
    trace = run(lesson, dtype="float64")
    for step in steps(lesson):
        if step.kind == "local" and lesson.local is None:
            upstream = trace.gradients[f"d{lesson.loss}_d{step.target}"]
            line = lesson.program.by_target[step.target].expression
            back = sent_back(line, step.by or "", upstream, trace)
            np.testing.assert_allclose(upstream * trace.locals[step.id], back, rtol=1e-12)


def test_the_test_can_fail() -> None:
    """A sum over the outputs is told from a factor."""
    lesson = load("two-hidden-layers")
    trace = run(lesson, dtype="float64")
    name, value = worked_out("∂Loss/∂a1 = ∂Loss/∂Z2 * ∂Z2/∂a1", lesson, trace)
    assert not np.allclose(value, trace.gradients[name])


@pytest.mark.parametrize(
    ("step", "typed", "said"),
    [
        ("dLoss_dW2", "dLoss_dZ2 * dZ2_dW2", "tape.gradient(Z2, W2) is a sum over the outputs"),
        (
            "dLoss_dW2",
            "tape.gradient(Z2, W2) * dLoss_dZ2",
            "In general: dLoss_dW2 = a1.T @ dLoss_dZ2",
        ),
        ("dLoss_db2", "dLoss_dZ2 * dZ2_db2", "shape"),
    ],
)
def test_a_sum_that_serves_as_a_factor_for_one_row_gets_a_word(
    step: str, typed: str, said: str
) -> None:
    lesson = load("two-hidden-layers")
    judged = OnTape(lesson, steps(lesson)[places(lesson)[step]], "ascii", Facts(lesson)).judge(
        typed
    )
    assert judged.verdict == "right"
    assert said in str(judged.message)


def test_a_factor_needs_no_word() -> None:
    lesson = load("two-hidden-layers")
    step = steps(lesson)[places(lesson)["dLoss_dZ2"]]
    judged = OnTape(lesson, step, "ascii", Facts(lesson)).judge("tape.gradient(a2, Z2) * dLoss_da2")
    assert (judged.verdict, judged.message) == ("right", None)
