"""A screen that cannot be made is neither counted nor saved, and a saved one is set aside."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from bptutor.course.hints import RUNGS, Hints
from bptutor.literals import OF_PROGRAM, Part
from bptutor.record.attempts import learner_name
from bptutor.record.record import Record
from bptutor.record.sittings import Numbers, QuizSittings, Sitting, Sittings
from bptutor.text import Message
from bptutor.views.lesson import Opened
from bptutor.views.quiz import QuizSpec
from tests.record.places import folder_of
from tests.service.desk import EASY, Desk, Loading

ALIASES = """
title = "Aliases"
summary = "Names and constants."
program = \"\"\"
h = x * w
a = h
k = 3
y = a * k
L = (y - t) ** 2
\"\"\"
loss = "L"
parameters = ["w"]
learning_rate = 0.1
[values]
x = 0.5
w = 0.25
t = 1.0
"""


def opened(desk: Desk, lesson: str = "one-neuron", part: Part = "tape") -> Opened:
    return desk.opened(lesson, part=part)


@pytest.mark.parametrize("part", ["tape", "derive"])
def test_aliases_and_constants_have_hints_and_reasons(
    desk: Desk, tmp_path: Path, part: Part
) -> None:
    file = tmp_path / "aliases.toml"
    file.write_text(ALIASES)
    view = opened(desk, str(file), part).view
    rules = {}
    for _ in range(view.total):
        for _ in range(RUNGS + 1):
            if view.stage == "open":
                view = desk.view(desk.tutor.hint())
        rules[view.step] = view.hints[0]
        if view.kind in OF_PROGRAM:
            desk.ask(desk.tutor.explain())
        if view.index + 1 < view.total:
            view = desk.view(desk.tutor.go("next"))
    assert rules["da_dh"] == "a is h under another name: its derivative is 1."
    assert rules["dL_dh"] == "a is h under another name: ∂L/∂a passes unchanged."
    if part == "tape":
        assert rules["a"] == "It is h under another name: copy its value."
        assert rules["k"].startswith("It is a constant")


def broken(*_: object) -> list[Message]:
    raise AssertionError("a fault of ours")


def test_a_hint_that_cannot_be_made_is_not_counted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(desk)
    with monkeypatch.context() as patch:
        patch.setattr(Hints, "all", broken)
        for _ in range(2):
            with pytest.raises(AssertionError):
                desk.ask(desk.tutor.hint())
        assert desk.view(desk.tutor.go("here")).hints == []
        assert desk.view(desk.tutor.show()).stage == "shown"
        assert opened(Desk.anew()).view.stage == "shown"
    assert len(desk.view(desk.tutor.go("here")).hints) == 0


def test_an_answer_whose_screen_cannot_be_made_is_not_recorded(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(desk)
    with monkeypatch.context() as patch:
        patch.setattr("bptutor.service.present.Viewer._result", broken)
        with pytest.raises(AssertionError):
            desk.ask(desk.tutor.check("", ["1.2"], "value"))
    assert Record().attempts(learner_name()) == []
    assert desk.view(desk.tutor.go("here")).stage == "open"
    assert desk.view(desk.tutor.check("", ["1.2"], "value")).stage == "solved"
    assert len(Record().attempts(learner_name())) == 1


def test_a_hint_in_a_quiz_that_cannot_be_made_is_not_counted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.step(QuizSpec(lessons=EASY, items=2, seed=5))
    with monkeypatch.context() as patch:
        patch.setattr(Hints, "all", broken)
        with pytest.raises(AssertionError):
            desk.ask(desk.tutor.hint())
        assert desk.view(desk.tutor.go("here")).hints == []
    assert len(desk.view(desk.tutor.hint()).hints) == 1


def infinite(sitting: Sitting) -> Sitting:
    return replace(sitting, leaves={"w": Numbers([], [math.inf]), "b": Numbers([], [0.0])})


def of_another_part(sitting: Sitting) -> Sitting:
    return replace(sitting, part="keras")


def of_another_shape(sitting: Sitting) -> Sitting:
    return replace(sitting, leaves={"w": Numbers([3], [1.0] * 3), "b": Numbers([], [0.0])})


@pytest.mark.parametrize("spoil", [infinite, of_another_part, of_another_shape])
def test_a_sitting_that_cannot_be_shown_is_set_aside(
    desk: Desk, spoil: Callable[[Sitting], Sitting]
) -> None:
    opened(desk)
    desk.ask(desk.tutor.show())
    kept = Sittings()
    sitting = kept.load("one-neuron")
    assert sitting
    kept.save("one-neuron", spoil(sitting))
    desk.menu()
    again = opened(Desk.anew())
    assert "renamed the file to " in again.remark
    assert (again.resumed, again.view.index, again.view.stage) == (False, 0, "open")
    (aside,) = folder_of(kept).glob("*.damaged-*")
    assert str(aside) in again.remark
    assert opened(Desk.anew()).remark == ""


def test_a_sitting_that_turns_out_spoilt_once_tensorflow_is_there(desk: Desk) -> None:
    opened(desk)
    desk.ask(desk.tutor.show())
    kept = Sittings()
    sitting = kept.load("one-neuron")
    assert sitting
    kept.save("one-neuron", infinite(sitting))
    engine = Loading()
    desk = Desk.anew(engine=engine)
    assert opened(desk).view.stage == "shown"
    engine.ready = True
    view = desk.view(desk.tutor.check("", ["1.2"], "value"))
    assert (view.index, view.stage) == (0, "open")
    assert "renamed the file to " in view.message


def test_a_quiz_that_cannot_be_shown_is_set_aside(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.step(QuizSpec(lessons=EASY, items=2))
    desk.ask(desk.tutor.hint())
    left = QuizSittings().load("quiz")
    assert left
    with monkeypatch.context() as patch:
        patch.setattr(Hints, "all", broken)
        again = Desk.anew().open(QuizSpec(items=2, resume=True))
    assert not again.resumed
    assert "renamed the file to " in again.remark


def test_a_lesson_that_cannot_be_shown_costs_no_sitting(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(desk)
    desk.ask(desk.tutor.show())
    with monkeypatch.context() as patch:
        patch.setattr("bptutor.service.present.Viewer.step", broken)
        with pytest.raises(AssertionError):
            opened(Desk.anew())
    assert opened(Desk.anew()).view.stage == "shown"
