"""Assignments as a learner has them: what is kept, what is told, and what never leaves early."""

import re
from collections.abc import Coroutine
from typing import Any

import msgspec
import numpy as np
import pytest

from bptutor import __version__
from bptutor.classroom.papers import GUESSES_SECONDS, MOST_GUESSES
from bptutor.lesson.lesson import Lesson
from bptutor.service import wire
from bptutor.service.client import Client
from bptutor.service.protocol import Hello
from bptutor.text import UserError, shortest
from bptutor.views.lesson import StepView
from bptutor.views.quiz import QuizView
from tests.classroom.people import MINUTE, NINE
from tests.near import Near
from tests.service.classroom import Class, ClassDesk
from tests.service.desk import placed

pytestmark = pytest.mark.usefixtures("warm")


# ── before it begins ──────────────────────────────────────────────────────────────────────────


def test_a_list_and_a_cover_say_what_can_be_done_when(class_: Class, anna: ClassDesk) -> None:
    assert [each.name for each in anna.ask(anna.tutor.assignments()).items] == [
        "homework",
        "warm-up",
        "midterm",
    ]
    cover = anna.cover("midterm")
    assert (cover.item.state, cover.item.items, cover.item.minutes) == ("planned", 4, 45)
    assert len(cover.lessons) == 1
    with pytest.raises(UserError, match="not open yet"):
        anna.ask(anna.tutor.begin())
    class_.now = NINE
    assert anna.cover("midterm").item.state == "open"
    class_.now = NINE + 60 * MINUTE
    assert anna.cover("midterm").item.state == "closed"
    with pytest.raises(UserError, match="is closed"):
        anna.ask(anna.tutor.begin())


async def test_a_paper_that_has_begun_is_shown_where_the_service_died_of_that(
    class_: Class,
) -> None:
    class_.now = NINE
    near = Near(lambda event: None, make=lambda tell: class_.tutor(tell, "anna"))
    client = Client(near, Hello(__version__, "en", "unicode"), lambda: None)
    await client.start()
    await client.open_assignment("midterm", "", False)
    near.die_of("begin", late=True)
    assert isinstance(await client.tutor.begin(), StepView)
    assert [each.what for each in class_.store.events("midterm", "anna")] == ["assign", "begin"]


def test_who_is_not_in_the_class_is_told_so(class_: Class) -> None:
    with pytest.raises(UserError, match="roster"):
        class_.learner("mallory").ask(class_.learner("mallory").tutor.assignments())


def test_a_password_is_asked_for_at_the_beginning_alone(class_: Class, anna: ClassDesk) -> None:
    assert anna.cover("warm-up").asks_password
    with pytest.raises(UserError, match="not the password"):
        anna.ask(anna.tutor.begin())
    with pytest.raises(UserError, match="not the password"):
        anna.cover("warm-up", "crow")
    assert not anna.cover("warm-up", "owl").asks_password
    anna.view(anna.tutor.begin())
    there = class_.learner("anna").ask(class_.learner("anna").tutor.assignment("warm-up"))
    assert isinstance(there.screen, StepView)


def test_a_password_cannot_be_guessed(class_: Class, anna: ClassDesk) -> None:
    for guess in range(MOST_GUESSES):
        window = class_.learner("anna") if guess % 2 else anna
        with pytest.raises(UserError, match="not the password"):
            window.cover("warm-up", f"{guess:04}")
    for name in ("owl", "crow"):
        with pytest.raises(UserError, match="Too many wrong passwords"):
            anna.cover("warm-up", name)
    assert not class_.learner("ben").cover("warm-up", "owl").asks_password
    events = class_.store.events("warm-up", "anna")
    assert [each.what for each in events if each.login] == ["password"] * MOST_GUESSES
    class_.now += GUESSES_SECONDS + 1
    anna.begun("warm-up", "owl")


# ── an exam ───────────────────────────────────────────────────────────────────────────────────


LOOKS: dict[str, tuple[object, ...]] = {
    "steps": (),
    "knowns": (),
    "assignments": (),
    "menu": (),
    "outlook": (),
    "sketch": ("two-hidden-layers",),
    "go": ("here",),
    "hint": (),
    "show": (),
    "fill_in": (),
    "explain": (),
    "nudge": (0, 0, 0.1),
    "picture": (),
    "heat": ("X", 4, 4),
    "draw": (True,),
    "afresh": (),
    "progress": (),
    "attempts": (),
    "exams": (),
    "split": ("1",),
    "named": ("dL_dW3",),
    "code": (),
    "again": (),
    "reload": (),
    "train": (1,),
    "flag": (),
}
"""What can be asked at an item without leaving it."""
OTHERS = {"hello", "send", "choose", "open", "quiz", "assignment", "begin", "close"} | {
    "check",
    "draft",
    "skip",
    "hand_in",
    "cancel",
}
"""What leads elsewhere, or answers; the tests here look at what comes of it."""


