"""The real tutor in this process, with TensorFlow, in the place of a service in another one."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from bptutor.course.parts import steps_of
from bptutor.course.questions import asked_of
from bptutor.course.session import Session
from bptutor.engine.runtime import tensorflow
from bptutor.grading.facts import Facts
from bptutor.language.render import write
from bptutor.lesson.load import load
from bptutor.lesson.steps import places, steps
from bptutor.literals import Ask
from bptutor.record.sittings import AskedItem, Sittings
from bptutor.service import wire
from bptutor.service.engine import Engine, EngineHere
from bptutor.service.process import RequestRefused, ServiceLost
from bptutor.service.protocol import EngineState, Event, Hello
from bptutor.service.quizzes import QuizPlace
from bptutor.service.tutor import LocalTutor
from bptutor.text import UserError, shortest

T = TypeVar("T")
Lost = Callable[[str, tuple[Any, ...]], bool]
"""Is the service gone before it answers this request with these arguments?"""

COURSE = "two-hidden-layers"
VALUES: dict[str, Any] = json.loads(
    (Path(__file__).parent / "data" / "course_values.json").read_text("utf-8")
)
"""What TensorFlow printed in the course's notebook, step by step."""
FORMULAS = {
    "dLoss_dY_pred": "2 * (Y_pred - Y_true)",
    "dLoss_dW3": "a2.T @ dLoss_dY_pred",
    "dLoss_db3": "dLoss_dY_pred",
    "dLoss_da2": "dLoss_dY_pred @ W3.T",
    "dLoss_dZ2": "dLoss_da2 * (Z2 >= 0)",
    "dLoss_dW2": "a1.T @ dLoss_dZ2",
    "dLoss_db2": "dLoss_dZ2",
    "dLoss_da1": "dLoss_dZ2 @ W2.T",
    "dLoss_dZ1": "dLoss_da1 * (Z1 >= 0)",
    "dLoss_dW1": "X.T @ dLoss_dZ1",
    "dLoss_db1": "dLoss_dZ1",
    "dLoss_dX": "dLoss_dZ1 @ W1.T",
}


ON_THE_TAPE = {
    "tape: variables": "W1, b1, W2, b2, W3, b3",
    "tape: watched Z1": "X",
    "tape: kept": "persistent=True",
    "tape: watched Z2": "a1",
    "tape: one": "Z1, a1, Z2, a2, Y_pred, Loss",
}
FORMULAS |= ON_THE_TAPE
ASKED = [step.id for step in steps_of(load(COURSE), "tape")]
"""The steps of the course and the questions on the tape between them, in order."""


@cache
def asked_in_course(step: str) -> list[int]:
    """The positions of the elements that a step of the course's lesson asks."""
    lesson = load(COURSE)
    return asked_of(Facts(lesson), steps(lesson)[places(lesson)[step]])


def cells(step: str) -> list[str]:
    """The numbers that a step of the course's lesson asks, as a careful learner types them."""

    def flat(value: Any) -> list[float]:
        return [n for part in value for n in flat(part)] if isinstance(value, list) else [value]

    numbers = flat(VALUES[step])
    return [f"{numbers[position]:.9g}" for position in asked_in_course(step)]


def right(session: Session) -> tuple[str, list[str]]:
    """The right formula and cells of the step that is asked, from the tape."""
    step = session.step
    if step.kind == "code":
        return str(session.exercise.written()), []
    truth = session.prepare().truth(step).reshape(-1).tolist()
    numbers = [shortest(truth[place], session.lesson.dtype) for place in session.cells(step)]
    return write(step.product, "ascii"), numbers


def stand_at(step: str, lesson: str = COURSE, ask: Ask = "all") -> None:
    """Save a place at a step, with all steps before it gone through."""
    session = Session.begin(load(lesson), ask, lesson, "unicode")
    place = [each.id for each in session.steps].index(step)
    session.sitting.index = session.sitting.furthest = place
    Sittings().save(session.sitting.lesson, session.sitting)


