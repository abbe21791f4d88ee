"""Exams as the service has them: what they keep, and never let across early."""

import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from bptutor.record.attempts import learner_name
from bptutor.record.record import Record
from bptutor.text import UserError
from bptutor.views.lesson import StepView
from bptutor.views.quiz import ExamCover, QuizLeft, QuizSpec, QuizView
from tests.service.desk import (
    EASY,
    MINE,
    TIMED,
    Clock,
    Desk,
    placed,
)

pytestmark = pytest.mark.usefixtures("warm")


def test_an_exam_says_nothing_until_it_is_handed_in(desk: Desk) -> None:
    opened = desk.step(QuizSpec(lessons=["two-hidden-layers"], items=6, seed=4, exam=True))
    parts = []
    view = opened
    while True:
        parts.append(placed(view).part)
        assert not placed(view).code
        assert view.stage == "open"
        assert view.result is None
        assert not view.hints
        if view.kind == "backward":  # no chain rule to copy
            assert view.formula == f"{view.name} = ?"
        tutor = desk.tutor
        for request in (tutor.hint, tutor.show, tutor.explain, tutor.picture):
            with pytest.raises(UserError, match="exam"):
                desk.ask(request())
        truths = _truths_asked(desk, view)
        knowns = desk.ask(desk.tutor.knowns())
        seen = [tuple(each.matrix.values) for each in (*knowns, *view.knowns)]
        seen += [tuple(m.values) for line in view.tape for m in (line.value, line.gradient) if m]
        names = {each.typed for each in (*knowns, *view.knowns)}
        assert not names & set(truths)
        assert not {value for value in truths.values() if len(set(value)) > 1} & set(seen)
        right = desk.right(view) if view.index % 2 else desk.wrong(view)
        reply = desk.screen(right)
        if isinstance(reply, QuizView):
            break
        assert isinstance(reply, StepView)
        view = reply
    assert any(parts)
    before = reply
    assert not before.finished
    assert not before.skills
    assert {item.state for item in before.items} == {"answered"}
    assert {item.points for item in before.items} == {0}
    end = desk.end(desk.tutor.hand_in())
    assert end.finished
    assert end.possible == 6
    assert 3 <= end.points < 6
    for item in end.items:
        there = desk.view(desk.tutor.go(item.index))
        assert there.result
        assert placed(there).reviewing
        assert placed(there).code
        if item.state == "wrong":
            assert "wrong" in [cell.verdict for cell in there.grid.asked]
    assert len(Record().attempts(learner_name())) == 6
    with pytest.raises(UserError):
        desk.ask(desk.tutor.hand_in())


def _truths_asked(desk: Desk, view: StepView) -> dict[str, tuple[float, ...]]:
    """The values of the question's own steps, by name: those that must not be seen."""
    quiz = desk.quiz
    group = quiz.sitting.items[view.index].group
    found = {}
    for index, item in enumerate(quiz.sitting.items):
        if item.group == group:
            of = quiz.session_at(index)
            found[item.step] = tuple(of.prepare().truth(of.step).reshape(-1).tolist())
    return found


def test_what_an_exam_cannot_read_is_said_at_once(desk: Desk) -> None:
    view = desk.step(QuizSpec(lessons=EASY, items=2, seed=4, exam=True))
    there = desk.view(desk.tutor.check("", ["0.3.3"] * len(view.grid.asked), "value"))
    assert there.index == 0
    assert there.message
    assert "wrong" not in there.message


def test_an_exam_s_item_is_open_until_its_whole_value_is_typed(desk: Desk) -> None:
    view = desk.step(QuizSpec(lessons=["two-hidden-layers"], items=3, seed=5, exam=True))
    whole = desk.right(view)
    assert whole.cells
    assert len(whole.cells) == 3
    for cells in ([], ["", "", ""], [whole.cells[0], "", " "]):
        there = desk.view(desk.tutor.check(whole.product, cells, "both"))
        assert there.index == 1
        assert placed(there).answered == 0
        assert desk.end(desk.tutor.go("summary")).items[0].state == "open"
        assert [left.answered for left in _left(desk)] == [0]
        assert desk.view(desk.tutor.go(0)).index == 0
    there = desk.view(whole)
    assert there.quiz
    assert placed(there).answered == 1
    assert desk.end(desk.tutor.go("summary")).items[0].state == "answered"
    assert [left.answered for left in _left(desk)] == [1]


def _left(desk: Desk) -> list[QuizLeft]:
    reply = desk.ask(desk.tutor.menu())
    return reply.quizzes


def test_an_exam_can_be_walked_and_flagged_and_comes_back_as_it_was(desk: Desk) -> None:
    spec = QuizSpec(lessons=EASY, items=3, seed=4, exam=True)
    view = desk.step(spec)
    view = desk.view(desk.tutor.flag())
    assert placed(view).flagged
    view = desk.view(desk.right(view))
    assert view.index == 1
    view = desk.view(desk.tutor.go(2))
    names = desk.ask(desk.tutor.steps())
    assert len(names) == 3
    again = Desk.anew()
    there = again.step(QuizSpec(exam=True))
    assert there.index == 2
    end = again.end(again.tutor.go("summary"))
    assert [(item.state, item.flagged) for item in end.items] == [
        ("answered", True),
        ("open", False),
        ("open", False),
    ]


