"""A learner at their tutor, with another process over the same data whenever one is wanted."""

import shutil
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

from bptutor import __version__
from bptutor.literals import Judged
from bptutor.quiz.quiz import Quiz
from bptutor.service.engine import EngineHere
from bptutor.service.protocol import Event, Hello, QuizOpened, Screen
from bptutor.service.quizzes import QuizPlace
from bptutor.service.tutor import LocalTutor
from bptutor.text.numbers import SHOWN
from bptutor.views.lesson import Lessons, Opened, StepView
from bptutor.views.quiz import ExamCover, QuizSpec, QuizView
from bptutor.views.quiz import QuizPlace as QuizPlaceView
from tests.near import done, right

T = TypeVar("T")

EASY = ["one-neuron", "circuit"]
TIMED = QuizSpec(lessons=EASY, items=2, seed=4, exam=True, minutes=1)
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


@dataclass
class Clock:
    """A clock that goes on when it is told to."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


class Answer(NamedTuple):
    """What can be given to `check`."""

    product: str
    cells: list[str]
    judge: Judged


class Loading(EngineHere):
    """An engine that is not there yet: what would wait for it fails."""

    def __init__(self) -> None:
        super().__init__()
        self.ready = False

    async def run(self, work: Callable[[], T]) -> T:
        assert self.ready, "it waits for TensorFlow"
        return work()


@dataclass
class Desk:
    """One learner at their tutor."""

    tutor: LocalTutor
    events: list[Event]

    @classmethod
    def anew(
        cls,
        language: str = "en",
        notation: Literal["unicode", "ascii"] = "unicode",
        engine: EngineHere | None = None,
        figures: int = SHOWN,
    ) -> "Desk":
        """Another process over the same data, as after a kill."""
        events: list[Event] = []
        tutor = LocalTutor(engine or EngineHere(), events.append)
        hello = Hello(__version__, language, notation, figures)
        done(tutor.hello(hello))
        return cls(tutor, events)

    def ask(self, asked: Coroutine[Any, Any, T]) -> T:
        return done(asked)

    def menu(self) -> Lessons:
        return done(self.tutor.menu())

    def opened(self, lesson: str, **how: Any) -> Opened:
        opened = done(self.tutor.open(lesson, **{"ask": "all", "resume": True, **how}))
        assert isinstance(opened, Opened)
        return opened

    def open(self, spec: QuizSpec) -> QuizOpened:
        return done(self.tutor.quiz(spec))

    def step(self, spec: QuizSpec) -> StepView:
        """The item at which a quiz is; an exam that waits is begun."""
        screen = self.open(spec).screen
        if isinstance(screen, ExamCover):
            screen = done(self.tutor.begin())
        assert isinstance(screen, StepView)
        return screen

    @property
    def quiz(self) -> Quiz:
        assert isinstance(self.tutor.place, QuizPlace)
        return self.tutor.place.quiz

    def right(self, view: StepView) -> Answer:
        """The right answer; in a quiz as it is shown that is no secret."""
        formula, numbers = right(self.quiz.session)
        return Answer(formula if view.asks_product else "", numbers, "both")

    def wrong(self, view: StepView) -> Answer:
        return self.right(view)._replace(cells=["77.7"] * len(view.grid.asked))

    def screen(self, asked: Coroutine[Any, Any, Screen] | Answer) -> Screen:
        return done(self.tutor.check(*asked) if isinstance(asked, Answer) else asked)

    def view(self, asked: Coroutine[Any, Any, Screen] | Answer) -> StepView:
        screen = self.screen(asked)
        assert isinstance(screen, StepView)
        return screen

    def end(self, asked: Coroutine[Any, Any, Screen] | Answer) -> QuizView:
        screen = self.screen(asked)
        assert isinstance(screen, QuizView)
        return screen

    def items(self, view: StepView) -> Iterator[StepView]:
        """Item after item, as long as whoever takes them answers."""
        while True:
            yield view
            screen = done(self.tutor.go("next"))
            if not isinstance(screen, StepView):
                return
            view = screen


def placed(view: StepView) -> QuizPlaceView:
    """Where a step is in its quiz."""
    assert view.quiz
    return view.quiz


KEPT_NOWHERE = ("cannot save your answers in", "cannot add your answers to your record")


def nothing_can_be_kept(data: Path) -> None:
    """Where places and the record are to be, there is something else."""
    shutil.rmtree(data / "quizzes")
    (data / "quizzes").write_text("no folder")
    (data / "record.sqlite").mkdir()
