"""Quizzes and exams as the service has them: what they ask, keep, and never let across early."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from bptutor import __version__
from bptutor.engine.runtime import tensorflow
from bptutor.language.render import write
from bptutor.lesson.load import load
from bptutor.lesson.steps import steps
from bptutor.locale import UserError, shortest
from bptutor.service.learner import Learner
from bptutor.service.messages import (
    Check,
    Draft,
    EngineState,
    Flag,
    Go,
    HandIn,
    Hello,
    Hint,
    Knowns,
    Lessons,
    ListKnowns,
    ListLessons,
    Picture,
    QuizOpened,
    QuizReply,
    QuizView,
    Replay,
    Reply,
    Request,
    Show,
    Skip,
    StartQuiz,
    StepNames,
    StepReply,
    Steps,
    StepView,
    Train,
    Why,
)
from bptutor.service.tutor import Tutor
from bptutor.store.attempts import learner_name
from bptutor.store.quizzes import QuizSitting, QuizSittings
from bptutor.store.record import Record
from bptutor.store.sittings import Sittings
from bptutor.tutoring.quiz.quiz import Quiz

EASY = ["one-neuron", "circuit"]


@dataclass
class Clock:
    """A clock that goes on when it is told to."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Desk:
    """One learner at the service."""

    tutor: Tutor
    learner: Learner

    @classmethod
    def anew(cls) -> "Desk":
        """Another process over the same data, as after a kill."""
        tutor = Tutor(Sittings(), QuizSittings(), Record())
        hello = Hello(version=__version__, language="en", notation="unicode")
        learner, _ = tutor.hello(hello, EngineState("ready", ""))
        return cls(tutor, learner)

    def ask(self, request: Request) -> Reply:
        return self.tutor.handle(self.learner, request, lambda event: None, lambda: False)

    def open(self, how: StartQuiz | Replay) -> QuizOpened:
        opened = self.ask(how)
        assert isinstance(opened, QuizOpened)
        return opened

    def step(self, how: StartQuiz | Replay) -> StepView:
        reply = self.open(how).reply
        assert isinstance(reply, StepReply)
        return reply.view

    def quiz(self, session: str) -> Quiz:
        quiz = self.learner.open[session]
        assert isinstance(quiz, Quiz)
        return quiz

    def right(self, view: StepView) -> Check:
        """The right answer, from TensorFlow's tape; in a quiz as it is shown that is no secret."""
        of = self.quiz(view.session).session
        truth = of.prepare().truth(of.step).reshape(-1).tolist()
        cells = [shortest(truth[position], of.lesson.dtype) for position in of.cells(of.step)]
        product = write(of.step.product, "ascii") if view.asks_product else None
        return Check(view.session, product, cells)

    def wrong(self, view: StepView) -> Check:
        cells = ["77.7"] * len(view.grid.asked)
        return replace(self.right(view), cells=cells)

    def view(self, request: Request) -> StepView:
        reply = self.ask(request)
        assert isinstance(reply, StepReply)
        return reply.view

    def end(self, request: Request) -> QuizView:
        reply = self.ask(request)
        assert isinstance(reply, QuizReply)
        return reply.view

    def items(self, view: StepView) -> Iterator[StepView]:
        """Item after item, as long as whoever takes them answers."""
        session = view.session
        while True:
            yield view
            reply = self.ask(Go(session, "next"))
            if not isinstance(reply, StepReply):
                return
            view = reply.view


@pytest.fixture(autouse=True, scope="module")
def warm() -> None:
    tensorflow()


@pytest.fixture
def desk() -> Desk:
    return Desk.anew()


def codes(desk: Desk, how: StartQuiz) -> list[str]:
    found = []
    for view in desk.items(desk.step(how)):
        assert view.quiz
        found.append(view.quiz.code)
        assert desk.view(desk.right(view)).stage == "solved"
    return found


