"""A quiz, an exam and the record as data."""

from typing import Literal, TypeAlias

from msgspec import Struct

from bptutor.literals import Part, Verdict

USUAL_ITEMS = 10
MOST_ITEMS = 200
MOST_MINUTES = 600  # of an exam
LARGEST_SEED = 10**12 - 1  # twelve digits, which can still be written on a blackboard


class QuizSpec(Struct, frozen=True):
    """What quiz to begin or to go on with; or an item that is to be asked again."""

    lessons: list[str] = []
    """Lessons by name or path to draw from. With none, practice draws from those that the learner
    has begun; an exam, and practice with a seed, from all that come with bptutor."""
    items: int = USUAL_ITEMS
    seed: int | None = None
    """The same numbers and questions again; None draws a seed. With a seed, what the record knows
    of the learner does not matter: everybody gets the same quiz."""
    exam: bool = False
    minutes: float = 0  # of an exam: the time there is; 0 for as long as it takes
    resume: bool = True
    """Go on with the quiz that was left, or with an exam that is not submitted, if there is one and
    it is what is asked for, as far as anything is. An exam with this very seed, these lessons and
    this number of items that was submitted is shown at its end, whatever stands here."""
    again: bool = False  # begin an exam once more that was submitted
    past: str = ""  # an exam (`ExamResult.key`) to go on with or look at; nothing else counts
    back: bool = False  # go on even at its end: the service was lost there
    replay: str = ""  # a past item's code, asked again on the same numbers; nothing else counts
    all_lessons: bool = False  # draw practice from all lessons, begun or not
    part: Part | None = None
    """The part of the lessons to ask about. None: in practice without a seed those that the learner
    has begun, else the one in numbers."""


class QuizPlace(Struct, frozen=True):
    """Where in a quiz a step's screen is; the step's own index and total are the quiz' then."""

    exam: bool
    seed: int | None  # of the whole quiz; None for an item that is asked again, which has its code
    code: str
    """Of this item: with it, the same numbers can be had again. Nothing during an exam, where it
    would lead to the answer."""
    skill: str  # what kind of step it is, in words
    why: str  # a word on why this item comes now (it is due, it comes back), or nothing
    credit: float  # what a right answer is worth by now, from 0 to 1
    part: str  # of a question of several steps which one this is (a, b, c); else nothing
    flagged: bool
    answered: int  # how many of the items have an answer
    seconds_left: float | None  # of an exam with a limit that is not over
    reviewing: bool  # is it over, so that answers and diagnoses may be seen?
    assignment: str = ""  # the title of the assignment that it is, or nothing


class ExamCover(Struct, frozen=True, tag=True):
    """An exam with a time limit whose clock has not started."""

    items: int
    minutes: float
    seed: int
    lessons: list[str]  # the titles of the lessons that it asks about
    number: int = 1  # how often it has been begun, with this one


class QuizLeft(Struct, frozen=True):
    """A quiz that can be gone on with."""

    exam: bool
    answered: int
    total: int
    seed: int
    past: str = ""  # of an exam: its key, for QuizSpec
    over: bool = False  # Is its time up? It is submitted when it is opened.


ExamState: TypeAlias = Literal["open", "over", "submitted"]
"""over: its time is up, and nobody has opened it since, which would submit it."""


class ExamItem(Struct, frozen=True):
    """What came of an item of an exam."""

    lesson: str
    step: str
    name: str  # the quantity that was asked, as it is shown
    skill: str
    question: int  # from 1: the steps of one question have the same numbers
    answered: bool
    points: float | None  # from 0 to 1; None before it is submitted
    mistakes: list[str]  # the ids of the misconceptions seen
    loss: str = ""  # of its lesson: derivatives of it are gradients


