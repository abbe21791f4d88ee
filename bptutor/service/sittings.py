"""Lessons that are open: requests about them, and where their sittings are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from bptutor.engine.lessons import open_lesson
from bptutor.engine.runtime import loaded
from bptutor.lesson.lesson import Lesson
from bptutor.locale import Message, UserError
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
from bptutor.store.sittings import Sitting, Sittings, part_key
from bptutor.tutoring.changed import answered, in_changed_lesson
from bptutor.tutoring.iterations import again, thinned, train
from bptutor.tutoring.parts import steps_of
from bptutor.tutoring.preview import in_new_file
from bptutor.tutoring.session import Session

SHOWN_LOSSES = 240
"""The most losses that travel with one word on how far a training has come."""
MOST_ITERATIONS = 1_000_000


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
        if loaded():
            of.prepare()
        if looked := look(of, request, learner.viewer):
            return looked
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
                    learner.say_later(learner.recorder.note(of, attempted))
            case Again():
                again(of)
            case _:
                raise UserError(Message("That is for a quiz; this is a lesson."))
        self._keep(learner, of)
        return self._here(learner, session, of)

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
        if loaded():
            of.prepare()
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
        if sitting is None or not (same or _is_begun(sitting)):
            return Session.begin(lesson, request.ask, key, style, request.part), None
        if request.switch or not _is_begun(sitting):
            sitting.ask = request.ask
        if not same:
            given = answered(sitting)
            if not request.changed:
                return LessonChanged(lesson.title.to(learner.language), given)
            of = in_changed_lesson(sitting, lesson, style)
            return of, Message(
                "The lesson has changed; answers that still hold: {kept} of {answered}.",
                kept=answered(of.sitting),
                answered=given,
            )
        back = Message("You are back where you left.") if _is_begun(sitting) else None
        return Session(lesson, sitting, style), back

    def _here(self, learner: Learner, session: str, of: Session) -> Reply:
        """The screen at which the learner is now."""
        if of.at_end:
            return SummaryReply(learner.viewer.summary(session, of))
        view = learner.viewer.step(session, of)
        return StepReply(replace(view, message=learner.with_unsaid(view.message)))

    def _keep(self, learner: Learner, of: Session) -> None:
        """Keep the sitting; the learner is told with the next screen what came of that.

        That is where it fails, and where another process has answered the step meanwhile.
        """
        before = of.stage(of.index)
        try:
            self.sittings.save(of.sitting.lesson, of.sitting)
        except UserError as error:
            learner.say_later(error.message)
        if of.stage(of.index) != before:
            learner.say_later(answered_elsewhere(of))


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
