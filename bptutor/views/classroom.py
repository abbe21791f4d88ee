"""A class as its teacher sees it. Times are seconds since 1970, by the host's clock alone."""

from typing import Literal, TypeAlias

from msgspec import Struct

AssignmentKind: TypeAlias = Literal["practice", "homework", "exam"]
Shown: TypeAlias = Literal["submitted", "closed", "released"]
"""When something of a paper is shown to its learner: once it is submitted, once nobody can work on
the assignment any more, or when the teacher releases it (which works earlier, too)."""
AssignmentState: TypeAlias = Literal["planned", "open", "closed"]
PaperState: TypeAlias = Literal["absent", "working", "submitted"]
"""absent: this learner has not begun."""
ItemOutcome: TypeAlias = Literal["right", "carried", "partly", "wrong"]
"""carried: right, given an earlier wrong answer."""
Released: TypeAlias = Literal["score", "answers", "both"]


class AssignmentLine(Struct, frozen=True):
    name: str
    title: str
    kind: AssignmentKind
    state: AssignmentState
    opens: float | None
    due: float | None
    closes: float | None  # when the last paper ends that nobody extended
    minutes: float  # 0: no limit
    items: int  # each is worth one point
    people: int
    begun: int
    submitted: int
    score_shown: bool
    answers_shown: bool
    changed: bool = False  # of one just assigned: was there another one of this name?


class PersonLine(Struct, frozen=True):
    login: str
    name: str
    number: str
    email: str
    section: str
    time_factor: float  # a time limit is so many times as long


class RosterView(Struct, frozen=True):
    """The roster, by login, and what a file has changed in it."""

    people: list[PersonLine]
    added: list[str] = []
    changed: list[str] = []
    removed: list[str] = []  # no longer on it; their papers and marks stay


class PreviewItem(Struct, frozen=True):
    index: int  # from 0
    lesson: str
    step: str
    name: str  # the quantity that is asked, as it is shown
    question: str
    knowns: list[str]  # what the question gives, a quantity each
    formula: str  # the right answer, where a formula is asked
    value: str  # the right answer, where a value is asked


class PreviewView(Struct, frozen=True):
    """A paper as one learner would get it."""

    assignment: AssignmentLine
    login: str
    items: list[PreviewItem]


class LearnerLine(Struct, frozen=True):
    login: str
    name: str
    section: str
    state: PaperState
    attempt: int  # from 1; 0 before the first
    item: int  # from 1; 0 where there is none
    answered: int
    items: int
    seconds_left: float | None
    last_key: float | None
    connected: bool
    extended: float  # minutes
    by: str  # who submitted it: the learner, `time`, or a teacher; nothing while it is open


class ItemBar(Struct, frozen=True):
    """How many of those who have begun are how far with an item."""

    index: int
    name: str
    lesson: str
    right: int
    partly: int
    wrong: int
    answered: int  # not graded yet, as in an exam
    open: int


class WatchView(Struct, frozen=True):
    now: float
    assignment: AssignmentLine
    learners: list[LearnerLine]
    items: list[ItemBar]


class Changed(Struct, frozen=True):
    login: str
    ends: float | None  # None: without an end


class MarkColumn(Struct, frozen=True):
    name: str
    title: str
    possible: float
    items: list[str]  # their names; with own questions for each, their numbers


class MarkLine(Struct, frozen=True):
    assignment: str
    points: float | None  # after the loss for being late; None without a submitted paper
    begun: float | None
    submitted: float | None
    late: float  # the share of the points that counts; 1 where the last answer was in time
    extended: float  # minutes
    attempt: int  # the one that counts; 0 without any
    items: list[float | None]
    overridden: bool


class PersonMarks(Struct, frozen=True):
    person: PersonLine
    marks: list[MarkLine]


class MarksView(Struct, frozen=True):
    now: float
    assignments: list[MarkColumn]
    people: list[PersonMarks]


class NamedMistake(Struct, frozen=True):
    id: str
    text: str
    people: int
    answers: list[str]  # some, each different


class UnnamedAnswer(Struct, frozen=True):
    """A wrong answer that nothing explains."""

    answer: str
    times: int
    people: int


class ItemMistakes(Struct, frozen=True):
    index: int
    name: str
    lesson: str
    answered: int
    wrong: int  # people with a wrong answer
    named: list[NamedMistake]
    unnamed: list[UnnamedAnswer]


class MistakesView(Struct, frozen=True):
    assignment: AssignmentLine
    items: list[ItemMistakes]


class PaperAnswer(Struct, frozen=True):
    at: float
    what: str  # draft, check, hint or show
    typed: str
    verdict: str
    mistakes: list[str]


class Override(Struct, frozen=True):
    """A teacher's points in place of the tutor's."""

    points: float
    author: str
    why: str
    at: float


class PaperItem(Struct, frozen=True):
    index: int
    name: str
    lesson: str
    state: str  # open, answered, or what came of it
    points: float | None  # None before it is graded
    answers: list[PaperAnswer]
    right: str
    said: str
    override: Override | None


class EventLine(Struct, frozen=True):
    at: float
    author: str
    what: str  # in the language of who asks
    why: str


class PaperView(Struct, frozen=True):
    now: float
    assignment: AssignmentLine
    person: PersonLine
    attempt: int
    attempts: int  # how many there are
    begun: float
    ends: float | None
    submitted: float | None
    by: str
    points: float | None
    possible: float
    items: list[PaperItem]
    events: list[EventLine]


class Regraded(Struct, frozen=True):
    login: str
    index: int
    before: float
    after: float