def test_an_exam_whose_time_is_over_is_handed_in(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = desk.step(QuizSpec(lessons=EASY, items=2, seed=4, exam=True, minutes=1))
    assert placed(view).seconds_left == pytest.approx(60, abs=5)
    view = desk.view(desk.right(view))
    last = desk.right(view)
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 61)
    reply = desk.ask(desk.tutor.draft(last.product, last.cells))
    assert isinstance(reply, QuizView)
    assert reply.finished
    assert reply.points == 2
    too_late = desk.end(desk.tutor.go("summary"))
    assert too_late.points == 2


def test_the_clock_of_an_exam_starts_when_it_is_begun_and_runs_through_a_kill(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(time.time())
    monkeypatch.setattr("time.time", clock)
    cover = desk.open(TIMED).screen
    assert isinstance(cover, ExamCover)
    assert (cover.items, cover.minutes, cover.seed) == (2, 1, 4)
    clock.now += 1000
    begun = desk.view(desk.tutor.begin())
    assert placed(begun).seconds_left == 60
    clock.now += 20
    resumed = Desk.anew().open(TIMED).screen
    assert isinstance(resumed, StepView)
    assert placed(resumed).seconds_left == 40
    clock.now += 50
    over = Desk.anew().open(TIMED).screen
    assert isinstance(over, QuizView)
    assert over.finished


def test_before_it_is_begun_an_exam_shows_nothing_and_leaves_nothing(desk: Desk) -> None:
    first = desk.step(replace(TIMED, minutes=0))
    desk.screen(desk.wrong(first))
    before = desk.end(desk.tutor.hand_in())
    cover = desk.open(replace(TIMED, again=True)).screen
    assert isinstance(cover, ExamCover)
    assert cover.number == 2
    tutor = desk.tutor
    for request in (
        tutor.go(0),
        tutor.steps(),
        tutor.knowns(),
        tutor.draft("", ["1"]),
        tutor.check("", ["1"], "both"),
        tutor.hand_in(),
    ):
        with pytest.raises(UserError):
            desk.ask(request)
    assert Desk.anew().menu().quizzes == []
    assert Desk.anew().open(replace(TIMED, minutes=0)).screen == before


def test_a_second_cover_gives_no_second_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(time.time())
    monkeypatch.setattr("time.time", clock)
    one, two, other = Desk.anew(), Desk.anew(), Desk.anew()
    for desk, spec in ((one, TIMED), (two, TIMED), (other, replace(TIMED, seed=5))):
        desk.open(spec)
    clock.now += 1
    answered = one.view(one.tutor.begin())
    one.screen(one.wrong(answered))
    clock.now += 30
    late = two.view(two.tutor.begin())
    assert (placed(late).seconds_left, placed(late).answered) == (30, 1)
    mine = other.view(other.tutor.begin())
    assert (placed(mine).seconds_left, placed(mine).answered) == (60, 0)


def test_what_has_no_answer_is_not_said_to_be_wrong(desk: Desk) -> None:
    view = desk.step(replace(TIMED, minutes=0))
    desk.screen(desk.wrong(view))
    end = desk.end(desk.tutor.hand_in())
    assert [item.state for item in end.items] == ["wrong", "open"]
    there = desk.view(desk.tutor.go(1))
    assert {cell.verdict for cell in there.grid.asked} == {None}


def test_what_an_exam_took_is_counted_item_by_item(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr("bptutor.quiz.quiz.monotonic", clock)
    desk.step(QuizSpec(lessons=EASY, items=2, seed=4, exam=True))
    for index, seconds in ((0, 20.0), (1, 5.0), (0, 7.0)):
        view = desk.view(desk.tutor.go(index))
        clock.now += seconds
        desk.screen(desk.wrong(view))
    desk.ask(desk.tutor.go("summary"))
    clock.now += 1000.0  # there
    desk.ask(desk.tutor.hand_in())
    attempts = Record().attempts(learner_name())
    took = {each.step: each.milliseconds for each in attempts}
    items = desk.quiz.sitting.items
    assert [took[item.step] for item in items] == [27_000, 5_000]


def test_an_exam_waits_for_a_lesson_that_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    view = Desk.anew().step(spec := QuizSpec(lessons=[str(path)], items=2, exam=True))
    path.write_text(MINE.replace("w * x", "x * w + x"))
    with pytest.raises(UserError, match="changed"):
        Desk.anew().open(spec)
    path.unlink()
    with pytest.raises(UserError, match="missing"):
        Desk.anew().open(spec)
    path.write_text(MINE)
    back = Desk.anew().open(spec)
    assert back.resumed
    assert isinstance(back.screen, StepView)
    assert back.screen.knowns == view.knowns
