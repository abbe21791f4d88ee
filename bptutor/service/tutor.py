"""The tutor of one learner: what `protocol` promises, done in sessions, quizzes and the record."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from bptutor import __version__
from bptutor.lesson.content import sent
from bptutor.lesson.find import ModelReference, split_reference
from bptutor.literals import Ask, Judged, Part, Target
from bptutor.quiz.recorder import Recorder, said_together
from bptutor.record.attempts import learner_name
from bptutor.record.record import Record
from bptutor.record.sittings import QuizSittings, Sittings, Standings, require_short
from bptutor.record.spool import Spool
from bptutor.service.assignment_words import NO_CLASS
from bptutor.service.engine import Engine
from bptutor.service.hand_on import acts, looks
from bptutor.service.lesson_states import lesson_items, loaded
from bptutor.service.lessons import LessonPlace, open_place
from bptutor.service.places import Learner, Place
from bptutor.service.present import Viewer
from bptutor.service.progress import attempt_line, exam_results, outlook, progress_view
from bptutor.service.protocol import EngineState, Event, Hello, Keeping, QuizOpened, Screen
from bptutor.service.quiz_opening import any_overdue, open_quiz, quizzes_left, submit_overdue
from bptutor.service.quizzes import QuizPlace
from bptutor.service.tape import sketched
from bptutor.text import LANGUAGES, UserError
from bptutor.text.numbers import SHOWN, showing
from bptutor.views.assignments import AssignmentCover, Assignments
from bptutor.views.lesson import LessonChanged, Lessons, Opened, Outlook
from bptutor.views.picture import Pictured
from bptutor.views.quiz import AttemptLine, ExamResult, ProgressView, QuizSpec, QuizView

if TYPE_CHECKING:  # a tutor without a class has no database of one to load
    from bptutor.classroom.papers import Papers
    from bptutor.service.assignments import ClassWork

AT_A_TIME = 1_000  # attempts that are listed at once, at most

Stores: TypeAlias = tuple[Sittings, QuizSittings, Standings]
T = TypeVar("T")


class LocalTutor:
    """The tutor itself. Its methods are asked in one loop; its events may come from any thread.

    What takes TensorFlow is done where the engine is; before it has loaded, the rest is done at
    once. What is asked about the place waits for what was asked about it before.
    """

    _work: "ClassWork | None" = None

    def __init__(
        self,
        engine: Engine,
        tell: Callable[[Event], None],
        record: Record | None = None,
        identity: str = "",
        stores: Stores | None = None,
        papers: "Papers | None" = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Teach whoever `identity` names; without it, whoever runs this process.

        What is saved of them is in `stores`, by default in the folder of whoever runs it. With the
        `papers` of a class, what its learner has to do is there, too, by the `clock` of the host.
        """
        self._engine = engine
        self._tell = tell
        self._record = record or Record()
        name = identity or learner_name()
        sittings, quizzes, standings = stores or (Sittings(), QuizSittings(), Standings())
        self.learner = Learner(
            viewer=Viewer("en", "unicode"),
            recorder=Recorder(self._record, name, None if stores else Spool(name)),
            sittings=sittings,
            quizzes=quizzes,
            standings=standings,
            engine=engine,
            tell=tell,
        )
        self.place: LessonPlace | QuizPlace | None = None
        if papers:
            from bptutor.service.assignments import ClassWork

            self._work = ClassWork(papers, self.learner, clock)
        self._figures = SHOWN
        self._turn = asyncio.Lock()
        self._trainings: set[Flag] = set()  # what stops each training that runs or waits
        self._failed = False  # was the last answer not recorded, by a fault of ours?
        self._all_kept = True  # has the learner been told that all answers are kept?

    async def hello(self, hello: Hello, /) -> EngineState:
        if hello.version != __version__:
            raise UserError(
                "This is bptutor {theirs}, but its service is {ours}. Start bptutor again.",
                theirs=hello.version,
                ours=__version__,
            )
        if hello.language not in LANGUAGES:
            raise UserError(
                "Unknown language {language}. Languages: {languages}.",
                language=hello.language,
                languages=", ".join(LANGUAGES),
            )
        self.learner.viewer = Viewer(hello.language, hello.notation)
        self._figures = hello.figures
        return self._engine.state(hello.language)

    async def menu(self) -> Lessons:
        learner = self.learner

        def work() -> Lessons:
            standing = learner.standings.read()
            locked = self._is_locked()
            items = lesson_items(learner.sittings, standing, learner.language)
            return Lessons(
                items=[] if locked else items,
                quizzes=[] if locked else quizzes_left(learner.quizzes, time.time()),
                last=standing.lesson,
                part=standing.part,
                ask=standing.ask,
                assignments=self._work.in_menu() if self._work else None,
            )

        return self._do(work)

    async def outlook(self) -> Outlook:
        def work() -> Outlook:
            now, learner = time.time(), self.learner
            return Outlook() if self._is_locked() else outlook(self._record, learner, now)

        return self._do(work)

    async def sketch(self, lesson: str) -> Pictured:
        self._require_unlocked()
        style = self.learner.viewer.style
        return self._do(lambda: sketched(loaded(lesson), style))

    async def choose(self, part: Part, ask: Ask) -> None:
        self._do(lambda: self.learner.choose(None, part, ask))

    async def progress(self) -> ProgressView:
        self._require_unlocked()
        learner, standing = self.learner, self.learner.standings.read()
        damaged = learner.quizzes.set_damaged_aside()
        exams = await self.exams()

        def work() -> ProgressView:
            news = said_together(damaged, learner.recorder.bring_in())
            theirs = learner.recorder.learner, learner.sittings, standing, learner.language
            return progress_view(self._record, *theirs, time.time(), exams, news)

        return self._do(work)

    async def attempts(self, before: str = "", count: int = 100) -> list[AttemptLine]:
        self._require_unlocked()
        viewer, recorder = self.learner.viewer, self.learner.recorder
        self.learner.say_later(recorder.bring_in())
        count = min(count, AT_A_TIME)
        found = self._do(lambda: self._record.attempts(recorder.learner, before, count))
        return [attempt_line(each, viewer.style, viewer.language) for each in found]

    async def send(self, path: str, piece: bytes, more: bool) -> None:
        if (files := sent()) is not None:
            files.take(Path(path), piece, more)

    async def exams(self) -> list[ExamResult]:
        self._require_unlocked()
        learner = self.learner
        learner.say_later(learner.quizzes.set_damaged_aside())
        if any_overdue(learner):
            await self._in_turn(lambda: submit_overdue(learner), True)
        style, language = learner.viewer.style, learner.language
        return self._do(lambda: exam_results(learner.quizzes, style, language, time.time()))

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
            self._require_unlocked()
            found = open_place(self.learner, lesson, ask, resume, part, switch, changed)
            if isinstance(found, LessonChanged):
                return found
            place, remark = found
            self.learner.choose(place.key, part, ask)
            self._leave()
            opened = place.opened(remark)
            self.place = place
            return opened

        slow = ModelReference.read(lesson) is not None or bool(split_reference(lesson)[1])
        return await self._in_turn(work, changed or slow)

    async def quiz(self, spec: QuizSpec) -> QuizOpened:
        def work() -> QuizOpened:
            self._require_unlocked()
            place, resumed, remark = open_quiz(self.learner, spec)
            self._leave()
            opened = place.opened(resumed, remark)
            self.place = place
            return opened

        return await self._in_turn(work, True)

    async def assignments(self) -> Assignments:
        return self._do(lambda: self._class_work.every())

    async def assignment(self, name: str, password: str = "", again: bool = False) -> QuizOpened:
        def work() -> QuizOpened:
            found = self._class_work.open(name, password, again)
            self._leave(for_cover=isinstance(found, AssignmentCover))
            self.place = None
            if isinstance(found, AssignmentCover):
                return QuizOpened(False, found, "")
            self.place = found
            return found.opened(True, found.late)

        return await self._in_turn(work, True)

    @property
    def _class_work(self) -> "ClassWork":
        if self._work is None:
            raise UserError(NO_CLASS)
        return self._work

    def _is_locked(self) -> bool:
        return self._work is not None and self._work.locked() is not None

    def _require_unlocked(self, assignment: str = "") -> None:
        """Raises UserError: an assignment is in progress that locks all but itself."""
        if self._work and (locked := self._work.locked(assignment)):
            raise UserError(locked)

    @property
    def where(self) -> tuple[str, int]:
        """The assignment at which the learner is, and the item from 0; "" and -1 without one."""
        return self.place.where if self.place else ("", -1)

    async def close(self) -> None:
        await self.cancel()

        def work() -> None:
            self._leave()
            self.place = None

        await self._in_turn(work, False)

    def _leave(self, *, for_cover: bool = False) -> None:
        if self.place:
            self.place.leave()
        if self._work and not for_cover:
            self._work.close()  # what is begun next is not the assignment

    # ── at the place: doing something ─────────────────────────────────────────────────────────

    async def go(self, to: int | Target) -> Screen:
        return await self.act(lambda place: place.go(to), to != "here")

    async def begin(self) -> Screen:
        def work() -> Screen:
            self.place = self._class_work.begin()
            return self.place.opened(False, None).screen

        if self._work and self._work.waits:
            return await self._in_turn(work, True)
        return await self.at_place(lambda place: place.method("begin")(), True)

    skip = acts(QuizPlace.skip)
    flag = acts(QuizPlace.flag, needs_engine=False)
    hand_in = acts(QuizPlace.hand_in)
    again = acts(LessonPlace.again)
    reload = acts(LessonPlace.reload, needs_engine=False)
    hint = acts(Place.hint)
    show = acts(Place.show)
    fill_in = acts(Place.fill_in, needs_engine=False)

    async def train(self, iterations: int, larger: bool = False) -> Screen:
        stop = Flag()
        self._trainings.add(stop)
        try:
            return await self.act(
                lambda place: place.method("train")(iterations, stop.is_set, larger)
            )
        finally:
            self._trainings.discard(stop)

    async def cancel(self) -> None:
        for stop in self._trainings:
            stop.set()

    async def check(self, product: str, cells: list[str], judge: Judged) -> Screen:
        require_short(product, cells)
        if not self._engine.ready:  # what is typed is saved before TensorFlow is waited for
            await self.at_place(lambda place: place.draft(product, cells))
        try:
            screen = await self.at_place(lambda place: place.answer(product, cells, judge), True)
            self._failed = False
        except UserError:
            raise
        except Exception:
            self._failed = True
            raise
        finally:
            self._tell_kept()
        return screen

    async def draft(self, product: str, cells: list[str]) -> QuizView | None:
        require_short(product, cells)
        return await self.at_place(lambda place: place.method("draft")(product, cells))

    async def afresh(self) -> str:
        return await self.at_place(lambda place: str(place.method("afresh")()), True)

    steps = looks(Place.steps)
    code = looks(Place.code)
    named = looks(Place.named)
    knowns = looks(Place.knowns)
    split = looks(Place.split)
    explain = looks(Place.explain)
    nudge = looks(Place.nudge)
    picture = looks(Place.picture)
    heat = looks(Place.heat)

    async def draw(self, on: bool) -> Pictured | None:
        self.learner.draws = on
        return await self.at_place(lambda place: place.draw()) if self.place else None

    # ── how it is done ────────────────────────────────────────────────────────────────────────

    async def act(self, work: Callable[[Place], None], needs_engine: bool = True) -> Screen:
        return await self.at_place(lambda place: place.act(lambda: work(place)), needs_engine)

    async def at_place(self, work: Callable[[Place], T], needs_engine: bool = False) -> T:
        """Do something at the place. Raises UserError: there is none, or it cannot be done."""

        def at_place() -> T:
            if self.place is None:
                raise UserError("This lesson is no longer open; open it again.")
            self._require_unlocked(self.place.where[0])  # another window may have begun one
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
        learner = self.learner
        stores = learner.sittings, learner.quizzes, learner.standings, learner.recorder
        all_kept = not self._failed and all(each.whole for each in stores)
        if all_kept != self._all_kept:
            self._all_kept = all_kept
            self._tell(Keeping(all_kept))
