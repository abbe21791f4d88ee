"""The same record in a real PostgreSQL, and shared by learners with logins of their own."""

import threading
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import NullPool, create_engine

from bptutor.doctor.places import health_findings
from bptutor.record import database
from bptutor.record.attempts import Met, Practice
from bptutor.record.database import Database, UnusableError
from bptutor.record.health import Health, health
from bptutor.record.record import Record
from bptutor.record.roles import init
from bptutor.record.tables import VERSION
from bptutor.text import UserError
from tests.postgresql import Server
from tests.record.attempts import attempt, card

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")


@pytest.fixture
def url(postgresql: Server) -> str:
    return postgresql.url()


def test_what_is_kept_comes_back(url: str) -> None:
    record = Record(url)
    assert health(url).state == "none"
    assert record.attempts("minsu") == []
    first = attempt(at=100.0, misconceptions=["b", "a"], cells=["½", "a\0b"], seed=2**62)
    last = attempt(at=200.0, verdict="right", closed=True)
    record.add(first)
    record.add(last, card("1"), ["a", "b"], ["a"])
    record.add(attempt(at=300.0), card("2"), ["a"], [])
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
    told = health(url)
    assert (told.kind, told.state, told.path) == ("postgresql", "sound", None)
    assert (told.version, told.attempts) == (VERSION, 4)
    assert record.forget("minsu") == 3
    assert record.met("minsu") == {}
    assert len(record.attempts("eunji")) == 1


def test_an_attempt_is_kept_once(url: str) -> None:
    record, made = Record(url), attempt(misconceptions=["a"])
    for _ in range(2):
        record.add(made, card(), ["a"], ["a"])
        record.add(made)
    assert record.met("minsu") == {"a": Met(1, 1, made.at)}
    assert record.attempts("minsu") == [made]


def test_many_that_come_at_once_make_the_tables_once(url: str) -> None:
    failures: list[Exception] = []

    def use() -> None:
        try:
            record = Record(url)
            for _ in range(10):
                record.add(attempt(), card(), ["a", "b"], ["a"])
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert Record(url).met("minsu")["a"].met == 60


def test_one_of_the_first_version_is_migrated_when_it_is_written(url: str) -> None:
    Record(url).add(attempt())
    engine = Database(url).engine
    with engine.begin() as connection:
        for column in ("rule_shown", "explained"):
            connection.exec_driver_sql(f"ALTER TABLE attempts DROP COLUMN {column}")
        connection.exec_driver_sql("UPDATE record_versions SET version = 1")
    engine.dispose()
    record = Record(url)
    assert not record.attempts("minsu")[0].rule_shown
    record.add(attempt(rule_shown=True))
    assert sum(each.rule_shown for each in record.attempts("minsu")) == 1
    assert health(url).version == VERSION


