"""A PostgreSQL record for learners with logins of their own.

The owner makes the tables and may do everything. A learner's login may use the tables, and sees and
changes the rows of one learner alone: the one whose name the login has.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table, text

from bptutor.record.database import Database, UnusableError
from bptutor.record.health import Rights
from bptutor.record.tables import attempts, cards, mistakes, probes, versions
from bptutor.text import UserError

GRANTS: Mapping[Table, tuple[str, ...]] = {
    versions: ("SELECT",),
    attempts: ("SELECT", "INSERT", "DELETE"),
    mistakes: ("SELECT", "INSERT", "DELETE"),
    cards: ("SELECT", "INSERT", "UPDATE", "DELETE"),
    probes: ("SELECT", "INSERT", "UPDATE", "DELETE"),
}
"""What bptutor needs. An answer is never changed; it is deleted where its learner asks for that."""
OWN = [table for table in GRANTS if "learner" in table.c]  # their rows belong to a learner
POLICY = "own_rows"
MINE = "learner = CAST(current_user AS text)"


def init(url: str, learners: str) -> str:
    """Make a record that learners share, or renew it; where it is.

    The login of the PostgreSQL address may create tables. All learners are members of the role
    `learners`; without one, everybody is who may log in. Raises UserError: it cannot be used.
    """
    database = Database(url)
    if database.is_sqlite:
        raise UserError(
            "{command} takes the address of a PostgreSQL database. bptutor creates an SQLite "
            "record with the first answer.",
            command="record init",
        )
    try:
        database.write(lambda connection: share(connection, learners))
    except UnusableError as error:
        raise UserError(
            "bptutor cannot set up the record in {path} ({reason}). Use a login that owns the "
            "database.",
            path=database.place,
            reason=error.why,
        ) from error
    return database.place


def share(connection: Connection, learners: str) -> None:
    """Let learners use the tables, each their own rows."""
    quote = connection.dialect.identifier_preparer.quote
    role = quote(learners) if learners else "PUBLIC"
    schema = quote(connection.scalar(text("SELECT current_schema()")))
    statements = [f"GRANT USAGE ON SCHEMA {schema} TO {role}"]
    for table, rights in GRANTS.items():
        statements.append(f"GRANT {', '.join(rights)} ON {table.name} TO {role}")
    for table in OWN:
        statements += [
            f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY",
            f"DROP POLICY IF EXISTS {POLICY} ON {table.name}",
            f"CREATE POLICY {POLICY} ON {table.name} USING ({MINE}) WITH CHECK ({MINE})",
        ]
    for statement in statements:
        connection.exec_driver_sql(statement)


def rights(connection: Connection) -> Rights:
    """What this login may do."""
    ask = connection.scalar
    user = str(ask(text("SELECT current_user")))
    if ask(text("SELECT to_regclass(:table)"), {"table": versions.name}) is None:
        may = ask(text("SELECT has_schema_privilege(current_schema(), 'CREATE')"))
        return Rights(user, [] if may else ["CREATE TABLE"], owner=bool(may))
    missing = [
        f"{right} on {table.name}"
        for table, needed in GRANTS.items()
        for right in needed
        if not ask(ALLOWED, {"table": table.name, "right": right})
    ]
    return Rights(
        user=user,
        missing=missing,
        owner=bool(ask(OWNS, {"table": attempts.name})),
        separated=all(ask(SEPARATED, {"table": table.name}) for table in OWN),
        shared=any(ask(SHARED, {"table": table.name}) for table in OWN),
    )


ALLOWED = text("SELECT has_table_privilege(:table, :right)")
OWNS = text(
    "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = CAST(:table AS regclass)"
)
SEPARATED = text("SELECT relrowsecurity FROM pg_class WHERE oid = CAST(:table AS regclass)")
SHARED = text(
    "SELECT EXISTS (SELECT FROM pg_class, aclexplode(relacl) AS granted "
    "WHERE pg_class.oid = CAST(:table AS regclass) AND granted.grantee <> relowner "
    "AND granted.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'))"
)
