"""Answers requests: whoever asks, over whatever wire."""

from __future__ import annotations

import time
from collections.abc import Callable

from bptutor import __version__
from bptutor.engine.runtime import loaded
from bptutor.lesson.find import ModelReference
from bptutor.quiz.quiz import Quiz
from bptutor.quiz.recorder import Recorder
from bptutor.record.attempts import learner_name
from bptutor.record.record import Record
from bptutor.record.sittings import QuizSittings, Sittings
from bptutor.service.learner import Learner
from bptutor.service.lessons import lesson_items
from bptutor.service.messages import (
    Again,
    Attempts,
    Cancel,
    Check,
    Close,
    Done,
    EngineState,
    Event,
    Go,
    HandIn,
    Hello,
    Hint,
    Keeping,
    Lessons,
    ListAttempts,
    ListLessons,
    Open,
    ProgressReply,
    ProgressView,
    Replay,
    Reply,
    Request,
    Show,
    ShowProgress,
    Skip,
    StartQuiz,
    Train,
    Welcome,
)
from bptutor.service.progress import attempt_line, progress_view
from bptutor.service.quizzes import Quizzes
from bptutor.service.sittings import LessonSittings
from bptutor.service.view import Viewer
from bptutor.text import LANGUAGES, Message, UserError
from bptutor.text.numbers import showing

_ENGINE = (Check, Hint, Show, Again, Train, StartQuiz, Replay, Skip, HandIn)
"""What takes TensorFlow whatever it is about."""
_NO_ENGINE = (ListLessons, Close, ShowProgress, ListAttempts)
"""What never does, and so does not wait for it."""
AT_A_TIME = 1_000
"""Attempts that are listed at once, at most."""


class Tutor:
    """Keeps no learner to itself: all that is one's own is in `Learner`."""

    def __init__(self, sittings: Sittings, quizzes: QuizSittings, record: Record) -> None:
        """Keep places in lessons, places in quizzes, and what was answered."""
        self._lessons = LessonSittings(sittings)
        self._quizzes = Quizzes(quizzes)
        self._record = record
        self._kept = (sittings, quizzes, record)

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
        viewer = Viewer(hello.language, hello.notation)
        learner = Learner(viewer, Recorder(self._record, learner_name()), hello.figures)
        return learner, Welcome(version=__version__, engine=engine)

    def needs_engine(self, request: Request) -> bool:
        """Does this take TensorFlow, now or once it is there, and so the engine's thread?"""
        if isinstance(request, _ENGINE) or (isinstance(request, Go) and request.to != "here"):
            return True
        if isinstance(request, Open) and (request.changed or ModelReference.read(request.lesson)):
            return True
        return loaded() and not isinstance(request, _NO_ENGINE)

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
        try:
            with showing(learner.figures):
                reply = self._answer(learner, request, tell, cancelled)
        except UserError:
            raise
        except Exception:
            learner.failed = learner.failed or isinstance(request, Check)
            self._tell_kept(learner, tell)
            raise
        learner.failed = learner.failed and not isinstance(request, Check)
        self._tell_kept(learner, tell)
        return reply

    def _tell_kept(self, learner: Learner, tell: Callable[[Event], None]) -> None:
        """Tell where it has changed whether all is kept that was answered."""
        all_kept = not learner.failed and all(each.whole for each in self._kept)
        if all_kept != learner.all_kept:
            learner.all_kept = all_kept
            tell(Keeping(all_kept))

    def _answer(
        self,
        learner: Learner,
        request: Request,
        tell: Callable[[Event], None],
        cancelled: Callable[[], bool],
    ) -> Reply:
        match request:
            case ListLessons():
                sittings = self._lessons.sittings
                return Lessons(lesson_items(sittings, learner.language), self._quizzes.left())
            case ShowProgress():
                return ProgressReply(self._progress(learner))
            case ListAttempts(before=before, count=count):
                found = self._record.attempts(
                    learner.recorder.learner, before, min(count, AT_A_TIME)
                )
                style, language = learner.viewer.style, learner.language
                return Attempts([attempt_line(each, style, language) for each in found])
            case Open():
                return self._lessons.open(learner, request)
            case StartQuiz() | Replay():
                return self._quizzes.open(learner, request)
            case Close(session):
                learner.open.pop(session, None)
                return Done()
            case Cancel() | Hello():
                return Done()
        of = learner.open.get(request.session)
        if of is None:
            raise UserError(Message("This lesson is no longer open; open it again."))
        if isinstance(of, Quiz):
            return self._quizzes.handle(learner, request.session, of, request)
        return self._lessons.handle(learner, request.session, of, request, tell, cancelled)

    def _progress(self, learner: Learner) -> ProgressView:
        """How far the learner has come."""
        return progress_view(
            self._record,
            learner.recorder.learner,
            self._lessons.sittings,
            learner.language,
            time.time(),
        )
