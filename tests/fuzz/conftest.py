"""A child that tries cases within limits."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.fuzz.outcome import Outcome
from tools.fuzz.run import Child

Try = Callable[[str, str, bytes | Path], Outcome]
"""Tries a file, or the content of one of that name, given the subject."""
MOST_MEGABYTES, MOST_AT_WORK = 1_000, 2_000
"""To refuse a case, and to work on one that is taken."""


@pytest.fixture(scope="session")
def attempt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Try]:
    folder = tmp_path_factory.mktemp("fuzz")
    child = Child(folder)

    def attempt(subject: str, name: str, content: bytes | Path) -> Outcome:
        case = folder / name if isinstance(content, bytes) else content
        if isinstance(content, bytes):
            case.write_bytes(content)
        outcome = child.attempt(subject, case)
        assert outcome.sound, outcome.said
        assert outcome.megabytes < (MOST_MEGABYTES if outcome.result == "refused" else MOST_AT_WORK)
        return outcome

    yield attempt
    child.end()
