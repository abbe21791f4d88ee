"""The paper of an exam: its questions, its balance, its numbers."""

import re
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bptutor.course.questions import asked_of
from bptutor.course.skills import skill
from bptutor.engine.numpy_pass import NumpyPass
from bptutor.language.render import write
from bptutor.language.tree import names
from bptutor.lesson.find import available
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.lesson.steps import Step, places, steps
from bptutor.quiz.carried import grade_question
from bptutor.quiz.exam import chains, paper
from bptutor.quiz.items import Item, make_item, serves
from bptutor.record.sittings import AskedItem, Mark
from bptutor.text import UserError
from tests.examples import some


@cache
def every_lesson() -> dict[str, Lesson]:
    return {name: load(name) for name in available()}


def ids(lesson: Lesson) -> set[tuple[str, ...]]:
    return {tuple(step.id for step in chain) for chain in chains(lesson)}


def step_of(lesson: Lesson, id_: str) -> Step:
    return steps(lesson)[places(lesson)[id_]]


def numbers(lessons: dict[str, Lesson], question: list[AskedItem]) -> Item:
    """The numbers of a question, as whoever has its first item gets them."""
    first = question[0]
    return make_item(lessons[first.lesson], first.step, first.seed or 0)


# ── questions ─────────────────────────────────────────────────────────────────────────────────


def test_the_courses_questions() -> None:
    found = ids(every_lesson()["two-hidden-layers"])
    assert {
        ("dLoss_dY_pred", "dLoss_dW3", "W3_new"),
        ("Z1", "a1", "Z2"),
        ("dLoss_dZ2", "dLoss_dW2", "dLoss_db2"),
    } <= found
    assert {("dLoss_dY_pred",), ("dLoss_dW3", "W3_new")} <= found
    assert ("dLoss_dY_pred", "dLoss_dZ2") not in found  # it reads dLoss_da2, which nobody knows yet
    assert ("Z1", "Z2") not in found
    assert ("dLoss_dW3", "dLoss_db3") not in found  # neither goes on with the other
    assert ("W3_new", "dLoss_dW3") not in found


@pytest.mark.parametrize("name", available())
def test_nothing_that_is_read_is_unknown(name: str) -> None:
    """By the names in the formulas as they are written; of `ones_like(Z)` the shape is enough."""
    lesson = every_lesson()[name]
    order = [*lesson.program.leaves, "lr", *(step.id for step in steps(lesson))]
    assert chains(lesson)
    for chain in chains(lesson):
        assert 1 <= len(chain) <= 3
        known = set(order[: order.index(chain[0].id)])
        for place, step in enumerate(chain):
            text = re.sub(r"(ones|zeros)_like\(\w+\)", "1", write(step.product, "ascii"))
            read = set(re.findall(r"[A-Za-z]\w*", text)) & set(order)
            earlier = {each.id for each in chain[:place]}
            assert read <= known | earlier
            assert bool(read & earlier) == bool(place)


# ── the paper ─────────────────────────────────────────────────────────────────────────────────


def test_a_seed_gives_the_same_paper_again() -> None:
    names = ("batch", "tanh-neuron", "weight-twice")
    first, second = ({name: load(name) for name in names} for _ in range(2))
    assert paper(first, 8, 7) == paper(second, 8, 7)


@settings(max_examples=some(3))
@given(seed=st.integers(0, 999_998))
def test_another_seed_gives_another_paper(seed: int) -> None:
    assert paper(every_lesson(), 6, seed) != paper(every_lesson(), 6, seed + 1)


def test_a_lesson_goes_by_the_name_it_was_asked_for() -> None:
    lesson = every_lesson()["batch"]
    path = str(lesson.path)
    (question,) = paper({path: lesson}, 1, 3)
    assert question[0].lesson == path
    assert question[0].digest == lesson.digest
    (same,) = paper({"batch": lesson}, 1, 3)
    assert (same[0].step, same[0].seed) == (question[0].step, question[0].seed)


@settings(max_examples=some(4))
@given(seed=st.integers(0, 999_999), length=st.integers(1, 14))
def test_a_paper_is_whole(seed: int, length: int) -> None:
    lessons = every_lesson()
    questions = paper(lessons, length, seed)
    assert sum(map(len, questions)) == length
    asked = [(item.lesson, item.step) for question in questions for item in question]
    assert len(set(asked)) == length
    for group, question in enumerate(questions):
        first, *later = question
        assert first.made_for == ""
        assert all(item.made_for == first.step for item in later)
        assert {(item.group, item.lesson, item.seed) for item in question} == {
            (group, first.lesson, first.seed)
        }
        item = numbers(lessons, question)
        for each in question:
            assert serves(item.lesson, step_of(item.lesson, each.step))


