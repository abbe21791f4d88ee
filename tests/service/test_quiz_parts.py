"""Quizzes about the other parts, and items that are asked again with the numbers they had."""

import numpy as np
import pytest

from bptutor.course.parts import steps_of
from bptutor.course.session import Session
from bptutor.lesson.load import load
from bptutor.lesson.steps import steps
from bptutor.literals import Part
from bptutor.record.attempts import learner_name
from bptutor.record.record import Record
from bptutor.record.sittings import QuizSitting, Sittings, exam_key
from bptutor.text import UserError
from bptutor.views.lesson import LessonChanged, StepView
from bptutor.views.quiz import QuizSpec
from tests.service.desk import EASY, Answer, Desk, placed

pytestmark = pytest.mark.usefixtures("warm")

LESSON = "batch"


def right(desk: Desk) -> Answer:
    """What the tutor itself would write."""
    asked = desk.quiz.session.exercise
    written, truth = asked.written(), asked.truth()
    cells = [] if truth is None else [repr(float(number)) for number in truth.reshape(-1)]
    return Answer("" if written is None else str(written), cells, "both")


@pytest.mark.parametrize(
    ("part", "skills"),
    [
        ("derive", {"goal", "order", "memory", "weight-gradient"}),
        ("keras", {"code", "trainable-weights"}),
    ],
)
def test_practice_asks_every_step_that_needs_no_numbers(
    desk: Desk, part: Part, skills: set[str]
) -> None:
    wanted = {s.id for s in steps_of(load(LESSON), part) if not (s.kind == "code" and s.numbers)}
    spec = QuizSpec(lessons=[LESSON], items=len(wanted), seed=3, part=part)
    asked, met = set(), []
    for view in desk.items(desk.step(spec)):
        assert (view.part, view.code) == (part, [])
        asked.add(view.step)
        met.append(desk.quiz.asked.skill)
        assert desk.view(right(desk)).stage == "solved", view.step
    assert asked == wanted
    assert skills <= set(met[:7])  # none waits until all the others are through
    end = desk.end(desk.tutor.go("here"))
    assert (end.points, end.finished) == (len(wanted), True)
    assert skills <= set(Record().cards(learner_name()))


def test_without_a_part_practice_asks_about_those_that_are_begun(desk: Desk) -> None:
    desk.open(QuizSpec(lessons=[LESSON], items=2))
    assert desk.quiz.sitting.parts == ["tape"]
    opened = desk.opened(LESSON, part="derive")
    desk.ask(desk.tutor.show())
    assert opened.view.part == "derive"
    desk.open(QuizSpec(lessons=[LESSON], items=2, resume=False))
    assert desk.quiz.sitting.parts == ["derive", "tape"]
    desk.open(QuizSpec(lessons=[LESSON], items=2, resume=False, seed=1))
    assert desk.quiz.sitting.parts == ["tape"]  # the same for everybody


def test_lessons_without_the_part_say_so(desk: Desk) -> None:
    with pytest.raises(UserError, match="no Keras part"):
        desk.open(QuizSpec(lessons=["circuit"], items=2, part="keras"))
    assert desk.step(QuizSpec(lessons=["circuit", LESSON], items=2, part="keras")).part == "keras"


def test_another_part_is_another_quiz(desk: Desk) -> None:
    spec = QuizSpec(lessons=[LESSON], items=2, seed=5, part="derive")
    assert not desk.open(spec).resumed
    assert Desk.anew().open(spec).resumed
    assert not Desk.anew().open(QuizSpec(lessons=[LESSON], items=2, seed=5, part="keras")).resumed


def test_an_exam_about_symbols_is_graded_like_the_part(desk: Desk) -> None:
    spec = QuizSpec(lessons=[LESSON], items=9, seed=3, exam=True, part="derive")
    view, answers = desk.step(spec), 0
    assert view.quiz
    while isinstance(view, StepView):
        wrong = Answer("nonsense(", ["?"] * len(view.grid.asked), "both")
        answer = right(desk) if answers else wrong
        if view.step == "order":  # a beginning of it
            answer = answer._replace(product=answer.product.partition(",")[0])
        screen = desk.screen(answer)
        if not answers:  # what cannot be read is told at once, and nothing else
            assert isinstance(screen, StepView)
            assert screen.message
            screen = desk.screen(desk.tutor.skip())
        answers += 1
        if not isinstance(screen, StepView):
            break
        view = screen
    end = desk.end(desk.tutor.hand_in())
    assert {item.points for item in end.items} == {0, 1}
    items = desk.quiz.sitting.items
    assert {item.step for item in items if not item.points} == {items[0].step, "order"}
    with pytest.raises(UserError, match="Only 9 items"):
        desk.open(QuizSpec(lessons=[LESSON], items=40, seed=3, exam=True, part="derive"))


