"""A lesson that is open: what is done in it, and where its sitting is kept."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from copy import copy
from pathlib import Path

from msgspec.structs import replace

from bptutor.course.iterations import (
    again,
    answered,
    fits,
    in_changed_lesson,
    in_new_file,
    thinned,
    train,
)
from bptutor.course.parts import steps_of
from bptutor.course.session import Attempted, Feedback, Session
from bptutor.engine.keras import open_lesson
from bptutor.grading.facts import Facts
from bptutor.lesson.lesson import Lesson
from bptutor.literals import Ask, Judged, Part, Stage, Target
from bptutor.record.sittings import Sitting, Sittings, part_key
from bptutor.service.places import CANNOT_BE_SHOWN, Learner, Place
from bptutor.service.protocol import Event, Screen, Training
from bptutor.text import Message, UserError
from bptutor.views.lesson import LessonChanged, Opened, StepName
from bptutor.views.quiz import QuizView

SHOWN_LOSSES = 240
"""The most losses that travel with one word on how far a training has come."""
MOST_ITERATIONS = 1_000_000

_log = logging.getLogger(__name__)


class LessonPlace(Place[tuple[Session, Facts | None, Feedback, Sitting]]):
    """A lesson at a step."""

    def __init__(
        self,
        learner: Learner,
        sittings: Sittings,
        session: Session,
        tell: Callable[[Event], None],
        loaded: Callable[[], bool],
    ) -> None:
        """Whether TensorFlow is there is told by `loaded`; without it nothing is worked out yet."""
        super().__init__(learner)
        self._sittings = sittings
        self._session = session
        self._tell = tell
        self._loaded = loaded

    @property
    def session(self) -> Session:
        self._prepare()
        return self._session

    @property
    def stage(self) -> Stage:
        return self._session.stage(self._session.index)

    def opened(self, remark: Message | None) -> Opened:
        """What is shown on opening, with a word on what has become of the sitting."""
        if self._make_sound():
            remark = None
        self.keep()
        learner, session = self.learner, self._session
        resumed = is_begun(session.sitting)  # which a look at a step would change
        said = learner.with_unsaid(remark.to(learner.language) if remark else "")
        view = learner.viewer.step(session)
        return Opened(
            title=session.lesson.title.to(learner.language),
            introduction=learner.viewer.introduction(session),
            resumed=resumed,
            view=replace(view, picture=self.draw()),
            remark=said,
        )

    def shown(self) -> Screen:
        session, viewer = self._session, self.learner.viewer
        return viewer.summary(session) if session.at_end else viewer.step(session)

    def copied(self) -> tuple[Session, Facts | None, Feedback, Sitting]:
        session = self._session
        return session, session.facts, copy(session.said), session.sitting.copied()

    def restore(self, kept: tuple[Session, Facts | None, Feedback, Sitting]) -> None:
        self._session, facts, said, sitting = kept
        self._session.facts, self._session.said, self._session.sitting = facts, said, sitting

    # ── a sitting that cannot be shown ────────────────────────────────────────────────────────

    def _prepare(self) -> bool:
        """Once TensorFlow is there, work everything out; is the sitting another one after that?"""
        return self._loaded() and self._session.facts is None and self._make_sound()

    def _make_sound(self) -> bool:
        """Set a saved sitting aside that cannot be shown, and begin a new one; has that been done?

        Where that cannot be shown either, the lesson is at fault, and its error is raised.
        """
        again = False
        if is_begun(self._session.sitting):
            try:
                self._try_to_show(self._session)
            except Exception:
                _log.exception("The sitting of %s cannot be shown.", self._session.sitting.lesson)
                self.begin_again()
                again = True
        if self._loaded():
            self._session.prepare()
        return again

    def begin_again(self) -> None:
        """A new sitting in the place of one that is set aside."""
        session, old = self._session, self._session.sitting

        def begin() -> Session:
            return Session.begin(session.lesson, old.ask, old.lesson, session.style, old.part)

        self._try_to_show(begin())
        self.learner.say_later(self._sittings.set_aside(old.lesson, CANNOT_BE_SHOWN))
        self._session = begin()

    def _try_to_show(self, session: Session) -> None:
        """Prepare and show a session, as far as TensorFlow is there. Raises what prevents that."""
        viewer = self.learner.viewer
        if not self._loaded():
            viewer.step(session)
            return
        session.prepare()
        if session.at_end:
            viewer.summary(session)
        else:
            viewer.step(session)

    # ── doing something ───────────────────────────────────────────────────────────────────────

    def act(self, work: Callable[[], None]) -> Screen:
        if self._prepare():  # it was about the sitting that is set aside
            return super().act(lambda: None)
        return super().act(work)

    def answer(self, product: str, cells: list[str], judge: Judged) -> Screen:
        if self._prepare():
            return super().act(lambda: None)
        return super().answer(product, cells, judge)

    def draft(self, product: str, cells: list[str]) -> QuizView | None:
        return None if self._prepare() else super().draft(product, cells)

    def keep(self) -> bool:
        marks = self._session.sitting.marks
        super().keep()
        return self._session.sitting.marks is not marks  # those of a merge are new ones

    def save(self) -> None:
        sitting = self._session.sitting
        self._sittings.save(sitting.lesson, sitting)

    def record(self, attempted: Attempted | None) -> None:
        self.learner.say_later(self.learner.recorder.note(self.session, attempted))

    def names(self) -> list[StepName]:
        return self.learner.viewer.names(self.session)

    def go(self, to: int | Target) -> None:
        self.session.go(to)

    def again(self) -> None:
        again(self.session)

    def reload(self) -> None:
        session = self._session
        self._session = in_new_file(session, open_lesson(str(session.lesson.path)))

    def train(self, iterations: int, cancelled: Callable[[], bool]) -> None:
        if iterations > MOST_ITERATIONS:
            raise UserError(
                Message("Train for at most {most} iterations at a time.", most=MOST_ITERATIONS)
            )

        def on_progress(losses: Sequence[float]) -> None:
            self._tell(Training(len(losses), iterations, thinned(losses, SHOWN_LOSSES)))

        train(self.session, iterations, on_progress, cancelled)


def find(
    make: Callable[[Session], LessonPlace],
    learner: Learner,
    sittings: Sittings,
    reference: str,
    ask: Ask,
    resume: bool,
    part: Part,
    switch: bool,
    changed: bool,
) -> tuple[LessonPlace, Message | None] | LessonChanged:
    """The sitting of a lesson to go on with, or a new one; and what has become of an old one.

    Where the lesson has changed since, the learner is asked first.

    Raises:
        UserError: it cannot be opened.
    """
    lesson = open_lesson(reference)
    steps_of(lesson, part)  # says so where the lesson has no such part
    style, key = learner.viewer.style, _key(lesson, reference, part)

    def begun() -> LessonPlace:
        return make(Session.begin(lesson, ask, key, style, part))

    try:
        sitting = sittings.load(key) if resume else None
    except UserError as error:
        return begun(), error.message
    same = sitting is not None and sitting.digest == lesson.digest
    if sitting and (sitting.part != part or (same and not fits(lesson, sitting))):
        return begun(), sittings.set_aside(key, CANNOT_BE_SHOWN)
    if sitting is None or not (same or is_begun(sitting)):
        return begun(), None
    if switch or not is_begun(sitting):
        sitting.ask = ask
    if same:
        back = Message("You are back where you left.") if is_begun(sitting) else None
        return make(Session(lesson, sitting, style)), back
    given = answered(sitting)
    if not changed:
        return LessonChanged(lesson.title.to(learner.language), given)
    try:
        session = in_changed_lesson(sitting, lesson, style)
    except Exception:
        _log.exception("The sitting of %s does not fit its changed lesson.", key)
        place = make(Session(lesson, sitting, style))
        place.begin_again()
        return place, None
    return make(session), Message(
        "The lesson has changed; answers that still hold: {kept} of {answered}.",
        kept=answered(session.sitting),
        answered=given,
    )


def _key(lesson: Lesson, reference: str, part: Part) -> str:
    """Under what a sitting is kept: a lesson's name, or where its file is."""
    key = lesson.name if reference == lesson.name else str(Path(lesson.path).resolve())
    return part_key(key, part)


def is_begun(sitting: Sitting) -> bool:
    """Is there anything in it to go on with? If not, another terminal may be about to begin it."""
    return bool(sitting.furthest or sitting.marks or sitting.iterations)
