"""What a service asks of the database first, asked once before it is forked.

SQLAlchemy takes longer to compile a statement than to execute it; a service that is forked after
that has it compiled. Nothing that is written here is kept, but for the tables themselves.
"""

from __future__ import annotations

import time
from contextlib import suppress

import msgspec

from bptutor.classroom import place_queries
from bptutor.classroom.papers import Papers
from bptutor.classroom.store import ClassStore, Transaction
from bptutor.record import queries
from bptutor.record.attempts import Attempt
from bptutor.record.record import Record
from bptutor.text import UserError

NOBODY = ""
"""No user has this login."""


class _Enough(Exception):  # noqa: N818
    """What was written is undone."""


def rehearse(store: ClassStore, record: Record) -> None:
    """Where the database is away, each service does it itself."""
    papers, now = Papers(store), time.time()

    def practise(on: Transaction) -> None:
        place_queries.hold_place(on, NOBODY, "sitting", "")
        place_queries.put_place(on, NOBODY, "sitting", "", b"", now)
        row = {"machine": "", "connection": "", "login": NOBODY, "since": now, "seen": now}
        place_queries.put_presence(on, {**row, "assignment": "", "item": -1})
        place_queries.delete_presence(on, "", "")
        raise _Enough

    def answer(on: Transaction) -> None:
        names = ("lesson", "digest", "step", "kind", "skill")
        fields = {**dict.fromkeys(names, ""), "verdict": "wrong", "misconceptions": [""]}
        attempt = msgspec.convert({**fields, "learner": NOBODY}, Attempt)
        queries.count_attempts(on, NOBODY)
        queries.insert_attempt(on, attempt)
        queries.put_card(on, NOBODY, "", "", now)
        queries.count_met(on, NOBODY, ["", "-"], [], now)
        raise _Enough

    with suppress(UserError):
        store.write(lambda on: None)  # makes the tables
        record.write(lambda on: None)
        papers.locked(NOBODY, now)
        store.person(NOBODY)
        store.places(NOBODY, "sitting")
        store.place(NOBODY, "sitting", "")
        record.right_at_once(NOBODY)
        record.met(NOBODY)
        record.cards(NOBODY)
        for write, work in ((store.write, practise), (record.write, answer)):
            with suppress(_Enough):
                write(work)