def everything(desk: ClassDesk, view: StepView) -> str:
    """All that can be had at an item, as it travels."""
    asked: list[object] = [view]
    for name, arguments in LOOKS.items():
        try:
            asked.append(desk.ask(getattr(desk.tutor, name)(*arguments)))
        except UserError as error:
            asked.append(error.message.to("en"))
    return msgspec.json.encode(asked).decode()


def test_no_request_is_forgotten() -> None:
    learners = {name for name in wire.METHODS if not name.startswith(wire.DESK)}
    assert learners == {*LOOKS} | OTHERS


NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def numbers_of(lesson: Lesson) -> set[str]:
    """The numbers that a lesson gives; the right answer may be one of them."""
    given = (np.asarray(lesson.values[name]) for name in lesson.program.leaves)
    return {shortest(each, lesson.dtype) for array in given for each in array.reshape(-1).tolist()}


def secrets(desk: ClassDesk) -> list[str]:
    """What must not be told of the paper that is open: seeds."""
    sitting = desk.quiz.sitting
    return [str(item.seed) for item in sitting.items] + [str(desk.paper.file.paper.seed)]


def test_an_exam_tells_neither_seeds_nor_codes_nor_answers(class_: Class, anna: ClassDesk) -> None:
    class_.now = NINE
    view = anna.begun("midterm")
    typed: set[str] = set()
    """What is shown at later parts of a question."""
    while True:
        told = everything(anna, view)
        assert not [secret for secret in secrets(anna) if secret in told]
        assert (placed(view).seed, placed(view).code, placed(view).assignment) == (
            None,
            "",
            "Midterm",
        )
        assert placed(view).seconds_left == 45 * MINUTE
        right = anna.right(view)
        given = numbers_of(anna.quiz.session.lesson)
        secret = {n for n in right.cells if len(n) > 6} - typed - given
        assert not secret.intersection(NUMBER.findall(told))
        typed |= {*right.cells}
        screen = anna.screen(right)
        if isinstance(screen, QuizView):
            break
        assert isinstance(screen, StepView)
        view = screen
    assert not screen.finished
    assert {item.state for item in screen.items} == {"answered"}
    end = anna.end(anna.tutor.hand_in())
    assert (end.finished, end.shown, end.points, end.seed) == (True, "nothing", 0, None)
    assert {item.state for item in end.items} == {"answered"}
    refused: list[Coroutine[Any, Any, object]] = [
        anna.tutor.go(0),
        anna.tutor.steps(),
        anna.tutor.knowns(),
    ]
    for request in refused:
        with pytest.raises(UserError, match="releases"):
            anna.ask(request)
    with pytest.raises(UserError, match="already"):
        anna.ask(anna.tutor.hand_in())


def test_a_teacher_sees_at_once_what_an_exams_answers_are(class_: Class, anna: ClassDesk) -> None:
    class_.now = NINE
    view = anna.begun("midterm")
    view = anna.view(anna.right(view))
    anna.view(anna.wrong(view))
    anna.ask(anna.tutor.draft("half", []))
    rows = class_.papers.answers(("midterm", "anna", 1))
    assert [(row.item, row.what) for row in rows] == [(0, "check"), (1, "check"), (2, "draft")]
    assert rows[0].verdict == "right"
    assert rows[1].verdict in ("wrong", "partly")
    assert rows[2].verdict == ""


def test_what_is_released_is_shown_and_not_before(class_: Class, anna: ClassDesk) -> None:
    class_.now = NINE
    view = anna.begun("midterm")
    anna.ask(anna.tutor.check(*anna.right(view)))
    anna.ask(anna.tutor.hand_in())
    assert anna.listed("midterm").points is None
    class_.happens("release", "midterm", detail="score")
    end = anna.ended("midterm")
    assert (end.shown, end.points, end.possible) == ("score", 1, 4)
    assert {item.state for item in end.items} == {"answered", "open"}
    assert anna.listed("midterm").points == 1
    with pytest.raises(UserError, match="releases"):
        anna.ask(anna.tutor.go(0))
    class_.happens("release", "midterm", detail="answers")
    end = anna.ended("midterm")
    assert (end.shown, end.points) == ("all", 1)
    assert [item.points for item in end.items] == [1, 0, 0, 0]
    there = anna.view(anna.tutor.go(1))
    assert there.result
    assert (placed(there).reviewing, placed(there).code) == (True, "")
    class_.happens("mark", "midterm", "anna", attempt=1, item=1, number=0.5)
    end = anna.ended("midterm")
    assert end.points == sum(each.points for each in end.skills) == 1.5
    assert "teacher" in end.items[1].diagnosis


