"""The other values at which a formula is tried: sensible, finite, and telling."""

from collections.abc import Callable

import numpy as np
import pytest

from bptutor.engine.trace import Array, EngineError, evaluate_expression, run
from bptutor.engine.variations import variations
from bptutor.language.parse import parse_expression
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from tests.engine.by_hand import PROGRAMS
from tests.engine.networks import leaves_of, lesson_from

LessonOf = Callable[[str], Lesson]
WriteLesson = Callable[[str], Lesson]


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
