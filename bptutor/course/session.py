"""A learner's way through a lesson: the place, the answers, and what is asked next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from time import monotonic, time
from typing import Self

from bptutor.course.derive import Derivation, Ordering
from bptutor.course.exercise import Exercise, OnTape, arrays
from bptutor.course.keras_steps import CodeBlank, ModelNumbers
from bptutor.course.memory_questions import KeptAmount, KeptNames
from bptutor.course.parts import known_at, places_of, steps_of
from bptutor.course.questions import asked_anything, asked_cells, asks_product, asks_value
from bptutor.course.skills import skill
from bptutor.grading.cells import passed, worst
from bptutor.grading.facts import Facts
from bptutor.grading.grade import Answer, grade
from bptutor.language.ops.base import Style
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step
from bptutor.literals import Ask, Part, Stage, Target, Verdict
from bptutor.record.sittings import Mark, Sitting
from bptutor.text import Message, UserError, shortest


def exercise(lesson: Lesson, step: Step, style: Style, facts: Facts | None) -> Exercise:
    """A step as it is put to a learner."""
    kind: type[Exercise] = Derivation
    if step.part == "tape":
        kind = OnTape
    elif step.kind == "order":
        kind = Ordering
    elif step.kind == "memory":
        kind = KeptAmount if step.numbers else KeptNames
    elif step.kind == "code":
        kind = ModelNumbers if step.numbers else CodeBlank
    return kind(lesson, step, style, facts)


MASTERED = 3
"""How often in a row a kind of step goes right at once before its arithmetic is spared."""
OPEN: tuple[Stage, ...] = ("open", "waiting")
STILL_OPEN = Message("A step is still open: answer it first, or have its answer shown.")


@dataclass
class Feedback:
    """What was said about the last answer at the current step."""

    message: Message | None = None
    notes: Sequence[Message | None] = field(default_factory=list)
    column: int | None = None
    """Where in the formula the fault is, if it cannot be read."""


@dataclass(frozen=True)
class Attempted:
    """What came of an answer."""

    product: str
    """What was typed as the formula, where that was checked."""
    cells: tuple[str, ...]
    """What was typed into the cells, where they were checked."""
    verdict: Verdict
    """The worst one."""
    mistakes: tuple[str, ...]
    """The ids of what explains it, if it is wrong; the likeliest first."""


class Session:
    """A sitting that is going on; all that must outlive it is in `sitting`."""

    def __init__(self, lesson: Lesson, sitting: Sitting, style: Style) -> None:
        """A sitting of a lesson; what is said about answers writes names in `style`."""
        self.lesson = lesson
        self.style = style
        self.sitting = sitting
        self.facts: Facts | None = None
        """The truth, once TensorFlow is there."""
        self.said = Feedback()
        self.since = monotonic()
        """When the learner began with what they do now."""

    @classmethod
    def begin(cls, lesson: Lesson, ask: Ask, key: str, style: Style, part: Part = "tape") -> Self:
        """A sitting from the first step of a part on."""
        sitting = Sitting(key, lesson.digest, ask, 0, 0, 0, {}, {}, [], part=part, begun=time())
        return cls(lesson, sitting, style)

    def prepare(self) -> Facts:
        """Find out the truth of this iteration, which takes TensorFlow.

        Raises:
            EngineError: a value, a slope or a gradient comes to no finite number.
        """
        if self.facts is None:
            self.facts = Facts(self.lesson, arrays(self.sitting.leaves))
            self.facts.warm_up()
        return self.facts

    # ── where the learner is ──────────────────────────────────────────────────────────────────

    @property
    def steps(self) -> tuple[Step, ...]:
        return steps_of(self.lesson, self.sitting.part)

    @property
    def exercise(self) -> Exercise:
        """The current step as it is put to the learner."""
        return exercise(self.lesson, self.step, self.style, self.facts)

    @property
    def known(self) -> list[str]:
        """What is known at the current step and may be seen."""
        return self._seen(known_at(self.lesson, self.step))

    @property
    def relevant(self) -> list[str]:
        """What of it the step takes."""
        return self._seen(self.exercise.relevant())

    def _seen(self, names: Iterable[str]) -> list[str]:
        """Those that are no answer that is still to be given, as in a question of several steps."""
        place = places_of(self.lesson, self.sitting.part)
        return [name for name in names if name not in place or self.done(place[name])]

    @property
    def at_end(self) -> bool:
        """Is the iteration over and its summary shown?"""
        return self.sitting.index >= len(self.steps)

    @property
    def index(self) -> int:
        """The index of the current step; at the end that of the last one."""
        return min(self.sitting.index, len(self.steps) - 1)

    @property
    def step(self) -> Step:
        return self.steps[self.index]

    def mark(self, step: Step) -> Mark:
        """What the learner did at a step."""
        return self.sitting.marks.setdefault(step.id, Mark())

    def stage(self, index: int) -> Stage:
        """How far a step has come."""
        step = self.steps[index]
        if asked_anything(step, self.sitting.ask):
            return self.sitting.marks[step.id].stage if step.id in self.sitting.marks else "open"
        return "worked" if self.facts else "waiting"

    def done(self, index: int) -> bool:
        """May the answer of a step be seen?"""
        furthest = self.sitting.furthest
        return index < furthest or (index == furthest and self.stage(index) not in OPEN)

    @property
    def count_done(self) -> int:
        """How many steps, from the first one on, have an answer that may be seen."""
        furthest = self.sitting.furthest
        return furthest + 1 if furthest < len(self.steps) and self.done(furthest) else furthest

    def cells(self, step: Step) -> list[int]:
        """The cells of a step that are asked."""
        found = exercise(self.lesson, step, self.style, self.facts)
        return asked_cells(step.shape, found.truth())

    def go(self, to: int | Target) -> None:
        """Go to a step that may be opened, to the next one, to the next question, or to the end.

        Raises:
            UserError: a step before it is still open.
        """
        if to == "here":
            return
        if isinstance(to, int):
            target = to
            if not 0 <= target <= self.count_done:
                raise UserError(STILL_OPEN)
        elif to == "summary":
            target = len(self.steps)
            if self.count_done < target:
                raise UserError(STILL_OPEN)
        else:
            target = self.index if self.at_end else self._onward(self.index)
            while to == "question" and target < len(self.steps) and self._nothing_to_do(target):
                target = self._onward(target)
            target = min(target, len(self.steps))
        self.sitting.index = target
        self.sitting.furthest = max(self.sitting.furthest, target)
        self.said, self.since = Feedback(), monotonic()

    def _onward(self, index: int) -> int:
        if self.stage(index) in OPEN and not self.done(index):
            raise UserError(STILL_OPEN)
        return index + 1

    def _nothing_to_do(self, index: int) -> bool:
        return self.stage(index) not in OPEN

    # ── what the learner does ─────────────────────────────────────────────────────────────────

    def check(self, product: str | None, cells: Sequence[str] | None) -> Attempted | None:
        """Hold what has been typed against the truth, and remember both.

        What came of it; None where nothing was asked, or nothing could be held against the truth.
        """
        if self.stage(self.index) != "open":
            return None
        self.draft(product, cells)
        step, mark, ask = self.step, self.mark(self.step), self.sitting.ask
        formula_asked, value_asked = asks_product(step, ask), asks_value(step, ask)
        checks_formula = product is not None and formula_asked
        checks_value = cells is not None and value_asked
        if checks_formula or checks_value:
            self.prepare()
        answer = Answer(
            mark.product if checks_formula else None,
            mark.cells if checks_value else None,
            self.cells(step) if checks_value else (),
        )
        graded = grade(self.exercise, answer)
        if graded.formula:
            mark.product_verdict = graded.formula.verdict
            self.said.column = graded.formula.column
        if cells is not None:
            self.said.notes = [cell.note for cell in graded.cells]
        if checks_value:
            mark.verdicts = [cell.verdict for cell in graded.cells]
        value_right = passed(worst(mark.verdicts))
        formula_right = passed(mark.product_verdict)
        solved = (formula_right or not formula_asked) and (value_right or not value_asked)
        self._count(solved=solved, wrong="wrong" in (mark.product_verdict, *mark.verdicts))
        self.said.message = graded.message
        if value_right and not solved and not checks_formula:
            self.said.message = Message("The value is right. Now the product it comes from.")
        if graded.verdict is None:
            return None
        mark.mistakes = list(dict.fromkeys((*mark.mistakes, *graded.mistake_ids)))
        return Attempted(
            product=answer.formula or "",
            cells=tuple(cells or ()) if value_asked else (),
            verdict=graded.verdict,
            mistakes=graded.mistake_ids,
        )

    def _count(self, *, solved: bool, wrong: bool) -> None:
        """Count an attempt at this step, and what it says of the learner's mastery."""
        mark = self.mark(self.step)
        if solved:
            mark.stage = "solved"
        if solved or wrong:
            mark.attempts += 1
        if wrong:
            self.end_streak()
        elif solved and mark.attempts == 1 and mark.hints == 0:
            self.lengthen_streak()

    def draft(self, product: str | None, cells: Sequence[str] | None) -> None:
        """Remember what has been typed; what has changed since its verdict has none any more."""
        mark = self.mark(self.step)
        if mark.stage != "open":
            return
        if product is not None and product != mark.product:
            mark.product, mark.product_verdict = product, None
        if cells is not None and list(cells) != mark.cells:
            before = dict(enumerate(zip(mark.cells, mark.verdicts, strict=False)))
            mark.verdicts = [
                before[index][1] if index in before and before[index][0] == text else None
                for index, text in enumerate(cells)
            ]
            mark.cells = list(cells)

    def hint(self) -> None:
        """One more hint; after the last one the answer."""
        mark = self.mark(self.step)
        if self.stage(self.index) != "open":
            return
        if mark.hints >= self.exercise.rungs:
            self.show()
        else:
            mark.hints += 1
            self.end_streak()

    @property
    def offers_numbers(self) -> bool:
        """Is the product right, and this kind of step mastered, so that arithmetic is no lesson?"""
        step = self.step
        return (
            self.stage(self.index) == "open"
            and passed(self.mark(step).product_verdict)
            and asks_value(step, self.sitting.ask)
            and self.sitting.streaks.get(skill(self.lesson, step), 0) >= MASTERED
        )

    def fill_in(self) -> None:
        """Fill in the numbers of a step whose product is right.

        Raises:
            UserError: it is not offered here.
        """
        if not self.offers_numbers:
            raise UserError(
                Message("Numbers are filled in once a kind of step has gone well three times.")
            )
        step, mark = self.step, self.mark(self.step)
        truth = self.prepare().truth(step).reshape(-1).tolist()
        mark.cells = [shortest(truth[cell], self.lesson.dtype) for cell in self.cells(step)]
        mark.verdicts = ["exact"] * len(mark.cells)
        mark.stage = "solved"
        mark.attempts += 1
        self.said = Feedback(Message("The product is right, and here are its numbers."))

    def end_streak(self) -> None:
        """This kind of step did not go right by itself."""
        self.sitting.streaks[skill(self.lesson, self.step)] = 0

    def lengthen_streak(self) -> None:
        """This kind of step went right at once."""
        kind = skill(self.lesson, self.step)
        self.sitting.streaks[kind] = self.sitting.streaks.get(kind, 0) + 1

    def show(self) -> None:
        """Give the answer; the step counts as shown, not as solved."""
        mark = self.mark(self.step)
        if self.stage(self.index) == "open":
            mark.stage = "shown"
            self.end_streak()
            self.said = Feedback(Message("This is the answer. Follow it once, then go on."))
