"""The learner's talk with the service, which is brought back when it is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from msgspec.structs import replace

from bptutor.service.client import RequestRefused, ServiceLost
from bptutor.service.messages import (
    Ask,
    Check,
    Draft,
    EngineState,
    Event,
    Go,
    Hello,
    Open,
    Opened,
    Part,
    Reply,
    Request,
    StepReply,
    StepView,
    SummaryReply,
    Welcome,
)


class Service(Protocol):
    """What a conversation needs of a client of the service."""

    async def start(self, hello: Hello, /) -> Welcome: ...

    async def request(self, request: Request, /) -> Reply: ...

    async def restart(self) -> Welcome: ...

    async def stop(self) -> None: ...


ServiceFactory = Callable[[Callable[[Event], None]], Service]


class Conversation:
    """Requests and replies, with what must be remembered to go on after a lost service."""

    def __init__(self, service: Service, hello: Hello, on_lost: Callable[[], None]) -> None:
        self.service = service
        self.hello = hello
        self.engine = EngineState(state="loading", detail="")
        self.opened: Opened | None = None
        """The lesson that is open."""
        self.place: StepView | None = None
        """The step that was shown last; None on the summary."""
        self.early = False
        """Was it shown before TensorFlow was there to say anything about it?"""
        self.resting = False
        """Has the service been let go because nobody was there?"""
        self._on_lost = on_lost
        self._how: Open | None = None
        self._coming: asyncio.Task[StepView | None] | None = None
        """The service on its way back."""

    @property
    def session(self) -> str:
        """The session of the lesson that is open, or nothing."""
        return self.opened.session if self.opened else ""

    @property
    def lesson(self) -> str:
        """The lesson that is open, as it was asked for, or nothing."""
        return self._how.lesson if self._how else ""

    async def start(self) -> Welcome:
        """Start the service. Raises ServiceLost where it cannot be started."""
        welcome = await self.service.start(self.hello)
        self.engine = welcome.engine
        return welcome

    async def open(
        self, lesson: str, ask: Ask, resume: bool, part: Part = "tape", switch: bool = False
    ) -> Opened:
        """Open a lesson. Raises RequestRefused, ServiceLost."""
        how = Open(lesson=lesson, ask=ask, resume=resume, part=part)
        opened = await self.ask(replace(how, switch=switch))
        if not isinstance(opened, Opened):
            raise TypeError(f"Open was answered with {type(opened).__name__}")
        self._how = how
        self.opened = opened
        self._see(opened.view)
        return opened

    async def ask(self, request: Request) -> Reply:
        """Ask the service; a lost one is started again and asked once more.

        Raises RequestRefused, and ServiceLost where it cannot be brought back.
        """
        if self.resting:
            await self._come_back()
        request = self._renewed(request)
        try:
            reply = await self.service.request(request)
        except ServiceLost:
            self._on_lost()
            restored = await self._come_back()
            if isinstance(request, Check) and restored and restored.stage != "open":
                reply = StepReply(view=restored)
            else:
                reply = await self.service.request(self._renewed(request))
        if isinstance(reply, StepReply):
            self._see(reply.view)
        elif isinstance(reply, SummaryReply):
            self.place = None
        return reply

    async def rest(self) -> None:
        """Let the service go, with its memory; the next request, or `wake`, brings it back."""
        self.resting = True
        await self.service.stop()

    def wake(self) -> None:
        """Bring back a service that was let go; whatever is asked meanwhile waits for it."""
        if self.resting and not self._coming:
            self._begin_to_come()

    async def keep(self, draft: Draft) -> None:
        """Keep what was typed, on leaving. Raises RequestRefused, ServiceLost."""
        if self._coming:
            await self._come_back()
        await self.service.request(self._renewed(draft))

    async def stop(self) -> None:
        """The end of the conversation, and of the service."""
        if self._coming:
            self._coming.cancel()
            await asyncio.wait({self._coming})
        await self.service.stop()

    def _see(self, view: StepView) -> None:
        self.place = view
        self.early = self.engine.state == "loading"

    def leave(self) -> None:
        """Forget the lesson: the learner is back in the menu."""
        self.opened = self.place = self._how = None

    def _renewed(self, request: Any) -> Request:
        """The same request in the session that took the lost one's place."""
        renewed: Request = request
        if self.opened and "session" in request.__struct_fields__:
            renewed = replace(request, session=self.session)
        return renewed

    async def _come_back(self) -> StepView | None:
        """The service, once it is back; the step that the lesson is at, where one is open.

        Raises ServiceLost where it cannot be brought back.
        """
        return await asyncio.shield(self._coming or self._begin_to_come())

    def _begin_to_come(self) -> asyncio.Task[StepView | None]:
        self._coming = asyncio.create_task(self._bring_back())
        self._coming.add_done_callback(self._is_back)
        return self._coming

    def _is_back(self, coming: asyncio.Task[StepView | None]) -> None:
        """Whether it came or not: the next request tries again what failed."""
        self._coming = None
        self.resting = False
        if not coming.cancelled():
            coming.exception()  # told to whoever waited; with nobody there, the next one hears it

    async def _bring_back(self) -> StepView | None:
        """Another service, the same lesson, the same place in it."""
        self.engine = (await self.service.restart()).engine
        if not self._how:
            return None
        place = self.place
        reply = await self.service.request(replace(self._how, resume=True))
        if not isinstance(reply, Opened):
            return None
        self.opened = reply
        if place is None or reply.view.index == place.index:
            return reply.view
        try:
            there = await self.service.request(Go(session=reply.session, to=place.index))
        except RequestRefused:
            return reply.view
        return there.view if isinstance(there, StepReply) else reply.view
