"""A learner at the service, with another process over the same data whenever one is wanted."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from bptutor import __version__
from bptutor.language.render import write
from bptutor.quiz.quiz import Quiz
from bptutor.record.record import Record
from bptutor.record.sittings import QuizSittings, Sittings
from bptutor.service.learner import Learner
from bptutor.service.messages import (
    Check,
    EngineState,
    Go,
    Hello,
    QuizOpened,
    QuizReply,
    QuizView,
    Replay,
    Reply,
    Request,
    StartQuiz,
    StepReply,
    StepView,
)
from bptutor.service.tutor import Tutor
from bptutor.text import shortest

EASY = ["one-neuron", "circuit"]
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


KEPT_NOWHERE = ("cannot be kept in", "cannot be added to your record")


def nothing_can_be_kept(data: Path) -> None:
    """Where places and the record are to be, there is something else."""
    shutil.rmtree(data / "quizzes")
    (data / "quizzes").write_text("no folder")
    (data / "record.sqlite").mkdir()