def test_a_quiz_is_answered_from_its_first_item_to_its_score(desk: Desk) -> None:
    how = StartQuiz(lessons=EASY, items=4, seed=3)
    for view in desk.items(desk.step(how)):
        assert view.total == 4
        assert view.quiz
        assert view.quiz.seed == 3
        assert view.quiz.credit == 1
        with pytest.raises(UserError):
            desk.ask(Go(view.session, "next"))
        assert desk.view(desk.right(view)).stage == "solved"
    end = desk.end(Go(view.session, "here"))
    assert end.finished
    assert (end.points, end.possible) == (4, 4)
    assert {item.state for item in end.items} == {"right"}
    assert sum(skill.possible for skill in end.skills) == 4


def test_a_seed_gives_everybody_the_same_quiz_whatever_is_on_record(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    how = StartQuiz(lessons=EASY, items=5, seed=11, resume=False)
    first = codes(desk, how)
    assert codes(desk, how) == first
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path / "another learner's"))
    assert codes(Desk.anew(), how) == first
    assert codes(Desk.anew(), replace(how, seed=12)) != first


def test_wrong_answers_and_hints_cost_and_the_answer_costs_all(desk: Desk) -> None:
    view = desk.step(StartQuiz(lessons=EASY, items=1, seed=5))
    view = desk.view(desk.wrong(view))
    assert view.stage == "open"
    assert view.quiz
    assert view.quiz.credit == 0.5
    view = desk.view(Hint(view.session))
    assert view.quiz
    assert view.quiz.credit == pytest.approx(0.4)
    assert desk.view(desk.right(view)).stage == "solved"
    end = desk.end(Go(view.session, "next"))
    assert end.points == pytest.approx(0.4)
    assert [item.state for item in end.items] == ["partly"]
    assert end.items[0].diagnosis
    view = desk.step(StartQuiz(lessons=EASY, items=1, seed=5, resume=False))
    assert desk.view(Show(view.session)).stage == "shown"
    assert desk.end(Go(view.session, "next")).points == 0


def test_what_is_put_off_comes_again_at_the_end(desk: Desk) -> None:
    first = desk.step(StartQuiz(lessons=EASY, items=3, seed=8))
    view = desk.view(Skip(first.session))
    assert (view.lesson, view.step) != (first.lesson, first.step)
    seen = []
    for _ in range(3):
        assert view.quiz
        seen.append(view.quiz.code)
        assert desk.view(desk.right(view)).stage == "solved"
        reply = desk.ask(Go(view.session, "next"))
        if isinstance(reply, StepReply):
            view = reply.view
    assert isinstance(reply, QuizReply)
    assert first.quiz
    assert seen[-1] == first.quiz.code
    assert len(set(seen)) == 3


def test_the_only_one_left_cannot_be_put_off(desk: Desk) -> None:
    view = desk.step(StartQuiz(lessons=EASY, items=1, seed=8))
    with pytest.raises(UserError, match="only one left"):
        desk.ask(Skip(view.session))


def test_after_a_kill_the_quiz_goes_on_with_what_was_typed(desk: Desk) -> None:
    view = desk.step(StartQuiz(lessons=EASY, items=4))
    desk.view(desk.right(view))
    view = desk.view(Go(view.session, "next"))
    desk.view(desk.wrong(view))
    desk.ask(Draft(view.session, "half a pro", ["0.1"] * len(view.grid.asked)))
    left = Desk.anew().ask(ListLessons())
    assert isinstance(left, Lessons)
    assert [(each.exam, each.answered, each.total) for each in left.quizzes] == [(False, 1, 4)]
    again = Desk.anew().open(StartQuiz())
    assert again.resumed
    assert isinstance(again.reply, StepReply)
    there = again.reply.view
    assert there.index == 1
    assert there.quiz
    assert view.quiz
    assert there.quiz.code == view.quiz.code
    assert there.quiz.credit == 0.5
    assert [known.matrix for known in there.knowns] == [known.matrix for known in view.knowns]
    assert {cell.text for cell in there.grid.asked} == {"0.1"}
    if view.asks_product:
        assert there.product == "half a pro"


