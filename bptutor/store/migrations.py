"""From each version of the record's schema to the next.

What stands here has been carried out somewhere: it never changes. A change of `schema.py` is one
more entry, in words that SQLite and PostgreSQL both take; a test holds that they come to the same.
"""

from __future__ import annotations

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE attempts (
            learner TEXT NOT NULL,
            id TEXT NOT NULL,
            at DOUBLE PRECISION NOT NULL,
            day INTEGER NOT NULL,
            lesson TEXT NOT NULL,
            digest TEXT NOT NULL,
            part TEXT NOT NULL,
            step TEXT NOT NULL,
            kind TEXT NOT NULL,
            skill TEXT NOT NULL,
            seed BIGINT,
            made_for TEXT NOT NULL,
            iteration INTEGER NOT NULL,
            sitting TEXT NOT NULL,
            product TEXT NOT NULL,
            cells TEXT NOT NULL,
            verdict TEXT NOT NULL,
            hints INTEGER NOT NULL,
            number INTEGER NOT NULL,
            closed BOOLEAN NOT NULL,
            milliseconds BIGINT NOT NULL,
            PRIMARY KEY (learner, id)
        )
        """,
        """
        CREATE INDEX attempts_by_day
        ON attempts (learner, day, skill, verdict, closed, number, hints)
        """,
        """
        CREATE TABLE mistakes (
            learner TEXT NOT NULL,
            attempt TEXT NOT NULL,
            place INTEGER NOT NULL,
            misconception TEXT NOT NULL,
            day INTEGER NOT NULL,
            at DOUBLE PRECISION NOT NULL,
            PRIMARY KEY (learner, attempt, place),
            FOREIGN KEY (learner, attempt) REFERENCES attempts (learner, id)
        )
        """,
        """
        CREATE INDEX mistakes_by_misconception
        ON mistakes (learner, misconception, day, at)
        """,
        """
        CREATE TABLE cards (
            learner TEXT NOT NULL,
            skill TEXT NOT NULL,
            data TEXT NOT NULL,
            due DOUBLE PRECISION NOT NULL,
            PRIMARY KEY (learner, skill)
        )
        """,
        """
        CREATE TABLE probes (
            learner TEXT NOT NULL,
            misconception TEXT NOT NULL,
            met INTEGER NOT NULL,
            made INTEGER NOT NULL,
            last_made DOUBLE PRECISION NOT NULL,
            PRIMARY KEY (learner, misconception)
        )
        """,
    ),
)