def test_a_newer_one_is_not_touched(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Record(url).add(attempt())
    monkeypatch.setattr(database, "VERSION", 0)
    with pytest.raises(UserError, match="a newer bptutor wrote it"):
        Record(url).add(attempt())


def test_a_table_that_another_learner_locks_is_not_waited_for_at_each_answer(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Record(url)
    record.add(attempt())
    monkeypatch.setattr(database, "PATIENCE", 1.0)
    with create_engine(url, poolclass=NullPool).begin() as other:
        other.exec_driver_sql("LOCK TABLE attempts IN ACCESS EXCLUSIVE MODE")
        began = monotonic()
        with pytest.raises(UserError, match="another program is using it"):
            record.add(attempt())
        assert monotonic() - began < 30  # else it would wait for ever
        with pytest.raises(UserError, match="it does not answer"):
            record.add(attempt())
        with pytest.raises(UserError, match="it does not answer"):
            record.activity("minsu")
        with pytest.raises(UserError, match="another program is using it"):
            Record(url).activity("minsu")
    assert Record(url).activity("minsu").attempts == 1


def test_a_statement_that_never_ends_is_given_up(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE", 1.0)
    with pytest.raises(UnusableError, match="does not answer"):
        Database(url).look(lambda connection: connection.exec_driver_sql("SELECT pg_sleep(600)"))


# ── learners with logins of their own ─────────────────────────────────────────────────────────


@pytest.fixture
def shared(postgresql: Server) -> Server:
    """Set up for Anna and Ben, who may not make tables."""
    postgresql.learners("anna", "ben")
    postgresql.sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    init(postgresql.url(), "")
    return postgresql


def of(server: Server, name: str) -> Record:
    return Record(server.url(name))


def test_each_login_has_the_rows_of_its_own_learner(shared: Server) -> None:
    for name in ("anna", "ben"):
        made = attempt(learner=name, misconceptions=["a"], verdict="right", closed=True)
        of(shared, name).add(made, card(name), ["a", "b"], ["a"])
        of(shared, name).add(attempt(learner=name), card(f"{name} 2"), ["a"], [])
    assert of(shared, "anna").cards("anna") == {"weight-gradient": "anna 2"}
    assert of(shared, "anna").met("anna")["a"].met == 2
    assert of(shared, "anna").activity("anna").attempts == 2
    for theirs in (
        of(shared, "anna").cards("ben"),
        of(shared, "anna").attempts("ben"),
        of(shared, "anna").met("ben"),
    ):
        assert not theirs
    assert of(shared, "teacher").activity("ben").attempts == 2  # who owns the tables reads all
    assert of(shared, "ben").forget("ben") == 2
    assert of(shared, "teacher").activity("anna").attempts == 2


def test_no_login_answers_changes_or_deletes_for_another(shared: Server) -> None:
    of(shared, "anna").add(attempt(learner="anna"))
    with pytest.raises(UserError, match="bptutor doctor"):
        of(shared, "ben").add(attempt(learner="anna"))
    assert of(shared, "ben").forget("anna") == 0
    for statement in (
        "UPDATE attempts SET verdict = 'exact'",
        "TRUNCATE attempts CASCADE",
        "DROP TABLE attempts CASCADE",
        "ALTER TABLE attempts DISABLE ROW LEVEL SECURITY",
        "DROP POLICY own_rows ON attempts",
        "INSERT INTO record_versions VALUES (99, 0)",
        "CREATE TABLE mine (a integer)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            shared.sql(statement, user="ben")
    assert shared.sql("SELECT count(*) FROM attempts", user="ben") == [(0,)]
    shared.sql("DELETE FROM cards", "DELETE FROM attempts", user="ben")
    (kept,) = of(shared, "teacher").attempts("anna")
    assert kept.verdict == "wrong"


def test_setting_up_again_changes_nothing_and_brings_old_tables_up_to_date(shared: Server) -> None:
    of(shared, "anna").add(attempt(learner="anna"))
    shared.sql(
        "ALTER TABLE attempts DROP COLUMN explained",
        f"UPDATE record_versions SET version = {VERSION - 1}",
    )
    with pytest.raises(UserError, match="bptutor doctor"):
        of(shared, "anna").add(attempt(learner="anna"))
    assert health(shared.url("anna")).state == "outdated"
    init(shared.url(), "")
    assert health(shared.url("anna")).state == "sound"
    of(shared, "anna").add(attempt(learner="anna", explained=True))
    assert of(shared, "anna").activity("anna").attempts == 2
    with pytest.raises(UserError):
        of(shared, "ben").add(attempt(learner="anna"))


def test_one_role_may_be_the_learners_and_no_others(postgresql: Server) -> None:
    postgresql.learners("anna", "dora")
    postgresql.sql("DROP ROLE IF EXISTS class", "CREATE ROLE class", "GRANT class TO anna")
    init(postgresql.url(), "class")
    of(postgresql, "anna").add(attempt(learner="anna"))
    told = health(postgresql.url("dora"))
    assert told.state == "forbidden"
    assert told.rights
    assert "INSERT on attempts" in told.rights.missing
    postgresql.sql("DROP OWNED BY class", "DROP ROLE class")


def test_what_cannot_be_set_up_says_so(postgresql: Server, tmp_path: Path) -> None:
    postgresql.learners("anna")
    postgresql.sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    with pytest.raises(UserError, match="owns the database"):
        init(postgresql.url("anna"), "")
    with pytest.raises(UserError, match="PostgreSQL"):
        init(f"sqlite:///{tmp_path}/record.sqlite", "")
    with pytest.raises(UserError, match="nobody"):
        init(postgresql.url(), "nobody; DROP TABLE attempts")
    assert health(postgresql.url()).state == "none"


def test_the_doctor_says_what_a_login_lacks(
    postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgresql.learners("anna")
    postgresql.sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    told = health(postgresql.url("anna"))
    assert (told.state, told.rights and told.rights.missing) == ("forbidden", ["CREATE TABLE"])
    assert codes(told) == ["record-forbidden", "record-rights-missing"]
    Record(postgresql.url()).add(attempt())
    assert codes(health(postgresql.url())) == []
    postgresql.sql("GRANT SELECT, INSERT, UPDATE, DELETE ON attempts TO PUBLIC")
    assert codes(health(postgresql.url())) == ["record-rows-unprotected"]
    init(postgresql.url(), "")
    told = health(postgresql.url("anna"))
    assert told.state == "sound"
    monkeypatch.setenv("BPTUTOR_LEARNER", "anna")
    assert codes(told) == []
    monkeypatch.setenv("BPTUTOR_LEARNER", "ben")
    assert codes(told) == ["record-other-name"]
    assert codes(health(postgresql.url())) == []


def codes(told: Health) -> list[str]:
    return [finding.code for finding in health_findings(told)]
