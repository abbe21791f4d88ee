"""Assignments as a learner has them: what is kept, what is told, and what never leaves early."""

import re
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from bptutor import __version__
from bptutor.classroom import papers
from bptutor.classroom.papers import GUESSES_SECONDS, MOST_GUESSES
from bptutor.lesson.lesson import Lesson
from bptutor.service import wire
from bptutor.service.client import Client
from bptutor.service.protocol import Hello, TimeLeft
from bptutor.text import UserError, shortest
from bptutor.views.lesson import StepView
from bptutor.views.quiz import QuizSpec, QuizView
from tests.classroom.people import MINUTE, NINE
from tests.near import Near
from tests.service.classroom import Class, ClassDesk

pytestmark = pytest.mark.usefixtures("warm")


@pytest.fixture
def class_(tmp_path: Path) -> Iterator[Class]:
    with Class.at(tmp_path) as made:
        yield made


@pytest.fixture
def anna(class_: Class) -> ClassDesk:
    return class_.learner("anna")


def ended(desk: ClassDesk, name: str) -> QuizView:
    screen = desk.ask(desk.tutor.assignment(name)).screen
    assert isinstance(screen, QuizView)
    return screen


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
        assert view.quiz
        assert (view.quiz.seed, view.quiz.code, view.quiz.assignment) == (None, "", "Midterm")
        assert view.quiz.seconds_left == 45 * MINUTE
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
    end = ended(anna, "midterm")
    assert (end.shown, end.points, end.possible) == ("score", 1, 4)
    assert {item.state for item in end.items} == {"answered", "open"}
    assert anna.listed("midterm").points == 1
    with pytest.raises(UserError, match="releases"):
        anna.ask(anna.tutor.go(0))
    class_.happens("release", "midterm", detail="answers")
    end = ended(anna, "midterm")
    assert (end.shown, end.points) == ("all", 1)
    assert [item.points for item in end.items] == [1, 0, 0, 0]
    there = anna.view(anna.tutor.go(1))
    assert there.result
    assert there.quiz
    assert (there.quiz.reviewing, there.quiz.code) == (True, "")
    class_.happens("mark", "midterm", "anna", attempt=1, item=1, number=0.5)
    end = ended(anna, "midterm")
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
    end = ended(anna, "homework")
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
    assert ended(anna, "homework").shown == "all"
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


# ── the clock ─────────────────────────────────────────────────────────────────────────────────


def test_an_answer_that_was_typed_in_time_counts_and_then_it_is_over(
    class_: Class, anna: ClassDesk
) -> None:
    class_.now = NINE
    view = anna.begun("midterm")
    right = anna.right(view)
    class_.now = NINE + 45 * MINUTE + 1
    end = anna.ask(anna.tutor.draft(right.product, right.cells))
    assert end
    assert end.finished
    assert "time was up" in end.closing
    class_.happens("release", "midterm", detail="both")
    assert ended(anna, "midterm").points == 1


def test_after_the_grace_no_answer_is_taken(class_: Class, anna: ClassDesk) -> None:
    class_.now = NINE
    view = anna.begun("midterm")
    class_.now = NINE + 46 * MINUTE
    end = anna.end(anna.right(view))
    assert end.finished
    class_.happens("release", "midterm", detail="both")
    assert ended(anna, "midterm").points == 0


def test_the_host_may_have_submitted_it_meanwhile(class_: Class, anna: ClassDesk) -> None:
    class_.now = NINE
    view = anna.begun("midterm")
    anna.view(anna.right(view))
    class_.now = NINE + 50 * MINUTE
    assert len(class_.papers.submit_overdue(class_.now)) == 1
    end = anna.end(anna.tutor.go("next"))
    assert end.finished
    assert "time was up" in end.closing


def test_an_extension_is_told_at_once_and_so_is_the_end(class_: Class, anna: ClassDesk) -> None:
    class_.now = NINE
    anna.begun("midterm")
    watch = anna.paper._watch
    watch.look()
    assert not _told(anna)
    class_.happens("extend", "midterm", "anna", number=15)
    watch.look()
    watch.look()
    assert _told(anna) == [60 * MINUTE - 1]
    view = anna.view(anna.tutor.go("here"))
    assert view.quiz
    assert view.quiz.seconds_left == 60 * MINUTE - 1
    class_.happens("close", "midterm", "anna")
    watch.look()
    assert _told(anna)[-1] == 0
    assert anna.end(anna.tutor.go("here")).finished


def _told(desk: ClassDesk) -> list[float | None]:
    return [event.seconds for event in desk.events if isinstance(event, TimeLeft)]


def test_a_paper_that_is_reopened_goes_on(class_: Class, anna: ClassDesk) -> None:
    class_.now = NINE
    view = anna.begun("midterm")
    anna.view(anna.right(view))
    anna.end(anna.tutor.hand_in())
    class_.reopen("midterm", "anna")
    there = anna.view(anna.tutor.go("here"))
    assert there.quiz
    assert there.quiz.answered == 1
    assert there.quiz.seconds_left == 10 * MINUTE
    anna.view(anna.right(there))
    anna.paper._watch.look()
    told = _told(anna)
    assert anna.end(anna.tutor.hand_in()).finished
    anna.paper._watch.look()
    assert _told(anna) == told  # whoever submits need not be told that the time is over


def test_what_was_opened_last_is_what_begins(class_: Class, anna: ClassDesk) -> None:
    class_.now = NINE
    anna.cover("midterm")
    own = anna.step(QuizSpec(lessons=["one-neuron"], items=1, exam=True, minutes=5))
    assert own.quiz
    assert own.quiz.assignment == ""
    assert anna.listed("midterm").state == "open"


