"""A derived product that is not the tape's gradient is found, and named."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bptutor.engine.agreement import disagreements
from bptutor.language.algebra import times
from bptutor.language.ops import operations
from bptutor.language.ops.base import Backward
from bptutor.language.tree import Expression
from bptutor.lesson.lesson import Lesson
from tests.engine.by_hand import PROGRAMS

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
