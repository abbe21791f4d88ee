"""The other values at which a product is tried: sensible, finite, and telling."""

from collections.abc import Callable

import numpy as np
import pytest

from bptutor.engine.trace import EngineError, Leaves, evaluate_expression, run
from bptutor.engine.variations import traces, variations
from bptutor.language.parse import parse_expression
from bptutor.lesson.lesson import Lesson
from tests.engine.by_hand import PROGRAMS
from tests.engine.networks import leaves_of, lesson_from

LessonOf = Callable[[str], Lesson]
WriteLesson = Callable[[str], Lesson]


def distance(lesson: Lesson, leaves: Leaves) -> float:
    own = leaves_of(lesson)
    return sum(float(np.abs(leaves[name] - own[name]).sum()) for name in lesson.parameters)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_gradient_is_alive_somewhere(name: str, lesson_of: LessonOf) -> None:
    for leaves in variations(lesson_of(name)):
        trace = run(lesson_of(name), leaves, "float64")
        assert all(gradient.any() for gradient in trace.gradients.values())


def test_the_same_lesson_has_the_same_variations_and_another_has_others(course: Lesson) -> None:
    text = course.path.read_text(encoding="utf-8")
    first, again = variations(course), variations(lesson_from(text))
    other = variations(lesson_from(text + "\n"))
    for name in course.program.leaves:
        assert first[0][name].tobytes() == again[0][name].tobytes()
        assert first[1][name].tobytes() == again[1][name].tobytes()
        assert first[0][name].tobytes() != other[0][name].tobytes()


def test_the_second_set_is_further_away(course: Lesson, lesson_of: LessonOf) -> None:
    for lesson in (course, lesson_of("attention"), lesson_of("recurrent")):
        near, far = variations(lesson)
        assert distance(lesson, near) < distance(lesson, far)


def test_class_numbers_stay_class_numbers(lesson_of: LessonOf) -> None:
    lesson = lesson_of("softmax_cross_entropy")
    for leaves in variations(lesson):
        assert sorted(leaves["labels"]) == [0, 1, 1, 2]


def test_labels_of_0_and_1_stay_so(lesson_of: LessonOf) -> None:
    for leaves in variations(lesson_of("logistic_regression")):
        assert sorted(leaves["y"].ravel()) == [0, 1, 1]


@pytest.mark.parametrize("label", ["1.0", "0.0", "[1, 1, 1]", "-1.0", "[1, -1, 1]"])
def test_a_label_becomes_the_other_one_at_times(label: str, write_lesson: WriteLesson) -> None:
    lesson = write_lesson(
        'loss = "L"\nparameters = ["w"]\nprogram = """\nL = mean(softplus(-y * w))\n"""\n'
        f"[values]\nw = 0.5\ny = {label}"
    )
    own = np.asarray(lesson.values["y"])
    kinds = {-1.0, 1.0} if own.min() < 0 else {0.0, 1.0}
    for leaves in variations(lesson):
        assert set(leaves["y"].ravel()) <= kinds
    if np.unique(own).size == 1:
        assert all((leaves["y"] != own).any() for leaves in variations(lesson))


def test_distributions_stay_distributions(lesson_of: LessonOf) -> None:
    lesson = lesson_of("soft_targets")
    for leaves in variations(lesson):
        rows = leaves["P_true"]
        assert (rows >= 0).all()
        np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=1e-12)
        assert sorted(rows[1]) == [0, 0, 1]
        assert (rows[0] != leaves_of(lesson)["P_true"][0]).all()


def test_classes_down_a_column_stay_distributions(write_lesson: WriteLesson) -> None:
    lesson = write_lesson(
        'loss = "L"\nparameters = ["Z"]\nprogram = """\nL = -sum(T * log_softmax(Z, axis=0))\n"""\n'
        "[values]\nT = [[0, 1, 0], [1, 0, 1]]\nZ = [[0.3, 0.2, 0.1], [0.5, -0.4, 0.9]]"
    )
    for leaves in variations(lesson):
        assert (leaves["T"].sum(axis=0) == 1).all()
        assert set(leaves["T"].ravel()) == {0, 1}


def test_data_keeps_its_sign_and_stays_between_0_and_1(write_lesson: WriteLesson) -> None:
    lesson = write_lesson(
        'loss = "L"\nparameters = ["w"]\n'
        'program = """\nL = sum(w * (up * down + pixels + share + mixed))\n"""\n'
        "[values]\nw = 0.5\nup = [3.0, 40.0]\ndown = [-0.2, -5.0]\npixels = [0.0, 7.5]\n"
        "share = [0.02, 0.99]\nmixed = [-1.0, 3.0]"
    )
    for leaves in variations(lesson):
        assert (leaves["up"] > 0).all()
        assert (leaves["down"] < 0).all()
        assert (leaves["pixels"] >= 0).all()
        assert ((leaves["share"] > 0) & (leaves["share"] < 1)).all()
        for name in ("up", "down", "pixels", "share", "mixed"):
            assert (leaves[name] != leaves_of(lesson)[name]).all()


def test_zeros_among_the_parameters_move(lesson_of: LessonOf) -> None:
    for leaves in variations(lesson_of("softmax_cross_entropy")):
        assert leaves["b"].all()


def test_a_single_unit_is_tried_on_and_off(write_lesson: WriteLesson) -> None:
    lesson = write_lesson(
        'loss = "L"\nparameters = ["w"]\nwatch = ["x"]\n'
        'program = """\nz = x * w\na = relu(z)\nL = (a - 3) ** 2\n"""\n[values]\nx = 2.0\nw = 0.7'
    )
    own, *others = traces(lesson)
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
    for varied in variations(lesson):
        run(lesson, varied, "float64")
        for name in used:
            assert (varied[name] != leaves_of(lesson)[name]).all()


def test_a_lesson_that_does_not_run_has_no_variations(write_lesson: WriteLesson) -> None:
    lesson = write_lesson(
        'loss = "L"\nparameters = ["w"]\nprogram = """\nL = log(w)\n"""\n[values]\nw = -1.0'
    )
    with pytest.raises(EngineError):
        variations(lesson)
