"""The dialogue at the prompt: lines out, lines in, and the service that is waited for."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from time import monotonic, time
from typing import Any, TextIO, TypeAlias, TypeVar

from bptutor.plain.commands import quits
from bptutor.plain.heard import AsTyped, Names, heard
from bptutor.service.client import Client, ServiceFactory
from bptutor.service.protocol import (
    EngineState,
    Event,
    Hello,
    HostState,
    Keeping,
    TimeLeft,
    Training,
)
from bptutor.service.quiz_words import time_left
from bptutor.service.words import LOADING, RESTARTING, late, progress, reachable
from bptutor.text import Message, UserError
from bptutor.text.printable import cells, printable, wrap

T = TypeVar("T")
Said: TypeAlias = Message | str

COMMENT = "#"
"""No answer begins with it: in a file of answers it begins a remark."""
HEARTBEAT = 1.0
"""Seconds after which a service that is waited for is asked whether it is still there."""
TENTH = 10
WARNINGS = (300.0, 60.0)
"""Seconds before the end of an exam at which it is said: a clock cannot be glanced at."""
OVER = Message("Time is up. Press Enter to see the results.")
GAP, GAP_NAMED = "____", Message("GAP")
"""What is to be filled in in a line of code: readers of screens pass over a run of underscores."""
AT_ONCE = 65_536
LONGEST = 8_000_000
"""Bytes after which a line without an end is taken as it is."""


class EndOfInput(Exception):  # noqa: N818
    """There is nothing more to read: the learner is gone."""


class Lines:
    """The lines of a terminal, a pipe or a file; reading them keeps nothing else waiting."""

    def __init__(self, descriptor: int | None, encoding: str = "utf-8") -> None:
        """Lines from an open descriptor; from None, which is a closed one, there are none."""
        self._descriptor = descriptor
        self._encoding = encoding
        self._bytes = b""
        self._over = descriptor is None

    async def next(self) -> str | None:
        """The next line without its end; None once there is no more."""
        line = await self.following()
        _, _, self._bytes = self._bytes.partition(b"\n")
        return line

    async def following(self) -> str | None:
        """The same, which stays the next one."""
        while b"\n" not in self._bytes and len(self._bytes) < LONGEST and not self._over:
            await self._read()
        if not self._bytes:
            return None
        line, _, _ = self._bytes.partition(b"\n")
        return line.decode(self._encoding, "replace").lstrip("\ufeff").rstrip("\r")

    async def _read(self) -> None:
        assert self._descriptor is not None
        await _readable(self._descriptor)
        try:
            got = os.read(self._descriptor, AT_ONCE)
        except BlockingIOError:  # another reader of the same pipe was quicker
            return
        except OSError:  # the terminal is gone
            got = b""
        self._bytes += got
        self._over = not got


async def _readable(descriptor: int) -> None:
    """Wait until there is something to read; in a file there always is."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(descriptor, ready.set)
    except PermissionError:  # what Linux says of a file
        return
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)


