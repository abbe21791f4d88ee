"""A derived product that is not the gradient of the tape is found; what holds of every network."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bptutor.engine.agreement import disagreements
from bptutor.engine.trace import run
from bptutor.engine.variations import variations
from bptutor.language.algebra import times
from bptutor.language.ops import operations
from bptutor.language.ops.base import Backward
from bptutor.language.tree import Expression
from bptutor.lesson.lesson import Lesson
from tests.engine.by_hand import PROGRAMS
from tests.engine.networks import leaves_of, lesson_from, networks
from tests.examples import some

LessonOf = Callable[[str], Lesson]


def unknown(lesson: Lesson) -> Lesson:
    """The lesson as one of which nothing has been worked out by the right rules."""
    return replace(lesson)


def test_the_course_agrees(course: Lesson) -> None:
    assert disagreements(course) == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_lessons_that_nobody_has_seen_agree(name: str, lesson_of: LessonOf) -> None:
    assert [str(finding.message) for finding in disagreements(lesson_of(name))] == []


def test_a_wrong_rule_is_found_where_it_is_used_and_nowhere_else(
    lesson_of: LessonOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(backward: Backward, index: int) -> Expression:
        return times(backward.upstream, backward.node)

    monkeypatch.setattr(operations()["tanh"], "pullback", forgetful)
    found = disagreements(unknown(lesson_of("recurrent")))
    through_tanh = {f"dh{time}_d{name}" for time in (1, 2, 3) for name in ("U", "W", "b")}
    through_tanh |= {"dh2_dh1", "dh3_dh2"}
    through_tanh |= {"dL_dh2", "dL_dh1", "dL_dU", "dL_dW", "dL_db"}
    assert {finding.where for finding in found} == through_tanh
    assert len(found) == len(through_tanh)
    assert {finding.code for finding in found} == {"product-disagrees"}
    assert all(str(finding.message).startswith(f"{finding.where}: ") for finding in found)


def test_a_derived_formula_that_overflows_is_told_apart() -> None:
    lesson = lesson_from(
        'title = "big"\nprogram = "L = tanh(square(s * 1e300))"\nloss = "L"\n'
        'parameters = ["s"]\ndtype = "float64"\n[values]\ns = 1.7\n'
    )
    assert [each.code for each in disagreements(unknown(lesson))] == ["product-overflows"]


def test_a_rule_that_gives_the_wrong_shape_is_found(
    lesson_of: LessonOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations()["add"], "elementwise", False)
    found = {
        each.where: str(each.message)
        for each in disagreements(unknown(lesson_of("batch_dead_unit")))
    }
    assert set(found) == {"dZ_db", "dloss_db", "dY_dc", "dloss_dc"}
    assert "has the shape (4, 3); the tape gives (3,)" in found["dloss_db"]


def test_a_rule_whose_product_does_not_fit_is_found(
    lesson_of: LessonOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def untransposed(backward: Backward, index: int) -> Expression:
        return backward.node.operands[1 - index]

    monkeypatch.setattr(operations()["matmul"], "pullback", untransposed)
    found = {
        each.where: str(each.message) for each in disagreements(unknown(lesson_of("soft_targets")))
    }
    assert set(found) == {"dZ_dU", "dZ_dh", "dC_dU", "dC_dh"}
    assert "cannot compute" in found["dC_dU"]


STEP = 1e-6


@settings(max_examples=some(25), deadline=None)
@given(networks(), st.data())
def test_a_gradient_is_how_the_loss_answers_when_a_number_moves(
    lesson: Lesson, data: st.DataObject
) -> None:
    trace = run(lesson)
    name = data.draw(st.sampled_from([*lesson.parameters, *lesson.watch]))
    direction = np.random.default_rng(0).normal(size=trace.values[name].shape)
    losses = []
    for side in (1, -1):
        leaves = leaves_of(lesson)
        leaves[name] = leaves[name] + side * STEP * direction
        moved = run(lesson, leaves)
        for layer, value in moved.values.items():  # a kink in between has no slope to speak of
            assume((np.sign(value) == np.sign(trace.values[layer])).all())
            assume(((value > 0.1) == (trace.values[layer] > 0.1)).all())
        losses.append(moved.loss)
    answer = (losses[0] - losses[1]) / (2 * STEP)
    slope = float((trace.gradients[f"dL_d{name}"] * direction).sum())
    assert abs(answer - slope) <= 1e-4 * max(1.0, abs(slope), abs(trace.loss))


@settings(max_examples=some(25), deadline=None)
@given(networks())
def test_every_derived_product_agrees_with_the_tape(lesson: Lesson) -> None:
    assert [str(finding.message) for finding in disagreements(lesson)] == []


@settings(max_examples=some(25), deadline=None)
@given(networks())
def test_most_numbers_of_a_network_turn_in_some_variation(lesson: Lesson) -> None:
    own, varied = leaves_of(lesson), variations(lesson)
    assert len(varied) > 1
    turned = [
        np.array([each.values[name] * value < 0 for each in varied]).any(axis=0).ravel()
        for name, value in own.items()
    ]
    assert np.concatenate(turned).mean() >= 0.5
    for name, value in own.items():
        for each in varied:
            assert each.values[name].dtype == np.float64
            assert (each.values[name] != value).all()


@settings(max_examples=some(15), deadline=None)
@given(networks("float32"))
def test_an_update_is_the_gradient_times_the_learning_rate(lesson: Lesson) -> None:
    trace = run(lesson)
    rate = np.float32(lesson.learning_rate)
    for name, after in trace.updated.items():
        change = rate * trace.gradients[f"dL_d{name}"]
        assert after.dtype == np.float32
        assert (after == trace.values[name] - change).all()
