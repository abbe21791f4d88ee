"""The assignments of a learner as data. Times are seconds since 1970, UTC, by the host's clock."""

from typing import Literal, TypeAlias

from msgspec import Struct

from bptutor.views.classroom import AssignmentKind, Shown

State: TypeAlias = Literal["planned", "open", "begun", "submitted", "closed"]
"""planned: it opens later; open: an attempt can begin; begun: one is in progress; submitted: there
is one, and no other can begin; closed: it is over, and there is none."""


class AssignmentItem(Struct, frozen=True):
    name: str
    title: str
    kind: AssignmentKind
    state: State
    opens: float | None
    due: float | None
    closes: float | None
    minutes: float  # from its beginning; 0 for no limit
    items: int
    attempt: int  # of the paper that is running, or was submitted last; 0 where there is none
    attempts: int  # how many there may be; 0 for any number
    answered: int  # items of this paper with an answer
    seconds_left: float | None  # until a paper is submitted; None where nothing ends it
    submitted: float | None
    by: str  # who submitted it: `learner`, `time` or `teacher`; nothing before
    points: float | None  # of the mark, where it may be seen
    possible: float
    answers: bool
    password: bool  # does it begin with a password?
    lock: bool  # while it runs, is everything else locked?


class Assignments(Struct, frozen=True):
    """The assignments of a learner: what can be worked on, what comes later, what is done."""

    learner: str
    now: float
    items: list[AssignmentItem]


class AssignmentCover(Struct, frozen=True, tag=True):
    """What to know before an attempt begins; or why none can."""

    now: float
    item: AssignmentItem
    lessons: list[str]  # titles
    own: bool  # has everybody other numbers?
    score: Shown
    answers: Shown
    late: float  # the share that counts after the due time; 1 where it does not matter
    asks_password: bool  # is the password still missing?