@pytest.mark.parametrize("seed", range(2))
def test_a_paper_is_balanced(seed: int) -> None:
    """Every kind of step that there is, and none of them much more often than another."""
    lessons = every_lesson()
    questions = paper(lessons, 34, seed)
    asked = Counter(item.skill for question in questions for item in question)
    kinds = {skill(lesson, step) for lesson in lessons.values() for (step, *_) in chains(lesson)}
    assert set(asked) == kinds
    assert max(asked.values()) <= 2 * 34 / len(kinds)
    assert any(len(question) == 3 for question in questions)


def test_a_short_lesson_is_asked_again_on_other_numbers() -> None:
    lessons = {"one-neuron": every_lesson()["one-neuron"]}
    questions = paper(lessons, 20, 1)
    assert sum(map(len, questions)) == 20
    seeds = [question[0].seed for question in questions]
    assert len(set(seeds)) == len(seeds)


def test_nothing_to_ask() -> None:
    with pytest.raises(UserError):
        paper({}, 5, 1)


# ── its answers ───────────────────────────────────────────────────────────────────────────────


def answered(item: Item, step: Step, figures: int | None) -> Mark:
    """The truth, as it is or to so many figures; of new weights always all of it."""
    truth = item.facts.truth(step).reshape(-1)[asked_of(item.facts, step)].tolist()
    rounding = figures is not None and step.kind != "update"
    cells = [f"{value:.{figures}g}" if rounding else repr(value) for value in truth]
    product = write(step.product, "ascii") if step.asks_formula else ""
    return Mark(product=product, cells=cells)


@settings(max_examples=some(3))
@given(seed=st.integers(0, 999_999), figures=st.sampled_from([None, 3, 4]))
def test_a_paper_answered_with_the_truth_gets_full_marks(seed: int, figures: int | None) -> None:
    lessons = every_lesson()
    for question in paper(lessons, 9, seed):
        item = numbers(lessons, question)
        asked = [step_of(item.lesson, each.step) for each in question]
        marks = [answered(item, step, figures) for step in asked]
        graded = grade_question(item.facts, asked, marks)
        assert [each.points for each in graded] == [1] * len(asked)
        assert {each.state for each in graded} == {"right"}
        assert {each.message for each in graded} == {None}


@settings(max_examples=some(3))
@given(seed=st.integers(0, 999_999), data=st.data())
def test_a_paper_with_a_step_left_out_loses_that_step(seed: int, data: st.DataObject) -> None:
    """Whoever leaves a step out and has the next one right has lost the one alone."""
    lessons = every_lesson()
    questions = paper(lessons, 6, seed)
    skipped = data.draw(st.integers(0, 5))
    lost, place = [], 0
    for question in questions:
        item = numbers(lessons, question)
        asked = [step_of(item.lesson, each.step) for each in question]
        marks = [answered(item, step, None) for step in asked]
        for index in range(len(asked)):
            if place == skipped:
                marks[index] = Mark()
            place += 1
        lost += [1 - each.points for each in grade_question(item.facts, asked, marks)]
    assert lost == [float(index == skipped) for index in range(6)]


@settings(max_examples=some(4))
@given(seed=st.integers(0, 999_999), off=st.floats(0.2, 1.5), sign=st.sampled_from([-1, 1]))
def test_a_wrong_beginning_loses_the_first_step_alone(seed: int, off: float, sign: int) -> None:
    """What follows is worked out in NumPy from the three figures that were typed before it."""
    lessons = every_lesson()
    for question in paper(lessons, 9, seed):
        item = numbers(lessons, question)
        first, *later = (step_of(item.lesson, each.step) for each in question)
        truth = np.asarray(item.facts.truth(first), "float64")
        own = {first.id: typed(truth + sign * off * np.maximum(np.abs(truth), 0.3))}
        if idle(own[first.id], truth):
            continue
        marks = [Mark(cells=texts(item, first, own[first.id]))]
        for step in later:
            known = {each: own.get(each, item.facts.known(each)) for each in names(step.product)}
            with np.errstate(all="ignore"):
                value = np.broadcast_to(NumpyPass(known, {}).value(step.product), step.shape)
            if idle(value, item.facts.truth(step)) or not np.isfinite(value).all():
                break
            own[step.id] = value if step.kind == "update" else typed(value)
            product = write(step.product, "ascii") if step.kind == "backward" else ""
            marks.append(Mark(product=product, cells=texts(item, step, own[step.id])))
        graded = grade_question(item.facts, (first, *later)[: len(marks)], marks)
        assert [each.points for each in graded] == [0] + [1] * (len(marks) - 1)


def typed(value: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The numbers to three figures."""
    return np.asarray([float(f"{each:.3g}") for each in value.reshape(-1)]).reshape(value.shape)


def texts(item: Item, step: Step, value: np.ndarray[Any, Any]) -> list[str]:
    return [repr(float(each)) for each in value.reshape(-1)[asked_of(item.facts, step)]]


def idle(value: np.ndarray[Any, Any], truth: np.ndarray[Any, Any]) -> bool:
    """Is it all 0, or all alike, where the truth is not?"""
    return bool((not value.any() and truth.any()) or np.ptp(value) < 1e-5 < np.ptp(truth))
