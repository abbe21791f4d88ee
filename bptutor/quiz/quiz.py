"""What practice, exams and replayed items have in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from time import monotonic

from bptutor.course.exercise import numbers
from bptutor.course.parts import places_of, steps_of
from bptutor.course.session import STILL_OPEN, Session
from bptutor.engine.training import train
from bptutor.grading.facts import Facts
from bptutor.language.ops.base import Style
from bptutor.lesson.find import available
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step
from bptutor.literals import Target
from bptutor.quiz.items import Item, make_item
from bptutor.quiz.schedule import credit
from bptutor.record.sittings import AskedItem, QuizSitting, Sitting
from bptutor.text import Message, UserError

Opener = Callable[[str], Lesson]  # opens a lesson by whatever names it; raises UserError


class Quiz(ABC):
    """Common to a practice quiz, an exam and a replayed item."""

    def __init__(self, sitting: QuizSitting, open_lesson: Opener, style: Style) -> None:
        """Resume a sitting; all that is saved is in it."""
        self.sitting = sitting
        self.style = style
        self._open_lesson = open_lesson
        self._lessons: dict[str, Lesson] = {}
        self._made: dict[tuple[str, str, int], Item] = {}
        self._sessions: dict[int, Session] = {}
        self._clock = monotonic()

    # ── what is asked ─────────────────────────────────────────────────────────────────────────

    @property
    def asked(self) -> AskedItem:
        """The current item; at the end the last one."""
        return self.sitting.items[self.index]

    @property
    def index(self) -> int:
        return min(self.sitting.index, len(self.sitting.items) - 1)

    @property
    def at_end(self) -> bool:
        return self.sitting.index >= len(self.sitting.items)

    @property
    def session(self) -> Session:
        return self.session_at(self.index)

    def session_at(self, index: int) -> Session:
        """The session of an item.

        Raises UserError: its lesson or its numbers cannot be made any more.
        """
        if index not in self._sessions:
            self._sessions[index] = self._make(index)
        return self._sessions[index]

    def step_at(self, index: int) -> Step:
        asked = self.sitting.items[index]
        lesson = self.lesson(asked.lesson)
        return steps_of(lesson, asked.part)[places_of(lesson, asked.part)[asked.step]]

    def lesson(self, name: str) -> Lesson:
        if name not in self._lessons:
            self._lessons[name] = self._open_lesson(name)
        return self._lessons[name]

    def drawn_from(self) -> Iterator[tuple[str, Lesson]]:
        """The lessons of which items are made: those that are named, else all that are sound.

        Raises UserError: a named one cannot be opened.
        """
        for name in self.sitting.lessons or available():
            try:
                yield name, self.lesson(name)
            except UserError:
                if self.sitting.lessons:
                    raise

    def _make(self, index: int) -> Session:
        """A session at an item's step, with the steps before it done."""
        asked = self.sitting.items[index]
        lesson, facts = self._on_item_numbers(asked)
        place = places_of(lesson, asked.part)
        sitting = Sitting(
            lesson=lesson.name,
            digest=lesson.digest,
            ask="all",
            iterations=asked.iteration,
            index=place[asked.step],
            furthest=place[self._known_until(index) or asked.step],
            leaves={},
            marks={asked.step: asked.mark},
            losses=[],
            part=asked.part,
        )
        if asked.iteration:
            trained = train(lesson, None, asked.iteration)
            sitting.leaves = {name: numbers(array) for name, array in trained.leaves.items()}
        session = Session(lesson, sitting, self.style)
        session.facts, session.asks_whole = facts, True
        return session

    def _on_item_numbers(self, asked: AskedItem) -> tuple[Lesson, Facts | None]:
        """The lesson on the item's numbers, and its facts where they were computed."""
        lesson = self.lesson(asked.lesson)
        if asked.seed is None:
            return lesson, None if asked.part == "tape" else Facts(lesson)
        key = asked.lesson, asked.made_for or asked.step, asked.seed
        if key not in self._made:
            self._made[key] = make_item(lesson, key[1], asked.seed)
        item = self._made[key]
        return item.lesson, item.facts

    def ask_on(self, index: int, lesson: Lesson) -> None:
        """Ask an item on the numbers of this lesson, whatever its seed would give.

        Raises UserError: a value or a derivative is not finite.
        """
        asked = self.sitting.items[index]
        seed = asked.seed or 0
        item = Item(lesson, self.step_at(index), seed, Facts(lesson))
        self._made[asked.lesson, asked.made_for or asked.step, seed] = item

    def _known_until(self, index: int) -> str:
        """The first step whose answer may not be shown at an item; "" for the item's own."""
        return ""

    # ── where the learner goes ────────────────────────────────────────────────────────────────

    def go(self, to: int | Target) -> None:
        """Go to an item that has been asked, to the next open one, or to the end.

        Raises UserError: there is no such item, or one is still open.
        """
        if to == "here":
            return
        if isinstance(to, int):
            if not 0 <= to < len(self.sitting.items):
                raise UserError(STILL_OPEN)
            self.sitting.index = to
        elif to == "summary":
            self.end()
        else:
            self.forward()

    @abstractmethod
    def forward(self) -> None:
        """Go to the next item, or to the end. Raises UserError where this one is still open."""

    @abstractmethod
    def end(self) -> None:
        """Go to the end. Raises UserError where an item is still open."""

    @abstractmethod
    def skip(self) -> None:
        """Skip this item for now. Raises UserError where no other is open."""

    def count_time(self) -> None:
        """Add the time since the last call to the current item."""
        before, self._clock = self._clock, monotonic()
        if not self.at_end:
            self.asked.seconds += self._clock - before

    # ── results ───────────────────────────────────────────────────────────────────────────────

    def credit(self) -> float:
        """The credit for a right answer to the current item now, from 0 to 1."""
        mark = self.asked.mark
        return 0.0 if mark.stage == "shown" else credit(mark.wrong, mark.hints)

    def note(self) -> None:
        """Score the current item if it is done; call this after each attempt."""
        if self.asked.mark.stage != "open":
            self.asked.points = self.credit()

    @property
    def answered(self) -> int:
        return sum(item.points is not None for item in self.sitting.items)


NOTHING_ELSE = Message("This is the last item: answer it, or show its answer.")
