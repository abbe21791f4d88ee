"""The tables of a class. What people answered and decided is only ever added to."""

from sqlalchemy import (
    DOUBLE_PRECISION,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

metadata = MetaData()

VERSION = 2  # `prepared` came with version 2
versions = Table(
    "class_versions",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("since", DOUBLE_PRECISION, nullable=False),
)
"""The greatest version here is that of the tables."""

secrets = Table(
    "class_secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
)
"""What the seeds of all papers follow from."""

people = Table(
    "people",
    metadata,
    Column("login", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("section", Text, nullable=False),
    Column("time_factor", DOUBLE_PRECISION, nullable=False),
    Column("listed", Boolean, nullable=False),
)
"""The roster; `listed` is false for whoever was on an earlier one."""

files = Table(
    "files",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""The files of lessons as they were when they were assigned, by SHA-256."""

assignments = Table(
    "assignments",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", DOUBLE_PRECISION, nullable=False),
    Column("author", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("lessons", Text, nullable=False),
)
"""Every version of an assignment's file; the latest counts. `lessons` is JSON: by lesson, its files
with their digests."""

papers = Table(
    "papers",
    metadata,
    Column("assignment", Text, primary_key=True),
    Column("login", Text, primary_key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("seed", BigInteger, nullable=False),
    Column("lessons", Text, nullable=False),
    Column("items", Text, nullable=False),
    Column("begun", DOUBLE_PRECISION, nullable=False),
    Column("submitted", DOUBLE_PRECISION),
    Column("author", Text, nullable=False),
    Column("round", BigInteger, nullable=False),
    Column("graded", BigInteger, nullable=False),
    Index("papers_submitted", "submitted"),
)
"""Who was asked what. `items` and `lessons` never change. `submitted` and `author` (who submitted
it) are null and empty while it is open. `round` is the event of its last submission or regrade,
`graded` the round whose marks there are."""

prepared = Table(
    "prepared",
    metadata,
    Column("assignment", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("login", Text, primary_key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("items", Text, nullable=False),
)
"""The items of papers that are not begun, made ahead of time."""

answers = Table(
    "answers",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("assignment", Text, nullable=False),
    Column("login", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("item", Integer, nullable=False),
    Column("at", DOUBLE_PRECISION, nullable=False),
    Column("what", Text, nullable=False),
    Column("mark", Text, nullable=False),
    Column("flagged", Boolean, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("mistakes", Text, nullable=False),
    Index("answers_of_paper", "assignment", "login", "attempt", "item", "id"),
    sqlite_autoincrement=True,
)
"""What was done at an item, and its state after that (`mark`, JSON). Rows are only added."""

marks = Table(
    "marks",
    metadata,
    Column("assignment", Text, primary_key=True),
    Column("login", Text, primary_key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("round", BigInteger, primary_key=True, autoincrement=False),
    Column("item", Integer, primary_key=True, autoincrement=False),
    Column("points", DOUBLE_PRECISION, nullable=False),
    Column("state", Text, nullable=False),
    Column("mistakes", Text, nullable=False),
    Column("said", Text, nullable=False),
    Column("grader", Text, nullable=False),
    Column("at", DOUBLE_PRECISION, nullable=False),
)
"""The tutor's points for an item, in each round; the last round counts. `grader` is the version of
bptutor, `said` a sentence as JSON. Rows are only added."""

events = Table(
    "events",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", DOUBLE_PRECISION, nullable=False),
    Column("author", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("assignment", Text, nullable=False),
    Column("login", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("item", Integer, nullable=False),
    Column("number", DOUBLE_PRECISION),
    Column("detail", Text, nullable=False),
    Index("events_of_assignment", "assignment", "login", "id"),
    sqlite_autoincrement=True,
)
"""Every change of a time, a mark or the roster. An empty `login` stands for all; `item` is -1
where it is about none. Rows are only added."""

places = Table(
    "places",
    metadata,
    Column("login", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("at", DOUBLE_PRECISION, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""Where learners are in lessons and quizzes, as MessagePack; they follow them to any machine."""

presence = Table(
    "presence",
    metadata,
    Column("machine", Text, primary_key=True),
    Column("connection", Text, primary_key=True),
    Column("login", Text, nullable=False),
    Column("since", DOUBLE_PRECISION, nullable=False),
    Column("seen", DOUBLE_PRECISION, nullable=False),
    Column("assignment", Text, nullable=False),
    Column("item", Integer, nullable=False),
    Index("presence_of_login", "login"),
)
"""Who is connected now, when they last pressed a key, and at which item of what they are."""

ADDED_TO_ONLY = (files, assignments, answers, marks, events)  # nobody may change or delete a row
