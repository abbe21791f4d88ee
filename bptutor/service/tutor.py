"""Answers requests: whoever asks, over whatever wire."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from msgspec.structs import replace

from bptutor import __version__
from bptutor.engine.lessons import open_lesson
from bptutor.engine.runtime import loaded
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.model import ModelReference
from bptutor.locale import LANGUAGES, Message, UserError
from bptutor.service.lessons import lesson_items
from bptutor.service.messages import (
    Again,
    Cancel,
    Cells,
    Check,
    Close,
    Done,
    Draft,
    EngineState,
    Event,
    FillIn,
    Go,
    Hello,
    Hint,
    Knowns,
    LessonChanged,
    Lessons,
    ListKnowns,
    ListLessons,
    Nudge,
    Open,
    Opened,
    Picture,
    Reload,
    Reply,
    Request,
    Show,
    ShowHeat,
    SplitMatrix,
    StepNames,
    StepReply,
    Steps,
    SummaryReply,
    Train,
    Training,
    Welcome,
    Why,
)
from bptutor.service.picture_view import heat_map, pictured
from bptutor.service.splitting import split
from bptutor.service.tape import every_known
from bptutor.service.view import Viewer
from bptutor.store.sittings import Sittings, part_key
from bptutor.tutoring.changed import answered, in_changed_lesson
from bptutor.tutoring.iterations import again, thinned, train
from bptutor.tutoring.parts import steps_of
from bptutor.tutoring.preview import in_new_file
from bptutor.tutoring.session import Session

SHOWN_LOSSES = 240
"""The most losses that travel with one word on how far a training has come."""
MOST_ITERATIONS = 1_000_000


@dataclass
class Learner:
    """One connection: its language, its notation, the sessions that it has open."""

    viewer: Viewer
    sessions: dict[str, Session] = field(default_factory=dict)
    unsaid: Message | None = None
    """Why what was typed could not be kept, until there is a screen to say it on."""

    @property
    def language(self) -> str:
        return self.viewer.language

    def with_unsaid(self, text: str) -> str:
        """A text of a screen, and behind it what there is still to say."""
        said, self.unsaid = self.unsaid, None
        return f"{text} {said.to(self.language)}".strip() if said else text


class Tutor:
    """Keeps no learner to itself: all that is one's own is in `Learner`."""

    def __init__(self, sittings: Sittings) -> None:
        self.sittings = sittings
        self._names = count(1)

    def hello(self, hello: Hello, engine: EngineState) -> tuple[Learner, Welcome]:
        """A new connection.

        Raises:
            UserError: it speaks another version of the messages, or a language that there is not.
        """
        if hello.version != __version__:
            raise UserError(
                Message(
                    "This is bptutor {theirs}, and its service is {ours}; start it again.",
                    theirs=hello.version,
                    ours=__version__,
                )
            )
        if hello.language not in LANGUAGES:
            raise UserError(
                Message(
                    "There is no language {language} here; there are {languages}.",
                    language=hello.language,
                    languages=", ".join(LANGUAGES),
                )
            )
        learner = Learner(Viewer(hello.language, hello.notation))
        return learner, Welcome(version=__version__, engine=engine)

    def needs_engine(self, request: Request) -> bool:
        """Does this take TensorFlow, now or once it is there, and so the engine's thread?"""
        if isinstance(request, Check | Hint | Show | Again | Train):
            return True
        if isinstance(request, Go) and request.to != "here":
            return True
        if isinstance(request, Open) and (request.changed or ModelReference.read(request.lesson)):
            return True
        return loaded() and not isinstance(request, ListLessons | Close)

    def handle(
        self,
        learner: Learner,
        request: Request,
        tell: Callable[[Event], None],
        cancelled: Callable[[], bool],
    ) -> Reply:
        """Answer a request.

        Raises:
            UserError: it cannot be done; one sentence.
        """
        match request:
            case ListLessons():
                return Lessons(lesson_items(self.sittings, learner.language))
            case Open():
                return self._open(learner, request)
            case Close(session):
                learner.sessions.pop(session, None)
                return Done()
            case Cancel() | Hello():
                return Done()
        of = learner.sessions.get(request.session)
        if of is None:
            raise UserError(Message("This lesson is no longer open; open it again."))
        if loaded():
            of.prepare()
        match request:
            case Reload():
                of = in_new_file(of, open_lesson(str(of.lesson.path)))
                learner.sessions[request.session] = of
                if loaded():
                    of.prepare()
            case Steps():
                return StepNames(learner.viewer.names(of))
            case ListKnowns():
                return Knowns(every_known(of, learner.viewer.style))
            case SplitMatrix(text=text, row=row):
                return Cells(split(of, text, row))
            case Draft(product=product, cells=cells):
                of.draft(product, cells)
                self._keep(learner, of)
                return Done()
            case Why():
                return learner.viewer.explained(of)
            case Nudge(row=row, column=column, by=by):
                return learner.viewer.nudged(of, row, column, by)
            case Picture() | ShowHeat() if of.sitting.part != "tape":
                raise UserError(Message("The picture shows numbers: it is in the part with them."))
            case Picture(example=example):
                return pictured(of, learner.viewer.style, example)
            case ShowHeat(id=name, rows=rows, columns=columns):
                return heat_map(of, name, rows, columns)
            case FillIn():
                of.fill_in()
            case Train(iterations=iterations):
                self._train(request.session, of, iterations, tell, cancelled)
            case Go(to=to):
                of.go(to)
            case Check(product=product, cells=cells):
                if cells is not None and len(cells) not in (0, len(of.cells(of.step))):
                    raise UserError(
                        Message(
                            "This step asks for {asked} numbers, not {given}.",
                            asked=len(of.cells(of.step)),
                            given=len(cells),
                        )
                    )
                of.check(product, cells or None)
            case Hint():
                of.hint()
            case Show():
                of.show()
            case Again():
                again(of)
        self._keep(learner, of)
        return self._here(learner, request.session, of)

    # ── lessons ───────────────────────────────────────────────────────────────────────────────

    def _open(self, learner: Learner, request: Open) -> Opened | LessonChanged:
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
        session = str(next(self._names))
        learner.sessions[session] = of
        self._keep(learner, of)
        return Opened(
            session=session,
            title=lesson.title.to(learner.language),
            introduction=learner.viewer.introduction(of),
            resumed=of.sitting.furthest > 0 or bool(of.sitting.marks),
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
        if sitting is None or not (sitting.furthest or sitting.marks):
            return Session.begin(lesson, request.ask, key, style, request.part), None
        if request.switch:
            sitting.ask = request.ask
        if sitting.digest != lesson.digest:
            given = answered(sitting)
            if not request.changed:
                return LessonChanged(lesson.title.to(learner.language), given)
            of = in_changed_lesson(sitting, lesson, style)
            return of, Message(
                "The lesson has changed; of your {answered} answers, {kept} still hold.",
                kept=answered(of.sitting),
                answered=given,
            )
        return Session(lesson, sitting, style), Message("You are back where you left.")

    # ── a session ─────────────────────────────────────────────────────────────────────────────

    def _here(self, learner: Learner, session: str, of: Session) -> Reply:
        """The screen at which the learner is now."""
        if of.at_end:
            return SummaryReply(learner.viewer.summary(session, of))
        view = learner.viewer.step(session, of)
        return StepReply(replace(view, message=learner.with_unsaid(view.message)))

    def _keep(self, learner: Learner, of: Session) -> None:
        """Keep the sitting; where that fails, the learner is told with the next screen."""
        try:
            self.sittings.save(of.sitting.lesson, of.sitting)
        except UserError as error:
            learner.unsaid = error.message

    def _train(
        self,
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
