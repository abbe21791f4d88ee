"""A hundred thousand attempts: summed up from the indexes alone, and listed a page at a time."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bptutor.record import queries
from bptutor.record.database import Database
from bptutor.record.record import Record
from tests.record.attempts import attempt

pytestmark = pytest.mark.whole

MANY = 2_000
FILL = f"""
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MANY})
    INSERT INTO attempts (learner, id, at, day, lesson, digest, part, step, kind, skill, seed,
        made_for, iteration, sitting, product, cells, verdict, hints, number, closed, milliseconds)
    SELECT 'minsu', printf('%016x', n), n, 739000 + n / 100, 'l', 'd', 'tape', 'dL_dW3', 'backward',
        'skill-' || (n % 10), n, '', 0, 'quiz', '', '[]',
        CASE WHEN n % 2 THEN 'right' ELSE 'wrong' END, 0, 1, n % 4 = 1, 1000
    FROM numbers
"""
MISTAKES = """
    INSERT INTO mistakes
    SELECT learner, id, 0, 'mistake-' || (at % 7), day, at FROM attempts WHERE verdict = 'wrong'
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    file: Path = tmp_path_factory.mktemp("many") / "record.sqlite"
    Record(f"sqlite:///{file}").add(attempt(learner="eunji"))
    connection = sqlite3.connect(file)
    with connection:
        connection.execute(FILL)
        connection.execute(MISTAKES)
    connection.close()
    return f"sqlite:///{file}"


def test_nothing_is_searched_row_by_row(url: str) -> None:
    """What is read of the whole record is read from an index that has all of it."""
    database = Database(url)
    asked: list[tuple[str, Any]] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    def plans(word: str) -> list[str]:
        """How SQLite goes about the statements with a word in them."""
        return database.look(
            lambda to: [
                str(to.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all())
                for statement, parameters in list(asked)
                if word in statement
            ]
        )

    database.look(lambda to: queries.select_activity(to, "minsu"))
    grouped = plans("GROUP BY")
    assert len(grouped) == 3
    assert all("USING COVERING INDEX" in plan for plan in grouped)
    asked.clear()
    database.look(lambda to: queries.latest_attempts(to, "minsu", "", 10))
    (plan,) = plans("cells")
    assert "USING INDEX" in plan
    assert "TEMP B-TREE" not in plan
