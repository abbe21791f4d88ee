"""A database that does not refuse but hangs, in the middle of what is asked of it."""

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Queue
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from bptutor.classroom import setup
from bptutor.classroom.papers import Papers
from bptutor.classroom.rows import Answer
from bptutor.classroom.store import ClassStore
from bptutor.record import database
from bptutor.record.sittings import Mark
from bptutor.text import UserError
from tests.classroom.people import EXAM, NINE, assign, begin, class_in
from tests.host.conftest import short_folder
from tests.postgresql import Server

PORT = ".s.PGSQL.5432"


class Line:
    """Passes on what is sent to the server, until what is sent contains `last`: then nothing."""

    def __init__(self, url: str, here: Path) -> None:
        self.last = b""
        there = parse_qs(urlsplit(url).query)["host"][0]
        self.url = url.replace(there, str(here))
        self._server = f"{there}/{PORT}"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(here / PORT))
        (here / PORT).chmod(0o666)
        self._listener.listen()
        self._kept: list[socket.socket] = [self._listener]
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._kept += [client, server]
                silent: list[bool] = []
                for ends in ((client, server), (server, client)):
                    Thread(target=self._pass_on, args=(*ends, silent), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket, silent: list[bool]) -> None:
        """What the server has been sent before it hangs, it has got."""
        with suppress(OSError):
            while data := one.recv(65536):
                if silent:
                    continue
                if self.last and self.last in data:
                    silent.append(True)
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        for each in self._kept:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@pytest.fixture
def store(postgresql: Server) -> ClassStore:
    setup.init(postgresql.url())
    made = class_in(postgresql.url("bptutor"))
    assign(made, "midterm", EXAM)
    return made


@pytest.fixture
def line(store: ClassStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """A line to the server, at the end of which two seconds of silence are an end."""
    monkeypatch.setattr(database, "PATIENCE", 2.0)
    with short_folder() as folder:
        made = Line(store.url, folder)
        yield made
        made.close()


def within(seconds: float, work: Callable[[], object]) -> BaseException | None:
    """What comes of some work, which must not take for ever."""
    came: Queue[BaseException | None] = Queue()

    def run() -> None:
        try:
            work()
        except BaseException as error:
            came.put(error)
        else:
            came.put(None)

    Thread(target=run, daemon=True).start()
    return came.get(timeout=seconds)


@pytest.mark.whole
@pytest.mark.parametrize("last", [b"INSERT INTO answers", b"COMMIT"])
def test_an_answer_is_refused_and_nothing_is_lost_or_twice(
    store: ClassStore, line: Line, last: bytes
) -> None:
    far, near = Papers(ClassStore(line.url)), Papers(store)
    key = begin(far, "midterm", "anna", NINE).key
    begin(near, "midterm", "ben", NINE)

    def answer(after: int) -> None:
        far.answer(key, Answer(0, NINE, "check", Mark(cells=["1"])), NINE, after)

    line.last = last
    failed = within(60, lambda: answer(0))
    assert isinstance(failed, UserError)
    assert "does not answer" in str(failed)
    line.last = b""
    # Somebody else is not kept waiting by the transaction that hangs.
    other = Answer(0, NINE, "check", Mark(cells=["2"]))
    assert within(60, lambda: near.answer(("midterm", "ben", 1), other, NINE)) is None
    if not near.answers(key):
        assert within(60, lambda: answer(0)) is None
    assert [each.mark.cells for each in near.answers(key)] == [["1"]]


def test_a_server_that_takes_connections_and_says_nothing(store: ClassStore, line: Line) -> None:
    line.last = b"user"  # in the first message of every connection
    far = Papers(ClassStore(line.url))
    failed = within(60, lambda: far.offers("anna", NINE))
    assert isinstance(failed, UserError)
    assert "does not answer" in str(failed)