class ExamResult(Struct, frozen=True):
    """An exam, as it is kept for good."""

    key: str  # what names it: see QuizSpec.past
    seed: int
    lessons: list[str]  # as chosen, by name or path; empty: all that come with bptutor
    titles: list[str]  # of the lessons that it asks about
    number: int  # 1 for the first time, 2 where it was taken again
    minutes: float  # the time limit; 0 for none
    state: ExamState
    begun: float  # seconds since 1970, UTC; `submitted` likewise
    submitted: float | None
    points: float | None  # None before it is submitted
    possible: float
    items: list[ExamItem]


class SkillResult(Struct, frozen=True):
    skill: str
    points: float
    possible: float


ItemState: TypeAlias = Literal["open", "answered", "right", "carried", "partly", "wrong", "shown"]
"""open and answered: of an exam that is not submitted. carried: right, given an earlier wrong
answer. partly: right after a wrong attempt or with a hint, or some of it is right."""


Shown: TypeAlias = Literal["all", "score", "nothing"]
"""Of an assignment that is submitted: everything; the points alone; not even these."""


class QuizItem(Struct, frozen=True):
    index: int
    name: str  # the quantity that is asked, as it is shown
    lesson: str
    skill: str
    state: ItemState
    flagged: bool
    points: float
    diagnosis: str  # what went wrong, in a sentence, once it may be seen
    loss: str = ""


class QuizView(Struct, frozen=True, tag=True):
    """The end of a quiz or an exam, or the moment before an exam is submitted."""

    exam: bool
    finished: bool  # Is it over? Of an exam: submitted.
    seed: int | None  # None for an item that is asked again
    items: list[QuizItem]
    points: float
    possible: float
    skills: list[SkillResult]  # the weakest first
    seconds_left: float | None
    closing: str  # a sentence or two on how it went and what to do next
    assignment: str = ""  # the title of the assignment that it is, or nothing
    shown: Shown = "all"
    """What of it may be seen by now; without the score its points are 0, and all states are open
    or answered."""
    again: bool = False  # of an assignment: can another attempt begin?


class LessonProgress(Struct, frozen=True):
    """How far a lesson has come, in all of its parts."""

    title: str
    steps: int
    answered: int  # with all steps of each part that was finished once
    finished: list[Part] = []


class SkillProgress(Struct, frozen=True):
    id: str
    skill: str
    strength: float  # of remembering it in a week (FSRS' retrievability), from 0 to 1
    due: float  # when it is to be practised again: seconds since 1970, UTC
    items: int  # how often it was practised
    first_try: float  # the share of it that was right at once, without a hint


class MistakeProgress(Struct, frozen=True):
    id: str
    text: str  # what it is, in words
    times: int
    days: int  # on how many days
    last: float  # seconds since 1970, UTC


class Day(Struct, frozen=True):
    date: str  # 2026-11-24, in the learner's own time
    attempts: int
    right: int


class Week(Struct, frozen=True):
    """A point of the trend."""

    monday: str
    items: int
    first_try: float  # the share of them that was right at once, without a hint


class ProgressView(Struct, frozen=True):
    """What the record knows of the learner."""

    learner: str
    attempts: int
    since: float | None  # the first attempt: seconds since 1970, UTC
    lessons: list[LessonProgress]
    skills: list[SkillProgress]  # the weakest first
    mistakes: list[MistakeProgress]  # the most frequent first
    days: list[Day]  # the last twelve weeks, those days alone on which there was practice
    weeks: list[Week]  # the oldest first
    remark: str  # what is wrong with the record, or nothing
    exams: list[ExamResult] = []  # the one that was begun last first


Outcome: TypeAlias = Verdict | Literal["product", "shown"]  # product: a right one without figures


class AttemptLine(Struct, frozen=True):
    id: str
    at: float  # seconds since 1970, UTC
    lesson: str
    name: str  # the quantity that was asked, as it is shown
    typed: str
    verdict: Outcome
    mistakes: list[str]  # their ids
    code: str  # with it the item can be had again (see QuizSpec)
    loss: str = ""