def test_exams_about_other_parts_have_names_of_their_own() -> None:
    def exam(*parts: Part) -> QuizSitting:
        return QuizSitting("exam", 3, [LESSON], 4, 0.0, 0.0, [], parts=list(parts))

    keys = {exam_key(exam("tape")), exam_key(exam("derive")), exam_key(exam("keras"))}
    assert len(keys) == 3
    assert exam_key(exam("tape")) == exam_key(QuizSitting("exam", 3, [LESSON], 4, 0.0, 0.0, []))


def test_a_sitting_from_before_the_part_had_a_step_goes_on_at_that_step(desk: Desk) -> None:
    session = Session.begin(load(LESSON), "all", f"{LESSON} derive", "unicode", "derive")
    session.prepare()
    while not session.at_end:
        session.show()
        session.go("next")
    sitting = session.sitting
    new = ("wanted-gradients", "iteration-order")
    for step in new:
        del sitting.marks[step]
    sitting.index = sitting.furthest = len(session.steps) - len(new)
    Sittings().save(sitting.lesson, sitting)
    opened = desk.ask(desk.tutor.open(LESSON, "all", True, "derive"))
    assert isinstance(opened, LessonChanged)
    assert opened.answered == len(session.steps) - len(new)
    view = desk.opened(LESSON, part="derive", changed=True).view
    assert (view.step, view.stage) == (new[0], "open")


def test_a_past_item_comes_again_with_the_same_numbers(desk: Desk) -> None:
    view = desk.step(QuizSpec(lessons=EASY, items=2, seed=2))
    again = Desk.anew().open(QuizSpec(replay=placed(view).code))
    assert isinstance(again.screen, StepView)
    assert again.screen.knowns == view.knowns
    assert placed(again.screen).seed is None, "with the item's seed another quiz would begin"
    assert not again.remark
    other = Desk.anew().open(QuizSpec(replay=placed(view).code[:-3] + "000"))
    assert "changed" in other.remark
    for rubbish in ("", "a:b", "one-neuron:dL_dw:x:1", "none:dL_dw:1:1", "one-neuron:dL_dQ:1:1"):
        with pytest.raises(UserError):
            desk.step(QuizSpec(replay=rubbish or ":"))


def test_a_step_of_a_lesson_comes_again_as_it_was_after_updates(desk: Desk) -> None:
    view = desk.step(QuizSpec(replay="one-neuron:dL_dw:i2:00000000"))
    assert {"dL_dz", "x"} <= {known.typed for known in view.knowns if known.relevant}
    of = desk.quiz.session
    lesson = of.lesson
    w, x, b, y = (np.asarray(lesson.values[name], "float64") for name in "wxby")
    for _ in range(2):  # the update by hand: L = (w*x + b - y)**2
        slope = 2 * (w * x + b - y)
        w, b = w - lesson.learning_rate * slope * x, b - lesson.learning_rate * slope
    expected = 2 * (w * x + b - y) * x
    assert of.prepare().truth(of.step) == pytest.approx(expected, rel=1e-6)


def test_a_lesson_s_notes_are_about_its_own_numbers_and_not_told_with_others(desk: Desk) -> None:
    """With the chain rule, a quiz leaves out a gradient's note: it tells how to apply the rule."""
    lesson = load("one-neuron")
    kinds = set()
    for step in (step for step in steps(lesson) if step.id in lesson.notes):
        note = lesson.notes[step.id].to("en")
        try:
            view = desk.step(QuizSpec(replay=f"{lesson.name}:{step.id}:5:{lesson.digest[:8]}"))
        except UserError:
            continue
        assert note not in view.remarks
        own = desk.step(QuizSpec(replay=f"{lesson.name}:{step.id}:i0:{lesson.digest[:8]}"))
        assert (note in own.remarks) == (step.kind != "backward")
        kinds.add(step.kind)
    assert kinds > {"backward"}


def test_an_item_asks_all_elements_where_the_lesson_asks_one_beside_the_formula(desk: Desk) -> None:
    lesson = load("softmax")
    view = desk.step(QuizSpec(replay=f"softmax:dL_dW:5:{lesson.digest[:8]}"))
    assert view.asks_product
    assert len(view.grid.asked) == 6
