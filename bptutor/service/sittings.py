"""Lessons that are open: requests about them, and where their sittings are kept."""

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
from bptutor.course.session import Attempted, Session
from bptutor.engine.lessons import open_lesson
from bptutor.engine.runtime import loaded
from bptutor.lesson.lesson import Lesson
from bptutor.record.sittings import Sitting, Sittings, part_key
from bptutor.service.acting import answered_elsewhere, attempt, look
from bptutor.service.learner import Learner
from bptutor.service.messages import (
    Again,
    Check,
    Done,
    Draft,
    Event,
    FillIn,
    Go,
    Hint,
    LessonChanged,
    Open,
    Opened,
    Reload,
    Reply,
    Request,
    Show,
    StepNames,
    StepReply,
    Steps,
    SummaryReply,
    Train,
    Training,
)
from bptutor.text import Message, UserError

SHOWN_LOSSES = 240
"""The most losses that travel with one word on how far a training has come."""
MOST_ITERATIONS = 1_000_000
CANNOT_BE_SHOWN = Message("it cannot be shown")

_log = logging.getLogger(__name__)


class LessonSittings:
    """The lessons of all learners; what is one's own is in `Learner`."""

    def __init__(self, sittings: Sittings) -> None:
        self.sittings = sittings

    def handle(
        self,
        learner: Learner,
        session: str,
        of: Session,
        request: Request,
        tell: Callable[[Event], None],
        cancelled: Callable[[], bool],
    ) -> Reply:
        """Answer a request about an open lesson. Raises UserError: it cannot be done."""
        opened = of
        if loaded() and of.facts is None:
            of = learner.open[session] = self._sound(learner, of)
        if looked := look(of, request, learner.viewer):
            return looked
        if of is not opened and not isinstance(request, Steps):
            request = Go(session=session, to="here")  # it was about the sitting that is set aside
        before = of.facts, copy(of.said), of.sitting.copied()
        try:
            return self._done(learner, session, of, request, tell, cancelled)
        except Exception:  # what cannot be shown is neither counted nor saved
            of.facts, of.said, of.sitting = before
            learner.open[session] = of
            raise

    def _done(
        self,
        learner: Learner,
        session: str,
        of: Session,
        request: Request,
        tell: Callable[[Event], None],
        cancelled: Callable[[], bool],
    ) -> Reply:
        """Do what changes the sitting; it is saved once there is a screen that shows it."""
        attempts: list[Attempted | None] = []
        match request:
            case Steps():
                return StepNames(learner.viewer.names(of))
            case Draft(product=product, cells=cells):
                of.draft(product, cells)
                self._keep(learner, of)
                return Done()
            case Reload():
                of = in_new_file(of, open_lesson(str(of.lesson.path)))
                learner.open[session] = of
                if loaded():
                    of.prepare()
            case Train(iterations=iterations):
                _train(session, of, iterations, tell, cancelled)
            case Go(to=to):
                of.go(to)
            case Check() | Hint() | Show() | FillIn():
                kept, attempted = attempt(of, request)
                if kept:
                    attempts.append(attempted)
            case Again():
                again(of)
            case _:
                raise UserError(Message("That is for a quiz; this is a lesson."))
        reply = _screen(learner, session, of)
        for attempted in attempts:
            learner.say_later(learner.recorder.note(of, attempted))
        if self._keep(learner, of):
            reply = _screen(learner, session, of)
        if isinstance(reply, StepReply):
            view = reply.view
            reply = StepReply(replace(view, message=learner.with_unsaid(view.message)))
        return reply

    def open(self, learner: Learner, request: Open) -> Opened | LessonChanged:
        """Open a lesson. Raises UserError: it cannot be opened."""
        lesson = open_lesson(request.lesson)
        steps_of(lesson, request.part)  # says so where the lesson has no such part
        key = lesson.name if request.lesson == lesson.name else str(Path(lesson.path).resolve())
        key = part_key(key, request.part)
        found = self._sitting(learner, lesson, key, request)
        if isinstance(found, LessonChanged):
            return found
        of, remark = found
        sound = self._sound(learner, of)
        if sound is not of:
            of, remark = sound, None
        session = learner.enter(of)
        self._keep(learner, of)
        return Opened(
            session=session,
            title=lesson.title.to(learner.language),
            introduction=learner.viewer.introduction(of),
            resumed=_is_begun(of.sitting),
            view=learner.viewer.step(session, of),
            remark=learner.with_unsaid(remark.to(learner.language) if remark else ""),
        )

    def _sitting(
        self, learner: Learner, lesson: Lesson, key: str, request: Open
    ) -> tuple[Session, Message | None] | LessonChanged:
        """The sitting to go on with, or a new one; and a word on what has become of an old one.

        Where the lesson has changed since, the learner is asked first.
        """
        style = learner.viewer.style
        try:
            sitting = self.sittings.load(key) if request.resume else None
        except UserError as error:
            return Session.begin(lesson, request.ask, key, style, request.part), error.message
        same = sitting is not None and sitting.digest == lesson.digest
        if sitting and (sitting.part != request.part or (same and not fits(lesson, sitting))):
            said = self.sittings.set_aside(key, CANNOT_BE_SHOWN)
            return Session.begin(lesson, request.ask, key, style, request.part), said
        if sitting is None or not (same or _is_begun(sitting)):
            return Session.begin(lesson, request.ask, key, style, request.part), None
        if request.switch or not _is_begun(sitting):
            sitting.ask = request.ask
        if not same:
            given = answered(sitting)
            if not request.changed:
                return LessonChanged(lesson.title.to(learner.language), given)
            try:
                of = in_changed_lesson(sitting, lesson, style)
            except Exception:
                _log.exception("The sitting of %s does not fit its changed lesson.", key)
                return self._begun_again(learner, Session(lesson, sitting, style)), None
            return of, Message(
                "The lesson has changed; answers that still hold: {kept} of {answered}.",
                kept=answered(of.sitting),
                answered=given,
            )
        back = Message("You are back where you left.") if _is_begun(sitting) else None
        return Session(lesson, sitting, style), back

    def _sound(self, learner: Learner, of: Session) -> Session:
        """The session, prepared if TensorFlow is loaded.

        A saved sitting that cannot be shown is set aside, and a new one begins. Where that cannot
        be shown either, the lesson is at fault, and its error is raised.
        """
        if _is_begun(of.sitting):
            try:
                _try_to_show(learner, of)
            except Exception:
                _log.exception("The sitting of %s cannot be shown.", of.sitting.lesson)
                of = self._begun_again(learner, of)
        if loaded():
            of.prepare()
        return of

    def _begun_again(self, learner: Learner, of: Session) -> Session:
        """A new sitting in the place of one that is set aside."""
        old = of.sitting

        def begin() -> Session:
            return Session.begin(of.lesson, old.ask, old.lesson, of.style, old.part)

        _try_to_show(learner, begin())
        learner.say_later(self.sittings.set_aside(old.lesson, CANNOT_BE_SHOWN))
        return begin()

    def _keep(self, learner: Learner, of: Session) -> bool:
        """Keep the sitting; was anything taken in that another process had kept?

        The learner is told with the next screen what came of it: that is where it fails, and where
        another process has answered the step meanwhile.
        """
        before, marks = of.stage(of.index), of.sitting.marks
        try:
            self.sittings.save(of.sitting.lesson, of.sitting)
        except UserError as error:
            learner.say_later(error.message)
        if of.stage(of.index) != before:
            learner.say_later(answered_elsewhere(of))
        return of.sitting.marks is not marks  # those of a merge are new ones


def _screen(learner: Learner, session: str, of: Session) -> StepReply | SummaryReply:
    """The screen at which the learner is now."""
    if of.at_end:
        return SummaryReply(learner.viewer.summary(session, of))
    return StepReply(learner.viewer.step(session, of))


def _try_to_show(learner: Learner, of: Session) -> None:
    """Prepare and show a session, as far as TensorFlow is loaded. Raises what prevents that."""
    if loaded():
        of.prepare()
        _screen(learner, "", of)
    else:
        learner.viewer.step("", of)


def _is_begun(sitting: Sitting) -> bool:
    """Is there anything in it to go on with? If not, another terminal may be about to begin it."""
    return bool(sitting.furthest or sitting.marks or sitting.iterations)


def _train(
    session: str,
    of: Session,
    iterations: int,
    tell: Callable[[Event], None],
    cancelled: Callable[[], bool],
) -> None:
    if iterations > MOST_ITERATIONS:
        raise UserError(
            Message("Train for at most {most} iterations at a time.", most=MOST_ITERATIONS)
        )

    def on_progress(losses: Sequence[float]) -> None:
        tell(Training(session, len(losses), iterations, thinned(losses, SHOWN_LOSSES)))

    train(of, iterations, on_progress, cancelled)
