"""What a teacher may ask of a class, over the same wire as a learner (see `protocol`).

The author of a change is the login at the other end of the connection, never an argument. Each
method raises UserError where it cannot be done.
"""

from typing import Protocol

from bptutor.service.protocol import Hello
from bptutor.views.classroom import (
    AssignmentLine,
    Changed,
    MarksView,
    MistakesView,
    PaperView,
    PreviewView,
    Regraded,
    Released,
    RosterView,
    WatchView,
)


class Desk(Protocol):
    """The desk of one teacher. Files travel with their content; their names are for errors."""

    async def assignments(self) -> list[AssignmentLine]:
        """All assignments, by name."""

    async def roster(self, text: str | None = None, file: str = "") -> RosterView:
        """The roster; with the text of a CSV file it replaces the one there is, whole or not."""

    async def assign(self, text: str, file: str, lessons: dict[str, bytes]) -> AssignmentLine:
        """Give an assignment to the class, or change its times or the text of its lessons.

        It goes by the name of its TOML file; `lessons` has the files of its lessons, by their paths
        there.
        """

    async def preview(self, name: str, login: str = "") -> PreviewView:
        """A paper as a learner would get it, with the right answers. Nothing is saved."""

    async def watch(self, name: str) -> WatchView:
        """What everybody is doing now."""

    async def extend(self, name: str, logins: list[str], minutes: float, why: str) -> list[Changed]:
        """Add minutes to the time limit, and to all closing times; without logins for all."""

    async def reopen(self, name: str, login: str, minutes: float, why: str) -> Changed:
        """Open a learner's last paper again for so many minutes from now; 0: for what is left."""

    async def close(self, name: str, logins: list[str], why: str) -> list[Changed]:
        """End it at once, and submit what is open; without logins for all."""

    async def release(self, name: str, what: Released, why: str) -> AssignmentLine:
        """Show the score, or the answers with it, to all who have submitted."""

    async def marks(self, name: str = "") -> MarksView:
        """The marks in an assignment, or in all."""

    async def mistakes(self, name: str) -> MistakesView:
        """What went wrong, by item."""

    async def paper(self, name: str, login: str, attempt: int = 0) -> PaperView:
        """A learner's paper with all that happened; by default the last one."""

    async def mark(
        self, name: str, login: str, item: int, points: float | None, why: str
    ) -> PaperView:
        """Replace the tutor's points, from 0 to 1, for an item of the last paper, counted from 1.

        None takes the replacement back.
        """

    async def regrade(self, name: str, why: str) -> list[Regraded]:
        """Grade all submitted papers again, on their own numbers, with the lessons as they are now.

        A teacher's points stay.
        """


class TeachersDesk(Desk, Protocol):
    async def hello(self, hello: Hello, /) -> None:
        """Learn how the teacher reads, before anything else is asked."""
