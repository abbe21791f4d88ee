"""What is kept of an exam that is submitted, whenever that is broken off."""

import time
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bptutor.quiz.exam import HANDED_IN
from bptutor.record.attempts import learner_name
from bptutor.record.record import Record
from bptutor.record.sittings import QuizSitting, QuizSittings
from bptutor.text import UserError
from bptutor.views.quiz import QuizSpec, QuizView
from tests.service.desk import (
    EASY,
    KEPT_NOWHERE,
    MINE,
    TIMED,
    Clock,
    Desk,
    nothing_can_be_kept,
)

pytestmark = pytest.mark.usefixtures("warm")


class Killed(BaseException):
    """Nothing of the service comes after it."""


def answered(desk: Desk) -> None:
    """An exam of three items, of which the second one is wrong."""
    view = desk.step(QuizSpec(lessons=EASY, items=3, seed=4, exam=True))
    view = desk.view(desk.right(view))
    view = desk.view(desk.wrong(view))
    desk.screen(desk.right(view))


def on_record() -> tuple[list[tuple[str, str, list[str]]], dict[str, tuple[int, int]]]:
    """The attempts, the latest first, and how often each misconception was met and made."""
    learner = learner_name()
    met = Record().met(learner)
    return (
        [(each.step, each.verdict, each.misconceptions) for each in Record().attempts(learner)],
        {id_: (each.met, each.made) for id_, each in met.items()},
    )


@pytest.mark.parametrize("rows", range(4))
def test_a_hand_in_that_is_broken_off_is_done_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, rows: int
) -> None:
    """Killed before the first row, between rows, and after the last before the exam is kept."""
    answered(desk)
    whole = desk.end(desk.tutor.hand_in())
    expected = on_record()
    assert len(expected[0]) == 3
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path / "another learner's"))
    desk = Desk.anew()
    answered(desk)
    practised, save = Record.add, QuizSittings.save
    kept = 0

    def practise(self: Record, *of: Any) -> None:
        nonlocal kept
        if kept == rows:
            raise Killed
        practised(self, *of)
        kept += 1

    def keep(self: QuizSittings, key: str, value: QuizSitting) -> None:
        if value.finished:
            raise Killed
        save(self, key, value)

    with monkeypatch.context() as patched:
        patched.setattr(Record, "add", practise)
        patched.setattr(QuizSittings, "save", keep)
        with pytest.raises(Killed):
            desk.ask(desk.tutor.hand_in())
    assert len(on_record()[0]) == rows
    again = Desk.anew().open(QuizSpec(exam=True)).screen
    assert isinstance(again, QuizView)
    assert again == whole
    assert on_record() == expected
    assert not Desk.anew().open(QuizSpec(exam=True, lessons=EASY)).resumed


def test_lost_at_the_end_of_an_exam_the_service_comes_back_to_it(desk: Desk) -> None:
    spec = QuizSpec(lessons=EASY, items=2, seed=4, exam=True)
    view = desk.step(spec)
    desk.screen(desk.wrong(view))
    end = desk.end(desk.tutor.hand_in())
    back = Desk.anew().open(replace(spec, back=True))
    assert isinstance(back.screen, QuizView)
    assert back.screen == end
    anew = Desk.anew().open(QuizSpec(lessons=EASY, items=2, exam=True))
    assert not anew.resumed


def results() -> list[tuple[int, int, str, float | None]]:
    """What is kept of each exam, the latest first."""
    desk = Desk.anew()
    exams = desk.ask(desk.tutor.exams())
    return [(each.seed, each.number, each.state, each.points) for each in exams]


def test_each_exam_keeps_its_result_and_begins_again_only_where_that_is_asked(desk: Desk) -> None:
    spec = QuizSpec(lessons=EASY, items=2, seed=4, exam=True)
    view = desk.step(spec)
    desk.screen(desk.right(view))
    end = desk.end(desk.tutor.hand_in())
    other = Desk.anew()
    view = other.step(replace(spec, seed=5))
    other.screen(other.wrong(view))
    worse = other.end(other.tutor.hand_in())
    for same in (spec, replace(spec, resume=False), replace(spec, lessons=EASY[::-1], minutes=9)):
        shown = Desk.anew().open(same)
        assert shown.screen == end
        assert shown.remark == HANDED_IN.text
    kept = [(5, 1, "submitted", worse.points), (4, 1, "submitted", 1.0)]
    assert results() == kept
    again = Desk.anew()
    view = again.step(replace(spec, again=True))
    assert results() == [(4, 2, "open", None), *kept]
    assert Desk.anew().step(spec).index == view.index  # the one that is not submitted comes first
    assert Desk.anew().step(replace(spec, again=True)).index == view.index
    again.ask(again.tutor.hand_in())
    assert results() == [(4, 2, "submitted", 0.0), *kept]
    first = again.ask(again.tutor.exams())[-1]
    assert Desk.anew().open(QuizSpec(exam=True, past=first.key)).screen == end


def test_the_points_of_each_item_stay_where_its_lesson_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    desk = Desk.anew()
    spec = QuizSpec(lessons=[str(path)], items=2, seed=3, exam=True)
    view = desk.step(spec)
    desk.screen(desk.right(view))
    end = desk.end(desk.tutor.hand_in())
    path.write_text(MINE.replace("w * x", "x * w + x"))
    after = Desk.anew()
    with pytest.raises(UserError, match="progress --exams"):
        after.open(spec)
    (exam,) = after.ask(after.tutor.exams())
    assert [item.points for item in exam.items] == [item.points for item in end.items]
    assert [item.answered for item in exam.items] == [True, False]


def test_an_exam_whose_time_ran_out_is_submitted_when_its_result_is_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(time.time())
    monkeypatch.setattr("time.time", clock)
    view = desk.step(TIMED)
    desk.screen(desk.right(view))
    assert results() == [(4, 1, "open", None)]
    clock.now += 61
    (left,) = Desk.anew().menu().quizzes
    assert (left.exam, left.answered, left.over) == (True, 1, True)
    assert results() == [(4, 1, "submitted", 1.0)]
    assert Desk.anew().menu().quizzes == []
    assert len(on_record()[0]) == 1
    assert results() == [(4, 1, "submitted", 1.0)]


def test_an_exam_of_an_older_folder_goes_on_where_it_was(desk: Desk) -> None:
    """Such a folder has one exam, whose file is named after its kind alone."""
    spec = QuizSpec(lessons=EASY, items=2, seed=4, exam=True)
    desk.screen(desk.right(desk.step(spec)))
    quizzes = QuizSittings()
    ((key, _),) = quizzes.exams()
    folder = Path(quizzes.drawer.place)
    (folder / quizzes.name(key)).rename(folder / quizzes.name("exam"))
    back = Desk.anew()
    assert back.step(spec).index == 1
    assert back.end(back.tutor.hand_in()).points == 1
    assert results() == [(4, 1, "submitted", 1.0)]
    assert [name for name, _ in quizzes.every()] == [quizzes.name("exam")]


def test_so_it_is_at_the_end_of_an_exam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path))
    desk = Desk.anew()
    answered(desk)
    nothing_can_be_kept(tmp_path)
    ends = [desk.end(request) for request in (desk.tutor.hand_in(), desk.tutor.go("here"))]
    assert [[end.closing.count(each) for end in ends] for each in KEPT_NOWHERE] == [[1, 0]] * 2
