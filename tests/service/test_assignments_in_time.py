"""Assignments by the clock, and in several windows: what counts, and what is locked."""

from collections.abc import Coroutine
from typing import Any

import pytest

from bptutor.classroom import papers
from bptutor.service.protocol import TimeLeft
from bptutor.text import UserError
from bptutor.views.lesson import StepView
from bptutor.views.quiz import QuizSpec
from tests.classroom.people import MINUTE, NINE
from tests.service.classroom import Class, ClassDesk
from tests.service.desk import placed

pytestmark = pytest.mark.usefixtures("warm")


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
    assert anna.ended("midterm").points == 1


def test_after_the_grace_no_answer_is_taken(class_: Class, anna: ClassDesk) -> None:
    class_.now = NINE
    view = anna.begun("midterm")
    class_.now = NINE + 46 * MINUTE
    end = anna.end(anna.right(view))
    assert end.finished
    class_.happens("release", "midterm", detail="both")
    assert anna.ended("midterm").points == 0


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
    assert placed(view).seconds_left == 60 * MINUTE - 1
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
    assert placed(there).answered == 1
    assert placed(there).seconds_left == 10 * MINUTE
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
    assert placed(own).assignment == ""
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
