"""An exam that is going on: nothing is said about an answer before it is handed in."""

from __future__ import annotations

from collections.abc import Sequence

from bptutor.grading.answer import read_cell
from bptutor.language.errors import LanguageError
from bptutor.language.ops.base import Style
from bptutor.lesson.find import available
from bptutor.locale import Message, UserError
from bptutor.record.sittings import AskedItem, QuizSitting
from bptutor.tutoring.asking import asks_product
from bptutor.tutoring.checking import Attempted, Said
from bptutor.tutoring.facts import arithmetic
from bptutor.tutoring.grader import read_product
from bptutor.tutoring.quiz.carrying import Graded, grade_question
from bptutor.tutoring.quiz.exam import paper
from bptutor.tutoring.quiz.quiz import Opener, Quiz
from bptutor.tutoring.session import Session

PARTS = "abcdefgh"
"""The steps of one question."""
HANDED_IN = Message("This exam is handed in; look at it as long as you like.")


class Examination(Quiz):
    """Fixed items from a seed; what is typed last counts."""

    def __init__(self, sitting: QuizSitting, open_lesson: Opener, style: Style) -> None:
        super().__init__(sitting, open_lesson, style)
        self._graded: dict[int, Graded] = {}

    def begin(self) -> None:
        """Set the paper. Raises UserError where no items can be made."""
        lessons = {name: self.lesson(name) for name in self.sitting.lessons or available()}
        groups = paper(lessons, self.sitting.length, self.sitting.seed)
        self.sitting.items = [item for group in groups for item in group]

    def _known_until(self, index: int) -> str:
        """Of a question of several steps the first: what comes after it would give it away."""
        return "" if self.sitting.finished else self._group(index)[0].step

    def _group(self, index: int) -> list[AskedItem]:
        group = self.sitting.items[index].group
        return [item for item in self.sitting.items if item.group == group]

    def part(self, index: int) -> str:
        """Of a question of several steps which one this is: a, b or c; else nothing."""
        group = self._group(index)
        return PARTS[group.index(self.sitting.items[index])] if len(group) > 1 else ""

    def earlier(self, index: int) -> list[tuple[str, AskedItem]]:
        """The steps of this question before an item, and which parts of it they are."""
        group = self._group(index)
        before = group[: group.index(self.sitting.items[index])]
        return list(zip(PARTS, before, strict=False))

    def has_answer(self, index: int) -> bool:
        """Has an item its whole answer?"""
        return self.sitting.items[index].answered

    @property
    def answered(self) -> int:
        return sum(item.answered for item in self.sitting.items)

    # ── where the learner goes ────────────────────────────────────────────────────────────────

    def forward(self) -> None:
        self.sitting.index = self.index + 1

    def end(self) -> None:
        self.sitting.index = len(self.sitting.items)

    def skip(self) -> None:
        self.forward()

    # ── answers ───────────────────────────────────────────────────────────────────────────────

    def answer(self, product: str | None, cells: Sequence[str] | None) -> None:
        """Note an answer and go on; what cannot be read is told, for it can never be right."""
        session = self.session
        session.draft(product, cells)
        fault = _fault(session)
        if fault is None:
            self.forward()
        else:
            session.said = fault

    def seconds_left(self, now: float) -> float | None:
        """The time there is left; None where there is no limit, or the exam is over."""
        sitting = self.sitting
        if not sitting.minutes or sitting.finished:
            return None
        return max(0.0, sitting.begun + 60 * sitting.minutes - now)

    def is_over(self, now: float) -> bool:
        """Is it to be graded now: is the time over, or was it handed in and then broken off?"""
        sitting = self.sitting
        return not sitting.finished and (bool(sitting.handed_in) or self.seconds_left(now) == 0)

    def hand_in(self) -> list[tuple[int, Session, Attempted]]:
        """Grade all of it; what came of each answer, by the index of its item.

        Raises:
            UserError: it is handed in already.
        """
        sitting = self.sitting
        if sitting.finished:
            raise UserError(HANDED_IN)
        sitting.finished = True
        self._sessions.clear()  # all may be seen now
        found = []
        for index, item in enumerate(sitting.items):
            graded, mark = self.graded(index), item.mark
            item.points = graded.points
            mark.attempts, mark.mistakes = 1, list(graded.mistakes)
            mark.stage = "solved" if graded.state in ("right", "carried") else "shown"
            if item.typed:
                cells = tuple(mark.cells)
                attempted = Attempted(mark.product, cells, graded.verdict, graded.mistakes)
                found.append((index, self.session_at(index), attempted))
        self.end()
        return found

    def graded(self, index: int) -> Graded:
        """What came of an answer, once the exam is handed in."""
        if index not in self._graded:
            group = self._group(index)
            first = self.sitting.items.index(group[0])
            steps = [self.step_at(first + place) for place in range(len(group))]
            marks = [item.mark for item in group]
            facts = self.session_at(first).prepare()
            graded = grade_question(facts, steps, marks, self.style)
            self._graded.update(enumerate(graded, first))
        return self._graded[index]


def _fault(session: Session) -> Said | None:
    """What of an answer cannot be read, which tells nothing of whether the rest is right."""
    mark = session.mark(session.step)
    if asks_product(session.step, session.sitting.ask) and mark.product.strip():
        try:
            read_product(session.lesson, session.step, mark.product)
        except LanguageError as error:
            return Said(error.message, column=error.column)
    notes = [_unreadable(text) for text in mark.cells]
    first = next((note for note in notes if note), None)
    return Said(first, notes) if first else None


def _unreadable(text: str) -> Message | None:
    """Why a cell cannot be read; None where it can, and where it is empty."""
    if not text.strip():
        return None
    try:
        read_cell(text, arithmetic)
    except UserError as error:
        return error.message
    return None
