"""Connections to a database server, none of which is waited for without end.

A server's own limits (`statement_timeout`) hold only while it runs. Where it is stopped, or a
network loses what is sent, nothing comes any more, not even an error.
"""

from collections.abc import Callable, Generator
from functools import cache
from time import monotonic
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.pool import NullPool

T = TypeVar("T")

LIMITS = text(
    "SELECT set_config('statement_timeout', :statement, true), "
    "set_config('lock_timeout', :lock, true), "
    "set_config('idle_in_transaction_session_timeout', :idle, true)"
)
"""For one transaction. Who stops in the middle of one keeps no others waiting for its locks."""
SLACK = 1.0  # seconds after the server's own limit until its silence is taken for an end


def server_engine(url: URL, patience: float, require_patience: Callable[[], None]) -> Engine:
    """An engine whose connections wait so many seconds for an answer, not for ever.

    `require_patience` raises where the server must not be waited for.
    """
    timeout = {"connect_timeout": int(patience)}
    engine = create_engine(url, connect_args=timeout, poolclass=NullPool)

    @event.listens_for(engine, "do_connect")
    def connecting(dialect: Any, _: Any, given: list[Any], named: dict[str, Any]) -> Any:
        require_patience()
        if dialect.driver == "psycopg":
            connection = _impatient().connect(*given, **named)
            connection.seconds = patience + SLACK
            return connection
        return None  # as usual

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        limits = {"statement": patience, "lock": 0.8 * patience, "idle": 2 * patience}
        milliseconds = {name: f"{int(1000 * seconds)}" for name, seconds in limits.items()}
        connection.execute(LIMITS, milliseconds)

    return engine


@cache
def _impatient() -> Any:
    """psycopg's connection, which gives up once nothing has come for a while."""
    from psycopg import Connection as Usual
    from psycopg import errors

    class Impatient(Usual[Any]):
        seconds = 60.0

        def wait(self, gen: Generator[Any, Any, T], *given: Any, **named: Any) -> T:
            try:
                return super().wait(_until(gen, monotonic() + self.seconds), *given, **named)
            except TimeoutError:
                self.pgconn.finish()  # else a rollback would wait for it, too
                raise errors.QueryCanceled("no answer") from None

    return Impatient


def _until(gen: Generator[Any, Any, T], deadline: float) -> Generator[Any, Any, T]:
    """The same, which raises TimeoutError where nothing is ready after the deadline."""
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if not ready and monotonic() > deadline:
                raise TimeoutError
            wanted = gen.send(ready)
    except StopIteration as end:
        found: T = end.value
        return found
