"""The app's end, with a real child process: the real server round a tutor of the tests'."""

import asyncio
import contextlib
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import bptutor
from bptutor import __version__
from bptutor.service import child as child_module
from bptutor.service import log, wire
from bptutor.service import process as process_module
from bptutor.service.process import RequestRefused, ServiceLost, ServiceProcess
from bptutor.service.protocol import EngineState, Event, Hello
from bptutor.text import Message
from bptutor.views.lesson import Lessons
from tests.end_to_end.terminal import ended
from tests.examples import every
from tests.service import fake_service
from tests.service.fake_service import trained

HELLO = Hello(__version__, "ko", "unicode")
REAL = child_module.COMMAND
FAKE = (sys.executable, "-P", str(Path(fake_service.__file__)))


class Listening(ServiceProcess):
    """A client that keeps the events."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        super().__init__(self.events.put_nowait)
        self.tutor = wire.caller(self.call)

    @property
    def pid(self) -> int:
        assert self._child is not None
        return self._child.pid


@pytest.fixture
async def client(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Listening]:
    monkeypatch.setattr(child_module, "COMMAND", FAKE)
    found = Listening()
    yield found
    await found.stop()


def gone(pid: int) -> bool:
    """Is a child of ours gone and reaped?"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_a_service_is_started_asked_and_stopped(client: Listening) -> None:
    welcome = await client.start(HELLO)
    if welcome.state == "loading":
        assert await client.events.get() == EngineState("ready", "2.21-fake")
    assert await client.tutor.menu() == Lessons([])
    assert await client.tutor.check("x", ["1"], "both") == trained(1)
    texts = [str(number) for number in range(100)]
    replies = await asyncio.gather(*(client.tutor.split(text) for text in texts))
    assert replies == [["MainThread", text] for text in texts]
    with pytest.raises(RequestRefused) as refused:
        await client.tutor.hint()
    assert refused.value.message == fake_service.REFUSAL.to("ko")
    with pytest.raises(RequestRefused):
        await client.tutor.split("\udcff")  # which is no text
    assert await client.tutor.menu() == Lessons([])
    pid = client.pid
    await client.stop()
    assert gone(pid)
    with pytest.raises(ServiceLost, match=Message("bptutor stopped it").to("ko")):
        await client.tutor.menu()


