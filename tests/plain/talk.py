"""A talk with text mode in this process: the tutor and TensorFlow are the real ones, the wire and
the second process are left out, and so each talk takes no time.
"""

import asyncio
import io
import os
from collections.abc import Callable
from typing import Any, Literal

from bptutor import __version__
from bptutor.config.read import read
from bptutor.engine.runtime import tensorflow
from bptutor.literals import Ask, Part
from bptutor.plain.dialogue import Dialogue, Lines
from bptutor.plain.mode import TextMode
from bptutor.record.sittings import AskedItem
from bptutor.service import wire
from bptutor.service.engine import EngineHere
from bptutor.service.process import RequestRefused, ServiceLost
from bptutor.service.protocol import EngineState, Event, Hello
from bptutor.service.quizzes import QuizPlace
from bptutor.service.tutor import LocalTutor
from bptutor.text import UserError
from bptutor.views.quiz import QuizSpec
from tests.plain.script import COURSE, DRAWN

Lost = Callable[[str, tuple[Any, ...]], bool]
"""Is the service gone before it answers this request with these arguments?"""


def never(name: str, arguments: tuple[Any, ...]) -> bool:
    return False


class Near:
    """The tutor in this process, in the place of a service, where `lost` holds, a lost one."""

    def __init__(
        self,
        hear: Callable[[Event], None],
        lost: Lost = never,
        failed: str = "",
        loading: bool = False,
    ) -> None:
        self.hear = hear
        self.loading = loading
        self.lost = lost
        self.failed = failed
        self.stopped = asyncio.Event()
        self.starts = 0
        self.tutor: LocalTutor | None = None
        self._hello: Hello | None = None

    async def start(self, hello: Hello) -> EngineState:
        self.starts += 1
        self._hello = hello
        self.tutor = LocalTutor(EngineHere(str(tensorflow().__version__)), self.hear)
        state = await self.tutor.hello(hello)
        if self.loading:
            state = EngineState("loading", "")
        return EngineState("failed", self.failed) if self.failed else state

    async def restart(self) -> EngineState:
        assert self._hello
        return await self.start(self._hello)

    async def stop(self) -> None:
        self.tutor = None
        self.stopped.set()

    @property
    def asked(self) -> AskedItem:
        """The item at which an open quiz is."""
        assert self.tutor
        assert isinstance(self.tutor.place, QuizPlace)
        return self.tutor.place.quiz.asked

    async def call(self, method: wire.Method, arguments: tuple[Any, ...]) -> Any:
        assert self._hello
        if self.tutor is None or self.lost(method.name, arguments):
            self.tutor = None
            raise ServiceLost("it has ended")
        try:
            return await getattr(self.tutor, method.name)(*arguments)
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
    lost: Lost = never,
    failed: str = "",
    loading: bool = False,
    quiz: QuizSpec | None = None,
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
    mode = TextMode(dialogue, ask, part, read(os.environ))
    try:
        await mode.begin(lesson, quiz)
        await mode.go_on()
        await mode.tour.keep_draft(unsaid=True)
    finally:
        os.close(reading)
    said = out.getvalue()
    assert not DRAWN.search(said)
    return said
