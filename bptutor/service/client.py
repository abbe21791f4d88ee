"""The app's end: a tutor far away, which is brought back when its service is gone."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Protocol, get_args

from msgspec.structs import replace

from bptutor.literals import Ask, Part
from bptutor.service import wire
from bptutor.service.files import SentFiles
from bptutor.service.process import OverBudget, RequestRefused, Rested, ServiceLost
from bptutor.service.protocol import (
    SAVING,
    EngineState,
    Event,
    Hello,
    QuizOpened,
    Screen,
    Tutor,
    is_done,
    is_there,
    seed_of,
)
from bptutor.views.assignments import AssignmentCover
from bptutor.views.lesson import LessonChanged, Opened, StepView
from bptutor.views.quiz import ExamCover, QuizSpec, QuizView

Arguments = tuple[Any, ...]
READING = frozenset(["open", "quiz", "reload"])  # requests that read files as they are now

LATE = 3.0  # seconds without a reply after which the learner is told
ALIVE = 1.0  # seconds in which a service that may be long about its work must show that it is there


class Service(Protocol):
    """What a client needs of a service."""

    needs_host: bool  # may nothing but a class host serve, as while an assignment is open?

    async def start(self, hello: Hello, /) -> EngineState: ...

    async def call(self, method: wire.Method, arguments: Arguments, /) -> Any: ...

    async def restart(self) -> EngineState: ...

    async def stop(self) -> None: ...


ServiceFactory = Callable[[Callable[[Event], None]], Service]


class Client:
    """Calls, with what must be remembered to go on after a lost service."""

    def __init__(
        self,
        service: Service,
        hello: Hello,
        on_lost: Callable[[], None],
        on_late: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Take a service that is not started yet.

        `on_lost` is called when it is gone and another one is being started; `on_late` with the
        name of a request whose reply is late, and with nothing once it has come.
        """
        self.service = service
        self.hello = hello
        self.tutor = wire.caller(self._call)  # raises RequestRefused; ServiceLost where it is gone
        self.unaided = wire.caller(partial(self._call, restart=False))  # does not bring it back
        self.engine = EngineState(state="loading", detail="")
        self.opened: Opened | QuizOpened | None = None
        self.openings = 0  # how often the learner has opened something
        self.place: StepView | None = None  # the one shown last; None on the summary and at an end
        self.early = False  # was it shown before TensorFlow was there to say anything about it?
        self.resting = False
        self.all_kept = True  # is all kept that was answered, as far as the service has told?
        self.unsaved = False  # is it open whether what the learner did last is saved?
        self.lesson = ""
        self._part: Part = "tape"
        self._ask: Ask = "all"
        self._quiz: QuizSpec | None = None  # as the quiz that is open can be opened again
        self.only_host = False  # may nothing but the host of the class serve?
        self.assignment = ""
        self._password = ""
        self._waits = False
        self._draws = False
        self._far = wire.caller(self._request)
        """The service as it is: what is called of it fails where it is gone."""
        self._sent = SentFiles(hello.language)
        self._coming: asyncio.Task[Screen | None] | None = None  # the service on its way back
        self._astray = False  # is it back, but could not open again what was open?
        self._on_lost = on_lost
        self._on_late = on_late

    async def start(self) -> None:
        """Start the service. Raises ServiceLost where it cannot be started."""
        self.service.needs_host = self.only_host
        with self._watched("hello"):
            await self._greet(self.service.start(self.hello))

    async def open(
        self,
        lesson: str,
        ask: Ask,
        resume: bool,
        part: Part = "tape",
        switch: bool = False,
        changed: bool = False,
    ) -> Opened | LessonChanged:
        """Open a lesson. Raises RequestRefused, ServiceLost."""
        opened = await self.tutor.open(lesson, ask, resume, part, switch, changed)
        if isinstance(opened, Opened):
            self._forget()
            self.lesson, self._ask, self._part = lesson, ask, part
            self._enter(opened, opened.screen)
        return opened

    async def open_quiz(self, spec: QuizSpec) -> QuizOpened:
        """Begin a quiz, go on with one, or ask a past item again.

        Raises RequestRefused, ServiceLost.
        """
        opened = await self.tutor.quiz(spec)
        self._forget()
        self._quiz = replace(spec, past=opened.past)
        self._enter(opened, opened.screen)
        return opened

    async def open_assignment(self, name: str, password: str, again: bool) -> QuizOpened:
        """Open an assignment, with which no other service than the class' can help.

        Raises RequestRefused, ServiceLost.
        """
        opened = await self.tutor.assignment(name, password, again)
        self._forget()
        self.assignment, self._password = name, password
        self._enter(opened, opened.screen)
        return opened

    def _forget(self) -> None:
        self.lesson = self.assignment = self._password = ""
        self._quiz = None
        self._astray = False

    def _enter(self, opened: Opened | QuizOpened, screen: Screen) -> None:
        self.opened = opened
        self.openings += 1
        self._see(screen)

    async def keep(self, product: str, cells: list[str]) -> QuizView | None:
        """Keep what was typed, unasked; for that, a service that is gone comes back, unsaid.

        Raises RequestRefused, and ServiceLost where it cannot be brought back.
        """
        if self._coming or self._astray:
            await self._come_back()
        try:
            return await self._far.draft(product, cells)
        except ServiceLost:
            await self._come_back()
            return await self._far.draft(product, cells)

    async def draw(self, on: bool) -> None:
        """Have the picture come with each step, or not. Raises RequestRefused, ServiceLost."""
        pictured = await self.tutor.draw(on)
        self._draws = on
        if self.place:
            self.place = replace(self.place, picture=pictured)

    async def cancel(self) -> None:
        """Stop the training, which waits for nothing; a service that is gone trains no more."""
        with suppress(RequestRefused, ServiceLost):
            await self._far.cancel()

    async def leave(self) -> None:
        """Leave what is open, if anything is. Raises RequestRefused, ServiceLost."""
        if self.opened:
            await self.tutor.close()
        self.opened = self.place = None
        self._forget()

    async def rest(self) -> None:
        """Let the service go, with its memory; the next request, or `wake`, brings it back."""
        self.resting = True
        await self.service.stop()

    def wake(self) -> None:
        """Bring back a service that was let go; whatever is asked meanwhile waits for it."""
        if self.resting and not self._coming:
            self._begin_to_come()

    async def stop(self) -> None:
        if self._coming:
            self._coming.cancel()
            await asyncio.wait({self._coming})
        await self.service.stop()

    # ── calling ───────────────────────────────────────────────────────────────────────────────

    async def _call(
        self, method: wire.Method, arguments: Arguments, *, restart: bool = True
    ) -> Any:
        """Have a method called; a lost service is started again and called once more."""
        with self._watched(method.name):
            if self.resting or self._coming:
                await self._come_back()
            try:
                result = await self._again(method, arguments, restart)
            except OverBudget as over:
                if not restart:
                    raise
                self._on_lost()
                await self._come_back()
                raise RequestRefused(over.message) from over
        if isinstance(result, get_args(Screen)):
            self._see(result)
            if method.name == "check":  # TensorFlow was there, whether that has been told or not
                self.early = False
        return result

    async def _again(self, method: wire.Method, arguments: Arguments, restart: bool) -> Any:
        """Have it called, and once more where the service is lost, but not over this call."""
        try:
            if not (self._astray and restart):
                return await self._request(method, arguments)
        except ServiceLost as lost:
            if not restart or isinstance(lost, OverBudget):
                raise
            if not isinstance(lost, Rested):
                self._on_lost()
        before, restored = self.place, await self._come_back()
        if restored and is_done(method.name, before, restored):
            self.unsaved = False
            return restored
        return await self._request(method, arguments)

    async def _request(self, method: wire.Method, arguments: Arguments) -> Any:
        """Call once. Until there is a reply, what the request saves may not be saved."""
        assigned = method.name == "assignment" or bool(self.assignment)
        self.service.needs_host = self.only_host or assigned
        saving = method.name in SAVING
        self.unsaved = self.unsaved or saving
        try:
            if method.name in READING:
                await self._sent.renew(self._send)
            result = await self._sending(method, arguments)
        except RequestRefused:
            self.unsaved = self.unsaved and not saving
            raise
        self.unsaved = self.unsaved and not saving
        return result

    async def _sending(self, method: wire.Method, arguments: Arguments) -> Any:
        """Call, and again with each file that the service wants and that it may have."""
        while True:
            try:
                return await self.service.call(method, arguments)
            except RequestRefused as refused:
                if not refused.wanted or self._sent.has(refused.wanted):
                    raise
                await self._sent.send(refused.wanted, self._send)

    async def _send(self, path: str, piece: bytes, more: bool) -> None:
        await self.service.call(wire.METHODS["send"], (path, piece, more))

    @contextmanager
    def _watched(self, name: str) -> Iterator[None]:
        """Tell where the reply to a request is late, and when it has come after all."""
        watching = asyncio.create_task(self._watch(name))
        try:
            yield
        finally:
            if not watching.cancel():
                self._on_late("")

    async def _watch(self, name: str) -> None:
        """Tell once a request is late; one that may take long is late if the service hangs."""
        while True:
            long = self._may_take_long(name)
            await asyncio.sleep(LATE)
            if not ((long or self._may_take_long(name)) and await self._is_alive()):
                break
        self._on_late(name)

    def _may_take_long(self, name: str) -> bool:
        """Does it wait for TensorFlow, or train?"""
        return self.engine.state == "loading" or name == "train"

    async def _is_alive(self) -> bool:
        """Does the service still answer what takes no TensorFlow?"""
        try:
            await asyncio.wait_for(self._far.menu(), ALIVE)
        except RequestRefused:
            return True
        except (TimeoutError, ServiceLost):
            return False
        return True

    def _see(self, screen: Screen) -> None:
        """What the learner sees from now on."""
        self.place = screen if isinstance(screen, StepView) else None
        self._waits = isinstance(screen, ExamCover | AssignmentCover)
        if self.place:
            self.early = self.engine.state == "loading"
        seed = seed_of(screen)
        if self._quiz and seed is not None:
            self._quiz = replace(self._quiz, seed=seed)

    async def _greet(self, coming: Coroutine[Any, Any, EngineState]) -> None:
        """The engine as it is at the start, unless an event right behind that is heard first."""
        self.engine = EngineState("loading", "")
        state = await coming
        if self.engine.state == "loading":
            self.engine = state

    # ── bringing the service back ─────────────────────────────────────────────────────────────

    async def _come_back(self) -> Screen | None:
        """The service, once it is back; the screen that is there then, where something is open.

        Raises ServiceLost where it cannot be brought back.
        """
        return await asyncio.shield(self._coming or self._begin_to_come())

    def _begin_to_come(self) -> asyncio.Task[Screen | None]:
        self._coming = asyncio.create_task(self._bring_back())
        self._coming.add_done_callback(self._is_back)
        return self._coming

    def _is_back(self, coming: asyncio.Task[Screen | None]) -> None:
        """Whether it came or not: the next request tries again what failed."""
        self._coming = None
        self.resting = False
        if not coming.cancelled():
            coming.exception()  # told to whoever waited; with nobody there, the next one hears it

    async def _bring_back(self) -> Screen | None:
        """Another service, the same lesson or quiz, the same place in it."""
        astray, self._astray = self._astray, False
        if not astray:
            await self._greet(self.service.restart())
            self._sent = SentFiles(self.hello.language)
        if self._draws:
            await self._far.draw(True)
        try:
            place, here = self.place, await self._open_again(self._far)
        except RequestRefused:  # as where the database is busy: the next request tries again
            self._astray = True
            if astray:
                return None  # that has been told, and what leads elsewhere can be asked
            raise
        if here is None or place is None or is_there(here, place):
            return here
        try:
            return await self._far.go(place.index)
        except RequestRefused:
            return here

    async def _open_again(self, far: Tutor) -> Screen | None:
        """The screen of what was open, opened again; None where nothing was."""
        if self._quiz:
            resumed = replace(self._quiz, resume=True, back=True)
            opened = await far.quiz(replace(self._quiz, past="") if self._waits else resumed)
            self.opened = opened
            return opened.screen
        if self.assignment:
            opened = await far.assignment(self.assignment, self._password, self._waits)
            self.opened = opened
            return opened.screen
        if not self.lesson:
            return None
        again = await far.open(self.lesson, self._ask, True, self._part)
        if isinstance(again, LessonChanged):  # under the learner's hands: they go on in it
            again = await far.open(self.lesson, self._ask, True, self._part, changed=True)
        if isinstance(again, LessonChanged):
            return None
        self.opened = again
        return again.screen
