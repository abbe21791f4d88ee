"""The tutor of one learner: what `protocol` promises, done in sessions, quizzes and the record."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from threading import Event as Flag
from typing import TypeAlias, TypeVar

from bptutor import __version__
from bptutor.course.session import Session
from bptutor.lesson.find import ModelReference
from bptutor.literals import Ask, Judged, Part, Target
from bptutor.quiz.recorder import Recorder
from bptutor.record.attempts import learner_name
from bptutor.record.record import Record
from bptutor.record.sittings import QuizSittings, Sittings
from bptutor.service import lessons
from bptutor.service.engine import Engine
from bptutor.service.lessons import LessonPlace
from bptutor.service.menu import lesson_items
from bptutor.service.places import Learner
from bptutor.service.present import Viewer
from bptutor.service.progress import attempt_line, progress_view
from bptutor.service.protocol import EngineState, Event, Hello, Keeping, QuizOpened, Screen
from bptutor.service.quizzes import QuizPlace, open_quiz, quizzes_left
from bptutor.text import LANGUAGES, Message, UserError
from bptutor.text.numbers import SHOWN, showing
from bptutor.views.lesson import Explained, Known, LessonChanged, Lessons, Nudged, Opened, StepName
from bptutor.views.picture import HeatMap, Pictured
from bptutor.views.quiz import AttemptLine, ProgressView, QuizSpec, QuizView

AT_A_TIME = 1_000
"""Attempts that are listed at once, at most."""

AnyPlace: TypeAlias = LessonPlace | QuizPlace
T = TypeVar("T")


class LocalTutor:
    """The tutor itself. Its methods are asked in one loop; its events may come from any thread.

    What takes TensorFlow is done where the engine is; before it has loaded, the rest is done at
    once. What is asked about the place waits for what was asked about it before.
    """

    def __init__(
        self,
        engine: Engine,
        tell: Callable[[Event], None],
        record: Record | None = None,
        identity: str = "",
    ) -> None:
        """Teach whoever `identity` names; without it, whoever runs this process."""
        self._engine = engine
        self._tell = tell
        self._sittings = Sittings()
        self._quizzes = QuizSittings()
        self._record = record or Record()
        viewer = Viewer("en", "unicode")
        self.learner = Learner(viewer, Recorder(self._record, identity or learner_name()))
        self.place: AnyPlace | None = None
        self._figures = SHOWN
        self._turn = asyncio.Lock()
        self._trainings: set[Flag] = set()
        """What stops each training that runs or waits."""
        self._failed = False
        """Was the last answer not recorded, by a fault of ours?"""
        self._all_kept = True
        """Has the learner been told that all is kept that was answered? If not, that it is not."""

    async def hello(self, hello: Hello, /) -> EngineState:
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
        self.learner.viewer = Viewer(hello.language, hello.notation)
        self._figures = hello.figures
        return self._engine.state(hello.language)

    # ── outside of a place ────────────────────────────────────────────────────────────────────

    async def menu(self) -> Lessons:
        language = self.learner.language
        return self._do(
            lambda: Lessons(lesson_items(self._sittings, language), quizzes_left(self._quizzes))
        )

    async def progress(self) -> ProgressView:
        learner = self.learner
        return self._do(
            lambda: progress_view(
                self._record,
                learner.recorder.learner,
                self._sittings,
                learner.language,
                time.time(),
            )
        )

    async def attempts(self, before: str = "", count: int = 100) -> list[AttemptLine]:
        learner, viewer = self.learner.recorder.learner, self.learner.viewer
        found = self._do(lambda: self._record.attempts(learner, before, min(count, AT_A_TIME)))
        return [attempt_line(each, viewer.style, viewer.language) for each in found]

    # ── into a place, and out of it ───────────────────────────────────────────────────────────

    async def open(
        self,
        lesson: str,
        ask: Ask,
        resume: bool,
        part: Part = "tape",
        switch: bool = False,
        changed: bool = False,
    ) -> Opened | LessonChanged:
        def work() -> Opened | LessonChanged:
            found = lessons.find(
                self._lesson,
                self.learner,
                self._sittings,
                lesson,
                ask,
                resume,
                part,
                switch,
                changed,
            )
            if isinstance(found, LessonChanged):
                return found
            place, remark = found
            opened = place.opened(remark)
            self.place = place
            return opened

        return await self._in_turn(work, changed or ModelReference.read(lesson) is not None)

    async def quiz(self, spec: QuizSpec) -> QuizOpened:
        def work() -> QuizOpened:
            learner = self.learner
            place, resumed, remark = open_quiz(learner, self._quizzes, spec)
            place.keep()
            # Before the screen, which would take it along: in lines of text it is not told there.
            said = learner.with_unsaid(remark.to(learner.language) if remark else "")
            opened = QuizOpened(resumed, place.said(place.shown()), said)
            self.place = place
            return opened

        return await self._in_turn(work, True)

    async def close(self) -> None:
        await self.cancel()

        def work() -> None:
            self.place = None

        await self._in_turn(work, False)

    # ── the way ───────────────────────────────────────────────────────────────────────────────

    async def go(self, to: int | Target) -> Screen:
        return await self._act(lambda place: place.go(to), to != "here")

    async def skip(self) -> Screen:
        return await self._act(lambda place: place.skip())

    async def flag(self) -> Screen:
        return await self._act(lambda place: place.flag(), False)

    async def hand_in(self) -> Screen:
        return await self._act(lambda place: place.hand_in())

    async def again(self) -> Screen:
        return await self._act(lambda place: place.again())

    async def reload(self) -> Screen:
        return await self._act(lambda place: place.reload(), False)

    async def train(self, iterations: int) -> Screen:
        stop = Flag()
        self._trainings.add(stop)
        try:
            return await self._act(lambda place: place.train(iterations, stop.is_set))
        finally:
            self._trainings.discard(stop)

    async def cancel(self) -> None:
        for stop in self._trainings:
            stop.set()

    # ── at a step ─────────────────────────────────────────────────────────────────────────────

    async def check(self, product: str, cells: list[str], judge: Judged) -> Screen:
        try:
            screen = await self._at(lambda place: place.answer(product, cells, judge), True)
        except UserError:
            raise
        except Exception:
            self._failed = True
            self._tell_kept()
            raise
        self._failed = False
        self._tell_kept()
        return screen

    async def draft(self, product: str, cells: list[str]) -> QuizView | None:
        return await self._at(lambda place: place.draft(product, cells))

    async def hint(self) -> Screen:
        return await self._act(lambda place: place.hint())

    async def show(self) -> Screen:
        return await self._act(lambda place: place.show())

    async def fill_in(self) -> Screen:
        return await self._act(lambda place: place.fill_in(), False)

    # ── looks, which change nothing ───────────────────────────────────────────────────────────

    async def steps(self) -> list[StepName]:
        return await self._at(lambda place: place.names())

    async def knowns(self) -> list[Known]:
        return await self._at(lambda place: place.knowns())

    async def split(self, text: str, row: int | None = None) -> list[str]:
        return await self._at(lambda place: place.split(text, row))

    async def explain(self) -> Explained:
        return await self._at(lambda place: place.explain())

    async def nudge(self, row: int, column: int, by: float) -> Nudged:
        return await self._at(lambda place: place.nudge(row, column, by))

    async def draw(self, on: bool) -> Pictured | None:
        self.learner.draws = on
        if self.place is None:
            return None
        return await self._at(lambda place: place.draw())

    async def picture(self, example: int = 0) -> Pictured:
        return await self._at(lambda place: place.picture(example))

    async def heat(self, name: str, rows: int, columns: int) -> HeatMap:
        return await self._at(lambda place: place.heat(name, rows, columns))

    # ── how it is done ────────────────────────────────────────────────────────────────────────

    def _lesson(self, session: Session) -> LessonPlace:
        return LessonPlace(
            self.learner, self._sittings, session, self._tell, lambda: self._engine.ready
        )

    async def _act(self, work: Callable[[AnyPlace], None], needs_engine: bool = True) -> Screen:
        """Change something at the place, and show what has become of it."""
        return await self._at(lambda place: place.act(lambda: work(place)), needs_engine)

    async def _at(self, work: Callable[[AnyPlace], T], needs_engine: bool = False) -> T:
        """Do something at the place. Raises UserError: there is none, or it cannot be done."""

        def at_place() -> T:
            if self.place is None:
                raise UserError(Message("This lesson is no longer open; open it again."))
            return work(self.place)

        return await self._in_turn(at_place, needs_engine)

    async def _in_turn(self, work: Callable[[], T], needs_engine: bool) -> T:
        """Do something after what was asked before; in the engine where it is there or needed."""
        async with self._turn:
            if needs_engine or self._engine.ready:
                return await self._engine.run(lambda: self._do(work))
            return self._do(work)

    def _do(self, work: Callable[[], T]) -> T:
        """Do something as the learner likes to see numbers; whether all is kept is told then."""
        with showing(self._figures):
            done = work()
        self._tell_kept()
        return done

    def _tell_kept(self) -> None:
        """Tell where it has changed whether all is kept that was answered."""
        stores = self._sittings, self._quizzes, self._record
        all_kept = not self._failed and all(each.whole for each in stores)
        if all_kept != self._all_kept:
            self._all_kept = all_kept
            self._tell(Keeping(all_kept))
