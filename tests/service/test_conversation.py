"""What is asked while a lost service is on its way back waits until it is."""

import asyncio

import pytest

from bptutor.service.client import RequestRefused, ServiceLost
from bptutor.service.conversation import Conversation
from bptutor.service.messages import (
    Check,
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
    Train,
    Welcome,
)
from bptutor.service.sentences import kept

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


class Hanging(LostOnce):
    """A service that replies when it is told to; where it is `alive`, to `ListLessons` at once."""

    def __init__(self, state: EngineState, alive: bool) -> None:
        super().__init__()
        self.state, self.alive = state, alive
        self.refuses = False

    async def start(self, hello: Hello) -> Welcome:
        return Welcome("", self.state)

    async def request(self, request: Request) -> Reply:
        self.asked.append(type(request).__name__)
        if not (self.alive and isinstance(request, ListLessons)):
            await self.come.wait()
        if self.refuses:
            raise RequestRefused("not now")
        return Done()


READY, LOADING = EngineState("ready", ""), EngineState("loading", "")
CHECK, TRAIN = Check("1", None, ["1"]), Train("1", 5)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bptutor.service.conversation.LATE", 0.01)
    monkeypatch.setattr("bptutor.service.conversation.ALIVE", 0.01)


@pytest.mark.parametrize(
    ("request_", "state", "alive"),
    [(CHECK, READY, True), (CHECK, LOADING, False), (TRAIN, READY, False)],
)
async def test_a_late_reply_is_told_and_nothing_is_called_saved_before_it(
    request_: Check | Train, state: EngineState, alive: bool
) -> None:
    service, told = Hanging(state, alive), asyncio.Queue[Request | None]()
    conversation = Conversation(service, HELLO, lambda: None, told.put_nowait)
    await conversation.start()
    asking = asyncio.create_task(conversation.ask(request_))
    assert await told.get() == request_
    assert "may not be saved" in str(kept(conversation))
    service.come.set()
    await asking
    assert told.get_nowait() is None
    assert "What you answered is kept" in str(kept(conversation))


@pytest.mark.parametrize(("request_", "state"), [(CHECK, LOADING), (TRAIN, READY)])
async def test_what_takes_long_is_not_late_while_the_service_is_alive(
    request_: Check | Train, state: EngineState
) -> None:
    service, told = Hanging(state, True), list[Request | None]()
    conversation = Conversation(service, HELLO, lambda: None, told.append)
    await conversation.start()
    asking = asyncio.create_task(conversation.ask(request_))
    while service.asked.count("ListLessons") < 3:
        await asyncio.sleep(0)
    assert told == []
    service.come.set()
    await asking
    assert told == []


async def test_what_is_given_up_may_not_be_saved_and_what_is_refused_is_answered() -> None:
    service = Hanging(READY, True)
    conversation = Conversation(service, HELLO, lambda: None)
    await conversation.start()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(conversation.ask(CHECK), 0.02)
    assert "may not be saved" in str(kept(conversation))
    service.come.set()
    service.refuses = True
    with pytest.raises(RequestRefused):
        await conversation.ask(CHECK)
    assert "What you answered is kept" in str(kept(conversation))
