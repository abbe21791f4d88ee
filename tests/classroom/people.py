"""A class to test with, and learners who answer."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from bptutor.classroom import queries
from bptutor.classroom.assignment import read_assignment
from bptutor.classroom.lessons import contents, items_of, opener
from bptutor.classroom.papers import Papers, Ticket, sitting_of
from bptutor.classroom.people import read_roster
from bptutor.classroom.rows import Answer, Paper, What
from bptutor.classroom.store import ClassStore
from bptutor.quiz.assigned import Homework, paper_of
from bptutor.quiz.quiz import Quiz
from tests.near import right

ROSTER = """login,name,number,email,section,time_factor
anna,Anna Kim,2026001,anna@example.org,A,
ben,Ben Lee,2026002,ben@example.org,A,1.5
chloe,"Park, Chloe",2026003,chloe@example.org,B,1
"""

NINE = datetime(2026, 12, 1, 9, tzinfo=UTC).timestamp()
"""When the exam opens."""
MINUTE = 60.0

EXAM = """
title = "Midterm"
kind = "exam"
lessons = ["tanh-neuron", "batch"]
items = 4
opens = 2026-12-01T09:00:00Z
closes = 2026-12-01T10:00:00Z
minutes = 45
"""

HOMEWORK = """
title = "Backward by hand"
kind = "homework"
lessons = ["tanh-neuron"]
steps = ["dL_dw1", "tanh-neuron:z"]
due = 2026-12-01T18:00:00+09:00
late = { until = 2026-12-02T09:00:00Z, credit = 80 }
"""

LESSON = """
program = "z = w * x + b\\nL = (z SIGN t) ** 2"
loss = "L"
parameters = ["w", "b"]
[values]
w = 0.5
x = 2.0
b = 0.25
t = 1.5
"""
MENDED = {"mine.toml": LESSON.replace("SIGN", "-").encode()}
Change = Callable[[list[str]], list[str]]


def class_in(url: str | Path) -> ClassStore:
    """A class with this roster, whose numbers are the same in every run."""
    store = ClassStore(url if isinstance(url, str) else f"sqlite:///{url / 'class.sqlite'}")
    store.write(lambda on: queries.put_secret(on, "seeds", bytes(32)))
    store.list_people(read_roster("roster.csv", ROSTER), "teacher", NINE - 3600)
    return store


def assign(
    store: ClassStore,
    name: str,
    text: str,
    files: Mapping[str, bytes] | None = None,
    now: float = NINE - 3600,
) -> bool:
    assignment = read_assignment(f"{name}.toml", text.encode())
    lessons = contents(assignment, files or {})
    return store.assign(assignment, text.encode(), lessons, "teacher", now)


def begin(papers: Papers, name: str, login: str, now: float) -> Paper:
    """Begin a paper as the service does."""
    ticket = papers.ticket(name, login, "", now)
    assert isinstance(ticket, Ticket)
    return papers.begin(ticket, items_of(papers.store, ticket), "", now)


class Learner:
    """Somebody who works on a paper."""

    def __init__(self, papers: Papers, paper: Paper) -> None:
        self.papers, self.paper = papers, paper
        kind = papers.store.assignment(paper.assignment).assignment.kind
        sitting = sitting_of(paper, kind, papers.last_answers(paper.key))
        open_lesson = opener(papers.store.file, paper.lessons)
        self.quiz: Quiz = paper_of(sitting, open_lesson, "unicode")

    def answer(self, item: int, now: float, change: Change = lambda cells: cells) -> None:
        """Answer an item right, but for a change of the cells."""
        session = self.quiz.session_at(item)
        formula, cells = right(session)
        asks = session.exercise.formula_asked
        if isinstance(self.quiz, Homework):
            session.check(formula if asks else None, change(cells))
        else:
            session.draft(formula if asks else None, change(cells))
        self._keep(item, "check", now)

    def hint(self, item: int, now: float) -> None:
        self.quiz.session_at(item).hint()
        self._keep(item, "hint", now)

    def _keep(self, item: int, what: What, now: float) -> None:
        mark = self.quiz.sitting.items[item].mark
        verdicts = [each for each in (mark.product_verdict, *mark.verdicts) if each]
        verdict = "wrong" if "wrong" in verdicts else next(iter(verdicts), "")
        answer = Answer(item, now, what, replace(mark), False, verdict, list(mark.mistakes))
        self.papers.answer(self.paper.key, answer, now)


def reversed_sign(cells: Sequence[str]) -> list[str]:
    return [cell.removeprefix("-") if cell.startswith("-") else f"-{cell}" for cell in cells]
