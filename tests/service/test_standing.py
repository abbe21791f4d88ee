"""What stays of lessons: what is finished, where one was, and whose answer of two terminals."""

import pytest

from bptutor.course.parts import steps_of
from bptutor.lesson.find import available
from bptutor.lesson.load import load
from bptutor.record.sittings import Mark, Numbers, Sitting, Sittings
from bptutor.service.lessons import LessonPlace
from bptutor.service.protocol import Keeping
from bptutor.views.lesson import LessonChanged, LessonItem, Place, SummaryView
from tests.near import COURSE
from tests.service.desk import Desk

FIRST = "one-neuron"
STEPS = len(steps_of(load(FIRST), "tape"))


def item(desk: Desk, name: str = FIRST) -> LessonItem:
    return next(each for each in desk.ask(desk.tutor.menu()).items if each.name == name)


def walked(desk: Desk, lesson: str = FIRST) -> SummaryView:
    """The end of a lesson, with all of its answers shown."""
    view = desk.opened(lesson).view
    for _ in range(view.total):
        desk.ask(desk.tutor.show())
        screen = desk.ask(desk.tutor.go("next"))
    assert isinstance(screen, SummaryView)
    return screen


def test_a_finished_lesson_stays_finished(desk: Desk) -> None:
    assert not item(desk).parts["tape"].done
    (norm,) = walked(desk).norms
    assert norm.name == "∂L/∂w"
    assert norm.norm == pytest.approx(4.8)  # 2 * (0.5 * 3 - 0.3 - 2) * 3
    assert item(desk).parts["tape"] == Place(STEPS, STEPS, done=True)
    desk.ask(desk.tutor.again())
    assert item(desk).parts["tape"] == Place(STEPS, 0, done=True)
    desk.ask(desk.tutor.open(FIRST, "all", resume=False))
    assert item(Desk.anew()).parts["tape"].done
    progress = next(each for each in desk.ask(desk.tutor.progress()).lessons if each.finished)
    assert (progress.answered, progress.finished) == (STEPS, ["tape"])


@pytest.mark.parametrize("anew", [False, True])
def test_what_an_older_version_finished_is_finished(desk: Desk, anew: bool) -> None:
    lesson = load(FIRST)
    old = Sitting(FIRST, lesson.digest, "all", 1, 0, 0, {"w": Numbers([], [0.5])}, {}, [0.64])
    Sittings().save(FIRST, old)
    if anew:
        desk.ask(desk.tutor.open(FIRST, "all", resume=False))
    assert item(desk).parts["tape"].done


def test_the_end_is_where_one_was_at_the_end(desk: Desk) -> None:
    walked(desk)
    opened = Desk.anew().opened(FIRST)
    assert opened.end is not None
    assert opened.screen == opened.end
    assert opened.view.index == STEPS - 1


def test_the_end_leads_to_the_next_part_and_to_the_next_lesson_that_is_not_finished(
    desk: Desk,
) -> None:
    first, second, third, *_ = available()
    assert first == FIRST
    (lesson,) = walked(desk).onward
    assert (lesson.lesson, lesson.part, lesson.same) == (second, "tape", False)
    walked(desk, second)
    assert _end(desk).onward[-1].lesson == third
    part, lesson = walked(desk, COURSE).onward
    assert (part.lesson, part.part, part.same) == (COURSE, "keras", True)
    assert not lesson.same


def _end(desk: Desk) -> SummaryView:
    end = desk.opened(FIRST).end
    assert end
    return end


def test_the_menu_knows_the_last_lesson_and_what_was_chosen(desk: Desk) -> None:
    assert desk.ask(desk.tutor.menu()).last == ""
    desk.ask(desk.tutor.open("circuit", "values", resume=True))
    menu = Desk.anew()
    found = menu.ask(menu.tutor.menu())
    assert (found.last, found.part, found.ask) == ("circuit", "tape", "values")
    menu.ask(menu.tutor.choose("keras", "all"))
    found = desk.ask(desk.tutor.menu())
    assert (found.last, found.part, found.ask) == ("circuit", "keras", "values")


def test_a_place_at_steps_that_are_no_longer_asked_opens(desk: Desk) -> None:
    """An older version asked for sums over the outputs as well."""
    lesson = load("softmax")
    marks = {
        "Z": Mark("solved", cells=["-0.2", "-0.4", "0.8"], attempts=1),
        "P": Mark("shown"),
        "dZ_dW": Mark("solved", cells=["1", "1", "1"], attempts=2),
        "dP_dZ": Mark(cells=["0"]),
    }
    Sittings().save("softmax", Sitting("softmax", lesson.digest, "all", 0, 4, 4, {}, marks, []))
    assert desk.ask(desk.tutor.open("softmax", "all", True)) == LessonChanged(
        lesson.title.to("en"), 3
    )
    view = desk.opened("softmax", changed=True).view
    assert view.step in ("Z", "P", "L")
    desk.ask(desk.tutor.show())  # and is saved
    saved = Sittings().load("softmax")
    assert saved
    assert saved.marks.keys() <= {step.id for step in steps_of(lesson, "tape")}


def test_other_numbers_have_their_own_place_and_record(desk: Desk) -> None:
    own, other = item(desk), f"{FIRST}#seed=7"
    assert desk.opened(other).title.endswith("(seed 7)")
    desk.ask(desk.tutor.show())
    desk.ask(desk.tutor.go("next"))
    after = Desk.anew()
    found = item(after, other)
    assert (found.parts["tape"].answered, found.title) == (1, desk.opened(other).title)
    assert item(after) == own
    assert after.menu().last == other
    opened = after.opened(other)
    assert (opened.resumed, opened.view.index) == (True, 1)
    assert [line.lesson for line in after.ask(after.tutor.attempts())] == [found.title]
    assert not after.opened(FIRST).resumed


LESSON = "one-neuron"
TOLD = "Another terminal has answered z in the meantime. The fields show that answer."


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("drafted", [True, False], ids=["drafted", "at once"])
def test_an_answer_that_came_too_late_is_told_so_once(drafted: bool) -> None:
    one, two = Desk.anew(), Desk.anew()
    one.opened(LESSON)
    two.opened(LESSON)
    shown = two.view(two.tutor.show())
    assert shown.message
    assert TOLD not in shown.message
    if drafted:
        one.ask(one.tutor.draft("", ["7"]))
    late = one.view(one.tutor.check("", ["7"], "value"))
    assert late.stage == "shown"
    assert TOLD in late.message
    assert TOLD not in one.view(one.tutor.go("here")).message
    assert TOLD not in two.view(two.tutor.go("next")).message


@pytest.mark.usefixtures("warm")
def test_what_is_answered_elsewhere_is_said_where_the_learner_is(desk: Desk) -> None:
    desk.opened(LESSON)
    other = Desk.anew()
    other.opened(LESSON)
    other.view(other.tutor.show())
    assert TOLD in desk.view(desk.tutor.go("here")).message


@pytest.mark.usefixtures("warm")
def test_a_lesson_begun_again_elsewhere_is_not_saved_here_and_that_is_said() -> None:
    one, two = Desk.anew(), Desk.anew()
    one.opened(LESSON)
    one.view(one.tutor.check("", ["7"], "value"))
    two.opened(LESSON, resume=False)
    two.view(two.tutor.check("", ["1.2"], "value"))
    late = one.view(one.tutor.check("", ["8"], "value"))
    assert LessonPlace.overtaken_elsewhere.to("en") in late.message
    assert one.events[-1] == Keeping(False)
    assert one.opened(LESSON).view.stage == "solved"
    assert one.events[-1] == Keeping(True)
