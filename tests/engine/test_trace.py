"""A trace against the same network by hand, against published numbers, and at other values."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from bptutor.engine.trace import EngineError, evaluate_expression, run
from bptutor.engine.variations import variations
from bptutor.language.errors import ShapeError
from bptutor.language.parse import parse_expression
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.lesson.steps import steps
from tests.engine import by_hand
from tests.engine.by_hand import PROGRAMS, Array
from tests.engine.networks import leaves_of, lesson_from

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


COURSE = json.loads((Path(__file__).parents[1] / "data" / "course_values.json").read_text())


def test_every_value_is_that_of_the_course_to_the_last_float32_bit(course: Lesson) -> None:
    trace = run(course)
    for step, published in COURSE.items():
        value = trace.known(step)
        assert value.dtype == np.float32
        assert value.tobytes() == np.asarray(published, np.float32).tobytes(), step


def test_the_update_makes_the_loss_smaller(course: Lesson) -> None:
    trace = run(course)
    assert run(course, trace.leaves).loss < trace.loss == np.float32(COURSE["Loss"])


def turned(lesson: Lesson, text: str) -> Array:
    """Which elements of a formula have had both signs, the lesson's own values among them."""
    expression = parse_expression(text)
    sets = (run(lesson, dtype="float64"), *variations(lesson))
    values = np.array([evaluate_expression(expression, each) for each in sets])
    return np.asarray((values > 0).any(axis=0) & (values < 0).any(axis=0))


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_gradient_is_alive_somewhere(name: str, lesson_of: LessonOf) -> None:
    sets = variations(lesson_of(name))
    for step in sets[0].gradients:
        assert any(each.gradients[step].any() for each in sets)


def test_the_same_lesson_has_the_same_variations_and_another_has_others(course: Lesson) -> None:
    text = course.path.read_text(encoding="utf-8")
    first, other = variations(course), variations(lesson_from(text + "\n"))
    variations.cache_clear()
    again = variations(lesson_from(text))
    for name in course.program.leaves:
        for one, same in zip(first, again, strict=True):
            assert one.values[name].tobytes() == same.values[name].tobytes()
        assert first[0].values[name].tobytes() != other[0].values[name].tobytes()


@pytest.mark.parametrize(
    ("lesson", "formulas"),
    [
        ("sigmoid-neuron", ["a - y", "dL_da", "dL_dz", "z", "x0", "x1", "w0", "w1", "y"]),
        ("sigmoid-network", ["Y - T", "dL_dY", "dL_dZ2", "dL_da1", "X", "W1", "W2", "T"]),
        ("two-hidden-layers", ["Y_pred - Y_true", "X", "W1", "b1", "W2", "b2", "W3", "Z1", "Z2"]),
        ("vanishing", ["h4 - y", "dL_dh4", "dL_dh3", "dL_dh2", "dL_dh1"]),
        ("tanh-neuron", ["a - y", "x1", "x2", "w1", "w2", "z", "a"]),  # x2 is 0 in the lesson
        ("dead-relu", ["Y - T", "T", "Z", "b1"]),
        ("weight-decay", ["z - y", "c", "X", "W"]),
        ("softmax", ["P - T"]),
        ("binary-cross-entropy", ["p - t"]),
    ],
)
def test_what_is_read_and_computed_has_both_signs(lesson: str, formulas: list[str]) -> None:
    for formula in formulas:
        both = turned(load(lesson), formula)
        assert both.all() if "-" in formula else both.mean() >= 0.75, formula


@pytest.mark.parametrize("lesson", ["two-hidden-layers", "dead-relu", "dense-layer"])
def test_each_gradient_is_both_passed_and_stopped(lesson: str) -> None:
    for line in load(lesson).program.assignments:
        if "maximum" in repr(line.expression) or "relu" in repr(line.expression):
            assert turned(load(lesson), line.inputs[0]).all()


def test_class_numbers_stay_class_numbers(lesson_of: LessonOf) -> None:
    sets = [each.values["labels"] for each in variations(lesson_of("softmax_cross_entropy"))]
    assert set(np.concatenate(sets)) == {0, 1, 2}


def test_labels_of_a_cross_entropy_stay_0_and_1_and_turn(lesson_of: LessonOf) -> None:
    lesson = lesson_of("logistic_regression")
    sets = [each.values["y"] for each in variations(lesson)]
    assert set(np.concatenate(sets).ravel()) == {0, 1}
    assert all((each != lesson.values["y"]).any() for each in sets)


@pytest.mark.parametrize("label", ["1.0", "0.0", "[1, 1, 1]", "-1.0", "[1, -1, 1]"])
def test_a_label_becomes_the_other_one_at_times(label: str, write_lesson: WriteLesson) -> None:
    lesson = write_lesson(
        'loss = "L"\nparameters = ["w"]\nprogram = """\nL = mean(softplus(-y * w))\n"""\n'
        f"[values]\nw = 0.5\ny = {label}"
    )
    own = np.asarray(lesson.values["y"])
    kinds = {-1.0, 1.0} if own.min() < 0 else {0.0, 1.0}
    sets = np.array([each.values["y"] for each in variations(lesson)])
    assert set(sets.ravel()) <= kinds
    assert (sets != own).any(axis=0).all()


