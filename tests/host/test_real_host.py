"""The host as it is installed: lessons, the learner's own files, and places that follow them."""

from __future__ import annotations

import os
import pwd
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bptutor import __version__
from bptutor.service.client import Client
from bptutor.service.host_connection import HostConnection
from bptutor.service.process import RequestRefused
from bptutor.service.protocol import Hello
from bptutor.service.wire import METHODS
from bptutor.views.lesson import Opened, StepView
from bptutor.views.quiz import QuizSpec
from tests.host.real import RealHost
from tests.service.desk import MINE

HELLO = Hello(__version__, "en", "ascii")
ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture
def host(real: RealHost) -> RealHost:
    return real


@asynccontextmanager
async def learner(host: RealHost) -> AsyncIterator[Client]:
    client = Client(HostConnection(host.socket, lambda event: None), HELLO, lambda: None)
    await client.start()
    try:
        yield client
    finally:
        await client.stop()


async def opened(client: Client, lesson: str) -> StepView:
    found = await client.open(lesson, "all", True)
    assert isinstance(found, Opened)
    assert found.view
    return found.view


async def solved(client: Client, *cells: str) -> StepView:
    screen = await client.tutor.check("", list(cells), "value")
    assert isinstance(screen, StepView)
    assert screen.stage == "solved"
    return screen


async def test_a_place_follows_its_learner_to_another_window(host: RealHost) -> None:
    async with learner(host) as one:
        await opened(one, "one-neuron")
        await one.tutor.show()
        await one.tutor.go("next")
        there = one.place
        assert there
        assert there.index == 1
    async with learner(host) as other:
        await opened(other, "one-neuron")
        assert other.place
        assert other.place.index == 1
        assert (await other.tutor.attempts())[0].verdict == "shown"


async def test_a_lesson_of_the_learners_own_is_sent_and_sent_again_when_it_changes(
    host: RealHost, tmp_path: Path
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(MINE)
    file.chmod(0o600)
    async with learner(host) as client:
        await opened(client, str(file))
        file.write_text(MINE.replace('title = "Mine"', 'title = "Changed"'))
        await client.tutor.reload()
        assert isinstance(again := await client.open(str(file), "all", True), Opened)
        assert again.title == "Changed"
        await solved(client, "4")
    async with learner(host) as client:
        view = await opened(client, str(file))
        assert view.stage == "solved"
        quiz = await client.open_quiz(QuizSpec(lessons=[str(file)], items=1, resume=False))
        assert isinstance(quiz.screen, StepView)


async def test_a_service_reads_no_file_but_what_is_sent(host: RealHost, tmp_path: Path) -> None:
    """Not even one that its own user may read: whoever asks has to be able to."""
    secret = host.state / "secret.toml"
    secret.write_text(MINE)
    async with learner(host) as client:
        for path in (str(tmp_path / "none.toml"), "/etc/passwd", "/etc/../etc/shadow"):
            with pytest.raises(RequestRefused) as refused:
                await client.service.call(
                    METHODS["open"], (path, "all", True, "tape", False, False)
                )
            assert "root:" not in refused.value.message
        with pytest.raises(RequestRefused) as refused:
            await client.service.call(
                METHODS["open"], (str(secret), "all", True, "tape", False, False)
            )
        assert refused.value.wanted == str(secret)


@pytest.mark.whole
async def test_a_model_of_the_learners_own(host: RealHost, tmp_path: Path) -> None:
    import keras

    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    model.save(tmp_path / "mine.keras")
    async with learner(host) as client:
        assert (await opened(client, f"{tmp_path}/mine.keras")).index == 0