def test_a_quiz_is_over_once_its_end_was_reached(desk: Desk) -> None:
    """Not by its last answer, whose verdict may not have been seen; and looking back is no more."""
    view = desk.step(StartQuiz(lessons=EASY, items=2))
    desk.view(desk.right(view))
    view = desk.view(Go(view.session, "next"))
    told = desk.view(desk.right(view))
    left = Desk.anew().ask(ListLessons())
    assert isinstance(left, Lessons)
    assert [(each.answered, each.total) for each in left.quizzes] == [(2, 2)]
    again = Desk.anew()
    there = again.step(StartQuiz())
    assert (there.index, there.stage, there.grid) == (1, "solved", told.grid)
    assert again.end(Go(there.session, "next")).points == 2
    again.view(Go(there.session, 0))
    after = Desk.anew().ask(ListLessons())
    assert isinstance(after, Lessons)
    assert not after.quizzes
    assert not Desk.anew().open(StartQuiz(lessons=EASY)).resumed


def test_every_answer_is_on_record_before_it_is_judged(desk: Desk) -> None:
    view = desk.step(StartQuiz(lessons=EASY, items=2, seed=2))
    desk.ask(desk.wrong(view))
    desk.ask(desk.right(view))
    kept = Record().attempts(desk.learner.recorder.learner)
    assert [(each.verdict, each.number, each.closed) for each in kept] == [
        ("right", 2, True),
        ("wrong", 1, False),
    ]
    assert view.quiz
    assert all(str(each.seed) in view.quiz.code for each in kept)
    assert kept[1].cells == ["77.7"] * len(view.grid.asked)
    assert set(Record().cards(kept[0].learner)) == {kept[0].skill}


def test_a_past_item_comes_again_with_the_same_numbers(desk: Desk) -> None:
    view = desk.step(StartQuiz(lessons=EASY, items=2, seed=2))
    assert view.quiz
    again = Desk.anew().open(Replay(view.quiz.code))
    assert isinstance(again.reply, StepReply)
    assert again.reply.view.knowns == view.knowns
    assert again.reply.view.quiz
    assert again.reply.view.quiz.seed is None, "with the item's seed another quiz would begin"
    assert not again.remark
    other = Desk.anew().open(Replay(view.quiz.code[:-3] + "000"))
    assert "changed" in other.remark
    for rubbish in ("", "a:b", "one-neuron:dL_dw:x:1", "none:dL_dw:1:1", "one-neuron:dL_dQ:1:1"):
        with pytest.raises(UserError):
            desk.ask(Replay(rubbish))


def test_a_step_of_a_lesson_comes_again_as_it_was_after_updates(desk: Desk) -> None:
    view = desk.step(Replay("one-neuron:dL_dw:i2:00000000"))
    of = desk.quiz(view.session).session
    lesson = of.lesson
    w, x, b, y = (np.asarray(lesson.values[name], "float64") for name in "wxby")
    for _ in range(2):  # the update by hand: L = (w*x + b - y)**2
        slope = 2 * (w * x + b - y)
        w, b = w - lesson.learning_rate * slope * x, b - lesson.learning_rate * slope
    expected = 2 * (w * x + b - y) * x
    assert of.prepare().truth(of.step) == pytest.approx(expected, rel=1e-6)


def test_an_exam_says_nothing_until_it_is_handed_in(desk: Desk) -> None:
    opened = desk.step(StartQuiz(lessons=["two-hidden-layers"], items=6, seed=4, exam=True))
    parts = []
    view = opened
    while True:
        assert view.quiz
        parts.append(view.quiz.part)
        assert not view.quiz.code
        assert view.stage == "open"
        assert view.result is None
        assert not view.hints
        for request in (Hint, Show, Why, Picture):
            with pytest.raises(UserError, match="exam"):
                desk.ask(request(view.session))
        truths = _truths_asked(desk, view)
        knowns = desk.ask(ListKnowns(view.session))
        assert isinstance(knowns, Knowns)
        seen = [tuple(each.matrix.values) for each in (*knowns.knowns, *view.knowns)]
        seen += [tuple(m.values) for line in view.tape for m in (line.value, line.gradient) if m]
        names = {each.typed for each in (*knowns.knowns, *view.knowns)}
        assert not names & set(truths)
        assert not {value for value in truths.values() if len(set(value)) > 1} & set(seen)
        right = desk.right(view) if view.index % 2 else desk.wrong(view)
        reply = desk.ask(right)
        if isinstance(reply, QuizReply):
            break
        assert isinstance(reply, StepReply)
        view = reply.view
    assert any(parts)
    before = reply.view
    assert not before.finished
    assert not before.skills
    assert {item.state for item in before.items} == {"answered"}
    assert {item.points for item in before.items} == {0}
    end = desk.end(HandIn(view.session))
    assert end.finished
    assert end.possible == 6
    assert 3 <= end.points < 6
    for item in end.items:
        there = desk.view(Go(view.session, item.index))
        assert there.result
        assert there.quiz
        assert there.quiz.reviewing
        assert there.quiz.code
        if item.state == "wrong":
            assert "wrong" in [cell.verdict for cell in there.grid.asked]
    assert len(Record().attempts(desk.learner.recorder.learner)) == 6
    with pytest.raises(UserError):
        desk.ask(HandIn(view.session))