async def test_it_is_answered_while_the_engine_loads_and_stopped_in_the_middle(
    client: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_LOADING", "60")
    assert await client.start(HELLO) == EngineState("loading", "")
    assert await client.tutor.menu() == Lessons([])
    waiting = asyncio.create_task(client.tutor.check("x", [], "both"))
    await client.tutor.menu()
    pid = client.pid
    started = time.monotonic()
    await client.stop()
    assert time.monotonic() - started < process_module.GRACE
    assert gone(pid)
    with pytest.raises(ServiceLost):
        await waiting


async def test_a_request_that_is_given_up_leaves_the_others(client: Listening) -> None:
    await client.start(HELLO)
    training = asyncio.create_task(client.tutor.train(0))
    assert await client.tutor.menu() == Lessons([])  # the training is on its way
    training.cancel()
    assert await client.tutor.menu() == Lessons([])


async def test_an_event_that_the_app_stumbles_over_leaves_the_service(
    client: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Event] = []

    def stumble(event: Event) -> None:
        heard.append(event)
        raise ValueError("the app's own fault")

    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    monkeypatch.setattr(client, "_on_event", stumble)
    await client.start(HELLO)
    await client.tutor.train(50)
    assert await client.tutor.menu() == Lessons([])
    assert heard


async def test_a_service_killed_in_a_request_is_lost_and_comes_again(client: Listening) -> None:
    await client.start(HELLO)
    waiting = asyncio.create_task(client.tutor.train(0))
    await client.tutor.menu()
    pid = client.pid
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(ServiceLost, match="-9"):
        await waiting
    with pytest.raises(ServiceLost):
        await client.tutor.menu()
    await client.restart()
    assert gone(pid)
    assert client.pid != pid
    assert await client.tutor.check("x", [], "both") == trained(0)


@pytest.mark.parametrize("how", ["stop", "restart"])
async def test_a_service_that_hangs_is_put_an_end_to(
    client: Listening, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(process_module, "GRACE", 0.2)
    await client.start(HELLO)
    hanging = asyncio.create_task(client.tutor.again())
    pid = client.pid
    while "T (stopped)" not in Path(f"/proc/{pid}/status").read_text():
        await asyncio.sleep(0)
    started = time.monotonic()
    await client.stop() if how == "stop" else await client.restart()
    assert time.monotonic() - started < 20
    assert gone(pid)
    with pytest.raises(ServiceLost):
        await hanging


@pytest.mark.parametrize(
    "command", [("/no/such/python",), (sys.executable, "-c", "raise SystemExit('not today')")]
)
async def test_a_service_that_cannot_be_started_is_lost(
    client: Listening, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setattr(child_module, "COMMAND", command)
    with pytest.raises(ServiceLost):
        await client.start(HELLO)
    with pytest.raises(ServiceLost):
        await client.restart()
    monkeypatch.setattr(child_module, "COMMAND", FAKE)
    await client.restart()
    assert await client.tutor.menu() == Lessons([])


async def test_a_hello_that_the_tutor_does_not_take_is_lost_with_its_words(
    client: Listening,
) -> None:
    with pytest.raises(ServiceLost) as lost:
        await client.start(Hello("9.9", "ko", "unicode"))
    assert str(lost.value) + "." == fake_service.OTHER_VERSION.to("ko")


@pytest.mark.whole
async def test_nothing_is_left_after_many(client: Listening) -> None:
    await client.start(HELLO)
    await client.restart()
    before = len(os.listdir("/proc/self/fd"))
    pids = set()
    for _ in range(4):
        await client.restart()
        pids.add(client.pid)
    assert len(os.listdir("/proc/self/fd")) == before
    await client.stop()
    assert len(pids) == 4
    assert all(gone(pid) for pid in pids)


async def test_the_child_stands_apart(client: Listening, tmp_path: Path) -> None:
    secret = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(secret, True)
    await client.start(HELLO)
    links = [os.readlink(link) for link in Path(f"/proc/{client.pid}/fd").iterdir()]
    os.close(secret)
    assert str(tmp_path) not in links
    assert sum(link.startswith("socket:") for link in links) <= 3  # ours, and asyncio's own pair
    assert os.getsid(client.pid) != os.getsid(0)
    os.kill(client.pid, signal.SIGINT)
    assert await client.tutor.menu() == Lessons([])


async def test_a_learners_own_modules_are_not_imported(
    client: Listening, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("random", "asyncio", "numpy"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('homework')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(child_module, "COMMAND", REAL)
    assert (await client.start(HELLO)).state in ("loading", "ready")


async def test_relative_paths_in_the_environment_mean_what_they_mean_to_the_app(
    client: Listening, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BPTUTOR_DATA_DIR", "mine")
    monkeypatch.setenv("PYTHONPATH", f"{os.pathsep}lib{os.pathsep}/elsewhere")
    await client.start(HELLO)
    process = Path(f"/proc/{client.pid}")
    variables = process.joinpath("environ").read_bytes().split(b"\0")
    assert os.readlink(process / "cwd") == child_module.FOLDER
    assert b"BPTUTOR_DATA_DIR=%s/mine" % os.fsencode(tmp_path) in variables
    (path,) = (each for each in variables if each.startswith(b"PYTHONPATH="))
    assert path.endswith(b":/elsewhere")
    assert os.fsencode(tmp_path) not in path  # what is relative may be anybody's
    assert all(each.startswith(b"/") for each in path.removeprefix(b"PYTHONPATH=").split(b":"))


async def test_the_log_is_the_learners_alone_and_bounded(
    client: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    await client.start(HELLO)
    with pytest.raises(RequestRefused):
        await client.tutor.show()
    path = log.log_path()
    assert "ValueError: a fault of ours" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with path.open("a") as file:
        file.write("x" * log.LARGEST)
    for _ in range(2):  # the first one finds it too large
        with pytest.raises(RequestRefused):
            await client.tutor.show()
    assert path.stat().st_size < 10_000
    assert "ValueError" in path.read_text()
    with path.open("a") as file:
        file.write("x" * log.LARGEST)
    path.chmod(0o644)  # others could read it
    await client.restart()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_size < 10_000
    assert sorted(found.name for found in path.parent.iterdir()) == ["service.log", "service.log.1"]


async def test_without_a_place_for_the_log_there_is_a_service_all_the_same(
    client: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BPTUTOR_STATE_DIR", "/proc/none")
    await client.start(HELLO)
    with pytest.raises(RequestRefused):
        await client.tutor.show()
    assert await client.tutor.menu() == Lessons([])


APP = """
import asyncio, sys
from bptutor import __version__
from bptutor.text import Message
from bptutor.service import child, process, wire
from bptutor.service.protocol import Hello

child.COMMAND = tuple(sys.argv[2:])

async def main():
    found = process.ServiceProcess(lambda event: None)
    tutor = wire.caller(found.call)
    await found.start(Hello(__version__, "en", "unicode"))
    if sys.argv[1] == "training":
        asyncio.create_task(tutor.train(0))
    await tutor.menu()
    if sys.argv[1] == "busy":
        asyncio.create_task(tutor.split("for ever"))
        await asyncio.sleep(0)  # it is on its way
    print(found._child.pid, flush=True)
    await asyncio.sleep(1000)

asyncio.run(main())
"""


@pytest.mark.parametrize("how", every(4, ["busy", "idle", "training", "loading"]))
def test_the_service_ends_with_an_app_that_is_killed(
    monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how == "loading":
        monkeypatch.setenv("FAKE_LOADING", "60")
    with subprocess.Popen([sys.executable, "-c", APP, how, *FAKE], stdout=subprocess.PIPE) as app:
        assert app.stdout is not None
        pid = int(app.stdout.readline())
        assert not ended(pid, within=0)
        app.kill()
    try:
        assert ended(pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_the_service_is_the_very_bptutor_that_the_app_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As `python -m bptutor` runs in a checkout that is not installed."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.chdir(tmp_path)
    root = Path(bptutor.__file__).parents[1]
    code = f"import sys; sys.path.insert(0, {str(root)!r}){APP}"
    command = [sys.executable, "-c", code, "idle", *REAL]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as app:
        assert app.stdout is not None
        pid = int(app.stdout.readline() or 0)
        app.kill()
    assert pid
    assert ended(pid)


def loaded_by(statement: str) -> set[str]:
    """The modules that a statement brings in."""
    code = f"import sys; {statement}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_the_app_stays_light() -> None:
    loaded = loaded_by("import bptutor.service.client")
    assert not {"numpy", "tensorflow"} & loaded
    ours = {name.split(".")[1] for name in loaded if name.startswith("bptutor.")}
    assert ours == {"budget", "files", "literals", "service", "text", "views"}
