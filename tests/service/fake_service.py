"""A service with a tutor that does what the tests say, round the real server.

Run as a script it is a child process, as the real one is; `FAKE_LOADING` says how its engine loads:
`fails`, or a number of seconds.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bptutor import __version__
from bptutor.service.__main__ import run
from bptutor.service.messages import (
    Again,
    Cells,
    Check,
    Close,
    Done,
    Draft,
    EngineState,
    Event,
    Go,
    Hello,
    Hint,
    Lessons,
    ListLessons,
    Open,
    Reply,
    Request,
    Show,
    SplitMatrix,
    Steps,
    Train,
    Training,
    Welcome,
)
from bptutor.text import Message, UserError

REFUSAL = Message("This lesson is no longer open; open it again.")
OTHER_VERSION = Message("This is another version of bptutor.")
LONGEST_TRAINING = 30.0
LOSSES = [0.5] * 300


@dataclass
class FakeLearner:
    language: str


@dataclass
class FakeTutor:
    """Echoes; what each request does is said beside it."""

    trained: threading.Event = field(default_factory=threading.Event)
    """Set at the end of each training."""
    done: list[Request] = field(default_factory=list)
    """What has been handled, in order."""

    def hello(self, hello: Hello, engine: EngineState) -> tuple[FakeLearner, Welcome]:
        if hello.version != __version__:
            raise UserError(OTHER_VERSION)
        return FakeLearner(hello.language), Welcome(__version__, engine)

    def needs_engine(self, request: Request) -> bool:
        return isinstance(request, Check | Train | Hint | Show | Again | Go)

    def handle(
        self,
        learner: FakeLearner,
        request: Request,
        tell: Callable[[Event], None],
        cancelled: Callable[[], bool],
    ) -> Reply:
        self.done.append(request)
        match request:
            case ListLessons():
                return Lessons([])
            case Check(product=product, cells=cells):  # echoed from the engine's thread
                return Cells([threading.current_thread().name, str(product), *(cells or [])])
            case SplitMatrix(text="for ever"):
                while True:
                    pass
            case SplitMatrix(text=text):  # echoed at once
                return Cells([threading.current_thread().name, text])
            case Train(session=session, iterations=iterations):  # 0: until it is cancelled
                count, ends = 0, time.monotonic() + LONGEST_TRAINING
                while count < iterations or (not iterations and not cancelled()):
                    if time.monotonic() > ends:
                        raise TimeoutError("nobody has cancelled")
                    count += 1
                    tell(Training(session, count, iterations, LOSSES))
                self.trained.set()
                return Cells([str(count)])
            case Hint():
                raise UserError(REFUSAL)
            case Show():
                raise ValueError("a fault of ours")
            case Open(lesson=lesson):  # as long as is asked for
                return Cells(["x" * int(lesson)])
            case Steps():
                os.kill(os.getpid(), signal.SIGKILL)
            case Again():
                os.kill(os.getpid(), signal.SIGSTOP)
            case Draft() | Close():
                return Done()
        raise AssertionError(request)


def loading() -> str:
    how = os.environ.get("FAKE_LOADING", "0")
    if how == "fails":
        raise ImportError("no such library")
    time.sleep(float(how))
    return "2.21-fake"


if __name__ == "__main__":
    run(FakeTutor(), loading)
