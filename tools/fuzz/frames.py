"""What comes over the service's socket: calls with any arguments, some of them damaged."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from bptutor import __version__
from bptutor.engine.runtime import tensorflow
from bptutor.service import wire
from bptutor.service.engine import EngineThread
from bptutor.service.protocol import Event, Hello
from bptutor.service.server import serve
from bptutor.service.tutor import LocalTutor
from bptutor.text import Message, UserError
from bptutor.views.quiz import QuizSpec
from tools.fuzz.damage import damaged

TEXTS = ("", "x", "one-neuron", "circuit", "next", "here", "∂L/∂w", "1.2", "\x00", "a" * 5000)
NUMBERS = (0, 1, -1, 2, 7, 10**6, 2**62, -(2**63), 0.5, 1e300, float("nan"), float("inf"))
WORDS = ("all", "backward", "products", "tape", "derive", "keras", "both", "value", "next", "here")
LONGEST_SECONDS = 50


def made(random: Random) -> tuple[str, bytes]:
    """A stream that begins with a hello more often than not."""
    calls: list[tuple[Any, ...]] = [("hello", [Hello(__version__, "en", "unicode")])]
    if random.random() < 0.1:
        calls = []
    if random.random() < 0.8:
        lesson = random.choice(("one-neuron", "dense-layer"))
        calls.append(("open", [lesson, "all", random.random() < 0.5, random.choice(WORDS[3:6])]))
    elif random.random() < 0.5:
        calls.append(("quiz", [QuizSpec(items=3, exam=random.random() < 0.5)]))
    names = sorted(set(wire.METHODS) - {"train"})
    for _ in range(random.randrange(12)):
        name = random.choice(names)
        count = len(wire.METHODS[name].signature.parameters)
        given = max(0, count - random.choice((0, 0, 1)))
        calls.append((name, [_argument(random) for _ in range(given)]))
    frames = []
    for number, (name, arguments) in enumerate(calls):
        method = wire.METHODS[name]
        filled = _filled(random, method, arguments)
        body = msgspec.msgpack.encode((number, name, filled))
        frames.append(len(body).to_bytes(4, "big") + body)
    stream = b"".join(frames)
    return "stream.bin", damaged(random, stream) if random.random() < 0.4 else stream


def _filled(random: Random, method: wire.Method, arguments: list[Any]) -> list[Any]:
    """The arguments, and after them the defaults of those that were left out."""
    parameters = list(method.signature.parameters.values())[len(arguments) :]
    if random.random() < 0.1:
        return arguments
    return arguments + [each.default for each in parameters if each.default is not each.empty]


def _argument(random: Random, depth: int = 2) -> Any:
    kind = random.randrange(7 if depth else 5)
    if kind == 0:
        return random.choice(TEXTS)
    if kind == 1:
        return random.choice(NUMBERS)
    if kind == 2:
        return random.choice((True, False, None))
    if kind in (3, 4):
        return random.choice(WORDS)
    if kind == 5:
        return [_argument(random, depth - 1) for _ in range(random.choice((0, 1, 2, 20)))]
    return {random.choice(TEXTS): _argument(random, depth - 1)}


# ── the service ───────────────────────────────────────────────────────────────────────────────


class _Faults(logging.Handler):
    """Exceptions that the service logs are faults."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(logging.Formatter().format(record))


class _ClosedError(UserError):
    """The service closed the connection, with a sentence."""


def attempt(path: Path) -> str:
    """Send it to a service over a socket, and read what comes back until the end."""
    faults = _Faults()
    logger = logging.getLogger("bptutor")
    logger.addHandler(faults)
    try:
        replies, goodbye = asyncio.run(_served(path.read_bytes()))
    finally:
        logger.removeHandler(faults)
    if faults.seen:
        raise AssertionError(faults.seen[0])
    if goodbye:
        raise _ClosedError(Message("{sentence}", sentence=goodbye))
    return f"{replies} replies"


async def _served(stream: bytes) -> tuple[int, str]:
    """How many replies came, and the service's last words, if it closed."""
    ours, theirs = socket.socketpair()
    serving = asyncio.create_task(serve(theirs, "", _engine(), _tutor))
    reader, writer = await asyncio.open_connection(sock=ours)
    writer.write(stream)
    await writer.drain()
    writer.write_eof()
    replies, goodbye = 0, ""
    async with asyncio.timeout(LONGEST_SECONDS):
        while reply := await wire.receive(reader, wire.replies, wire.LONGEST_REPLY):
            replies += reply.id is not None
            goodbye = reply.refusal if reply.id is None else goodbye
        await serving
    writer.close()
    return replies, goodbye


def _tutor(engine: EngineThread, tell: Callable[[Event], None], identity: str) -> LocalTutor:
    return LocalTutor(engine, tell, None, identity)


@cache
def _engine() -> EngineThread:
    return EngineThread(lambda: str(tensorflow().__version__))
