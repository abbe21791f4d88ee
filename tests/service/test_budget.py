"""A request that takes too much: it ends with a sentence, and the service is there for the next."""

import os
import resource
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bptutor import __version__, budget
from bptutor.service import child as child_module
from bptutor.service import process as process_module
from bptutor.service.client import Client
from bptutor.service.process import RequestRefused, ServiceProcess
from bptutor.service.protocol import EngineState, Event, Hello
from bptutor.views.lesson import Lessons
from tests.service import fake_service
from tests.service.fake_service import trained

HELLO = Hello(__version__, "ko", "unicode")
LONG = 100_000
"""Iterations that take the fake more processor time than a request has."""
FAKE = (sys.executable, "-P", str(Path(fake_service.__file__)))


class Limited(Client):
    """A client whose service is limited; it knows how often that was lost."""

    def __init__(self) -> None:
        self.process = ServiceProcess(self.hear)
        self.losses = 0
        super().__init__(self.process, HELLO, self.lose)

    def hear(self, event: Event) -> None:
        if isinstance(event, EngineState):
            self.engine = event

    def lose(self) -> None:
        self.losses += 1

    @property
    def pid(self) -> int:
        assert self.process._child
        return self.process._child.pid


@pytest.fixture
async def client(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Limited]:
    monkeypatch.setattr(child_module, "COMMAND", FAKE)
    monkeypatch.setenv("FAKE_BUDGET", "1")
    found = Limited()
    await found.start()
    yield found
    await found.stop()


async def test_work_without_end_is_ended_and_the_next_request_is_answered(client: Limited) -> None:
    before = client.pid
    with pytest.raises(RequestRefused) as refused:
        await client.tutor.split("for ever")
    assert refused.value.message == budget.TOO_LONG.to("ko")
    assert client.losses == 1
    assert client.pid != before
    assert await client.tutor.split("1") == ["MainThread", "1"]


async def test_what_needs_too_much_memory_is_refused_and_the_service_stays(client: Limited) -> None:
    before = client.pid
    with pytest.raises(RequestRefused) as refused:
        await client.tutor.split("all memory")
    assert refused.value.message == budget.TOO_LARGE.to("ko")
    assert await client.tutor.split("1") == ["MainThread", "1"]
    assert (client.pid, client.losses) == (before, 0)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "SILENCE", 0.5)
    monkeypatch.setattr(process_module, "ONCE_MORE", 0.2)


@pytest.mark.usefixtures("soon")
async def test_a_service_that_says_nothing_any_more_is_ended(client: Limited) -> None:
    assert await client.tutor.check("x", [], "both") == trained(0)  # the engine is there
    with pytest.raises(RequestRefused) as refused:
        await client.tutor.again()  # which stops it
    assert refused.value.message == budget.SILENT.to("ko")
    assert await client.tutor.menu() == Lessons([])


@pytest.mark.usefixtures("soon")
async def test_who_tells_how_far_it_has_come_is_not_ended(client: Limited) -> None:
    """A training that takes longer than both limits."""
    assert await client.tutor.train(LONG) == trained(LONG)


@pytest.mark.whole
async def test_many_requests_that_take_less_are_all_answered(client: Limited) -> None:
    """Two seconds in all: each has its own."""
    for _ in range(20):
        assert await client.tutor.split("work") == ["MainThread", "work"]


def test_limits_are_lowered_and_never_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = dict.fromkeys(range(20), resource.RLIM_INFINITY)
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (limits[kind], resource.RLIM_INFINITY))
    monkeypatch.setattr(resource, "setrlimit", lambda kind, to: limits.update({kind: to[0]}))
    budget.limit_memory()
    assert limits[resource.RLIMIT_DATA] == budget.MEMORY
    limits[resource.RLIMIT_DATA] = 1000
    budget.limit_memory()
    assert limits[resource.RLIMIT_DATA] == 1000
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (limits[kind], 5))
    budget.renew()
    assert limits[resource.RLIMIT_CPU] == 5


def test_a_command_is_ended_and_the_limits_are_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kinds = resource.RLIMIT_DATA, resource.RLIMIT_CPU, resource.RLIMIT_CORE
    before = [resource.getrlimit(kind) for kind in kinds], signal.getsignal(signal.SIGXCPU)
    monkeypatch.setattr(budget, "MEMORY", 8 * budget.MEMORY)
    with pytest.raises(budget.OverTime), budget.limited():
        os.kill(os.getpid(), signal.SIGXCPU)
    with pytest.raises(ValueError, match="another"), budget.limited():
        raise ValueError("another")
    assert before == (
        [resource.getrlimit(kind) for kind in kinds],
        signal.getsignal(signal.SIGXCPU),
    )