# ── windows and locks ─────────────────────────────────────────────────────────────────────────


def test_two_windows_share_a_paper(class_: Class, anna: ClassDesk) -> None:
    class_.now = NINE
    first = anna.begun("midterm")
    other = class_.learner("anna")
    there = other.ask(other.tutor.assignment("midterm")).screen
    assert isinstance(there, StepView)
    anna.view(anna.right(first))
    second = other.view(other.tutor.go(1))
    other.view(other.wrong(second))
    other.ask(other.tutor.flag())
    end = anna.end(anna.tutor.go("summary"))
    assert [item.state for item in end.items] == ["answered", "answered", "open", "open"]
    assert [item.flagged for item in end.items] == [False, False, True, False]
    assert anna.end(anna.tutor.hand_in()).finished
    assert other.end(other.tutor.go("here")).finished


def test_a_wrong_try_costs_the_same_in_any_window(
    class_: Class, anna: ClassDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = anna.begun("homework")
    windows = [class_.learner("anna") for _ in range(3)]
    for window in windows:
        window.ask(window.tutor.assignment("homework"))
    for window in windows[:2]:
        assert window.view(window.wrong(first)).stage == "open"
    with pytest.raises(UserError, match="too long"):
        windows[2].view(windows[2].wrong(first)._replace(product="x" * 30_001))
    with monkeypatch.context() as full:
        full.setattr(papers, "MOST_ANSWERS", 0)
        with pytest.raises(UserError, match="too many"):  # it is undone
            windows[2].view(windows[2].wrong(first))
    solved = windows[2].view(windows[2].right(first))
    assert solved.stage == "solved"
    assert windows[2].quiz.asked.points == pytest.approx(0.25)
    late = anna.view(anna.wrong(first))
    assert (late.stage, late.quiz and late.quiz.credit) == ("solved", 0.25)
    assert "Another terminal" in late.message
    end = anna.end(anna.tutor.hand_in())
    assert end.points == pytest.approx(0.25)


def test_of_tries_in_two_windows_at_once_none_is_lost(class_: Class, anna: ClassDesk) -> None:
    first = anna.begun("homework")
    other = class_.learner("anna")
    other.ask(other.tutor.assignment("homework"))
    store, looks = anna.paper.file.papers, []
    look = store.last_answers

    def look_and_then(key: Any) -> Any:
        """What is stored; right after the look before the answer is added, the other one is."""
        looks.append(key)
        found, nth = look(key), len(looks)
        if nth == 2:
            other.view(other.wrong(first))
        return found

    store.last_answers = look_and_then  # type: ignore[method-assign]
    anna.view(anna.wrong(first))
    assert anna.quiz.asked.mark.attempts == 2
    assert look(anna.paper.file.paper.key)[0].mark.attempts == 2


def test_what_was_answered_is_there_again_after_a_kill(class_: Class, anna: ClassDesk) -> None:
    class_.now = NINE
    first = anna.begun("midterm")
    second = anna.view(anna.right(first))
    anna.ask(anna.tutor.draft("half", [""] * len(second.grid.asked)))
    again = class_.learner("anna")
    there = again.ask(again.tutor.assignment("midterm")).screen
    assert isinstance(there, StepView)
    assert (there.index, there.product) == (1, "half")
    assert again.view(again.tutor.go(0)).grid.asked[0].text


def test_while_it_is_locked_nothing_else_opens(class_: Class, anna: ClassDesk) -> None:
    class_.now = NINE
    assert anna.menu().items
    in_lesson, at_homework = class_.learner("anna"), class_.learner("anna")
    in_lesson.opened("batch")
    at_homework.begun("homework")
    anna.begun("midterm")
    assert not anna.menu().items
    for before in (in_lesson, at_homework):
        at_step: list[Coroutine[Any, Any, object]] = [
            before.tutor.show(),
            before.tutor.explain(),
            before.tutor.knowns(),
            before.tutor.hint(),
            before.tutor.hand_in(),
        ]
        for request in at_step:
            with pytest.raises(UserError, match="Midterm is in progress"):
                before.ask(request)
    window = class_.learner("anna")
    assert [item.name for item in window.menu().assignments or ()]
    elsewhere: list[Coroutine[Any, Any, object]] = [
        window.tutor.open("batch", "all", True),
        window.tutor.quiz(QuizSpec(lessons=["batch"])),
        window.tutor.quiz(QuizSpec(replay="batch:Z:4815:1a2b3c4d")),
        window.tutor.attempts(),
        window.tutor.exams(),
        window.tutor.progress(),
        window.tutor.assignment("homework"),
    ]
    for request in elsewhere:
        with pytest.raises(UserError, match="Midterm is in progress"):
            window.ask(request)
    assert class_.learner("ben").menu().items
    anna.end(anna.tutor.hand_in())
    assert window.menu().items
    window.opened("batch")


def test_who_is_not_in_the_class_practises(class_: Class) -> None:
    mallory = class_.learner("mallory")
    assert mallory.menu().items
    assert mallory.menu().assignments is None
    mallory.opened("batch")


def test_without_a_class_there_are_no_assignments(desk: ClassDesk) -> None:
    assert desk.menu().assignments is None
    with pytest.raises(UserError, match="not in a class"):
        desk.ask(desk.tutor.assignments())


def test_nothing_of_a_paper_is_in_the_record_of_practice(class_: Class, anna: ClassDesk) -> None:
    view = anna.begun("homework")
    anna.view(anna.right(view))
    anna.end(anna.tutor.hand_in())
    assert not anna.ask(anna.tutor.attempts())
