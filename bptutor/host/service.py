"""What a visitor of the class host is served with: a tutor over the class's database, or a desk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bptutor import budget
from bptutor.classroom.papers import Papers
from bptutor.classroom.store import ClassStore
from bptutor.host.places import stores
from bptutor.host.presence import Presence
from bptutor.host.visitor import Visitor
from bptutor.record.record import Record
from bptutor.service.desk import TeachersDesk
from bptutor.service.engine import EngineThread
from bptutor.service.local_desk import LocalDesk
from bptutor.service.protocol import Event, Tutor
from bptutor.service.tutor import LocalTutor


class Attendance:
    """One visitor and what serves them."""

    def __init__(
        self,
        store: ClassStore,
        record: Record,
        locks: Path,
        teachers: int | None,
        clock: Callable[[], float],
    ) -> None:
        """Nothing is opened before somebody comes.

        Args:
            store: the class.
            record: of what is practised in it.
            locks: a folder in which the services of this machine see each other.
            teachers: the group of the teachers, if there is one.
            clock: the host's.
        """
        self._store, self._locks, self._teachers = store, locks, teachers
        self._record, self._clock = record, clock
        self._presence: Presence | None = None
        self._tutor: LocalTutor | None = None
        self._desk: LocalDesk | None = None

    def is_listed(self, login: str, /) -> bool:
        return self._store.person(login) is not None

    def come(self, who: Visitor, engine: EngineThread) -> None:
        self._presence = Presence(self._store, who.login, self._clock)
        if self._teachers in who.groups:
            self._desk = LocalDesk(self._store, engine, who.login, self._clock, budget.renew)

    def tutor(self, engine: EngineThread, tell: Callable[[Event], None], identity: str, /) -> Tutor:
        kept = stores(self._store, identity, self._locks)
        papers = Papers(self._store)
        self._tutor = LocalTutor(engine, tell, self._record, identity, kept, papers, self._clock)
        return self._tutor

    def desk(self) -> TeachersDesk | None:
        return self._desk

    def renew(self, more: int, /) -> None:
        budget.renew(more)
        if self._presence and self._tutor:
            self._presence.notice(self._tutor.where)

    def go(self) -> None:
        if self._presence:
            self._presence.end()
