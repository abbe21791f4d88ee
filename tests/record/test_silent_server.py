"""A record at a server that accepts and is silent: it is not waited for at each answer."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from bptutor.record.database import PATIENCE
from bptutor.record.record import PAUSE, Record
from bptutor.text import UserError
from tests.record.attempts import attempt


class SilentError(Exception):
    """What the driver of a server says of it."""


class Server(ModuleType):
    """In the place of PostgreSQL's driver: a server that lets whoever connects wait in vain."""

    Error = InterfaceError = SilentError
    paramstyle, __version__ = "format", "1.31"

    def __init__(self, seconds: float) -> None:
        super().__init__("pg8000")
        self.seconds, self.now, self.asked = seconds, 1_000.0, 0

    def connect(self, **_: Any) -> None:
        """Time passes, and nothing comes of it."""
        self.asked += 1
        self.now += self.seconds
        raise SilentError("connection timeout expired")


def at_a_server(seconds: float, monkeypatch: pytest.MonkeyPatch) -> tuple[Server, Record]:
    """A record at a server that is silent for so many seconds, by a clock of its own."""
    server = Server(seconds)
    monkeypatch.setitem(sys.modules, "pg8000", server)
    monkeypatch.setattr("bptutor.record.record.monotonic", lambda: server.now)
    return server, Record("postgresql+pg8000://minsu@server/record")


def test_a_server_that_was_waited_for_in_vain_is_left_alone_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, record = at_a_server(PATIENCE, monkeypatch)
    with pytest.raises(UserError, match="it does not answer"):
        record.add(attempt())
    for _ in range(3):
        with pytest.raises(UserError, match="it does not answer"):
            record.add(attempt())
    with pytest.raises(UserError, match="it does not answer"):
        record.cards("minsu")
    assert server.asked == 1
    server.now += PAUSE
    for _ in range(2):
        with pytest.raises(UserError):
            record.add(attempt())
    assert server.asked == 2


def test_a_server_that_refuses_at_once_is_asked_at_each_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, record = at_a_server(0.01, monkeypatch)
    for _ in range(2):
        with pytest.raises(UserError):
            record.add(attempt())
    assert server.asked == 2
