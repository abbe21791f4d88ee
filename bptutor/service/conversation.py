"""The learner's talk with the service, which is brought back when it is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from msgspec.structs import replace

from bptutor.service.client import RequestRefused, ServiceLost
from bptutor.service.messages import (
    Again,
    Ask,
    Check,
    Draft,
    EngineState,
    Event,
    FillIn,
    Flag,
    Go,
    HandIn,
    Hello,
    Hint,
    LessonChanged,
    ListLessons,
    Open,
    Opened,
    Part,
    QuizOpened,
    QuizReply,
    Replay,
    Reply,
    Request,
    Show,
    Skip,
    SplitMatrix,
    StartQuiz,
    StepReply,
    StepView,
    SummaryReply,
    Train,
    Welcome,
)

LATE = 3.0
"""Seconds without a reply after which the learner is told."""
ALIVE = 1.0
"""Seconds in which a service that may be long about its work must show that it is there."""
SAVING = (Again, Check, Draft, FillIn, Flag, HandIn, Hint, Show, Skip, SplitMatrix, Train)
"""What changes what is saved; of an answer in text mode `SplitMatrix` is the first part."""


class Service(Protocol):
    """What a conversation needs of a client of the service."""

    async def start(self, hello: Hello, /) -> Welcome: ...

    async def request(self, request: Request, /) -> Reply: ...

    async def restart(self) -> Welcome: ...

    async def stop(self) -> None: ...


ServiceFactory = Callable[[Callable[[Event], None]], Service]


class Conversation:
    """Requests and replies, with what must be remembered to go on after a lost service."""

    def __init__(
        self,
        service: Service,
        hello: Hello,
        on_lost: Callable[[], None],
        on_late: Callable[[Request | None], None] = lambda _: None,
    ) -> None:
        """Talk to a service.

        Args:
            service: answers; it is not started yet.
            hello: how it is greeted.
            on_lost: called when the service is gone, and another one is being started.
            on_late: called with a request whose reply is late, and with None once it has come.
        """
        self.service = service
        self.hello = hello
        self.engine = EngineState(state="loading", detail="")
        self.opened: Opened | QuizOpened | None = None
        """The lesson or the quiz that is open."""
        self.place: StepView | None = None
        """The step that was shown last; None on the summary and at the end of a quiz."""
        self.early = False
        """Was it shown before TensorFlow was there to say anything about it?"""
        self.resting = False
        """Has the service been let go because nobody was there?"""
        self.all_kept = True
        """Is all kept that was answered, as far as the service has told?"""
        self.unsaved = False
        """Is it open whether what the learner did last is saved?"""
        self._on_lost = on_lost
        self._on_late = on_late
        self._how: Open | StartQuiz | Replay | None = None
        """As what is open can be opened again."""
        self._coming: asyncio.Task[Reply | None] | None = None
        """The service on its way back."""

    @property
    def session(self) -> str:
        """The session of the lesson or the quiz that is open, or nothing."""
        return self.opened.session if self.opened else ""

    @property
    def lesson(self) -> str:
        """The lesson that is open, as it was asked for, or nothing."""
        return self._how.lesson if isinstance(self._how, Open) else ""

    async def start(self) -> Welcome:
        """Start the service. Raises ServiceLost where it cannot be started."""
        with self._watched(self.hello):
            welcome = await self.service.start(self.hello)
        self.engine = welcome.engine
        return welcome

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
        how = Open(lesson=lesson, ask=ask, resume=resume, part=part)
        opened = await self.ask(replace(how, switch=switch, changed=changed))
        if isinstance(opened, LessonChanged):
            return opened
        if not isinstance(opened, Opened):
            raise TypeError(f"Open was answered with {type(opened).__name__}")
        self._how = how
        self.opened = opened
        self._see(StepReply(opened.view))
        return opened

    async def open_quiz(self, how: StartQuiz | Replay) -> QuizOpened:
        """Begin a quiz, go on with one, or ask a past item again.

        Raises RequestRefused, ServiceLost.
        """
        opened = await self.ask(how)
        if not isinstance(opened, QuizOpened):
            raise TypeError(f"{type(how).__name__} was answered with {type(opened).__name__}")
        self._how = how
        self.opened = opened
        self._see(opened.reply)
        return opened

    async def ask(self, request: Request, *, restart: bool = True) -> Reply:
        """Ask the service; a lost one is started again and asked once more, unless told not to.

        Raises RequestRefused, and ServiceLost where it cannot be brought back.
        """
        with self._watched(request):
            return await self._ask(request, restart)

    async def _ask(self, request: Request, restart: bool) -> Reply:
        if self.resting or self._coming:
            await self._come_back()
        request = self._renewed(request)
        try:
            reply = await self._request(request)
        except ServiceLost:
            if not restart:
                raise
            self._on_lost()
            before = self.place
            restored = await self._come_back()
            if restored and _done(request, before, restored):
                reply, self.unsaved = restored, False
            else:
                reply = await self._request(self._renewed(request))
        self._see(reply)
        return reply

    async def _request(self, request: Request) -> Reply:
        """Ask once. Until there is a reply, what the request saves may not be saved."""
        saving = isinstance(request, SAVING)
        self.unsaved = self.unsaved or saving
        try:
            reply = await self.service.request(request)
        except RequestRefused:
            self.unsaved = self.unsaved and not saving
            raise
        self.unsaved = self.unsaved and not saving
        return reply

    @contextmanager
    def _watched(self, request: Request) -> Iterator[None]:
        """Tell where the reply to a request is late, and when it has come after all."""
        watching = asyncio.create_task(self._watch(request))
        try:
            yield
        finally:
            if not watching.cancel():
                self._on_late(None)

    async def _watch(self, request: Request) -> None:
        """Tell once a request is late; one that may take long is late if the service hangs."""
        while True:
            long = self._may_take_long(request)
            await asyncio.sleep(LATE)
            if not ((long or self._may_take_long(request)) and await self._is_alive()):
                break
        self._on_late(request)

    def _may_take_long(self, request: Request) -> bool:
        """Does it wait for TensorFlow, or train?"""
        return self.engine.state == "loading" or isinstance(request, Train)

    async def _is_alive(self) -> bool:
        """Does the service still answer what takes no TensorFlow?"""
        try:
            await asyncio.wait_for(self.service.request(ListLessons()), ALIVE)
        except RequestRefused:
            return True
        except (TimeoutError, ServiceLost):
            return False
        return True

    async def rest(self) -> None:
        """Let the service go, with its memory; the next request, or `wake`, brings it back."""
        self.resting = True
        await self.service.stop()

    def wake(self) -> None:
        """Bring back a service that was let go; whatever is asked meanwhile waits for it."""
        if self.resting and not self._coming:
            self._begin_to_come()

    async def keep(self, draft: Draft) -> None:
        """Keep what was typed, unasked; for that, a service that is gone comes back, unsaid.

        Raises RequestRefused, and ServiceLost where it cannot be brought back.
        """
        if self._coming:
            await self._come_back()
        try:
            await self._request(self._renewed(draft))
        except ServiceLost:
            await self._come_back()
            await self._request(self._renewed(draft))

    async def stop(self) -> None:
        """The end of the conversation, and of the service."""
        if self._coming:
            self._coming.cancel()
            await asyncio.wait({self._coming})
        await self.service.stop()

    def _see(self, reply: Reply) -> None:
        """What the learner sees from now on, where it is a screen."""
        if isinstance(reply, StepReply):
            self.place = reply.view
            self.early = self.engine.state == "loading"
        elif isinstance(reply, SummaryReply | QuizReply):
            self.place = None
        if isinstance(self._how, StartQuiz) and (seed := _seed(reply)) is not None:
            self._how = replace(self._how, seed=seed)

    def leave(self) -> None:
        """Forget what is open: the learner is back in the menu."""
        self.opened = self.place = self._how = None

    def _renewed(self, request: Any) -> Request:
        """The same request in the session that took the lost one's place."""
        renewed: Request = request
        if self.opened and "session" in request.__struct_fields__:
            renewed = replace(request, session=self.session)
        return renewed

    async def _come_back(self) -> Reply | None:
        """The service, once it is back; the screen that is there then, where something is open.

        Raises ServiceLost where it cannot be brought back.
        """
        return await asyncio.shield(self._coming or self._begin_to_come())

    def _begin_to_come(self) -> asyncio.Task[Reply | None]:
        self._coming = asyncio.create_task(self._bring_back())
        self._coming.add_done_callback(self._is_back)
        return self._coming

    def _is_back(self, coming: asyncio.Task[Reply | None]) -> None:
        """Whether it came or not: the next request tries again what failed."""
        self._coming = None
        self.resting = False
        if not coming.cancelled():
            coming.exception()  # told to whoever waited; with nobody there, the next one hears it

    async def _bring_back(self) -> Reply | None:
        """Another service, the same lesson or quiz, the same place in it."""
        self.engine = (await self.service.restart()).engine
        if not self._how:
            return None
        place, how = self.place, self._how
        again = how if isinstance(how, Replay) else replace(how, resume=True)
        if isinstance(again, StartQuiz):
            again = replace(again, back=True)
        reply = await self.service.request(again)
        if isinstance(reply, LessonChanged):  # under the learner's hands: they go on in it
            reply = await self.service.request(replace(again, changed=True))
        if not isinstance(reply, Opened | QuizOpened):
            return None
        self.opened = reply
        here = StepReply(reply.view) if isinstance(reply, Opened) else reply.reply
        if place is None or _is_there(here, place):
            return here
        try:
            return await self.service.request(Go(session=reply.session, to=place.index))
        except RequestRefused:
            return here


def _is_there(here: Reply, place: StepView) -> bool:
    """Is the learner where they were, or is the exam over in which that was?"""
    if isinstance(here, QuizReply):
        quiz = place.quiz
        return here.view.finished and quiz is not None and quiz.exam and not quiz.reviewing
    return isinstance(here, StepReply) and here.view.index == place.index


def _seed(reply: Reply) -> int | None:
    """The seed of the quiz that a screen belongs to."""
    if isinstance(reply, QuizReply):
        return reply.view.seed
    place = reply.view.quiz if isinstance(reply, StepReply) else None
    return place.seed if place else None


def _done(request: Request, before: StepView | None, restored: Reply) -> bool:
    """Had a request on its way to a service that was lost been carried out, as it now turns out?"""
    if isinstance(restored, QuizReply):
        return restored.view.finished and isinstance(request, Check | Flag | Skip | HandIn)
    if not isinstance(restored, StepReply):
        return False
    now = restored.view
    if isinstance(request, Check):
        return now.stage != "open"
    if before is None or before.quiz is None or now.quiz is None:
        return False
    if isinstance(request, Flag):
        return now.quiz.flagged != before.quiz.flagged
    return isinstance(request, Skip) and now.index != before.index