def _truths_asked(desk: Desk, view: StepView) -> dict[str, tuple[float, ...]]:
    """The values of the question's own steps, by name: those that must not be seen."""
    quiz = desk.quiz(view.session)
    group = quiz.sitting.items[view.index].group
    found = {}
    for index, item in enumerate(quiz.sitting.items):
        if item.group == group:
            of = quiz.session_at(index)
            found[item.step] = tuple(of.prepare().truth(of.step).reshape(-1).tolist())
    return found


def test_what_an_exam_cannot_read_is_said_at_once(desk: Desk) -> None:
    view = desk.step(StartQuiz(lessons=EASY, items=2, seed=4, exam=True))
    there = desk.view(Check(view.session, None, ["0.3.3"] * len(view.grid.asked)))
    assert there.index == 0
    assert there.message
    assert "wrong" not in there.message


def test_an_exam_can_be_walked_and_flagged_and_comes_back_as_it_was(desk: Desk) -> None:
    how = StartQuiz(lessons=EASY, items=3, seed=4, exam=True)
    view = desk.step(how)
    view = desk.view(Flag(view.session))
    assert view.quiz
    assert view.quiz.flagged
    view = desk.view(desk.right(view))
    assert view.index == 1
    view = desk.view(Go(view.session, 2))
    names = desk.ask(Steps(view.session))
    assert isinstance(names, StepNames)
    assert len(names.steps) == 3
    again = Desk.anew()
    there = again.step(StartQuiz(exam=True))
    assert there.index == 2
    end = again.end(Go(there.session, "summary"))
    assert [(item.state, item.flagged) for item in end.items] == [
        ("answered", True),
        ("open", False),
        ("open", False),
    ]
    with pytest.raises(UserError, match="seed 4"):
        again.ask(replace(how, seed=5))


def test_an_exam_whose_time_is_over_is_handed_in(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = desk.step(StartQuiz(lessons=EASY, items=2, seed=4, exam=True, minutes=1))
    assert view.quiz
    assert view.quiz.seconds_left == pytest.approx(60, abs=5)
    view = desk.view(desk.right(view))
    last = desk.right(view)
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 61)
    reply = desk.ask(Draft(view.session, last.product or "", last.cells or []))
    assert isinstance(reply, QuizReply)
    assert reply.view.finished
    assert reply.view.points == 2
    too_late = desk.end(Go(view.session, "summary"))
    assert too_late.points == 2


class Killed(BaseException):
    """Nothing of the service comes after it."""


def answered(desk: Desk) -> str:
    """An exam of three items, of which the second one is wrong; its session."""
    view = desk.step(StartQuiz(lessons=EASY, items=3, seed=4, exam=True))
    view = desk.view(desk.right(view))
    view = desk.view(desk.wrong(view))
    desk.ask(desk.right(view))
    return view.session


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
    whole = desk.end(HandIn(answered(desk)))
    expected = on_record()
    assert len(expected[0]) == 3
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path / "another learner's"))
    desk = Desk.anew()
    session = answered(desk)
    practised, save = Record.practised, QuizSittings.save
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
        patched.setattr(Record, "practised", practise)
        patched.setattr(QuizSittings, "save", keep)
        with pytest.raises(Killed):
            desk.ask(HandIn(session))
    assert len(on_record()[0]) == rows
    again = Desk.anew().open(StartQuiz(exam=True)).reply
    assert isinstance(again, QuizReply)
    assert replace(again.view, session="") == replace(whole, session="")
    assert on_record() == expected
    assert not Desk.anew().open(StartQuiz(exam=True, lessons=EASY)).resumed


