"""A lesson that is open: what is done in it, and where its sitting is kept."""

import logging
import secrets
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
from bptutor.course.parts import places_of, steps_of
from bptutor.course.questions import asked_anything
from bptutor.course.session import Attempted, Session
from bptutor.course.skills import skill
from bptutor.lesson.find import on_numbers, split_reference
from bptutor.lesson.lesson import Lesson
from bptutor.literals import Ask, Part, Stage, Target
from bptutor.quiz.codes import write_code
from bptutor.quiz.items import make_item
from bptutor.quiz.practice import SEEDS
from bptutor.quiz.variant import open_lesson
from bptutor.record.sittings import AskedItem, Sitting, Sittings, part_key, whole_key
from bptutor.service.lesson_states import finished, has_finished, onward, parts_of
from bptutor.service.places import CANNOT_BE_SHOWN, Learner, Place
from bptutor.service.protocol import Screen, Training
from bptutor.service.words import MOST_ITERATIONS
from bptutor.text import Message, UserError
from bptutor.views import lesson as views
from bptutor.views.lesson import LessonChanged, Opened, StepName, StepView, SummaryView

SHOWN_LOSSES = 240  # the most losses that travel with one word on how far a training has come

_log = logging.getLogger(__name__)


class LessonPlace(Place):
    """A lesson at a step. Before TensorFlow is there nothing is worked out."""

    elsewhere = Message("That is for a quiz; this is a lesson.")
    twice = Message(
        "This lesson is also open in another window. bptutor saves the last answer to each step."
    )
    overtaken_elsewhere = Message(
        "Another window has restarted this lesson or is further on. This window no longer saves "
        "your place; open the lesson again."
    )

    def __init__(self, learner: Learner, session: Session) -> None:
        super().__init__(learner)
        self._practised = learner.recorder.practised()
        self._often = learner.recorder.often()
        self._take(session)

    def _take(self, session: Session) -> None:
        """Go on with a session, with what the learner knows by now."""
        session.practised = self._practised
        session.often = self._often
        self._session = session

    @property
    def session(self) -> Session:
        self.overtaken()
        return self._session

    @property
    def stage(self) -> Stage:
        return self._session.stage(self._session.index)

    def opened(self, remark: Message | None) -> Opened:
        """What is shown on opening, with a word on what has become of the sitting."""
        self.enter()
        if self._make_sound():
            remark = None
        self.keep()
        learner, session = self.learner, self._session
        resumed = is_begun(session.sitting)  # which a look at a step would change
        screen = self._show(session) if session.facts else None
        end = screen if isinstance(screen, SummaryView) else None
        said = learner.with_unsaid(None if end else remark)
        return Opened(
            title=session.lesson.title.to(learner.language),
            introduction=learner.viewer.introduction(session),
            resumed=resumed,
            remark=said,
            view=replace(learner.viewer.step(session), picture=self.draw()),
            end=end,
            parts=self._parts(),
        )

    def _parts(self) -> dict[Part, views.Place]:
        learner, lesson = self.learner, self._session.lesson
        return parts_of(learner.sittings, learner.standings.read(), lesson, self.key)

    @property
    def key(self) -> str:
        sitting = self._session.sitting
        return whole_key(sitting.lesson, sitting.part)

    def shown(self) -> Screen:
        return self._show(self._session)

    def _show(self, session: Session) -> StepView | SummaryView:
        learner = self.learner
        if not session.at_end:
            return learner.viewer.step(session)
        ahead = onward(
            learner.sittings,
            learner.standings.read(),
            session.lesson,
            session.sitting,
            learner.language,
        )
        summary = learner.viewer.summary(session)
        return replace(summary, onward=ahead, parts=self._parts())

    def undo(self) -> Callable[[], None]:
        session = self._session
        kept = session.facts, copy(session.said), session.sitting.copied()
        practised = dict(self._practised)

        def restore() -> None:
            self._practised = practised
            self._take(session)
            session.facts, session.said, session.sitting = kept

        return restore

    # ── a sitting that cannot be shown ────────────────────────────────────────────────────────

    def overtaken(self) -> bool:
        """Once TensorFlow is there, work everything out; is the sitting another one after that?"""
        ready = self.learner.engine.ready
        return ready and self._session.facts is None and self._make_sound()

    def _make_sound(self) -> bool:
        """Set a saved sitting aside that cannot be shown, and begin a new one; has that been done?

        Where that cannot be shown either, the lesson is at fault, and its error is raised.
        """
        replaced = False
        if is_begun(self._session.sitting):
            try:
                self._try_to_show(self._session)
            except Exception:
                _log.exception("The sitting of %s cannot be shown.", self._session.sitting.lesson)
                self.begin_again()
                replaced = True
        if self.learner.engine.ready:
            self._session.prepare()
        return replaced

    def begin_again(self) -> None:
        session, old = self._session, self._session.sitting

        def begin() -> Session:
            return Session.begin(session.lesson, old.ask, old.lesson, session.style, old.part)

        self._try_to_show(begin())
        self.learner.say_later(self.learner.sittings.set_aside(old.lesson, CANNOT_BE_SHOWN))
        self._take(begin())

    def _try_to_show(self, session: Session) -> None:
        """Prepare and show a session, as far as TensorFlow is there. Raises what prevents that."""
        if self.learner.engine.ready:
            session.prepare()
            self._show(session)
        else:
            self.learner.viewer.step(session)

    # ── doing something ───────────────────────────────────────────────────────────────────────

    @property
    def store(self) -> tuple[Sittings, str]:
        return self.learner.sittings, self._session.sitting.lesson

    def save(self) -> bool:
        sitting = self._session.sitting
        marks = sitting.marks
        if not self.learner.sittings.save(sitting.lesson, sitting):
            self.learner.say_later(self.overtaken_elsewhere)
        if finished(self._session):
            self.learner.finish(sitting.lesson)
        return sitting.marks is not marks  # those of a merge are new ones

    def record(self, attempted: Attempted | None) -> None:
        self.learner.say_later(self.learner.recorder.note(self.session, attempted))

    def steps(self) -> list[StepName]:
        return self.learner.viewer.names(self.session)

    def go(self, to: int | Target) -> None:
        self.session.go(to)

    def again(self) -> None:
        again(self.session)

    def afresh(self) -> str:
        """The code of the current step on new numbers; raises UserError where there are none."""
        session, seed = self.session, secrets.randbelow(SEEDS)
        lesson, step = session.lesson, session.step
        make_item(lesson, step.id, seed)
        kind = skill(lesson, step)
        return write_code(AskedItem(self.key, lesson.digest, step.id, kind, seed))

    def reload(self) -> None:
        session = self._session
        self._take(in_new_file(session, open_lesson(self.key)))

    def train(self, iterations: int, cancelled: Callable[[], bool], larger: bool = False) -> None:
        if iterations > MOST_ITERATIONS:
            raise UserError("Train for at most {most} iterations at a time.", most=MOST_ITERATIONS)

        def on_progress(losses: Sequence[float]) -> None:
            training = Training(len(losses), iterations, thinned(losses, SHOWN_LOSSES))
            self.learner.tell(training)

        train(self.session, iterations, on_progress, cancelled, larger=larger)


