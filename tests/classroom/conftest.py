"""The database that the tests of a class run on."""

from tests.postgresql import postgresql, running_postgresql

__all__ = ["postgresql", "running_postgresql"]
