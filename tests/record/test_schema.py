"""The record's tables: made once, opened as they are, left alone where they are newer."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect

from bptutor.record import database
from bptutor.record.attempts import Met
from bptutor.record.record import Record
from bptutor.record.tables import VERSION, version_of
from bptutor.text import UserError
from tests.record.attempts import attempt, run

VERSION_1 = Path(__file__).with_name("version-1.sql").read_text(encoding="utf-8")
"""A record as the first version of bptutor wrote it. It never changes."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "record.sqlite"


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite:///{file}"


def execute(file: Path, script: str) -> None:
    connection = sqlite3.connect(file)
    connection.executescript(script)
    connection.close()


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


def test_a_record_of_the_first_version_is_opened_as_it_is_and_migrated_when_written(
    url: str, file: Path, tmp_path: Path
) -> None:
    execute(file, VERSION_1)
    before = file.read_bytes()
    record = Record(url)
    (first,) = record.attempts("minsu")
    assert (first.step, first.cells, first.misconceptions) == ("dL_dW", ["1", "2"], ["m1", "m2"])
    assert record.cards("minsu") == {"matmul": "{}"}
    assert record.met("minsu") == {"m1": Met(1, 1, 1764000000.0)}
    assert not first.rule_shown
    assert file.read_bytes() == before
    record.add(attempt(rule_shown=True))
    assert [each.rule_shown for each in record.attempts("minsu")] == [True, False]
    Record(url).add(attempt(rule_shown=True))
    assert len(Record(url).attempts("minsu")) == 3
    fresh = f"sqlite:///{tmp_path / 'fresh.sqlite'}"
    Record(fresh).add(attempt())
    assert VERSION == 3
    assert described(url) == described(fresh)


def test_a_record_of_the_second_version_gets_what_came_after_it(
    url: str, file: Path, tmp_path: Path
) -> None:
    Record(url).add(attempt(rule_shown=True))
    after = described(url)
    execute(
        file,
        "ALTER TABLE attempts DROP COLUMN explained; UPDATE record_versions SET version = 2",
    )
    record = Record(url)
    assert [(each.rule_shown, each.explained) for each in record.attempts("minsu")] == [
        (True, False)
    ]
    record.add(attempt(explained=True))
    assert [each.explained for each in record.attempts("minsu")] == [True, False]
    assert described(url) == after


def test_a_newer_record_is_not_touched(url: str, file: Path, tmp_path: Path) -> None:
    record = Record(url)
    record.add(attempt())
    execute(file, "CREATE TABLE moods (mood TEXT); INSERT INTO record_versions VALUES (99, 0)")
    before = file.read_bytes()
    for each in (record, Record(url)):  # one that had seen it before, and one that had not
        with pytest.raises(UserError, match="a newer bptutor wrote it"):
            each.add(attempt())
        with pytest.raises(UserError, match="a newer bptutor wrote it"):
            each.cards("minsu")
        with pytest.raises(UserError, match="a newer bptutor wrote it"):
            each.forget("minsu")
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_the_tables_are_looked_at_once(
    url: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []

    def counted(*given: Any) -> int:
        looks.append(version_of(*given))
        return looks[-1]

    monkeypatch.setattr(database, "version_of", counted)
    record = Record(url)
    for _ in range(3):
        record.add(attempt())
        assert record.cards("minsu") == {}
    assert looks == [0, VERSION]
    file.unlink()
    record.add(attempt())
    record.add(attempt())
    assert looks[2] == 0
    assert len(record.attempts("minsu")) == 2


def test_a_database_of_something_else_is_not_touched(url: str, file: Path) -> None:
    execute(file, "CREATE TABLE attempts (mine TEXT)")
    before = described(url)
    with pytest.raises(UserError, match="cannot add"):
        Record(url).add(attempt())
    assert described(url) == before


def test_an_empty_file_is_an_empty_record(url: str, file: Path) -> None:
    file.touch()
    assert Record(url).attempts("minsu") == []
    assert file.read_bytes() == b""
    Record(url).add(attempt())
    assert len(Record(url).attempts("minsu")) == 1


ONE = """
import sys
from bptutor.record.record import Record
from bptutor.record.tables import VERSION
from tests.record.attempts import attempt
record = Record()
record.prepare()
print("ready", flush=True)
sys.stdin.readline()
record.add(attempt())
print("added", flush=True)
"""


@pytest.fixture
def processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path))
    started = [run(ONE, tmp_path) for _ in range(2)]
    yield started
    for each in started:
        each.send_signal(signal.SIGKILL)
        each.communicate()


def test_two_processes_that_come_at_once_make_the_tables_once(
    processes: list[Any], url: str
) -> None:
    for each in processes:
        assert each.stdout.readline() == "ready\n"
    for each in processes:
        each.stdin.write("\n")
        each.stdin.flush()
    assert [each.stdout.readline() for each in processes] == ["added\n", "added\n"]
    assert len(Record(url).attempts("minsu")) == 2
