"""Answers that the record could not take, on the learner's disk until it can."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from bptutor.literals import Rating
from bptutor.record.attempts import Attempt
from bptutor.record.files import DAMAGES, Folder, data_directory

SUFFIX = ".answer"


class Answer(Struct, frozen=True):
    attempt: Attempt
    rating: Rating | None = None  # of the review of its kind of step; None where there is none
    met: list[str] = []  # the misconceptions that the step could have shown
    made: list[str] = []  # those that it did show, in all attempts at it


def unsent(data: Path) -> Path:
    """Where they are in a data directory."""
    return data / "unsent"


class Spool:
    """The answers of one learner that wait, in the order in which they were given.

    Several processes may use it. One answer may reach the record twice; that takes it once.
    """

    def __init__(self, learner: str, directory: Path | None = None) -> None:
        self._learner = learner
        self._folder = Folder(directory or unsent(data_directory()))

    @property
    def place(self) -> str:
        return self._folder.place

    @property
    def empty(self) -> bool:
        return all(answer is None for _, answer in self.answers())

    @property
    def count(self) -> int:
        return sum(answer is not None for _, answer in self.answers())

    def put(self, answer: Answer) -> None:
        """Have an answer wait: once this returns, it outlives a power failure. Raises OSError."""
        name = f"{answer.attempt.id}{SUFFIX}"  # ids sort by time
        with self._folder.saving(name):
            self._folder.write(name, msgspec.msgpack.encode(answer))

    def answers(self) -> Iterator[tuple[str, Answer | None]]:
        """They, with their names; None for one that cannot be read."""
        for name in self._folder.names():
            if not name.endswith(SUFFIX):
                continue
            try:
                data = self._folder.read(name)
                if data is None:
                    continue  # another process has delivered it
                answer = msgspec.msgpack.decode(data, type=Answer)
            except (OSError, *DAMAGES):
                yield name, None
                continue
            if answer.attempt.learner == self._learner:
                yield name, answer

    def remove(self, name: str) -> None:
        """The record has it. Raises OSError."""
        self._folder.remove(name)

    def set_aside(self, name: str) -> str:
        """Rename an answer that no record can take; its file then. Raises OSError."""
        return self._folder.put_aside(name)
