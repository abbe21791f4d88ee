"""What is asked while a lost service is on its way back waits until it is."""

import asyncio

from bptutor.service.client import ServiceLost
from bptutor.service.conversation import Conversation
from bptutor.service.messages import (
    Done,
    Draft,
    EngineState,
    Hello,
    Lessons,
    ListLessons,
    QuizOpened,
    QuizReply,
    QuizView,
    Replay,
    Reply,
    Request,
    Welcome,
)

END = QuizView("1", False, True, 5, [], 0.0, 1.0, [], None, "")
HELLO = Hello("", "en", "ascii")


class LostOnce:
    """A service that dies of the first draft, and takes a while to come back."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.lost = False
        self.coming = asyncio.Event()
        self.come = asyncio.Event()

    async def start(self, hello: Hello) -> Welcome:
        return Welcome("", EngineState("ready", ""))

    async def request(self, request: Request) -> Reply:
        self.asked.append(type(request).__name__)
        if isinstance(request, Draft) and not self.lost:
            self.lost = True
            raise ServiceLost("it is gone")
        if isinstance(request, Replay):
            return QuizOpened("1", False, QuizReply(END), "")
        return Lessons([]) if isinstance(request, ListLessons) else Done()

    async def restart(self) -> Welcome:
        self.asked.append("restart")
        self.coming.set()
        await self.come.wait()
        return Welcome("", EngineState("ready", ""))

    async def stop(self) -> None: ...


async def test_nothing_is_asked_of_a_service_that_has_not_opened_the_lesson_yet() -> None:
    service = LostOnce()
    conversation = Conversation(service, HELLO, lambda: None)
    await conversation.start()
    await conversation.open_quiz(Replay("a:b:1:c"))
    draft = asyncio.create_task(conversation.ask(Draft("1", "", [])))
    await service.coming.wait()
    other = asyncio.create_task(conversation.ask(ListLessons()))
    await asyncio.sleep(0)
    service.come.set()
    await asyncio.gather(draft, other)
    assert service.asked[:4] == ["Replay", "Draft", "restart", "Replay"]
    assert sorted(service.asked[4:]) == ["Draft", "ListLessons"]
