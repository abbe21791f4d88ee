"""A talk with plain mode in this process: the tutor and TensorFlow are the real ones, the wire and
the second process are left out, and so each talk takes no time.
"""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Callable
from typing import Literal

from bptutor import __version__
from bptutor.config.read import read
from bptutor.engine.runtime import tensorflow
from bptutor.plain.dialogue import Dialogue
from bptutor.plain.lines import Lines
from bptutor.plain.walk import Walk
from bptutor.quiz.quiz import Quiz
from bptutor.record.record import Record
from bptutor.record.sittings import AskedItem, QuizSittings, Sittings
from bptutor.service.client import RequestRefused, ServiceLost
from bptutor.service.learner import Learner
from bptutor.service.messages import (
    Ask,
    EngineState,
    Event,
    Hello,
    Part,
    Replay,
    Reply,
    Request,
    StartQuiz,
    Welcome,
)
from bptutor.service.tutor import Tutor
from bptutor.text import UserError
from tests.plain.script import COURSE, DRAWN


def new_tutor() -> Tutor:
    """A tutor that knows of the learner what is on the disk."""
    return Tutor(Sittings(), QuizSittings(), Record())


class Near:
    """A service in this process. Where `lost` holds for a request, it is gone before it answers."""

    def __init__(
        self,
        hear: Callable[[Event], None],
        lost: Callable[[Request], bool] = lambda request: False,
        failed: str = "",
        loading: bool = False,
    ) -> None:
        self.hear = hear
        self.loading = loading
        self.lost = lost
        self.failed = failed
        self.stopped = asyncio.Event()
        self.starts = 0
        self.requests: list[Request] = []
        self._hello: Hello | None = None
        self._learner: Learner | None = None
        self._tutor = new_tutor()

    async def start(self, hello: Hello) -> Welcome:
        self.starts += 1
        self._hello = hello
        self._tutor = new_tutor()
        state = EngineState("ready", str(tensorflow().__version__))
        if self.loading:
            state = EngineState("loading", "")
        if self.failed:
            state = EngineState("failed", self.failed)
        self._learner, welcome = self._tutor.hello(hello, state)
        return welcome

    async def restart(self) -> Welcome:
        assert self._hello
        return await self.start(self._hello)

    async def stop(self) -> None:
        self._learner = None
        self.stopped.set()

    def asked(self, session: str) -> AskedItem:
        """The item at which an open quiz is."""
        assert self._learner
        quiz = self._learner.open[session]
        assert isinstance(quiz, Quiz)
        return quiz.asked

    async def request(self, request: Request) -> Reply:
        assert self._hello
        self.requests.append(request)
        if self._learner is None or self.lost(request):
            self._learner = None
            raise ServiceLost("it has ended")
        try:
            return self._tutor.handle(self._learner, request, self.hear, lambda: False)
        except UserError as error:
            raise RequestRefused(error.message.to(self._hello.language)) from error


class Watched(io.StringIO):
    """An output at which somebody looks."""

    def isatty(self) -> bool:
        return True


async def talk(
    *typed: str,
    lesson: str | None = COURSE,
    ask: Ask = "all",
    part: Part = "tape",
    language: str = "en",
    notation: Literal["unicode", "ascii"] = "unicode",
    out: io.StringIO | None = None,
    lost: Callable[[Request], bool] = lambda request: False,
    failed: str = "",
    loading: bool = False,
    quiz: StartQuiz | Replay | None = None,
) -> str:
    """Type lines, to the end of the input; what is said."""
    out = out or io.StringIO()
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as keyboard:
        keyboard.writelines(f"{line}\n" for line in typed)
    hello = Hello(version=__version__, language=language, notation=notation)
    dialogue = Dialogue(
        lambda hear: Near(hear, lost, failed, loading), hello, out, Lines(reading), 0
    )
    walk = Walk(dialogue, ask, part, read(os.environ))
    try:
        await walk.begin(lesson, quiz)
        await walk.go_on()
        await walk.keep()
    finally:
        os.close(reading)
    said = out.getvalue()
    assert not DRAWN.search(said)
    return said
