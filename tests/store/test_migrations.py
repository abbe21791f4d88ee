"""From every version of the schema to the one of now, in both databases."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from bptutor.locale import UserError
from bptutor.store import database
from bptutor.store.database import Database, migrate
from bptutor.store.migrations import MIGRATIONS
from bptutor.store.record import Record
from bptutor.store.schema import metadata, versions
from tests.store.test_record import attempt

NEXT = ("ALTER TABLE attempts ADD COLUMN mood TEXT", "CREATE TABLE moods (mood TEXT)")
"""A migration that a later version may have."""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'record.sqlite'}"


def described(url: str) -> dict[str, Any]:
    """Every table as SQLite has it."""
    engine = create_engine(url)
    found = inspect(engine)
    tables = {
        table: (
            [
                (each["name"], str(each["type"]), each["nullable"])
                for each in found.get_columns(table)
            ],
            found.get_pk_constraint(table),
            found.get_foreign_keys(table),
            found.get_indexes(table),
        )
        for table in found.get_table_names()
    }
    engine.dispose()
    return tables


def at_version(url: str, version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bring a new database to a version."""
    with monkeypatch.context() as then:
        then.setattr(database, "MIGRATIONS", MIGRATIONS[:version])
        Database(url).write(lambda connection: None)


@pytest.mark.parametrize("version", range(len(MIGRATIONS) + 1))
def test_from_every_version_it_comes_to_the_same(
    url: str, tmp_path: Path, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_version(url, version, monkeypatch)
    Record(url).add(attempt())
    fresh = f"sqlite:///{tmp_path / 'fresh.sqlite'}"
    engine = create_engine(fresh)
    metadata.create_all(engine)
    engine.dispose()
    assert described(url) == described(fresh)
    assert len(Record(url).attempts("minsu")) == 1


def test_what_is_there_outlives_a_migration(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = attempt(misconceptions=["a"])
    Record(url).add(kept)
    monkeypatch.setattr(database, "MIGRATIONS", (*MIGRATIONS, NEXT))
    assert Record(url).attempts("minsu") == [kept]
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.scalars(text("SELECT version FROM record_versions")).all() == [
            *range(1, len(MIGRATIONS) + 2)
        ]
        assert connection.scalars(text("SELECT mood FROM attempts")).all() == [None]
    engine.dispose()


def test_a_migration_that_fails_changes_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Record(url).add(attempt())
    before = described(url)
    with monkeypatch.context() as broken:
        broken.setattr(database, "MIGRATIONS", (*MIGRATIONS, (*NEXT, "CREATE TABLE")))
        with pytest.raises(UserError, match="cannot be read"):
            Record(url).attempts("minsu")
    assert described(url) == before
    Record(url).add(attempt())
    assert len(Record(url).attempts("minsu")) == 2


def test_a_newer_record_is_not_touched(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as later:
        later.setattr(database, "MIGRATIONS", (*MIGRATIONS, NEXT))
        Record(url).add(attempt())
    before = (tmp_path / "record.sqlite").read_bytes()
    record = Record(url)
    with pytest.raises(UserError, match="of a newer bptutor"):
        record.add(attempt())
    with pytest.raises(UserError, match="of a newer bptutor"):
        record.cards("minsu")
    with pytest.raises(UserError, match="of a newer bptutor"):
        record.forget("minsu")
    assert (tmp_path / "record.sqlite").read_bytes() == before
    assert list(tmp_path.iterdir()) == [tmp_path / "record.sqlite"]


def test_a_database_of_something_else_is_not_touched(url: str, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "record.sqlite")
    other.execute("CREATE TABLE attempts (mine TEXT)")
    other.commit()
    other.close()
    before = described(url)
    with pytest.raises(UserError, match="cannot be added"):
        Record(url).add(attempt())
    assert described(url) == before


def test_postgresql_has_the_same_tables() -> None:
    """What the frozen statements say is what SQLAlchemy would say to PostgreSQL of the schema."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    wanted = set()
    for table in metadata.sorted_tables:
        if table is not versions:
            wanted.add(_plain(str(CreateTable(table).compile(dialect=dialect))))
            for index in table.indexes:
                wanted.add(_plain(str(CreateIndex(index).compile(dialect=dialect))))
    frozen = {_plain(statement) for statements in MIGRATIONS for statement in statements}
    assert frozen == wanted


def _plain(statement: str) -> str:
    """A statement's words, a constraint's before the commas and brackets that do not matter."""
    return " ".join(statement.replace("(", " ( ").replace(")", " ) ").replace(",", " , ").split())


def test_migrate_asks_postgresql_for_its_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes that come at once do not both migrate."""
    said: list[str] = []

    class Connection:
        dialect = postgresql.dialect()  # type: ignore[no-untyped-call]

        def execute(self, statement: Any, *_: Any) -> None:
            said.append(str(statement))

        def exec_driver_sql(self, statement: str) -> None:
            said.append(statement)

    found = iter([0, len(MIGRATIONS)])  # another process did it while this one waited
    monkeypatch.setattr(database, "version_of", lambda connection: next(found))
    migrate(Connection())  # type: ignore[arg-type]
    assert len(said) == 1
    assert "pg_advisory_xact_lock" in said[0]
