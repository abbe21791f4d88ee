"""A scripted quiz and a scripted exam: three items of the course's lesson, whose answers are known.

Like the lesson's fake it answers as the real service does, without TensorFlow and without a record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec.structs import replace

from bptutor.service.client import RequestRefused
from bptutor.service.messages import (
    Attempts,
    Check,
    Close,
    Done,
    Draft,
    Event,
    Flag,
    Go,
    HandIn,
    Hint,
    ItemState,
    Lessons,
    ListAttempts,
    ListKnowns,
    ListLessons,
    ProgressReply,
    QuizItem,
    QuizLeft,
    QuizOpened,
    QuizPlace,
    QuizReply,
    QuizView,
    Replay,
    Reply,
    Request,
    Show,
    ShowProgress,
    SkillResult,
    Skip,
    SplitMatrix,
    StartQuiz,
    StepName,
    StepNames,
    StepReply,
    Steps,
    StepView,
    Welcome,
    Why,
)
from tests.tui.fake import VALUES, Course, FakeService, Mark
from tests.tui.fake_record import PROGRESS, attempt

ITEMS = ("dL_dY", "dL_dW3", "dL_dW3")
"""The steps that are asked; the last two are one step on other numbers."""
SKILLS = ("slope of the loss", "gradient by a weight", "gradient by a weight")
SEED = 4711


@dataclass
class Item:
    """What has become of one item."""

    mark: Mark = field(default_factory=Mark)
    flagged: bool = False
    points: float | None = None


class Sitting:
    """A quiz that outlives the services it is asked of."""

    def __init__(self, how: StartQuiz) -> None:
        self.how = how
        self.items = [Item() for _ in ITEMS]
        self.index = 0
        self.finished = False

    @property
    def answered(self) -> int:
        if self.how.exam:
            return sum(bool(item.mark.cells or item.mark.product) for item in self.items)
        return sum(item.points is not None for item in self.items)


class QuizService(FakeService):
    """The fake service with quizzes and a record."""

    def __init__(self, hear: Callable[[Event], None], course: Course, ready: bool = True) -> None:
        super().__init__(hear, course, ready)
        self.sittings: dict[bool, Sitting] = {}
        """The quiz and the exam, as they are kept."""
        self.quiz: Sitting | None = None
        """The one that is open."""
        self.seconds: float | None = None
        """What is left of the time, as the service would say it."""
        self.earlier = 0
        """How many attempts there are behind the first page."""

    async def restart(self) -> Welcome:
        self.quiz = None
        return await super().restart()

    async def answer(self, request: Request) -> Reply:
        match request:
            case ListLessons():
                left = [
                    QuizLeft(exam, of.answered, len(ITEMS), SEED)
                    for exam, of in self.sittings.items()
                    if not (of.finished if exam else of.answered == len(ITEMS))
                ]
                return Lessons([self.lesson()], left)
            case StartQuiz():
                return self.start_quiz(request)
            case Replay(code=code):
                if not code.startswith("two"):
                    raise RequestRefused("That is no code of an item.")
                return self.start_quiz(StartQuiz(resume=False))
            case ShowProgress():
                return ProgressReply(PROGRESS)
            case ListAttempts(before=before):
                return Attempts([attempt(1)] if before else [attempt(9), attempt(8)])
        if self.quiz is None:
            return await super().answer(request)
        if isinstance(request, Close):
            self.quiz = None
            return Done()
        if isinstance(request, ListKnowns | Why | SplitMatrix):
            return await super().answer(request)
        return self.in_quiz(self.quiz, request)

    def start_quiz(self, how: StartQuiz) -> QuizOpened:
        kept = self.sittings.get(how.exam)
        resumed = bool(kept and how.resume and (how.back or not kept.finished))
        if not resumed:
            self.sittings[how.exam] = kept = Sitting(how)
        assert kept
        self.quiz = kept
        reply = self.here(kept)
        assert isinstance(reply, StepReply | QuizReply)
        return QuizOpened("q", resumed, reply, "You are back where you left." if resumed else "")

    def in_quiz(self, of: Sitting, request: Request) -> Reply:
        item = of.items[min(of.index, len(ITEMS) - 1)]
        match request:
            case Draft(product=product, cells=cells):
                item.mark.product, item.mark.cells = product, cells
                item.mark.verdicts = [None] * len(cells)
                return Done()
            case Steps():
                return StepNames([self.item_name(of, i) for i in range(len(ITEMS))])
            case Go(to="summary"):
                of.index = len(ITEMS)
            case Go(to="next"):
                of.index += 1
            case Go(to=int(to)):
                of.index = to
            case Flag():
                item.flagged = not item.flagged
            case Skip():
                of.index = (of.index + 1) % len(ITEMS)
            case Hint():
                item.mark.hints += 1
            case Show():
                item.mark.stage, item.points = "shown", 0.0
            case Check(product=product, cells=cells) if of.how.exam:
                item.mark.product, item.mark.cells = product or "", cells or []
                item.mark.verdicts = [None] * len(item.mark.cells)
                of.index += 1
            case Check(product=product, cells=cells):
                self.at(of)
                self.check(product, cells)
                if item.mark.stage == "solved":
                    item.points = 1.0
            case HandIn():
                self.hand_in(of)
        return self.here(of)

    def hand_in(self, of: Sitting) -> None:
        for index, item in enumerate(of.items):
            of.index = index
            self.at(of)
            if item.mark.cells:
                self.check(item.mark.product, item.mark.cells)
            item.points = float(item.mark.stage == "solved")
            if item.mark.stage != "solved":
                item.mark.stage, item.mark.message = "shown", "The mask was forgotten."
        of.finished, of.index = True, len(ITEMS)

    def at(self, of: Sitting) -> None:
        """The course stands at the item."""
        step = ITEMS[of.index]
        self.course.index = list(VALUES).index(step)
        self.course.marks[step] = of.items[of.index].mark

    def here(self, of: Sitting) -> Reply:
        if of.index >= len(ITEMS):
            return QuizReply(self.end(of))
        self.at(of)
        return StepReply(self.item_view(of))

    # ── what it shows ─────────────────────────────────────────────────────────────────────────

    def item_view(self, of: Sitting) -> StepView:
        item, exam = of.items[of.index], of.how.exam
        place = QuizPlace(
            exam=exam,
            seed=SEED,
            code=code(of.index),
            skill=SKILLS[of.index],
            why="" if exam else "it comes back",
            credit=0.5 if item.mark.hints else 1.0,
            part="ab"[of.index] if exam and of.index < 2 else "",
            flagged=item.flagged,
            answered=of.answered,
            seconds_left=None if of.finished else self.seconds,
            reviewing=of.finished,
        )
        return replace(
            self.view(),
            session="q",
            index=of.index,
            total=len(ITEMS),
            furthest=len(ITEMS) - 1 if exam else of.answered,
            iteration=1,
            quiz=place,
        )

    def item_name(self, of: Sitting, index: int) -> StepName:
        name, kind, _ = self.course.name_and_kind(ITEMS[index])
        stage = of.items[index].mark.stage
        return StepName(ITEMS[index], kind, "Two hidden layers", name, stage)

    def end(self, of: Sitting) -> QuizView:
        over = of.finished or not of.how.exam
        items = [
            QuizItem(
                index=index,
                name=self.course.name_and_kind(ITEMS[index])[0],
                lesson="Two hidden layers",
                skill=SKILLS[index],
                state=self.how_it_went(of, item, over),
                flagged=item.flagged,
                points=item.points or 0.0,
                diagnosis=item.mark.message if over else "",
            )
            for index, item in enumerate(of.items)
        ]
        weights = sum(item.points for item in items[1:])
        skills = [
            SkillResult(SKILLS[1], weights, 2.0),
            SkillResult(SKILLS[0], items[0].points, 1.0),
        ]
        return QuizView(
            session="q",
            exam=of.how.exam,
            finished=over,
            seed=SEED,
            items=items,
            points=sum(item.points for item in items),
            possible=float(len(ITEMS)),
            skills=skills if over else [],
            seconds_left=None if of.finished else self.seconds,
            closing="Practise the weights." if over else "",
        )

    def how_it_went(self, of: Sitting, item: Item, over: bool) -> ItemState:
        if not over:
            return "answered" if item.mark.cells or item.mark.product else "open"
        if item.points is None:
            return "open"
        if item.mark.stage == "shown":
            return "wrong" if of.how.exam else "shown"
        return "right"


def code(index: int) -> str:
    """The code of an item."""
    return f"two-hidden-layers:{ITEMS[index]}:{index}:1a2b3c4d"
