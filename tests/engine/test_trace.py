"""A trace against the same network written in TensorFlow by hand, and against published numbers."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from bptutor.engine.trace import EngineError, evaluate_expression, run
from bptutor.language.errors import ShapeError
from bptutor.language.parse import parse_expression
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import steps
from tests.engine import by_hand
from tests.engine.by_hand import PROGRAMS, Array

LessonOf = Callable[[str], Lesson]
WriteLesson = Callable[[str], Lesson]


def assert_same(found: Mapping[str, Array], wanted: Mapping[str, Array], dtype: str) -> None:
    assert set(found) == set(wanted)
    close = {"float32": 2e-6, "float64": 1e-13}[dtype]
    for name, value in wanted.items():
        assert found[name].shape == value.shape, name
        assert found[name].dtype == dtype, name
        np.testing.assert_allclose(found[name], value, rtol=close, atol=close, err_msg=name)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_network_comes_out_as_by_hand(name: str, lesson_of: LessonOf) -> None:
    lesson, program = lesson_of(name), PROGRAMS[name]
    wanted = by_hand.run(program, lesson.values)
    trace = run(lesson)
    assert trace.dtype == program.dtype
    assert_same(trace.values, wanted.values, program.dtype)
    assert_same(trace.locals, wanted.locals, program.dtype)
    assert_same(trace.gradients, wanted.gradients, program.dtype)
    assert_same(trace.updated, wanted.updated, program.dtype)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_second_iteration_starts_from_the_updated_parameters(
    name: str, lesson_of: LessonOf
) -> None:
    lesson, program = lesson_of(name), PROGRAMS[name]
    first = by_hand.run(program, lesson.values)
    second = by_hand.run(program, {**lesson.values, **first.updated})
    trace = run(lesson, run(lesson).leaves)
    assert_same(trace.values, second.values, program.dtype)
    assert_same(trace.gradients, second.gradients, program.dtype)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_step_is_known_by_its_id_as_array_and_as_tensor(
    name: str, lesson_of: LessonOf
) -> None:
    lesson = lesson_of(name)
    trace = run(lesson)
    for step in steps(lesson):
        assert trace.known(step.id).shape == step.shape
        tensor = trace.tensor(step.id)
        assert tensor is not None
        assert (tensor.numpy() == trace.known(step.id)).all()


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_zero_has_no_sign(name: str, lesson_of: LessonOf) -> None:
    trace = run(lesson_of(name))
    for found in (trace.values, trace.locals, trace.gradients, trace.updated):
        for value in found.values():
            assert not np.signbit(value[value == 0]).any()


def test_the_published_neuron(lesson_of: LessonOf) -> None:
    trace = run(lesson_of("tanh_neuron"))
    assert trace.loss == pytest.approx(0.7071067811865476)
    published = {"n": 0.5, "x1": -1.5, "w1": 1.0, "x2": 0.5, "w2": 0.0, "b": 0.5}
    for name, gradient in published.items():
        assert trace.gradients[f"do_d{name}"] == pytest.approx(gradient)


def test_the_published_two_layer_network(lesson_of: LessonOf) -> None:
    trace = run(lesson_of("two_layer_sigmoid"))
    assert trace.loss == pytest.approx(0.298371109, abs=1e-9)
    W, V = trace.updated["W"], trace.updated["V"]
    assert V.T.ravel() == pytest.approx([0.35891648, 0.408666186, 0.51130127, 0.561370121])
    assert W.T.ravel() == pytest.approx([0.149780716, 0.19956143, 0.24975114, 0.29950229])


def test_a_unit_that_is_off_for_the_whole_batch_learns_nothing(lesson_of: LessonOf) -> None:
    lesson = lesson_of("batch_dead_unit")
    trace = run(lesson)
    assert (trace.values["Z"][:, 1] < 0).all()
    assert not trace.gradients["dloss_dW"][:, 1].any()
    assert not trace.gradients["dloss_dV"][1].any()
    before = np.asarray(lesson.values["W"], "float32")
    assert (trace.updated["W"][:, 1] == before[:, 1]).all()
    assert (trace.updated["W"][:, 0] != before[:, 0]).any()


def test_a_slope_is_by_one_line_alone_whatever_else_leads_there(write_lesson: WriteLesson) -> None:
    lesson = write_lesson(
        'loss = "L"\nwatch = ["x"]\nprogram = """\na = x ** 2\nh = a + 3 * x\nL = h * 1\n"""\n'
        "[values]\nx = 5.0"
    )
    trace = run(lesson)
    assert trace.locals["dh_dx"] == 3.0
    assert trace.gradients["dL_dx"] == 13.0


def test_another_name_for_the_same_value_has_a_gradient_of_its_own(
    write_lesson: WriteLesson,
) -> None:
    lesson = write_lesson(
        'loss = "L"\nwatch = ["x"]\nprogram = """\nh = x\nL = h * x\n"""\n[values]\nx = 5.0'
    )
    trace = run(lesson)
    assert trace.locals["dh_dx"] == 1.0
    assert trace.gradients["dL_dh"] == 5.0
    assert trace.gradients["dL_dx"] == 10.0


def test_leaves_and_dtype_can_be_others(course: Lesson) -> None:
    W1 = np.asarray(course.values["W1"]) * 2
    trace = run(course, {"W1": W1}, "float64")
    X, b1 = np.asarray(course.values["X"]), np.asarray(course.values["b1"])
    assert trace.values["Z1"].dtype == np.float64
    np.testing.assert_allclose(trace.values["Z1"], X @ W1 + b1, rtol=1e-15)
    assert trace.updated["W1"].dtype == np.float64


def test_an_expression_is_worked_out_over_everything_that_is_known(course: Lesson) -> None:
    trace = run(course, dtype="float64")
    product = parse_expression("a2.T @ dLoss_dY_pred")
    np.testing.assert_allclose(
        evaluate_expression(product, trace), trace.gradients["dLoss_dW3"], rtol=1e-14
    )
    change = parse_expression("W3 - lr * dLoss_dW3 - W3_new")
    assert not evaluate_expression(change, trace).any()


@pytest.mark.parametrize("text", ["a2 @ dLoss_dY_pred", "nobody * 2", "Q_new", "X_new"])
def test_an_expression_that_cannot_be_worked_out_is_said_to_be_one(
    text: str, course: Lesson
) -> None:
    with pytest.raises(ShapeError):
        evaluate_expression(parse_expression(text), run(course))


def test_a_quantity_that_there_is_not(course: Lesson) -> None:
    trace = run(course)
    assert trace.tensor("dL_dnothing") is None
    with pytest.raises(KeyError):
        trace.known("dL_dnothing")


@pytest.mark.parametrize(
    ("program", "where"),
    [
        ("z = log(x - 2)\nL = z * 2", ("NaN", " z ", "line 1")),
        ("z = x / (x - 1)\nL = exp(z)", ("infinity", " z ", "line 1")),
        ("z = x * 1000\nL = exp(z)", ("infinity", " L ", "line 2")),
        ("z = x - 1\nL = sqrt(z)", ("infinity", "dL_dz")),
    ],
)
def test_where_the_numbers_leave_the_finite_is_said(
    program: str, where: tuple[str, ...], write_lesson: WriteLesson
) -> None:
    lesson = write_lesson(
        f'loss = "L"\nwatch = ["x"]\nprogram = """\n{program}\n"""\n[values]\nx = 1.0'
    )
    with pytest.raises(EngineError) as caught:
        run(lesson)
    for part in where:
        assert part in str(caught.value)


def test_an_update_that_leaves_the_finite_is_named(write_lesson: WriteLesson) -> None:
    lesson = write_lesson(
        'loss = "L"\nparameters = ["w"]\nlearning_rate = 1e300\nprogram = """\nL = w ** 3\n"""\n'
        "[values]\nw = 1e6"
    )
    trace = run(lesson)
    with pytest.raises(EngineError, match="w_new"):
        _ = trace.updated
