"""What is in the tables of a class, as data."""

from typing import Literal, TypeAlias

from msgspec import Struct

from bptutor.classroom.assignment import Assignment
from bptutor.record.sittings import AskedItem, Mark

What: TypeAlias = Literal["draft", "check", "hint", "show", "flag"]  # what was done at an item
Happened: TypeAlias = Literal[
    "roster",
    "assign",
    "password",
    "begin",
    "submit",
    "extend",
    "reopen",
    "close",
    "release",
    "mark",
    "regrade",
]
BY_TIME = "time"  # who submits a paper when its time is over; no login of a roster


class Given(Struct, frozen=True):
    """An assignment as it was given, with its lessons."""

    assignment: Assignment
    version: int  # from 1; the file was replaced so often
    at: float
    author: str
    lessons: dict[str, dict[str, str]]  # by lesson its files, each with the digest of its content


class Event(Struct, frozen=True):
    """A change of a time, of a mark or of the roster; or a wrong password."""

    at: float
    author: str
    what: Happened
    why: str = ""
    assignment: str = ""
    login: str = ""  # empty: of all learners
    attempt: int = 0
    item: int = -1  # from 0; -1 where it is about none
    number: float | None = None  # minutes, or points
    detail: str = ""
    id: int = 0  # in the order of time; 0 before it is written


class Paper(Struct, frozen=True):
    """What a learner was asked, and how far that is."""

    assignment: str
    login: str
    attempt: int  # from 1
    seed: int
    lessons: dict[str, dict[str, str]]  # as they were at the beginning (see `Given`)
    items: list[AskedItem]  # without answers
    begun: float
    submitted: float | None = None
    author: str = ""  # who submitted it: the learner, BY_TIME, or a teacher
    round: int = 0  # the event of the last submission or regrade
    graded: int = 0  # the last round whose marks there are

    @property
    def key(self) -> tuple[str, str, int]:
        return self.assignment, self.login, self.attempt

    @property
    def is_open(self) -> bool:
        """Is it not submitted? Its time may be over all the same (see `times.ends`)."""
        return self.submitted is None


class Answer(Struct, frozen=True):
    """What was done at an item, and the item's state after that."""

    item: int  # from 0
    at: float
    what: What
    mark: Mark
    flagged: bool = False
    verdict: str = ""
    mistakes: list[str] = []
    id: int = 0


class Points(Struct, frozen=True):
    """What the tutor gave for an item."""

    item: int
    points: float  # from 0 to 1
    state: str
    mistakes: list[str]
    said: str  # a sentence, as JSON of its text and fields
    grader: str
    at: float
    round: int
