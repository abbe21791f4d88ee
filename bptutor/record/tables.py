"""The tables of the record, how they are made, and how they come to a new version."""

import time

from sqlalchemy import (
    DOUBLE_PRECISION,
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    false,
    func,
    inspect,
    select,
)

metadata = MetaData()

versions = Table(
    "record_versions",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("since", DOUBLE_PRECISION, nullable=False),
)
"""The greatest version here is that of the tables."""

attempts = Table(
    "attempts",
    metadata,
    Column("learner", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("at", DOUBLE_PRECISION, nullable=False),
    Column("day", Integer, nullable=False),
    Column("lesson", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("part", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("skill", Text, nullable=False),
    Column("seed", BigInteger),
    Column("made_for", Text, nullable=False),
    Column("iteration", Integer, nullable=False),
    Column("sitting", Text, nullable=False),
    Column("product", Text, nullable=False),
    Column("cells", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("hints", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("milliseconds", BigInteger, nullable=False),
    Column("rule_shown", Boolean, nullable=False, server_default=false()),
    Column("explained", Boolean, nullable=False, server_default=false()),
    Index("attempts_by_day", *("learner", "day", "skill", "verdict", "closed", "number", "hints")),
)
"""`day` is `date.toordinal` in the learner's local time; `cells` is a JSON list. The index has all
columns that the progress sums up. `rule_shown` came with version 2, `explained` with version 3."""

mistakes = Table(
    "mistakes",
    metadata,
    Column("learner", Text, primary_key=True),
    Column("attempt", Text, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("misconception", Text, nullable=False),
    Column("day", Integer, nullable=False),
    Column("at", DOUBLE_PRECISION, nullable=False),
    ForeignKeyConstraint(["learner", "attempt"], ["attempts.learner", "attempts.id"]),
    Index("mistakes_by_misconception", "learner", "misconception", "day", "at"),
)
"""The misconceptions in an attempt, the likeliest at `place` 0."""

cards = Table(
    "cards",
    metadata,
    Column("learner", Text, primary_key=True),
    Column("skill", Text, primary_key=True),
    Column("data", Text, nullable=False),
    Column("due", DOUBLE_PRECISION, nullable=False),
)
"""The FSRS card of each kind of step, as JSON."""

probes = Table(
    "probes",
    metadata,
    Column("learner", Text, primary_key=True),
    Column("misconception", Text, primary_key=True),
    Column("met", Integer, nullable=False),
    Column("made", Integer, nullable=False),
    Column("last_made", DOUBLE_PRECISION, nullable=False),
)
"""How often an item could have shown a misconception (`met`), and did (`made`)."""

ADDED = {2: attempts.c.rule_shown, 3: attempts.c.explained}  # by version; False in older rows
VERSION = max(ADDED)
CREATING = 0x62707475746F72  # PostgreSQL's advisory lock under which the tables are made


def create(connection: Connection) -> None:
    alone(connection)
    if connection.dialect.name == "postgresql" and version_of(connection):
        return  # another process made them meanwhile
    metadata.create_all(connection, checkfirst=False)
    note_version(connection, versions, VERSION)


def migrate(connection: Connection) -> None:
    """Bring the tables of a lower version to this one."""
    alone(connection)
    before = version_of(connection)
    for version, column in ADDED.items():
        if version > before:
            connection.exec_driver_sql(
                f"ALTER TABLE {attempts.name} ADD COLUMN {column.name} "
                "BOOLEAN DEFAULT FALSE NOT NULL"
            )
    if before < VERSION:
        note_version(connection, versions, VERSION)


def alone(connection: Connection) -> None:
    """Keep other processes from changing the tables meanwhile; SQLite's transaction does so."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(CREATING)))


def note_version(connection: Connection, table: Table, version: int) -> None:
    connection.execute(table.insert(), {"version": version, "since": time.time()})


def version_of(connection: Connection, table: Table = versions) -> int:
    """The version of the tables; 0 where there are none."""
    if not inspect(connection).has_table(table.name):
        return 0
    return connection.scalar(select(func.max(table.c.version))) or 0
