"""A scripted quiz and a scripted exam: three items of the course's lesson, whose answers are known.

Like the lesson's fake it answers as the real service does, without TensorFlow and without a record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from bptutor.service.process import RequestRefused
from bptutor.service.protocol import EngineState, Event, QuizOpened
from bptutor.views.lesson import Lessons, StepName, StepView
from bptutor.views.quiz import (
    ItemState,
    QuizItem,
    QuizLeft,
    QuizPlace,
    QuizSpec,
    QuizView,
    SkillResult,
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

    def __init__(self, how: QuizSpec) -> None:
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

    async def restart(self) -> EngineState:
        self.quiz = None
        return await super().restart()

    async def answer(self, name: str, *of: Any) -> Any:
        match name:
            case "menu":
                left = [
                    QuizLeft(exam, each.answered, len(ITEMS), SEED)
                    for exam, each in self.sittings.items()
                    if not (each.finished if exam else each.answered == len(ITEMS))
                ]
                return Lessons([self.lesson()], left)
            case "quiz":
                (spec,) = of
                if spec.replay and not spec.replay.startswith("two"):
                    raise RequestRefused("That is no code of an item.")
                return self.start_quiz(QuizSpec(resume=False) if spec.replay else spec)
            case "progress":
                return PROGRESS
            case "attempts":
                return [attempt(1)] if of[0] else [attempt(9), attempt(8)]
        if self.quiz is None:
            return await super().answer(name, *of)
        if name == "close":
            self.quiz = None
            return None
        if name in ("knowns", "explain", "split", "draw", "picture"):
            return await super().answer(name, *of)
        return self.in_quiz(self.quiz, name, *of)

    def start_quiz(self, how: QuizSpec) -> QuizOpened:
        kept = self.sittings.get(how.exam)
        resumed = bool(kept and how.resume and (how.back or not kept.finished))
        if not resumed:
            self.sittings[how.exam] = kept = Sitting(how)
        assert kept
        self.quiz = kept
        remark = "You are back where you left." if resumed else ""
        return QuizOpened(resumed, self.here(kept), remark)

    def in_quiz(self, of: Sitting, name: str, *given: Any) -> Any:
        item = of.items[min(of.index, len(ITEMS) - 1)]
        match name, given:
            case "draft", (product, cells):
                item.mark.product, item.mark.cells = product, cells
                item.mark.verdicts = [None] * len(cells)
                return None
            case "steps", _:
                return [self.item_name(of, i) for i in range(len(ITEMS))]
            case "go", ("summary",):
                of.index = len(ITEMS)
            case "go", ("next",):
                of.index += 1
            case "go", (int(to),):
                of.index = to
            case "flag", _:
                item.flagged = not item.flagged
            case "skip", _:
                of.index = (of.index + 1) % len(ITEMS)
            case "hint", _:
                item.mark.hints += 1
            case "show", _:
                item.mark.stage, item.points = "shown", 0.0
            case "check", (product, cells, _) if of.how.exam:
                item.mark.product, item.mark.cells = product, cells
                item.mark.verdicts = [None] * len(item.mark.cells)
                of.index += 1
            case "check", (product, cells, judge):
                self.at(of)
                self.draft(product, cells)
                self.check(judge)
                if item.mark.stage == "solved":
                    item.points = 1.0
            case "hand_in", _:
                self.hand_in(of)
        return self.here(of)

    def hand_in(self, of: Sitting) -> None:
        for index, item in enumerate(of.items):
            of.index = index
            self.at(of)
            if item.mark.cells:
                self.check("both")
            item.points = float(item.mark.stage == "solved")
            if item.mark.stage != "solved":
                item.mark.stage, item.mark.message = "shown", "The mask was forgotten."
        of.finished, of.index = True, len(ITEMS)

    def at(self, of: Sitting) -> None:
        """The course stands at the item."""
        step = ITEMS[of.index]
        self.course.index = list(VALUES).index(step)
        self.course.marks[step] = of.items[of.index].mark

    def here(self, of: Sitting) -> StepView | QuizView:
        if of.index >= len(ITEMS):
            return self.end(of)
        self.at(of)
        return self.item_view(of)

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
