"""The service: connections, each a learner's, round one tutor and one engine's thread."""

from __future__ import annotations

import asyncio
import logging
import socket
from concurrent.futures import Future
from contextlib import suppress
from typing import Generic, TypeVar

from bptutor.service.connection import Connection, Tutoring
from bptutor.service.thread import EngineThread

LearnerT = TypeVar("LearnerT")

_log = logging.getLogger(__name__)

_READ_AHEAD = 2**20


class Service(Generic[LearnerT]):
    """Answers any number of connections, on whichever sockets they come."""

    def __init__(self, tutor: Tutoring[LearnerT], engine: EngineThread) -> None:
        """Serve from the running loop."""
        self._tutor = tutor
        self._engine = engine
        self._loop = asyncio.get_running_loop()
        self._connections: set[Connection[LearnerT]] = set()
        engine.loaded.add_done_callback(self._loaded)

    async def serve(self, client: socket.socket) -> None:
        """Answer a connected client until it is gone."""
        await self.converse(*await asyncio.open_connection(sock=client, limit=_READ_AHEAD))

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the client on a stream until it is gone."""
        connection = Connection(self._tutor, self._engine, reader, writer)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)

    def _loaded(self, loaded: Future[str]) -> None:
        """In the engine's thread: TensorFlow is there, or cannot be had."""
        if failure := loaded.exception():
            _log.error("TensorFlow cannot be loaded.", exc_info=failure)
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._tell_engine)

    def _tell_engine(self) -> None:
        for connection in self._connections:
            connection.tell_engine()
