"""A Keras model in the service: opened once TensorFlow is there, and never too much to send."""

from math import prod
from pathlib import Path

import pytest
from keras import Input, Sequential, layers
from msgspec.structs import replace

from bptutor import __version__
from bptutor.lesson.find import ModelReference
from bptutor.record.record import Record
from bptutor.record.sittings import QuizSittings, Sittings
from bptutor.service import wire
from bptutor.service.messages import (
    Again,
    Answered,
    Check,
    EngineState,
    Go,
    Hello,
    Knowns,
    LessonChanged,
    ListKnowns,
    Open,
    Opened,
    Reply,
    Request,
    Show,
    StepReply,
    SummaryReply,
)
from bptutor.service.tutor import Tutor
from tests.engine import keras_models

LONGEST = 1_000_000
"""Bytes of one answer; a screen of a small lesson takes 10 thousand."""

LONGEST_WHOLE = 20_000_000
"""The same where somebody looks at what a large step takes, whole."""


class Talk:
    """One connection, all of whose answers are short."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "sittings"
        self.tutor = Tutor(Sittings(self.folder), QuizSittings(), Record())
        hello = Hello(version=__version__, language="en", notation="ascii")
        self.learner, _ = self.tutor.hello(hello, EngineState(state="ready", detail=""))

    def __call__(self, request: Request) -> Reply:
        reply = self.tutor.handle(self.learner, request, lambda event: None, lambda: False)
        whole = isinstance(request, ListKnowns)
        wire.frame(Answered(1, reply), LONGEST_WHOLE if whole else LONGEST)
        return reply

    def open(self, lesson: str) -> Opened:
        reply = self(Open(lesson=lesson, ask="all", resume=True))
        assert isinstance(reply, Opened)
        return reply


def test_a_model_waits_for_tensorflow_and_a_lesson_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bptutor.service.tutor.loaded", lambda: False)
    monkeypatch.setattr("bptutor.service.sittings.loaded", lambda: False)
    tutor = Talk(tmp_path).tutor
    for lesson, waits in [("two-hidden-layers", False), ("a.keras", True), ("a.keras?loss=mse", 1)]:
        assert tutor.needs_engine(Open(lesson=lesson, ask="all", resume=True)) is bool(waits)


def test_a_reference_says_what_it_was_told() -> None:
    told = ModelReference("a b?.keras", "mse", "x&y=?.npz")
    assert ModelReference.read(str(told)) == told
    assert ModelReference.read("a.keras") == ModelReference("a.keras")
    assert str(ModelReference("a.keras")) == "a.keras"
    for other in ("two-hidden-layers", "a.keras.toml", ".toml", "a.keras/b.toml", ""):
        assert ModelReference.read(other) is None


def test_a_sitting_goes_on_until_the_model_is_another(tmp_path: Path) -> None:
    path = tmp_path / "mine.keras"
    keras_models.course().save(path)
    talk = Talk(tmp_path)
    opened = talk.open(str(path))
    assert opened.view.name == "Z1"
    assert opened.view.tape[0].text == "Z1 = X @ W1 + b1"
    talk(Show(session=opened.session))
    talk(Go(session=opened.session, to="next"))
    again = Talk(tmp_path).open(str(path))
    assert again.resumed
    assert again.view.index == 1
    keras_models.no_bias().save(path)
    how = Open(lesson=str(path), ask="all", resume=True)
    assert isinstance(Talk(tmp_path)(how), LessonChanged)
    other = Talk(tmp_path)(replace(how, changed=True))
    assert isinstance(other, Opened)
    assert other.view.tape[0].text == "Z1 = X @ W1"


def test_a_large_model_is_walked_with_short_answers_and_kept_in_a_small_file(
    tmp_path: Path,
) -> None:
    stack = layers.Dense(800, "relu"), layers.Dense(10, "softmax")
    model = Sequential([Input((28, 28)), layers.Flatten(), *stack])
    model.compile(loss="sparse_categorical_crossentropy")
    model.save(tmp_path / "large.keras")
    talk = Talk(tmp_path)
    opened = talk.open(str(tmp_path / "large.keras"))
    reply: Reply = StepReply(opened.view)
    while isinstance(reply, StepReply):
        view = reply.view
        if view.grid.rows * view.grid.columns > 12:
            assert len(view.grid.asked) == 4
        typed = ["1"] * len(view.grid.asked)
        product = "dL_dZ1 * 2" if view.asks_product else None
        talk(Check(session=opened.session, product=product, cells=typed))
        shown = talk(Show(session=opened.session))
        assert isinstance(shown, StepReply)
        assert shown.view.result is not None
        knowns = talk(ListKnowns(session=opened.session))
        assert isinstance(knowns, Knowns)
        for known in knowns.knowns:  # a cell may take any row and any column
            if known.relevant:
                assert len(known.matrix.values) == prod(known.matrix.shape)
        reply = talk(Go(session=opened.session, to="next"))
    assert isinstance(reply, SummaryReply)
    assert reply.view.parameters[0].before.shape == [784, 800]
    (kept,) = talk.folder.iterdir()
    assert kept.stat().st_size < 20_000
    talk(Again(session=opened.session))
