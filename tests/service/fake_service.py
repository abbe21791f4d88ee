"""A service with a tutor that does what the tests say, round the real server.

Run as a script it is a child process, as the real one is. `FAKE_LOADING` says how its engine loads:
`fails`, or a number of seconds; with `FAKE_BUDGET` requests have a second.
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from bptutor import __version__, budget
from bptutor.literals import Judged
from bptutor.service.__main__ import run
from bptutor.service.engine import EngineThread
from bptutor.service.protocol import EngineState, Event, Hello, Training, Tutor
from bptutor.text import Message, UserError
from bptutor.views.lesson import Lessons, SummaryView
from bptutor.views.quiz import QuizView

REFUSAL = Message("This lesson is no longer open; open it again.")
OTHER_VERSION = Message("This is another version of bptutor.")
LONGEST_TRAINING = 30.0
LOSSES = [0.5] * 300


def trained(count: int) -> SummaryView:
    """The end of a training of so many iterations."""
    return SummaryView("", count, 0.0, 0.0, [], 0, 0, 0, 0, "", [], True)


class FakeTutor:
    """Echoes; what each request does is said beside it. It has no more of the protocol."""

    def __init__(
        self, engine: EngineThread, tell: Callable[[Event], None], identity: str = ""
    ) -> None:
        self.engine = engine
        self.tell = tell
        self.identity = identity
        self.language = "en"
        self.trained = threading.Event()
        """Set at the end of each training."""
        self.stopped = threading.Event()
        self.done: list[str] = []
        """What has been done, in order."""

    async def hello(self, hello: Hello) -> EngineState:
        if hello.version != __version__:
            raise UserError(OTHER_VERSION)
        self.language = hello.language
        return self.engine.state(hello.language)

    async def menu(self) -> Lessons:
        return Lessons([])

    async def split(self, text: str, row: int | None = None) -> list[str]:
        """Echoed at once; as long as is asked for, where `row` is given."""
        while text == "for ever":
            pass
        begun = time.process_time()
        while text == "work" and time.process_time() < begun + 0.1:
            pass
        if text == "all memory":
            bytearray(budget.MEMORY)
        return [threading.current_thread().name, text] if row is None else ["x" * row]

    async def check(self, product: str, cells: list[str], judge: Judged) -> SummaryView:
        """From the engine's thread: as many iterations as there are cells."""

        def work() -> SummaryView:
            assert threading.current_thread().name == "engine_0"
            self.done.append("check")
            return trained(len(cells))

        return await self.engine.run(work)

    async def draft(self, product: str, cells: list[str]) -> QuizView | None:
        await self.engine.run(lambda: self.done.append("draft"))
        return None

    async def train(self, iterations: int, larger: bool = False) -> SummaryView:
        """0: until it is cancelled."""

        def work() -> SummaryView:
            count, ends = 0, time.monotonic() + LONGEST_TRAINING
            while count < iterations or (not iterations and not self.stopped.is_set()):
                if time.monotonic() > ends:
                    raise TimeoutError("nobody has cancelled")
                count += 1
                self.tell(Training(count, iterations, LOSSES))
            self.trained.set()
            return trained(count)

        return await self.engine.run(work)

    async def cancel(self) -> None:
        self.stopped.set()

    async def hint(self) -> SummaryView:
        raise UserError(REFUSAL)

    async def show(self) -> SummaryView:
        raise ValueError("a fault of ours")

    async def again(self) -> SummaryView:
        os.kill(os.getpid(), signal.SIGSTOP)
        return trained(0)


def make(engine: EngineThread, tell: Callable[[Event], None], identity: str) -> Tutor:
    tutor: Any = FakeTutor(engine, tell, identity)
    found: Tutor = tutor
    return found


def loading() -> str:
    how = os.environ.get("FAKE_LOADING", "0")
    time.sleep(float(how))
    return "2.21-fake"


if __name__ == "__main__":
    if "FAKE_BUDGET" in os.environ:
        budget.SECONDS, budget.LOADING = 1, 1
    run(make, loading)
