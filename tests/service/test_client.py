"""A lost service comes back, and what is asked meanwhile waits until it has."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bptutor import __version__
from bptutor.engine.runtime import tensorflow
from bptutor.record.attempts import learner_name
from bptutor.record.record import Record
from bptutor.service import wire
from bptutor.service.client import Client
from bptutor.service.engine import EngineThread
from bptutor.service.process import RequestRefused, ServiceLost
from bptutor.service.protocol import EngineState, Event, Hello, QuizOpened
from bptutor.service.tutor import LocalTutor
from bptutor.service.words import kept
from bptutor.views.lesson import Lessons, Opened, StepView, SummaryView
from bptutor.views.quiz import QuizSpec, QuizView
from tests.near import Near
from tests.service.desk import EASY, placed

HELLO = Hello(__version__, "en", "ascii")
END = QuizView(False, True, 5, [], 0.0, 1.0, [], None, "")


class LostOnce:
    """A service that dies of the first draft, and takes a while to come back."""

    needs_host = False

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.lost = False
        self.coming = asyncio.Event()
        self.come = asyncio.Event()

    async def start(self, hello: Hello) -> EngineState:
        return EngineState("ready", "")

    async def call(self, method: wire.Method, arguments: tuple[Any, ...]) -> Any:
        self.asked.append(method.name)
        if method.name == "draft" and not self.lost:
            self.lost = True
            raise ServiceLost("it is gone")
        return {"quiz": QuizOpened(False, END, ""), "menu": Lessons([])}.get(method.name)

    async def restart(self) -> EngineState:
        self.asked.append("restart")
        self.coming.set()
        await self.come.wait()
        return EngineState("ready", "")

    async def stop(self) -> None: ...


async def test_nothing_is_asked_of_a_service_that_has_not_opened_the_lesson_yet() -> None:
    service = LostOnce()
    client = Client(service, HELLO, lambda: None)
    await client.start()
    await client.open_quiz(QuizSpec(replay="a:b:1:c"))
    draft = asyncio.create_task(client.tutor.draft("", []))
    await service.coming.wait()
    other = asyncio.create_task(client.tutor.menu())
    await asyncio.sleep(0)
    service.come.set()
    await asyncio.gather(draft, other)
    assert service.asked[:4] == ["quiz", "draft", "restart", "quiz"]
    assert sorted(service.asked[4:]) == ["draft", "menu"]


@pytest.fixture
async def mortal(warm: None) -> tuple[Near, Client]:
    """A client of the real tutor, which may be killed."""
    near = Near(lambda event: None)
    client = Client(near, HELLO, lambda: None)
    await client.start()
    return near, client


@pytest.mark.parametrize("late", [False, True])
async def test_a_right_answer_is_recorded_once_wherever_the_service_dies(
    mortal: tuple[Near, Client], late: bool
) -> None:
    service, client = mortal
    await client.open("one-neuron", "all", resume=True)
    service.die_of("check", late)
    view = await client.tutor.check("", ["1.2"], "value")
    assert isinstance(view, StepView)
    assert view.stage == "solved"
    assert [each.verdict for each in Record().attempts(learner_name())] == ["exact"]
    assert [each[0] for each in service.requests] == ["open", "open", *["check"] * (not late)]
    await client.tutor.go("next")
    service.die_of("go")
    there = await client.tutor.go("here")
    assert isinstance(there, StepView)
    assert there.index == 1


@pytest.mark.parametrize("late", [False, True])
async def test_a_flag_is_set_once_and_a_seed_kept_wherever_the_service_dies(
    mortal: tuple[Near, Client], late: bool
) -> None:
    service, client = mortal
    opened = await client.open_quiz(QuizSpec(lessons=EASY, items=3, exam=True))
    assert isinstance(opened.screen, StepView)
    service.die_of("flag", late)
    view = await client.tutor.flag()
    assert isinstance(view, StepView)
    assert placed(view).flagged
    assert placed(view).seed == placed(opened.screen).seed


async def test_what_could_not_be_opened_again_is_so_with_the_next_request_or_left(
    mortal: tuple[Near, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    service, client = mortal
    await client.open("one-neuron", "all", resume=True)
    answer, refusals = service.answer, 1

    async def busy(name: str, *arguments: Any) -> Any:
        nonlocal refusals
        if name == "open" and refusals:
            refusals -= 1
            raise RequestRefused("busy")
        return await answer(name, *arguments)

    monkeypatch.setattr(service, "answer", busy)
    service.die()
    with pytest.raises(RequestRefused, match="busy"):
        await client.tutor.hint()
    there = await client.tutor.hint()
    assert isinstance(there, StepView)
    assert (len(there.hints), service.starts) == (1, 2)
    refusals = 9
    service.die()
    with pytest.raises(RequestRefused, match="busy"):
        await client.leave()
    await client.leave()
    assert client.opened is None


async def test_the_picture_still_comes_after_the_service_has_come_back(
    mortal: tuple[Near, Client],
) -> None:
    service, client = mortal
    await client.open("one-neuron", "all", resume=True)
    await client.draw(True)
    assert client.place
    assert client.place.picture
    service.die_of("hint")
    view = await client.tutor.hint()
    assert isinstance(view, StepView)
    assert view.hints
    assert view.picture


# ── the tutor's own order, with the engine in its thread ──────────────────────────────────────


@pytest.fixture
async def loading() -> Any:
    """A tutor whose engine loads until it is told that it has."""
    tensorflow()
    loop, loaded = asyncio.get_running_loop(), asyncio.Event()

    def load() -> str:
        asyncio.run_coroutine_threadsafe(loaded.wait(), loop).result(60)
        return "2.21"

    engine = EngineThread(load)
    events: list[Event] = []
    tutor = LocalTutor(engine, events.append)
    await tutor.hello(HELLO)
    yield tutor, loaded.set, events
    loaded.set()
    engine.end()


async def test_a_place_is_asked_in_order_and_the_menu_does_not_wait(
    loading: tuple[LocalTutor, Callable[[], None], list[Event]],
) -> None:
    tutor, load, _ = loading
    opened = await tutor.open("one-neuron", "all", resume=True)
    assert isinstance(opened, Opened)
    check = asyncio.create_task(tutor.check("", ["1.2"], "value"))
    steps = asyncio.create_task(tutor.steps())
    assert (await tutor.menu()).items
    assert not check.done()
    assert not steps.done()
    load()
    checked = await check
    assert isinstance(checked, StepView)
    assert checked.stage == "solved"
    assert (await steps)[0].stage == "solved"


@pytest.mark.parametrize("how", ["cancel", "close"])
async def test_a_training_is_stopped_before_it_begins_and_while_it_runs(
    loading: tuple[LocalTutor, Callable[[], None], list[Event]], how: str
) -> None:
    tutor, load, _ = loading
    load()
    await tutor.open("one-neuron", "all", resume=True)
    screen: object = None
    while not isinstance(screen, SummaryView):
        await tutor.show()
        screen = await tutor.go("next")
    training = asyncio.create_task(tutor.train(1_000_000))
    await asyncio.sleep(0)
    await getattr(tutor, how)()
    trained = await training
    assert isinstance(trained, SummaryView)
    assert trained.iteration < 1_000_000


# ── a service that hangs ──────────────────────────────────────────────────────────────────────


class Hanging(LostOnce):
    """A service that replies when it is told to; where it is `alive`, to `menu` at once."""

    def __init__(self, state: EngineState, alive: bool) -> None:
        super().__init__()
        self.state, self.alive = state, alive
        self.refuses = False

    async def start(self, hello: Hello) -> EngineState:
        return self.state

    async def call(self, method: wire.Method, arguments: tuple[Any, ...]) -> Any:
        self.asked.append(method.name)
        if not (self.alive and method.name == "menu"):
            await self.come.wait()
        if self.refuses:
            raise RequestRefused("not now")
        return None


READY, LOADING = EngineState("ready", ""), EngineState("loading", "")


def ask(client: Client, name: str) -> Coroutine[Any, Any, Any]:
    return client.tutor.train(5) if name == "train" else client.tutor.check("", ["1"], "value")


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bptutor.service.client.LATE", 0.01)
    monkeypatch.setattr("bptutor.service.client.ALIVE", 0.01)


@pytest.mark.parametrize(
    ("name", "state", "alive"),
    [("check", READY, True), ("check", LOADING, False), ("train", READY, False)],
)
async def test_a_late_reply_is_told_and_nothing_is_called_saved_before_it(
    soon: None, name: str, state: EngineState, alive: bool
) -> None:
    service, told = Hanging(state, alive), asyncio.Queue[str]()
    client = Client(service, HELLO, lambda: None, told.put_nowait)
    await client.start()
    asking = asyncio.create_task(ask(client, name))
    assert await told.get() == name
    assert "may not be saved" in str(kept(client))
    service.come.set()
    await asking
    assert told.get_nowait() == ""
    assert "Your answers are saved" in str(kept(client))


async def test_an_engine_that_is_ready_right_after_the_greeting_stays_ready() -> None:
    """As in a class host, where TensorFlow is there at once: the event comes with the reply."""

    class Quick(LostOnce):
        async def start(self, hello: Hello) -> EngineState:
            client.engine = READY
            return LOADING

        async def restart(self) -> EngineState:
            return await self.start(HELLO)

    service = Quick()
    client = Client(service, HELLO, lambda: None)
    await client.start()
    assert client.engine == READY
    service.come.set()
    await client.tutor.draft("", [])  # lost, and come back
    assert client.engine == READY


@pytest.mark.parametrize(("name", "state"), [("check", LOADING), ("train", READY)])
async def test_what_takes_long_is_not_late_while_the_service_is_alive(
    soon: None, name: str, state: EngineState
) -> None:
    service, told = Hanging(state, True), list[str]()
    client = Client(service, HELLO, lambda: None, told.append)
    await client.start()
    asking = asyncio.create_task(ask(client, name))
    while service.asked.count("menu") < 3:
        await asyncio.sleep(0)
    assert told == []
    service.come.set()
    await asking
    assert told == []


async def test_what_is_given_up_may_not_be_saved_and_what_is_refused_is_answered(
    soon: None,
) -> None:
    service = Hanging(READY, True)
    client = Client(service, HELLO, lambda: None)
    await client.start()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ask(client, "check"), 0.02)
    assert "may not be saved" in str(kept(client))
    service.come.set()
    service.refuses = True
    with pytest.raises(RequestRefused):
        await ask(client, "check")
    assert "Your answers are saved" in str(kept(client))