class Dialogue:
    """Lines out, lines in, and between them the service; always whole lines."""

    def __init__(
        self,
        service: ServiceFactory,
        hello: Hello,
        out: TextIO | None,
        lines: Lines,
        patience: float,
    ) -> None:
        """Speak to `out` (to nobody where it is closed), and listen to `lines`.

        After `patience` seconds without a line the service gives its memory back; 0 is for never.
        """
        self.language = hello.language
        self.client = Client(service(self._hear), hello, self._say_lost, self._say_late)
        self.live = out is not None and out.isatty()
        """Is somebody watching? If not, nothing is said that depends on how long things take."""
        self.on_time: Callable[[float | None], None] = lambda _: None
        """Hears how much time an assignment has, where that has changed."""
        self.names = Names()
        """Those where the learner is."""
        self._out = out
        self._lines = lines
        self._news = asyncio.Event()
        self._patience = patience
        self._prompt: Said = ""
        """What is asked, while an answer is waited for."""
        self._losses = 0
        """How often the service has been lost."""
        self._late = asyncio.Event()
        """Is a reply late?"""
        self._tenths = 0
        self._stop: Callable[[], None] | None = None

    # ── what is said, and what is read ────────────────────────────────────────────────────────

    def say(self, *said: Said) -> None:
        """Say sentences, a line each; a terminal's lines are broken between words."""
        for each in said:
            text = each.to(self.language) if isinstance(each, Message) else each
            if not isinstance(each, AsTyped):
                text = heard(text, self.language, self.names)
            text = text.replace(GAP, GAP_NAMED.to(self.language))
            for line in text.splitlines() or [""]:
                self._write(line)

    def _write(self, line: str) -> None:
        if self._out is None:
            return
        plain = printable(line).rstrip()
        width = self._width() if self.live else 0
        for part in wrap(plain, width) if width and cells(plain) > width else [plain]:
            self._out.write(part + "\n")
        self._out.flush()

    def _width(self) -> int:
        assert self._out is not None
        with suppress(OSError, ValueError):
            return max(20, os.get_terminal_size(self._out.fileno()).columns or 80)
        return 80

    async def read(self, prompt: Said) -> str:
        """The next line after a prompt, without the blanks around it; remarks are passed over.

        Raises:
            EndOfInput: there is none.
        """
        self.say(prompt)
        self._prompt = prompt
        try:
            while (line := await self._next()) is not None:
                if not line.startswith(COMMENT):
                    return line.strip()
        finally:
            self._prompt = ""
        raise EndOfInput

    def prompt_again(self) -> None:
        """Say what is asked to whoever comes back from a shell, where that was said last."""
        if self.live and self._prompt:
            with suppress(OSError):  # whatever is said next will raise it
                self.say(self._prompt)

    async def _next(self) -> str | None:
        """The next line; the service does not keep its memory for one that is long in coming."""
        if self._patience:
            with suppress(asyncio.TimeoutError):
                return await asyncio.wait_for(self._lines.next(), self._patience)
            await self.client.rest()
        return await self._lines.next()

    # ── the service ───────────────────────────────────────────────────────────────────────────

    async def unless_left(self, work: Coroutine[Any, Any, T]) -> T:
        """What comes of work with the service, unless that is late and the learner leaves.

        Raises:
            EndOfInput: the learner quits meanwhile, or there is nothing more to read.
        """
        if not self.live:  # a script is not given up because a machine is slow
            return await work
        working = asyncio.create_task(work)
        leaving = asyncio.create_task(self._left())
        try:
            await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise EndOfInput
            return working.result()
        finally:
            working.cancel()
            leaving.cancel()
            await asyncio.wait({working, leaving})

    async def _left(self) -> None:
        """Wait until the learner quits or is gone, which is heard while a reply is late."""
        await self._late.wait()
        following = await self._lines.following()
        if following is not None and not quits(following):  # it is for the prompt that comes
            await asyncio.get_running_loop().create_future()

    async def loaded(self) -> None:
        """Wait until TensorFlow is there; a service that ends meanwhile is replaced once.

        Raises:
            ServiceLost: the one in its place ended, too.
            UserError: TensorFlow cannot be loaded.
        """
        self.say_loading()
        losses = self._losses
        while self.client.engine.state == "loading":
            self._news.clear()
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._news.wait(), HEARTBEAT)
                continue
            asked = self.client.tutor if self._losses == losses else self.client.unaided
            await asked.go("here")
        if self.client.engine.state == "failed":
            raise UserError(Message("{what}", what=self.client.engine.detail))

    def _say_lost(self) -> None:
        self._losses += 1
        self.say(RESTARTING)

    def _say_late(self, request: str) -> None:
        """Tell that a reply is late. While TensorFlow loads, only who watches is told."""
        if not request:
            self._late.clear()
            return
        self._late.set()
        if self.live or self.client.engine.state != "loading":
            with suppress(OSError):  # whatever is said next will raise it
                self.say(late(request))

    def say_loading(self) -> None:
        """Tell whoever is there what there is to wait for."""
        if self.live and self.client.engine.state == "loading":
            self.say(Message("{what}.", what=LOADING))

    @contextmanager
    def interruptible(self, stop: Callable[[], None]) -> Iterator[None]:
        """Let Ctrl+C do this, and not end the dialogue, while something is on its way."""
        self._stop, self._tenths = stop, 0
        try:
            yield
        finally:
            self._stop = None

    def interrupt(self) -> bool:
        """Stop what is on its way; False where nothing is that could be stopped."""
        if self._stop:
            self._stop()
        return self._stop is not None

    def _hear(self, event: Event) -> None:
        if isinstance(event, EngineState):
            self.client.engine = event
            self._news.set()
        elif isinstance(event, Keeping):
            self.client.all_kept = event.whole
        elif isinstance(event, Training) and self.live:
            self._hear_training(event)
        elif isinstance(event, HostState):
            self.say(reachable(event))
        elif isinstance(event, TimeLeft):
            with suppress(OSError):  # whatever is said next will raise it
                self.on_time(event.seconds)

    def _hear_training(self, training: Training) -> None:
        """Say how far a training has come, ten times at most."""
        tenths = TENTH * training.done // max(1, training.total)
        if tenths != self._tenths and training.done:
            with suppress(OSError):  # whatever is said next will raise it
                self.say(progress(training))
        self._tenths = tenths


class Clock:
    """Runs towards the end of an exam, where that has one.

    It goes by the time of day, as the service does: a laptop that sleeps does not stop it. In an
    assignment it goes as the host's clock does, which does not jump.
    """

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        self._end: float | None = None
        self._calls: list[asyncio.TimerHandle] = []

    def _now(self) -> float:
        return monotonic() if self._dialogue.client.assignment else time()

    @property
    def left(self) -> float | None:
        """The seconds that are left; None where there is no end."""
        return None if self._end is None else max(0.0, self._end - self._now())

    @property
    def over(self) -> bool:
        return self.left == 0

    def set(self, seconds: float | None) -> None:
        """So many seconds are left from now on; None for no end."""
        for call in self._calls:
            call.cancel()
        self._calls = []
        self._end = None if seconds is None else self._now() + seconds
        if seconds is None or not self._dialogue.live:
            return
        loop = asyncio.get_running_loop()
        self._calls = [
            loop.call_later(seconds - before, self._say, before)
            for before in (*WARNINGS, 0.0)
            if before < seconds
        ]

    def _say(self, before: float) -> None:
        with suppress(OSError):  # whatever is said next will raise it
            self._dialogue.say(Message("{what}.", what=time_left(before)) if before else OVER)
