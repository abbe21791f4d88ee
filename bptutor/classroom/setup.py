"""A class's database, made for the one role under which its hosts run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Connection, MetaData, text

from bptutor.classroom.store import ClassDatabase
from bptutor.classroom.tables import ADDED_TO_ONLY, metadata, versions
from bptutor.record import tables as record
from bptutor.record.database import Database, UnusableError
from bptutor.record.hosted import HostDatabase
from bptutor.text import UserError

USUAL_ROLE = "bptutor"
ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")
ONLY_READ = (versions, record.versions)
ALL = "SELECT, INSERT, UPDATE, DELETE"
ROLE_EXISTS = text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)")


def init(url: str, role: str = USUAL_ROLE) -> str:
    """Make the tables of a class, or bring them up to date; where they are.

    In PostgreSQL they are in a schema with the name of the role, which finds them there by that.
    The login of the address owns them, and may create schemas and roles. The role may add answers,
    marks and events, and change none. Raises UserError: the address or the role cannot be used.
    """
    if not ROLE.fullmatch(role):
        raise UserError(
            "“{role}” is not the name of a role. Use small letters, digits and _, such as "
            "{example}.",
            role=role,
            example=USUAL_ROLE,
        )
    database: Database = ClassDatabase(url)
    try:
        if not database.is_sqlite:
            database.look(lambda on: _prepare(on, role))
            there = database.url.update_query_dict({"options": f"-csearch_path={role}"})
            database = ClassDatabase(there)
            HostDatabase(there).write(lambda on: _grant(on, role, record.metadata))
            database.write(lambda on: _grant(on, role, metadata))
        else:
            database.write(lambda on: None)
    except UnusableError as error:
        raise UserError(
            "bptutor cannot set up the class in {path} ({reason}). Use a login that may create "
            "schemas and roles.",
            path=database.place,
            reason=error.why,
        ) from error
    return database.place


def _prepare(on: Connection, role: str) -> None:
    """The role, and a schema of its name."""
    if not on.scalar(ROLE_EXISTS, {"role": role}):
        on.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
    on.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {role}")
    on.exec_driver_sql(f"GRANT USAGE ON SCHEMA {role} TO {role}")


def _grant(on: Connection, role: str, made: MetaData) -> None:
    for statement in _grants(role, made):
        on.exec_driver_sql(statement)


def _grants(role: str, made: MetaData) -> Iterator[str]:
    for table in made.tables.values():
        rights = ALL
        if table in ADDED_TO_ONLY:
            rights = "SELECT, INSERT"
        if table in ONLY_READ:
            rights = "SELECT"
        yield f"GRANT {rights} ON {table.name} TO {role}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {role} TO {role}"