def test_distributions_of_a_cross_entropy_stay_distributions(lesson_of: LessonOf) -> None:
    lesson = lesson_of("soft_targets")
    for each in variations(lesson):
        rows = each.values["P_true"]
        assert (rows >= 0).all()
        np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=1e-12)
        assert sorted(rows[1]) == [0, 0, 1]
        assert (rows[0] != leaves_of(lesson)["P_true"][0]).all()


def test_classes_down_a_column_stay_distributions(write_lesson: WriteLesson) -> None:
    lesson = write_lesson(
        'loss = "L"\nparameters = ["Z"]\nprogram = """\nL = -sum(T * log_softmax(Z, axis=0))\n"""\n'
        "[values]\nT = [[0, 1, 0], [1, 0, 1]]\nZ = [[0.3, 0.2, 0.1], [0.5, -0.4, 0.9]]"
    )
    for each in variations(lesson):
        assert (each.values["T"].sum(axis=0) == 1).all()
        assert set(each.values["T"].ravel()) == {0, 1}


def test_a_soft_label_stays_between_0_and_1_under_a_logarithm_alone(
    write_lesson: WriteLesson,
) -> None:
    def with_loss(loss: str) -> Lesson:
        return write_lesson(
            f'loss = "L"\nparameters = ["w"]\nprogram = """\np = sigmoid(w)\nL = {loss}\n"""\n'
            "[values]\nw = [0.5, -0.2]\nt = [0.3, 0.9]"
        )

    entropy = with_loss("-sum(t * log(p) + (1 - t) * log(1 - p))")
    for each in variations(entropy):
        assert ((each.values["t"] > 0) & (each.values["t"] < 1)).all()
    squared = with_loss("sum((p - t) ** 2)")
    labels = np.array([each.values["t"] for each in variations(squared)])
    assert ((labels < 0) | (labels > 1)).any(axis=0).all()
    assert turned(squared, "p - t").all()


def test_data_turns_where_the_program_lets_it(write_lesson: WriteLesson) -> None:
    lesson = write_lesson(
        'loss = "L"\nparameters = ["w"]\n'
        'program = """\nL = sum(w * (up * down + pixels + share + sqrt(kept) + mixed))\n"""\n'
        "[values]\nw = 0.5\nup = [3.0, 40.0]\ndown = [-0.2, -5.0]\npixels = [0.0, 7.5]\n"
        "share = [0.02, 0.99]\nkept = [0.3, 2.0]\nmixed = [-1.0, 3.0]"
    )
    for name in ("up", "down", "pixels", "share", "mixed", "w"):
        assert turned(lesson, name).all(), name
    for each in variations(lesson):
        assert (each.values["kept"] > 0).all()
        assert (each.values["kept"] != leaves_of(lesson)["kept"]).all()


def test_of_one_leaf_some_elements_turn_and_others_may_not(write_lesson: WriteLesson) -> None:
    lesson = write_lesson(
        'loss = "L"\nparameters = ["x"]\n'
        'program = """\nL = sum(log(x[..., :2])) + sum(x[..., -2:] ** 3)\n"""\n'
        "[values]\nx = [[0.4, 3.0, 0.6, -2.0]]"
    )
    assert turned(lesson, "x").tolist() == [[False, False, True, True]]


def test_zeros_among_the_parameters_move(lesson_of: LessonOf) -> None:
    for each in variations(lesson_of("softmax_cross_entropy")):
        assert each.values["b"].all()


def test_a_single_unit_is_tried_on_and_off(write_lesson: WriteLesson) -> None:
    lesson = write_lesson(
        'loss = "L"\nparameters = ["w"]\nwatch = ["x"]\n'
        'program = """\nz = x * w\na = relu(z)\nL = (a - 3) ** 2\n"""\n[values]\nx = 2.0\nw = 0.7'
    )
    own, others = run(lesson, dtype="float64"), variations(lesson)
    assert own.values["z"] > 0
    assert {bool(other.values["z"] > 0) for other in others} == {True, False}
    unmasked = parse_expression("dL_da")
    fits = [
        np.allclose(evaluate_expression(unmasked, each), each.gradients["dL_dz"])
        for each in (own, *others)
    ]
    assert fits[0]
    assert not all(fits)


@pytest.mark.parametrize(
    "program",
    [
        "L = log(w) * sqrt(v - 1) + sqrt(2 - v)",  # both must stay near where they are
        "L = sqrt(1 - sum(u ** 2))",
        "L = exp(exp(exp(w * 1.9)))",
        "L = log(k)",
    ],
)
def test_values_that_may_hardly_move_are_moved_a_little(
    program: str, write_lesson: WriteLesson
) -> None:
    leaves = {"w": "0.7", "v": "1.5", "u": "[0.5, -0.8]", "k": "1.0"}
    used = [name for name in leaves if name in program.replace("log", "").replace("sqrt", "")]
    lesson = write_lesson(
        f'loss = "L"\nparameters = {used}\nprogram = """\n{program}\n"""\n[values]\n'
        + "\n".join(f"{name} = {leaves[name]}" for name in used)
    )
    assert variations(lesson)
    for varied in variations(lesson):
        for name in used:
            assert (varied.values[name] != leaves_of(lesson)[name]).all()


def test_a_lesson_that_does_not_run_has_no_variations(write_lesson: WriteLesson) -> None:
    lesson = write_lesson(
        'loss = "L"\nparameters = ["w"]\nprogram = """\nL = log(w)\n"""\n[values]\nw = -1.0'
    )
    with pytest.raises(EngineError):
        variations(lesson)
