"""The paper of an assignment: items from a seed, work with feedback, points."""

from collections.abc import Callable
from functools import cache

import pytest
from msgspec.structs import replace

from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.quiz.assigned import Homework, compose, marked, paper_of
from bptutor.quiz.exam import Examination, paper
from bptutor.record.sittings import AskedItem, QuizSitting
from bptutor.text import UserError
from tests.near import right

NAMES = ("batch", "tanh-neuron")


@cache
def lessons() -> dict[str, Lesson]:
    return {name: load(name) for name in NAMES}


def sitting(items: list[AskedItem], purpose: str = "homework") -> QuizSitting:
    kind = "exam" if purpose == "exam" else "homework"
    return QuizSitting(kind, 5, list(NAMES), len(items), 0, 1.0, items)  # type: ignore[arg-type]


def homework(count: int = 3) -> Homework:
    items = compose(lessons(), 5, 50, exam=False, items=count)
    quiz = paper_of(sitting(items), load, "unicode")
    assert isinstance(quiz, Homework)
    return quiz


def answer(quiz: Homework, change: Callable[[list[str]], list[str]] = lambda cells: cells) -> None:
    formula, cells = right(quiz.session)
    asks = quiz.session.exercise.formula_asked
    quiz.session.check(formula if asks else None, change(cells))
    quiz.note()


# ── what is asked ─────────────────────────────────────────────────────────────────────────────


def test_homework_asks_single_steps_each_on_its_own_numbers() -> None:
    items = compose(lessons(), 5, 50, exam=False, items=6)
    assert len(items) == 6
    assert len({item.group for item in items}) == 6
    assert not any(item.made_for for item in items)
    assert len({item.seed for item in items}) == 6
    assert items == compose(lessons(), 5, 50, exam=False, items=6)


@pytest.mark.parametrize("exam", [True, False])
def test_everybody_has_the_same_questions_on_other_numbers(exam: bool) -> None:
    one, other = (compose(lessons(), 5, numbers, exam=exam, items=5) for numbers in (50, 51))
    assert [replace(item, seed=None) for item in one] == [replace(i, seed=None) for i in other]
    assert {item.seed for item in one}.isdisjoint({item.seed for item in other})


def test_an_exam_may_ask_several_steps_in_one_question() -> None:
    items = compose(lessons(), 5, 50, exam=True, items=6)
    assert len({item.group for item in items}) < 6


def test_no_quiz_with_a_seed_has_the_numbers_of_an_assignment() -> None:
    """A code has at most twelve digits; a quiz draws its numbers from the first six."""
    assigned = {item.seed for item in compose(lessons(), 5, 50, exam=True, items=6)}
    public = {item.seed for question in paper(lessons(), 6, 5) for item in question}
    assert not assigned & public
    assert max(seed or 0 for seed in assigned) >= 1_000_000


def test_chosen_steps_are_asked_in_their_order() -> None:
    steps = [("tanh-neuron", "w1_new"), ("batch", "Z"), ("tanh-neuron", "z")]
    items = compose(lessons(), 5, 50, exam=False, steps=steps)
    assert [(item.lesson, item.step) for item in items] == steps
    other = compose(lessons(), 5, 51, exam=False, steps=steps)
    assert [(item.lesson, item.step) for item in other] == steps
    assert {item.seed for item in items}.isdisjoint({item.seed for item in other})


def test_a_step_that_cannot_be_asked_is_named_with_those_that_can() -> None:
    with pytest.raises(UserError, match="dL_dnothing") as refused:
        compose(lessons(), 5, 50, exam=False, steps=[("batch", "dL_dnothing")])
    assert refused.value.message.fields["lesson"] == "batch"
    assert str(refused.value.message.fields["steps"]).count(",") > 3


# ── work with feedback ────────────────────────────────────────────────────────────────────────


def test_items_can_be_done_in_any_order_and_left_open() -> None:
    quiz = homework()
    quiz.go(2)
    answer(quiz)
    assert quiz.answered == 1
    quiz.go("next")
    assert quiz.index == 0  # the first that is open
    quiz.go("next")
    assert quiz.index == 1
    answer(quiz)
    quiz.go("next")
    assert quiz.index == 0
    quiz.go("next")
    assert quiz.at_end
    quiz.go(0)
    quiz.go("summary")
    assert quiz.at_end
    assert not quiz.sitting.finished


def test_points_fall_with_wrong_answers_and_hints_and_are_read_from_the_marks() -> None:
    quiz = homework()
    answer(quiz)
    quiz.go("next")
    answer(quiz, lambda cells: ["77.7"] * len(cells))
    assert quiz.asked.points is None
    quiz.session.hint()
    answer(quiz)
    points = [round(each.points, 6) for each in marked(quiz.sitting, load)]
    assert points == [1.0, 0.5 * 0.8, 0.0]
    assert [each.state for each in marked(quiz.sitting, load)] == ["right", "partly", "open"]


def test_an_exam_is_marked_by_its_answers_and_stays_as_it_is() -> None:
    items = compose(lessons(), 5, 50, exam=True, items=3)
    quiz = paper_of(sitting(items, "exam"), load, "unicode")
    assert isinstance(quiz, Examination)
    formula, cells = right(quiz.session)
    quiz.answer(formula, cells)
    formula, cells = right(quiz.session)
    quiz.answer(formula, ["77.7"] * len(cells))
    before = quiz.sitting.copied()
    found = [*marked(quiz.sitting, load)]
    assert quiz.sitting == before
    assert found[0].points == 1
    assert found[0].state == "right"
    assert found[1].points in (0, 0.5)
    assert found[1].verdict == "wrong"
    assert (found[2].state, found[2].points, found[2].verdict) == ("open", 0, None)