def test_lost_at_the_end_of_an_exam_the_service_comes_back_to_it(desk: Desk) -> None:
    how = StartQuiz(lessons=EASY, items=2, seed=4, exam=True)
    view = desk.step(how)
    desk.ask(desk.wrong(view))
    end = desk.end(HandIn(view.session))
    back = Desk.anew().open(replace(how, back=True))
    assert isinstance(back.reply, QuizReply)
    assert replace(back.reply.view, session="") == replace(end, session="")
    anew = Desk.anew().open(StartQuiz(lessons=EASY, items=2, exam=True))
    assert not anew.resumed


def test_an_exam_that_was_handed_in_is_shown_to_whoever_gives_its_seed(desk: Desk) -> None:
    view = desk.step(StartQuiz(lessons=EASY, items=2, seed=4, exam=True))
    desk.ask(desk.wrong(view))
    end = desk.end(HandIn(view.session))
    again = Desk.anew().open(StartQuiz(seed=4, exam=True))
    assert isinstance(again.reply, QuizReply)
    assert replace(again.reply.view, session="") == replace(end, session="")
    retaken = Desk.anew().step(StartQuiz(lessons=EASY, items=2, seed=4, exam=True, resume=False))
    assert retaken.quiz
    assert not retaken.quiz.reviewing


def test_whoever_names_other_lessons_is_not_led_back(desk: Desk) -> None:
    for exam in (False, True):
        desk.open(StartQuiz(lessons=EASY, items=2, exam=exam))
        assert Desk.anew().open(StartQuiz(exam=exam)).resumed
        assert Desk.anew().open(StartQuiz(lessons=EASY[::-1], exam=exam)).resumed
    with pytest.raises(UserError, match="Another exam is going on"):
        Desk.anew().open(StartQuiz(lessons=["batch"], exam=True))
    other = Desk.anew().open(StartQuiz(lessons=["batch"], items=2))
    assert not other.resumed


def test_what_an_exam_took_is_counted_item_by_item(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr("bptutor.tutoring.quiz.quiz.monotonic", clock)
    session = desk.step(StartQuiz(lessons=EASY, items=2, seed=4, exam=True)).session
    for index, seconds in ((0, 20.0), (1, 5.0), (0, 7.0)):
        view = desk.view(Go(session, index))
        clock.now += seconds
        desk.ask(desk.wrong(view))
    desk.ask(Go(session, "summary"))
    clock.now += 1000.0  # there
    desk.ask(HandIn(session))
    attempts = Record().attempts(desk.learner.recorder.learner)
    took = {each.step: each.milliseconds for each in attempts}
    items = desk.quiz(session).sitting.items
    assert [took[item.step] for item in items] == [27_000, 5_000]


MINE = """
title = "Mine"
summary = "Mine."
program = "L = (w * x - y) ** 2"
loss = "L"
parameters = ["w"]
learning_rate = 0.1
[values]
w = 0.5
x = 2.0
y = 3.0
"""


def test_a_quiz_of_a_lesson_that_has_changed_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    Desk.anew().open(StartQuiz(lessons=[str(path)], items=3))
    path.write_text(MINE.replace("w * x", "x * w + x"))
    again = Desk.anew().open(StartQuiz(lessons=[str(path)], items=3))
    assert not again.resumed
    assert "changed" in again.remark


def test_an_exam_waits_for_a_lesson_that_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    view = Desk.anew().step(how := StartQuiz(lessons=[str(path)], items=2, exam=True))
    path.write_text(MINE.replace("w * x", "x * w + x"))
    with pytest.raises(UserError, match="changed"):
        Desk.anew().open(how)
    path.unlink()
    with pytest.raises(UserError, match="not there"):
        Desk.anew().open(how)
    path.write_text(MINE)
    back = Desk.anew().open(how)
    assert back.resumed
    assert isinstance(back.reply, StepReply)
    assert back.reply.view.knowns == view.knowns


def test_a_lesson_s_file_may_be_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [tmp_path / name for name in ("here", "there")]
    for folder in folders:
        folder.mkdir()
        (folder / "mine.toml").write_text(MINE)
    how = StartQuiz(lessons=["mine.toml"], items=2, seed=4, resume=False)
    views = []
    for folder in folders:
        monkeypatch.chdir(folder)
        views.append(Desk.anew().step(how))
    assert views[0].knowns == views[1].knowns
    monkeypatch.chdir(tmp_path)
    assert Desk.anew().open(StartQuiz()).resumed


KEPT_NOWHERE = ("cannot be kept in", "cannot be added to your record")


def nothing_can_be_kept(data: Path) -> None:
    """Where places and the record are to be, there is something else."""
    shutil.rmtree(data / "quizzes")
    (data / "quizzes").write_text("no folder")
    (data / "record.sqlite").mkdir()


def test_what_could_not_be_kept_is_said_of_both_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path))
    desk = Desk.anew()
    view = desk.step(StartQuiz(lessons=EASY, items=2, seed=4))
    nothing_can_be_kept(tmp_path)
    said = [desk.view(desk.wrong(view)).message for _ in range(2)]
    assert [[said[0].count(each), said[1].count(each)] for each in KEPT_NOWHERE] == [[1, 0]] * 2