def test_a_paper_that_cannot_be_graded_now_is_submitted_all_the_same(
    class_: Class, anna: ClassDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna.begun("homework")

    def fails(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr("bptutor.service.papers.grade", fails)
    assert anna.end(anna.tutor.hand_in()).finished
    assert [paper.login for paper in class_.papers.ungraded()] == ["anna"]
    end = anna.ended("homework")
    assert end.shown == "nothing"
    assert "still grading" in end.closing


# ── homework ──────────────────────────────────────────────────────────────────────────────────


def test_homework_tells_verdicts_and_hints_but_no_answer(class_: Class, anna: ClassDesk) -> None:
    view = anna.begun("homework")
    wrong = anna.view(anna.wrong(view))
    assert "wrong" in [cell.verdict for cell in wrong.grid.asked]
    assert wrong.message
    for refused in (anna.tutor.show(), anna.tutor.fill_in()):
        with pytest.raises(UserError, match="no answers before"):
            anna.ask(refused)
    rungs = anna.quiz.session.exercise.rungs
    for count in range(1, rungs):
        assert len(anna.view(anna.tutor.hint()).hints) == count
    with pytest.raises(UserError, match="last hint"):
        anna.ask(anna.tutor.hint())
    told = everything(anna, anna.view(anna.tutor.go("here")))
    assert not [secret for secret in secrets(anna) if secret in told]
    assert anna.listed("homework").answered == 0
    solved = anna.view(anna.right(view))
    assert solved.stage == "solved"
    assert anna.listed("homework").answered == 1
    assert anna.quiz.asked.points == pytest.approx(0.5 * 0.8 ** (rungs - 1))
    assert anna.view(anna.tutor.go("next")).index == 1
    before = anna.end(anna.tutor.go("summary"))
    assert not before.finished
    assert [item.state for item in before.items] == ["partly", "open", "open"]
    end = anna.end(anna.tutor.hand_in())
    assert (end.finished, end.shown) == (True, "score")
    assert end.points == pytest.approx(0.5 * 0.8 ** (rungs - 1))
    with pytest.raises(UserError, match="closes"):
        anna.ask(anna.tutor.go(0))
    class_.now = NINE + 49 * 60 * MINUTE
    assert anna.ended("homework").shown == "all"
    assert anna.view(anna.tutor.go(2)).result


def test_the_same_wrong_answer_again_costs_once(class_: Class, anna: ClassDesk) -> None:
    view = anna.begun("homework")
    wrong = anna.wrong(view)
    for _ in range(3):
        assert "wrong" in [cell.verdict for cell in anna.view(wrong).grid.asked]
    back = class_.learner("anna")  # as after a lost connection, when it is sent once more
    back.ask(back.tutor.assignment("homework"))
    back.view(back.tutor.go(0))
    back.view(wrong)
    assert back.quiz.asked.mark.wrong == 1
    back.view(wrong._replace(cells=["78.8"] * len(wrong.cells)))
    assert back.quiz.asked.mark.wrong == 2
    overview = back.end(back.tutor.go("summary"))
    assert [item.state for item in overview.items[:2]] == ["wrong", "open"]
    back.view(back.tutor.go(0))
    back.view(back.right(view))
    assert back.quiz.asked.points == pytest.approx(0.25)


def test_a_late_answer_counts_less_and_that_is_said(class_: Class, anna: ClassDesk) -> None:
    cover = anna.cover("homework")
    assert cover.late == 0.8
    class_.now = NINE + 25 * 60 * MINUTE
    view = anna.begun("homework")
    anna.view(anna.right(view))
    assert "80 %" in anna.ask(anna.tutor.assignment("homework")).remark
    assert "80 %" in anna.end(anna.tutor.go("summary")).closing
    end = anna.end(anna.tutor.hand_in())
    assert end.points == pytest.approx(0.8)
    assert "80 %" in end.closing


def test_another_attempt_has_other_numbers_and_the_best_one_counts(
    class_: Class, anna: ClassDesk
) -> None:
    class_.assign("again", HOMEWORK_AGAIN)
    first = anna.begun("again")
    numbers = [known.matrix.values for known in first.knowns]
    end = anna.end(anna.tutor.hand_in())
    assert end.again
    assert anna.cover("again", again=True).item.attempt == 1
    second = anna.view(anna.tutor.begin())
    assert second.step == first.step
    assert [known.matrix.values for known in second.knowns] != numbers
    anna.view(anna.right(second))
    end = anna.end(anna.tutor.hand_in())
    assert not end.again
    assert anna.listed("again").points == 1
    assert anna.cover("again", again=True).item.state == "submitted"
    with pytest.raises(UserError, match="submitted"):
        anna.ask(anna.tutor.begin())


HOMEWORK_AGAIN = """
title = "Twice"
kind = "homework"
lessons = ["batch"]
steps = ["dL_dW"]
attempts = 2
"""
