"""The part in symbols: slopes and products as formulas, their order, and no number anywhere."""

import itertools
import random
import re
from dataclasses import replace
from functools import partial

import msgspec
import pytest

from bptutor.course.iterations import again, train
from bptutor.course.parts import gradients_of, steps_of
from bptutor.language.differentiate import gradient_name
from bptutor.language.render import write
from bptutor.language.tree import names
from bptutor.lesson.find import available
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.service.present import Viewer
from bptutor.text import UserError
from tests.course.conftest import begin_part, verdict

begin = partial(begin_part, part="derive")


def on_tape(name: str) -> Lesson:
    """A lesson that asks for every step and every local derivative."""
    return replace(load(name), local="tape", ask=(), skip=())


@pytest.mark.parametrize("name", available())
def test_every_lesson_can_be_derived_as_the_tutor_would_write_it(name: str) -> None:
    session = begin(on_tape(name))
    while not session.at_end:
        asked, written = session.exercise, session.exercise.written()
        truth = asked.truth()
        cells = None if truth is None else [repr(float(x)) for x in truth.reshape(-1)]
        session.check(None if written is None else str(written), cells)
        assert session.stage(session.index) == "solved", (session.step.id, session.said.message)
        assert asked.hints(asked.rungs, session.cells(session.step))
        session.go("next")


def test_no_number_of_the_lesson_is_shown(course: Lesson) -> None:
    session = begin(course)
    viewer = Viewer("en", "ascii")
    session.hint()
    session.hint()
    while not session.at_end and session.step.kind in ("local", "backward"):
        session.show()
        view = viewer.step(session)
        assert view.result
        assert not view.result.value.values
        assert all(not known.matrix.values for known in view.knowns)
        assert all(not line.value or not line.value.values for line in view.tape)
        assert viewer.explained(session).story == []
        sent = str(msgspec.to_builtins(view))
        for number in ("1.4", "0.44", "1.36", "0.136", "0.001296", "0.072", "0.03168"):
            assert not re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", sent), view.step
        session.go("next")


@pytest.mark.parametrize(
    ("lesson", "step", "text"),
    [
        ("two-hidden-layers", "dZ1_dW1", "X.T @ dLoss_dZ1"),
        ("two-hidden-layers", "dZ1_db1", "1"),
        ("two-hidden-layers", "dZ1_dX", "∂Loss/∂Z1 @ W1ᵀ"),
        ("two-hidden-layers", "da1_dZ1", "dLoss_da1 * 1[Z1 ≥ 0]"),
        ("two-hidden-layers", "da1_dZ1", "Z1 >= 0"),
        ("two-hidden-layers", "dLoss_dZ2", "dLoss_da2 * da2_dZ2"),
        ("two-hidden-layers", "dLoss_dW3", "∂Loss/∂Y_pred * dY_pred_dW3"),
        ("sigmoid-neuron", "da_dz", "a * (1 - a)"),
        ("sigmoid-neuron", "da_dz", "sigmoid(z) * (1 - sigmoid(z))"),
        ("softmax", "dL_dZ", "P - T"),
    ],
)
def test_what_is_identically_equal_is_right(lesson: str, step: str, text: str) -> None:
    found, said = verdict(begin(load(lesson), step), text)
    assert found == "right", said


@pytest.mark.parametrize(
    ("lesson", "step", "text", "said"),
    [
        ("two-hidden-layers", "dZ1_dW1", "X.T", "left. The rule: dLoss_dW1 = X.T @ dLoss_dZ1."),
        ("two-hidden-layers", "dZ1_dX", "W1.T", "right. The rule: dLoss_dX = dLoss_dZ1 @ W1.T."),
        ("two-hidden-layers", "da1_dZ1", "Z1 >= 0", "rule: dLoss_dZ1 = dLoss_da1 * (Z1 >= 0)."),
        ("batch", "dZ_dW", "X.T", "left. The rule: dL_dW = X.T @ dL_dZ."),
        ("batch", "dZ_db", "1", "rule: dL_db = sum(dL_dZ, axis=0)."),
        ("weight-decay", "dR_dW", "2 * c * W", "rule: (dL_dR -> W) = 2 * dL_dR * c * W."),
        ("batch-normalisation", "dm_dx", "1 / 4", "(dL_dm -> x) = dL_dm * ones_like(x) / 4."),
        ("softmax", "dP_dZ", "P * (dL_dP - sum(P * dL_dP))", "dL_dZ = P * (dL_dP - sum("),
    ],
)
def test_a_factor_alone_is_right_and_its_side_is_told(
    lesson: str, step: str, text: str, said: str
) -> None:
    found, told = verdict(begin(on_tape(lesson), step), text)
    assert (found, said in told) == ("right", True), told


@pytest.mark.parametrize(
    ("lesson", "step", "text", "said"),
    [
        ("two-hidden-layers", "dZ1_dW1", "X", "transpose"),
        ("two-hidden-layers", "dZ1_dW1", "dLoss_dZ1 @ X", "Exchange the two factors"),
        ("two-hidden-layers", "dZ1_dX", "W1", "transpose"),
        ("two-hidden-layers", "dZ1_dX", "sum(W1, axis=1)", "tape.gradient(Z1, X) returns"),
        ("batch", "dZ_db", "3", "tape.gradient(Z, b) returns"),
        ("batch", "dZ_db", "dL_dZ", ""),
        ("softmax", "dP_dZ", "0", "tape.gradient(P, Z) returns"),
        ("softmax", "dP_dZ", "P * (1 - P)", "not what P passes back"),
    ],
)
def test_a_sum_over_the_outputs_is_no_factor(lesson: str, step: str, text: str, said: str) -> None:
    found, told = verdict(begin(on_tape(lesson), step), text)
    assert (found, said in told) == ("wrong", True), told