def test_so_it_is_at_the_end_of_an_exam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path))
    desk = Desk.anew()
    session = answered(desk)
    nothing_can_be_kept(tmp_path)
    ends = [desk.end(request) for request in (HandIn(session), Go(session, "here"))]
    assert [[end.closing.count(each) for end in ends] for each in KEPT_NOWHERE] == [[1, 0]] * 2


def test_what_is_for_lessons_is_refused_in_a_quiz(desk: Desk) -> None:
    view = desk.step(StartQuiz(lessons=EASY, items=2, seed=4))
    with pytest.raises(UserError):
        desk.ask(Train(view.session, 10))
    for bad in (StartQuiz(items=0), StartQuiz(items=10_000), StartQuiz(seed=-1), StartQuiz(["no"])):
        with pytest.raises(UserError):
            desk.ask(replace(bad, resume=False))


def test_a_lesson_s_notes_are_about_its_own_numbers_and_not_told_with_others(desk: Desk) -> None:
    lesson = load("binary-cross-entropy")
    noted = [step.id for step in steps(lesson) if step.id in lesson.notes]
    seen = False
    for step in noted:
        try:
            view = desk.step(Replay(f"{lesson.name}:{step}:5:{lesson.digest[:8]}"))
        except UserError:
            continue
        seen = True
        assert lesson.notes[step].to("en") not in view.remarks
        own = desk.step(Replay(f"{lesson.name}:{step}:i0:{lesson.digest[:8]}"))
        assert lesson.notes[step].to("en") in own.remarks
    assert seen


def test_two_terminals_in_one_quiz_lose_no_answer() -> None:
    one, two = Desk.anew(), Desk.anew()
    here = one.step(StartQuiz(lessons=EASY, items=4, seed=6))
    there = two.step(StartQuiz())
    assert there.quiz == here.quiz
    for view in two.items(there):
        assert two.view(two.right(view)).stage == "solved"
        if view.index == 2:
            break
    one.ask(one.wrong(here))
    left = Desk.anew().ask(ListLessons())
    assert isinstance(left, Lessons)
    assert [each.answered for each in left.quizzes] == [3]
    assert one.view(Go(here.session, "next")).index == 3


def test_two_terminals_in_one_exam_lose_no_answer() -> None:
    one, two = Desk.anew(), Desk.anew()
    here = one.step(StartQuiz(lessons=EASY, items=3, seed=6, exam=True))
    there = two.step(StartQuiz(exam=True))
    two.ask(Go(there.session, 2))
    two.ask(two.right(two.view(Go(there.session, "here"))))
    one.ask(one.right(here))
    end = Desk.anew()
    view = end.step(StartQuiz(exam=True))
    assert end.end(HandIn(view.session)).points == 2