def open_place(
    learner: Learner,
    reference: str,
    ask: Ask,
    resume: bool,
    part: Part,
    switch: bool,
    changed: bool,
) -> tuple[LessonPlace, Message | None] | LessonChanged:
    """The sitting of a lesson to go on with, or a new one; and what has become of an old one.

    Where the lesson has changed since, the learner is asked first. Raises UserError: it cannot be
    opened.
    """
    lesson = open_lesson(reference)
    steps_of(lesson, part)  # says so where the lesson has no such part
    style, key = learner.viewer.style, key_of(lesson, reference, part)

    def begun() -> LessonPlace:
        return LessonPlace(learner, Session.begin(lesson, ask, key, style, part))

    try:
        sitting = learner.sittings.load(key)
    except UserError as error:
        return begun(), error.message
    if sitting and not resume:
        if has_finished(sitting, lesson, part):
            learner.finish(key)
        sitting = None
    same = sitting is not None and sitting.digest == lesson.digest
    if sitting and not _asks_the_same(sitting, lesson, part):
        same = False
    if sitting and (sitting.part != part or (same and not fits(lesson, sitting))):
        return begun(), learner.sittings.set_aside(key, CANNOT_BE_SHOWN)
    if sitting is None or not (same or is_begun(sitting)):
        return begun(), None
    if switch or not is_begun(sitting):
        sitting.ask = ask
    if same:
        back = Message("You are back where you left.") if is_begun(sitting) else None
        return LessonPlace(learner, Session(lesson, sitting, style)), back
    given = answered(sitting)
    if not changed:
        return LessonChanged(lesson.title.to(learner.language), given)
    try:
        session = in_changed_lesson(sitting, lesson, style)
    except Exception:
        _log.exception("The sitting of %s does not fit its changed lesson.", key)
        place = LessonPlace(learner, Session(lesson, sitting, style))
        place.begin_again()
        return place, None
    return LessonPlace(learner, session), Message(
        "The lesson has changed. Answers that are still right: {kept} of {answered}.",
        kept=answered(session.sitting),
        answered=given,
    )


def _asks_the_same(sitting: Sitting, lesson: Lesson, part: Part) -> bool:
    """Did the version that saved a sitting ask the steps that this one asks?"""
    steps = steps_of(lesson, part)
    passed = (
        steps[: sitting.furthest] if part != "tape" else ()
    )  # where all that is asked is answered
    there = all(step.id in sitting.marks for step in passed if asked_anything(step, sitting.ask))
    return there and sitting.marks.keys() <= places_of(lesson, part).keys()


def key_of(lesson: Lesson, reference: str, part: Part = "tape") -> str:
    """Under what a sitting is kept: a lesson's name, or where its file is; and its numbers."""
    _, numbers = split_reference(lesson.name)
    file = str(Path(lesson.path).resolve())
    return part_key(reference if reference == lesson.name else on_numbers(file, numbers), part)


def is_begun(sitting: Sitting) -> bool:
    """Is there anything in it to go on with? If not, another terminal may be about to begin it."""
    return bool(sitting.furthest or sitting.marks or sitting.iterations)
