"""The same record in PostgreSQL: where `BPTUTOR_TEST_POSTGRESQL` names an empty database."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from time import monotonic

import pytest

from bptutor.record import database
from bptutor.record.attempts import Met, Practice
from bptutor.record.database import Database, UnusableError
from bptutor.record.health import health
from bptutor.record.record import Record
from bptutor.record.tables import VERSION, metadata
from bptutor.text import UserError
from tests.record.attempts import attempt, card

URL = os.environ.get("BPTUTOR_TEST_POSTGRESQL", "")
pytestmark = pytest.mark.skipif(not URL, reason="BPTUTOR_TEST_POSTGRESQL names no database")


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    yield
    engine = Database(URL).engine
    metadata.drop_all(engine)
    engine.dispose()


def test_what_is_kept_comes_back() -> None:
    record = Record(URL)
    assert health(URL).state == "none"
    assert record.attempts("minsu") == []
    first = attempt(at=100.0, misconceptions=["b", "a"], cells=["½", "a\0b"], seed=2**62)
    last = attempt(at=200.0, verdict="right", closed=True)
    record.add(first)
    record.practised(last, card("1"), ["a", "b"], ["a"])
    record.practised(attempt(at=300.0), card("2"), ["a"], [])
    record.add(attempt(learner="eunji"))
    assert [each.id for each in record.attempts("minsu")][1:] == [last.id, first.id]
    assert record.attempts("minsu")[-1].misconceptions == ["b", "a"]
    assert record.attempts("minsu")[-1].seed == 2**62
    assert len(list(record.every("minsu"))) == 3
    assert record.cards("minsu") == {"weight-gradient": "2"}
    assert record.met("minsu") == {"a": Met(2, 1, 200.0), "b": Met(1, 0, 0.0)}
    found = record.activity("minsu")
    assert found.since == 100.0
    assert found.skills == {"weight-gradient": Practice(3, 1, 1, 1)}
    assert sorted(made.misconception for made in found.made) == ["a", "b"]
    told = health(URL)
    assert (told.kind, told.state, told.path) == ("postgresql", "sound", None)
    assert (told.version, told.attempts) == (VERSION, 4)
    assert record.forget("minsu") == 3
    assert record.met("minsu") == {}
    assert len(record.attempts("eunji")) == 1


def test_many_that_come_at_once_make_the_tables_once() -> None:
    failures: list[Exception] = []

    def use() -> None:
        try:
            record = Record(URL)
            for _ in range(10):
                record.practised(attempt(), card(), ["a", "b"], ["a"])
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert Record(URL).met("minsu")["a"].met == 60


def test_one_of_the_first_version_is_migrated_when_it_is_written() -> None:
    Record(URL).add(attempt())
    engine = Database(URL).engine
    with engine.begin() as connection:
        for column in ("rule_shown", "explained"):
            connection.exec_driver_sql(f"ALTER TABLE attempts DROP COLUMN {column}")
        connection.exec_driver_sql("UPDATE record_versions SET version = 1")
    engine.dispose()
    record = Record(URL)
    assert not record.attempts("minsu")[0].rule_shown
    record.add(attempt(rule_shown=True))
    assert sum(each.rule_shown for each in record.attempts("minsu")) == 1
    assert health(URL).version == VERSION


def test_a_newer_one_is_not_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    Record(URL).add(attempt())
    monkeypatch.setattr(database, "VERSION", 0)
    with pytest.raises(UserError, match="of a newer bptutor"):
        Record(URL).add(attempt())


def test_the_command_uses_it() -> None:
    Record(URL).add(attempt())
    run = subprocess.run(
        [sys.executable, "-c", "from bptutor.cli import main; main(['progress', '--json'])"],
        env={**os.environ, "BPTUTOR_RECORD": URL, "BPTUTOR_LEARNER": "minsu"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert '"attempts":1' in run.stdout


def test_a_table_that_another_learner_locks_is_not_waited_for_at_each_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record = Record(URL)
    record.add(attempt())
    monkeypatch.setattr(database, "PATIENCE", 1.0)
    with Database(URL).engine.begin() as other:
        other.exec_driver_sql("LOCK TABLE attempts IN ACCESS EXCLUSIVE MODE")
        began = monotonic()
        with pytest.raises(UserError, match="another program is using it"):
            record.add(attempt())
        assert monotonic() - began < 30  # else it would wait for ever
        record.add(attempt())
        with pytest.raises(UserError, match="it does not answer"):
            record.activity("minsu")
        with pytest.raises(UserError, match="another program is using it"):
            Record(URL).activity("minsu")
    assert not record.whole
    assert Record(URL).activity("minsu").attempts == 1


def test_a_statement_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE", 1.0)
    with pytest.raises(UnusableError, match="does not answer"):
        Database(URL).look(lambda connection: connection.exec_driver_sql("SELECT pg_sleep(600)"))