def done(asked: Coroutine[Any, Any, T]) -> T:
    """What comes of something that waits for nothing, as a tutor here does not."""
    try:
        asked.send(None)
    except StopIteration as end:
        found: T = end.value
        return found
    raise AssertionError("it waits")


class Loading(EngineHere):
    """An engine that is not there until `finish`; what needs it waits."""

    def __init__(self) -> None:
        super().__init__()
        self.ready = False
        self._there = asyncio.Event()

    def state(self, language: str) -> EngineState:
        return super().state(language) if self.ready else EngineState("loading", "")

    async def run(self, work: Callable[[], T]) -> T:
        await self._there.wait()
        return work()

    def finish(self) -> None:
        self.ready = True
        self._there.set()


class Near:
    """The tutor as a service that is started, asked and lost as a test wants it."""

    needs_host = False

    def __init__(
        self,
        hear: Callable[[Event], None],
        lost: Lost | None = None,
        state: EngineState | None = None,
        engine: Engine | None = None,
        make: Callable[[Callable[[Event], None]], LocalTutor] | None = None,
    ) -> None:
        """Lost before it answers where `lost` holds; `state` is what it says of its engine.

        `make` makes another tutor than that of whoever runs the test.
        """
        self.hear = hear
        self.lost = lost or (lambda name, arguments: False)
        self.state = state
        self.engine = engine or EngineHere(str(tensorflow().__version__))
        self._make = make or (lambda tell: LocalTutor(self.engine, tell))
        self.startable = True
        self.needs_host = False
        self.starts = 0
        self.stopped = asyncio.Event()
        self.requests: list[tuple[Any, ...]] = []
        """What was asked: its name, then its arguments."""
        self.tutor: LocalTutor | None = None
        self._hello: Hello | None = None

    @property
    def session(self) -> Session:
        """The session of what is open."""
        assert self.tutor
        assert self.tutor.place
        return self.tutor.place.session

    @property
    def asked(self) -> AskedItem:
        """The item at which an open quiz is."""
        assert self.tutor
        assert isinstance(self.tutor.place, QuizPlace)
        return self.tutor.place.quiz.asked

    def named(self, name: str) -> list[tuple[Any, ...]]:
        """The requests of that name."""
        return [request for request in self.requests if request[0] == name]

    def finish_loading(self) -> None:
        """TensorFlow is there."""
        assert isinstance(self.engine, Loading)
        self.engine.finish()
        self.hear(self.engine.state("en"))

    def die(self) -> None:
        """The next request finds nobody."""
        self.tutor = None

    def die_of(self, method: str, late: bool = False) -> None:
        """Be lost once: when that is asked, before it is done or (late) after."""

        def lost(name: str, arguments: tuple[Any, ...]) -> bool:
            if name != method:
                return False
            self.lost = lambda name, arguments: False
            if late:
                done(self.answer(name, *arguments))
            return True

        self.lost = lost

    async def start(self, hello: Hello) -> EngineState:
        if not self.startable:
            raise ServiceLost("no room for it")
        self.starts += 1
        self._hello = hello
        loop = asyncio.get_running_loop()

        def tell(event: Event) -> None:
            with suppress(RuntimeError):  # the test is over
                loop.call_soon_threadsafe(self.hear, event)

        self.tutor = self._make(tell)
        state = await self.tutor.hello(hello)
        return self.state or state

    async def restart(self) -> EngineState:
        assert self._hello
        self.tutor = None
        return await self.start(self._hello)

    async def stop(self) -> None:
        self.tutor = None
        self.stopped.set()

    async def call(self, method: wire.Method, arguments: tuple[Any, ...]) -> Any:
        if self.tutor is None or self.lost(method.name, arguments):
            self.tutor = None
            raise ServiceLost("it has ended")
        self.requests.append((method.name, *arguments))
        await asyncio.sleep(0)  # as a reply from another process: never at once
        return await self.answer(method.name, *arguments)

    async def answer(self, name: str, *arguments: Any) -> Any:
        """What the tutor replies; a test may put itself before it."""
        assert self._hello
        try:
            return await getattr(self.tutor, name)(*arguments)
        except UserError as error:
            raise RequestRefused(error.message.to(self._hello.language)) from error
