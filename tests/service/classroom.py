"""A class with assignments, and its learners at their tutors, by a clock that a test sets."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bptutor import __version__
from bptutor.classroom import queries
from bptutor.classroom.assignment import read_assignment
from bptutor.classroom.lessons import contents
from bptutor.classroom.marks import grade
from bptutor.classroom.papers import Papers
from bptutor.classroom.people import read_roster
from bptutor.classroom.rows import Event as Happened
from bptutor.classroom.store import ClassStore
from bptutor.service.engine import EngineHere
from bptutor.service.papers import PaperPlace
from bptutor.service.protocol import Event, Hello
from bptutor.service.tutor import LocalTutor
from bptutor.views.assignments import AssignmentCover, AssignmentItem
from bptutor.views.lesson import StepView
from bptutor.views.quiz import QuizView
from tests.classroom.people import MINUTE, NINE, ROSTER
from tests.near import done
from tests.service.desk import Desk

EXAM = """
title = "Midterm"
kind = "exam"
lessons = ["batch"]
items = 4
opens = 2026-12-01T09:00:00Z
closes = 2026-12-01T10:00:00Z
minutes = 45
lock = true
"""
HOMEWORK = """
title = "Backward by hand"
kind = "homework"
lessons = ["batch", "one-neuron"]
steps = ["batch:dL_dW", "batch:dL_db", "one-neuron:z"]
due = 2026-12-02T09:00:00Z
late = { until = 2026-12-03T09:00:00Z, credit = 80 }
"""
PRACTICE = """
title = "Warm up"
kind = "practice"
lessons = ["one-neuron"]
items = 2
password = "owl"
"""


@dataclass
class Class:
    """The class store, the host's clock, and who is at a tutor."""

    store: ClassStore
    now: float = NINE - 60 * MINUTE
    papers: Papers = field(init=False)
    tutors: list[LocalTutor] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.papers = Papers(self.store)

    @classmethod
    def at(cls, folder: Path) -> "Class":
        made = cls(ClassStore(f"sqlite:///{folder / 'class.sqlite'}"))
        made.store.write(lambda on: queries.put_secret(on, "seeds", bytes(32)))
        made.store.list_people(read_roster("roster.csv", ROSTER), "teacher", made.now)
        for name, text in (("midterm", EXAM), ("homework", HOMEWORK), ("warm-up", PRACTICE)):
            made.assign(name, text)
        return made

    def assign(self, name: str, text: str, **files: bytes) -> None:
        content = text.encode()
        given = read_assignment(f"{name}.toml", content)
        self.store.assign(given, content, contents(given, files), "teacher", self.now)

    def clock(self) -> float:
        return self.now

    def happens(self, what: Any, name: str, login: str = "", **how: Any) -> None:
        """The teacher does something, after the host's clerk."""
        self.now += 1
        for paper in self.papers.ungraded():
            grade(self.papers, paper, self.now)
        event = Happened(self.now, "teacher", what, "a reason", name, login, **how)
        self.store.happened(event)

    def reopen(self, name: str, login: str) -> None:
        """As the desk does it: the event, and the paper is open again, for ten minutes."""
        self.happens("reopen", name, login, attempt=1, number=10)
        self.store.write(lambda on: queries.reopen_paper(on, (name, login, 1)))

    def tutor(self, tell: Callable[[Event], None], login: str) -> LocalTutor:
        tutor = LocalTutor(EngineHere(), tell, identity=login, papers=self.papers, clock=self.clock)
        self.tutors.append(tutor)
        return tutor

    def __enter__(self) -> "Class":
        return self

    def __exit__(self, *_: object) -> None:
        """Everybody leaves: a paper that is open is watched by a thread."""
        for tutor in self.tutors:
            if tutor.place:
                tutor.place.leave()

    def learner(self, login: str = "anna", language: str = "en") -> "ClassDesk":
        events: list[Event] = []
        desk = ClassDesk(self.tutor(events.append, login), events)
        done(desk.tutor.hello(Hello(__version__, language, "unicode")))
        return desk


class ClassDesk(Desk):
    """A learner of the class at their tutor."""

    def listed(self, name: str) -> AssignmentItem:
        found = done(self.tutor.assignments()).items
        return next(item for item in found if item.name == name)

    def cover(self, name: str, password: str = "", again: bool = False) -> AssignmentCover:
        screen = done(self.tutor.assignment(name, password, again)).screen
        assert isinstance(screen, AssignmentCover)
        return screen

    def ended(self, name: str) -> QuizView:
        screen = done(self.tutor.assignment(name)).screen
        assert isinstance(screen, QuizView)
        return screen

    def begun(self, name: str, password: str = "") -> StepView:
        self.cover(name, password)
        return self.view(self.tutor.begin())

    @property
    def paper(self) -> PaperPlace:
        assert isinstance(self.tutor.place, PaperPlace)
        return self.tutor.place
