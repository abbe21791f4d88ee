"""Where a learner is, in a lesson or in a quiz, and what they can do and look at there."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from bptutor.course.code_so_far import program_so_far
from bptutor.course.session import Attempted, Session
from bptutor.grading.read import fit, split_matrix
from bptutor.language.errors import shortened
from bptutor.lesson.names import named
from bptutor.literals import Ask, Judged, Part, Stage, Target
from bptutor.quiz.recorder import Recorder
from bptutor.record.sittings import QuizSittings, Sittings, Standings
from bptutor.service.engine import Engine
from bptutor.service.present import Viewer
from bptutor.service.protocol import Event, Screen
from bptutor.service.tape import every_known, heat_map, pictured, rows_and_columns
from bptutor.text import Message, UserError
from bptutor.views.lesson import Code, Explained, Known, Nudged, StepName, StepView
from bptutor.views.picture import HeatMap, Pictured
from bptutor.views.quiz import QuizView

_log = logging.getLogger(__name__)

CANNOT_BE_SHOWN = Message("it cannot be shown")


@dataclass
class Learner:
    """Who is taught, and what all that they open shares."""

    viewer: Viewer
    recorder: Recorder
    sittings: Sittings
    quizzes: QuizSittings
    standings: Standings
    engine: Engine
    tell: Callable[[Event], None]
    draws: bool = False  # does the picture come with each step?
    unsaid: list[Message] = field(default_factory=list)  # why something could not be kept

    @property
    def language(self) -> str:
        return self.viewer.language

    def choose(self, lesson: str | None, part: Part, ask: Ask) -> None:
        """Keep where the learner is, and what is asked there."""
        try:
            self.standings.choose(lesson, part, ask)
        except UserError as error:
            self.say_later(error.message)

    def finish(self, key: str) -> None:
        """Keep that a part of a lesson is finished."""
        try:
            self.standings.finish(key)
        except UserError as error:
            self.say_later(error.message)

    def say_later(self, message: Message | None) -> None:
        """Say it, if there is something to say, with the next screen, and once."""
        if message and message not in self.unsaid:
            self.unsaid.append(message)

    def with_unsaid(self, said: Message | str | None) -> str:
        """What a screen says, and behind it what there is still to say."""
        texts = [self.viewer.words(message) for message in (said, *self.unsaid)]
        self.unsaid = []
        return " ".join(filter(None, texts))


class Place(ABC):
    """A lesson or a quiz that is open. Each method raises UserError where it cannot be done."""

    elsewhere: Message
    twice: Message  # it is open in another window, too
    overtaken_elsewhere: Message  # what another window has saved in the meantime is to stay

    def __init__(self, learner: Learner) -> None:
        self.learner = learner
        self._attempts: list[Attempted | None] = []  # recorded once there is a screen that shows it

    @property
    @abstractmethod
    def session(self) -> Session:
        """The step, or the item, at which the learner is."""

    @property
    @abstractmethod
    def stage(self) -> Stage:
        """How far that has come."""

    @property
    @abstractmethod
    def store(self) -> tuple[Sittings | QuizSittings, str] | None:
        """Where the place is kept, and under which key; None where it is not."""

    @abstractmethod
    def save(self) -> bool:
        """Keep the place; may that have taken in what another process had kept?

        Raises UserError: it cannot be kept.
        """

    @property
    def where(self) -> tuple[str, int]:
        """The assignment that this is, and its item from 0; "" and -1 where it is none."""
        return "", -1

    def enter(self) -> None:
        """Be here until `leave`; where another window is, too, the learner is told."""
        if self.store:
            store, key = self.store
            if store.enter(key):
                self.learner.say_later(self.twice)

    def leave(self) -> None:
        if self.store:
            store, key = self.store
            store.leave(key)

    @abstractmethod
    def shown(self) -> Screen:
        """The screen at which the learner is now."""

    @abstractmethod
    def undo(self) -> Callable[[], None]:
        """What undoes all that is done after this."""

    @abstractmethod
    def record(self, attempted: Attempted | None) -> None:
        """Keep what came of an answer (None: it was shown), on the disk when this returns."""

    @abstractmethod
    def steps(self) -> list[StepName]:
        """The list of steps or items."""

    @abstractmethod
    def go(self, to: int | Target) -> None: ...

    def require_told(self) -> None:
        """Nothing is kept from the learner here. Raises UserError: something is."""
        return

    def method(self, name: str) -> Callable[..., Any]:
        """A method by its name. Raises UserError: only the other kind of place has it."""
        found: Callable[..., Any] | None = getattr(self, name, None)
        if found is None:
            raise UserError(self.elsewhere)
        return found

    # ── doing something ───────────────────────────────────────────────────────────────────────

    def overtaken(self) -> bool:
        """Has what the learner is about to do lost its object, before it is done?"""
        return False

    def act(self, work: Callable[[], None]) -> Screen:
        """Do something; it is recorded and saved once there is a screen that shows it."""
        overtaken = self.overtaken()
        undo = self.undo()
        try:
            if not overtaken:
                work()
            screen = self.shown()
            for attempted in self._attempts:
                self.record(attempted)
            if self.keep():
                screen = self.shown()
        except Exception:  # what cannot be shown or recorded is not counted
            undo()
            raise
        finally:
            self._attempts = []
        return self.said(screen)

    def keep(self) -> bool:
        """Keep the place; may anything have been taken in that another process had kept?

        The learner is told with the next screen what came of it: that is where it fails, and where
        another process has answered the step meanwhile.
        """
        before, taken_in = self.stage, False
        try:
            taken_in = self.save()
        except UserError as error:
            self.learner.say_later(error.message)
        if self.stage != before:
            self.say_answered()
        return taken_in

    def say_answered(self) -> None:
        """Say with the next screen that another window has answered where the learner is."""
        self.learner.say_later(
            Message(
                "Another terminal has answered {step} in the meantime. The fields show that "
                "answer.",
                step=self.session.exercise.name(),
            )
        )

    def attempted(self, came: Attempted | None) -> None:
        """An answer has been judged, or shown (None): it is to be recorded."""
        self._attempts.append(came)

    def answer(self, product: str, cells: list[str], judge: Judged) -> Screen:
        """Take all that is typed, and check what of it is to be judged."""
        if self.overtaken():
            return self.act(lambda: None)
        asked = len(self.session.cells(self.session.step))
        if len(cells) not in (0, asked):
            raise UserError(
                "This step asks for {asked} numbers, not {given}.", asked=asked, given=len(cells)
            )
        self.session.draft(product, cells)
        return self.act(lambda: self.check(product, cells, judge))

    def check(self, product: str, cells: list[str], judge: Judged) -> None:
        """Hold what is to be judged against the truth."""
        attempted = self.session.check(
            product if judge != "value" else None,
            (cells or None) if judge != "product" else None,
        )
        if attempted is not None:
            self.attempted(attempted)

    def draft(self, product: str, cells: list[str]) -> QuizView | None:
        """Keep what is typed; the end, where the time of an exam is over."""
        if not self.overtaken():
            self.session.draft(product, cells)
            self.keep()
        return None

    def hint(self) -> None:
        self._get(self.session.hint)

    def show(self) -> None:
        self._get(self.session.show)

    def _get(self, help_: Callable[[], None]) -> None:
        """Give help; where that is the answer, it is to be recorded."""
        self.require_told()
        before = self.stage
        help_()
        if before == "open" and self.stage == "shown":
            self.attempted(None)

    def fill_in(self) -> None:
        self.require_told()
        session = self.session
        session.fill_in()
        mark = session.mark(session.step)
        self.attempted(Attempted(mark.product, tuple(mark.cells), "right", ()))

    # ── looks, which change nothing ───────────────────────────────────────────────────────────

    def code(self) -> Code:
        self.require_told()
        session = self.session
        lines = program_so_far(session, self.learner.language)
        return Code(f"{session.lesson.name}.py", lines)

    def named(self, text: str) -> str:
        return named(self.session.lesson, text)

    def knowns(self) -> list[Known]:
        return every_known(self.session, self.learner.viewer.style)

    def split(self, text: str, row: int | None = None) -> list[str]:
        """The asked cells' texts: of the whole matrix, or of one row of it."""
        session = self.session
        asked, shape = session.cells(session.step), session.step.shape
        if row is None:
            texts = fit(split_matrix(text, shape), shape)
            return [texts[position] for position in asked]
        _, columns = rows_and_columns(shape)
        wanted = sum(position // columns == row for position in asked)
        cells = split_matrix(text)
        try:
            return fit(cells, (wanted,))
        except UserError as error:
            if not any(map(str.isdecimal, text)):
                raise UserError(
                    "There is no number in “{text}”. Expected numbers: {wanted}, with commas "
                    "between them.",
                    text=shortened(text),
                    wanted=wanted,
                ) from error
            given = sum(map(len, cells))
            raise UserError(
                "Expected numbers: {wanted}; you typed {given}. Put commas between them.",
                wanted=wanted,
                given=given,
            ) from error

    def explain(self) -> Explained:
        self.require_told()
        return self.learner.viewer.explained(self.session)

    def nudge(self, row: int, column: int, by: float) -> Nudged:
        self.require_told()
        return self.learner.viewer.nudged(self.session, row, column, by)

    @property
    def has_picture(self) -> bool:
        return self.session.sitting.part == "tape"

    def picture(self, example: int = 0) -> Pictured:
        self._require_picture()
        return pictured(self.session, self.learner.viewer.style, example)

    def heat(self, name: str, rows: int, columns: int) -> HeatMap:
        self._require_picture()
        return heat_map(self.session, name, rows, columns)

    def _require_picture(self) -> None:
        self.require_told()
        if not self.has_picture:
            raise UserError("The picture shows numbers. It belongs to the part in numbers.")

    def draw(self) -> Pictured | None:
        """The picture that comes with the step, where there is one and it is wanted."""
        if not (self.learner.draws and self.has_picture):
            return None
        try:
            return self.picture()
        except Exception:  # beside a step it is no reason not to show that
            _log.exception("The picture cannot be made.")
            return None

    def said(self, screen: Screen) -> Screen:
        """A screen with its picture, and with what there is still to say."""
        learner = self.learner
        if isinstance(screen, StepView):
            message = learner.with_unsaid(screen.message)
            return replace(screen, message=message, picture=self.draw())
        if isinstance(screen, QuizView):
            return replace(screen, closing=learner.with_unsaid(screen.closing))
        return screen