@pytest.mark.parametrize("name", available())
def test_no_sum_over_the_outputs_is_printed_as_a_derivative(name: str) -> None:
    """Whatever the tape alone adds up, the symbols do not: no `ones_like` of a target."""
    session = begin(on_tape(name))
    for step in session.steps:
        if step.kind == "local":
            assert not re.search(rf"ones_like\({step.target}\)", write(step.product, "ascii"))


@pytest.mark.parametrize(
    ("lesson", "step", "text", "word"),
    [
        ("two-hidden-layers", "da1_dZ1", "a1 >= 0", ""),
        ("two-hidden-layers", "da1_dZ1", "1", ""),
        ("two-hidden-layers", "dZ1_dW1", "W1", ""),
        ("two-hidden-layers", "dLoss_dY_pred", "Y_pred - Y_true", "2"),
        ("two-hidden-layers", "dLoss_da2", "dLoss_dY_pred @ W3", "does not fit"),
        ("two-hidden-layers", "dLoss_dZ2", "dLoss_dW2", "is not known yet: step"),
        ("two-hidden-layers", "dLoss_dW3", "dLoss_dW3", "what the question asks for"),
        ("batch", "dL_db", "dL_dZ", "shape"),
    ],
)
def test_what_is_not_is_wrong_with_a_word(lesson: str, step: str, text: str, word: str) -> None:
    found, said = verdict(begin(load(lesson), step), text)
    assert found == "wrong"
    assert word in said


def test_updated_weights_are_no_part_of_it(course: Lesson) -> None:
    found, said = verdict(begin(course, "dLoss_da2"), "dLoss_dY_pred @ W3_new.T")
    assert found == "unreadable"
    assert "W3_new" in said


# ── the order ─────────────────────────────────────────────────────────────────────────────────


def is_order(lesson: Lesson, order: list[str]) -> bool:
    """By the program alone: a gradient needs those of all that reads the name on its way."""
    reaching = {lesson.loss, *lesson.program.ancestors(lesson.loss)}
    found = gradients_of(lesson)
    return all(
        reader.target == lesson.loss or order.index(reader.target) < place
        for place, name in enumerate(order)
        for reader in lesson.program.consumers[name]
        if reader.target in reaching and gradient_name(lesson.loss, name) in names_of(lesson)
    ) and len(order) == len(found)


def names_of(lesson: Lesson) -> set[str]:
    return {step.id for step in gradients_of(lesson).values()}


@pytest.mark.parametrize("name", ["one-neuron", "batch", "circuit", "weight-decay"])
def test_of_all_orders_exactly_those_that_the_program_allows_are_right(name: str) -> None:
    lesson = load(name)
    session = begin(lesson, "order")
    exercise, right = session.exercise, 0
    for order in itertools.permutations(gradients_of(lesson)):
        judged = exercise.judge(" ".join(order))
        assert (judged.verdict == "right") == is_order(lesson, list(order)), order
        right += judged.verdict == "right"
    assert right > 1 or name == "one-neuron"


@pytest.mark.parametrize("name", ["two-hidden-layers", "rnn", "residual", "attention"])
def test_orders_drawn_by_chance(name: str) -> None:
    lesson = load(name)
    exercise = begin(lesson, "order").exercise
    found = gradients_of(lesson)
    ids = {step.id: by for by, step in found.items()}
    draw = random.Random(name)
    for _ in range(60):
        order: list[str] = []
        while len(order) < len(found):
            ready = [
                by
                for by, step in found.items()
                if by not in order and all(ids[n] in order for n in names(step.product) if n in ids)
            ]
            order.append(draw.choice(ready))
        assert exercise.judge(", ".join(order)).verdict == "right", order
        swapped = draw.sample(order, len(order))
        right = exercise.judge(" -> ".join(swapped)).verdict == "right"
        assert right == is_order(lesson, swapped), swapped


@pytest.mark.parametrize(
    ("text", "found", "word"),
    [
        ("Y, a2, W3", "imprecise", "Still to come"),
        ("W3 Y", "wrong", "dLoss_dW3 comes too early"),
        ("Y W3 W3", "wrong", "twice"),
        ("Y W9", "unreadable", "W9"),
        ("Y, __import__('os')", "unreadable", "no "),
        ("Y " * 3_000, "unreadable", "longer"),
        ("", "imprecise", "Still to come"),
    ],
)
def test_an_order_that_is_not_right_yet(course: Lesson, text: str, found: str, word: str) -> None:
    given, said = verdict(begin(course, "order"), text)
    assert given == found
    assert word in said


def test_names_are_read_as_people_write_them(course: Lesson) -> None:
    session = begin(course, "order")
    text = "∂Loss/∂Y_pred → dLoss_dW3, dL/db3; a2 Z2 | W2、b2，a1 Z1 W1 b1 X"
    assert verdict(session, text)[0] == "right"


def test_a_single_gradient_is_not_put_in_order() -> None:
    kinds = {step.kind for step in steps_of(load("two-hidden-layers"), "derive")}
    assert kinds == {"local", "goal", "backward", "order", "memory"}


def test_there_is_no_second_iteration_and_no_training(course: Lesson) -> None:
    session = begin(course)
    while not session.at_end:
        session.show()
        session.go("next")
    with pytest.raises(UserError, match="this part once"):
        again(session)
    with pytest.raises(UserError, match="this part once"):
        train(session, 10, lambda losses: None, lambda: False)
    summary = Viewer("ko", "unicode").summary(session)
    assert (summary.part, summary.trains, summary.losses) == ("derive", False, [])
    assert summary.shown == len(session.steps)
