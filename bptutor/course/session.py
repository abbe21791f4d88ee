"""A session: the learner's place in a lesson, the answers, and what is asked next."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from time import monotonic, time
from typing import Self

from bptutor.course.asked import few_asked
from bptutor.course.derive import Derivation, Ordering
from bptutor.course.exercise import Exercise, OnTape, arrays
from bptutor.course.keras_steps import CodeBlank, ModelNumbers
from bptutor.course.learning import IterationOrder, WantedGradients
from bptutor.course.memory_questions import KeptAmount, KeptNames
from bptutor.course.parts import ORDER, known_at, places_of, steps_in_full, steps_of
from bptutor.course.questions import asked_anything, asked_cells, asks_product, asks_value
from bptutor.course.skills import Practised, skill, support
from bptutor.course.tape_questions import tape_question
from bptutor.grading.cells import passed, worst
from bptutor.grading.diagnosis import History
from bptutor.grading.facts import Facts
from bptutor.grading.grade import grade
from bptutor.grading.question import Answer
from bptutor.language.ops.base import Style
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step
from bptutor.literals import Ask, Part, Stage, Support, Target, Verdict
from bptutor.record.sittings import Mark, Sitting
from bptutor.text import Message, UserError, shortest


def exercise(lesson: Lesson, step: Step, style: Style, facts: Facts | None) -> Exercise:
    kind: type[Exercise] = Derivation
    if step.part == "tape":
        kind = tape_question(step) if step.kind == "code" else OnTape
    elif step.kind == "goal":
        kind = WantedGradients
    elif step.kind == "order":
        kind = Ordering if step.id == ORDER else IterationOrder
    elif step.kind == "memory":
        kind = KeptAmount if step.numbers else KeptNames
    elif step.kind == "code":
        kind = ModelNumbers if step.numbers else CodeBlank
    return kind(lesson, step, style, facts)


MASTERED = 3  # right at once in a row before the arithmetic of a kind of step can be skipped
OPEN: tuple[Stage, ...] = ("open", "waiting")
STILL_OPEN = Message("A step is still open; answer it first, or show its answer.")


@dataclass
class Feedback:
    message: Message | None = None
    notes: Sequence[Message | None] = field(default_factory=list)
    column: int | None = None  # the place of the fault in a formula that cannot be read
    focus: int | None = None  # which of the asked cells the message is about
    tone: Verdict | None = None  # the verdict that the message is about


@dataclass(frozen=True)
class Attempted:
    """A checked answer."""

    product: str  # the formula as typed, where it was checked
    cells: tuple[str, ...]
    verdict: Verdict  # the worst one
    mistakes: tuple[str, ...]  # ids of what explains a wrong answer, likeliest first
    explained: bool = False  # is there something that may explain it?


class Session:
    """A running sitting; all that is saved is in `sitting`."""

    def __init__(self, lesson: Lesson, sitting: Sitting, style: Style) -> None:
        self.lesson = lesson
        self.style = style
        self.sitting = sitting
        self.facts: Facts | None = None
        self.practised: Practised | None = None  # by kind of step; None: no question has support
        self.often: Mapping[str, int] = {}  # how often this learner has made a mistake, by id
        self.asks_whole = False  # are all elements asked, as in a quiz with numbers for that?
        self.said = Feedback()
        self.since = monotonic()  # when the learner began with the current answer

    @classmethod
    def begin(cls, lesson: Lesson, ask: Ask, key: str, style: Style, part: Part = "tape") -> Self:
        """A new sitting at the first step of a part."""
        sitting = Sitting(key, lesson.digest, ask, 0, 0, 0, {}, {}, [], part=part, begun=time())
        return cls(lesson, sitting, style)

    def prepare(self) -> Facts:
        """Compute the facts of this iteration in TensorFlow, once.

        Raises EngineError: a value or a derivative is not finite.
        """
        if self.facts is None:
            self.facts = Facts(self.lesson, arrays(self.sitting.leaves))
            self._warm_up()
        return self.facts

    def _warm_up(self) -> None:
        """Where a formula is asked, do beforehand what its verdict would have to wait for."""
        if self.facts and asks_product(self.step, self.sitting.ask):
            self.facts.warm_up()

    # ── where the learner is ──────────────────────────────────────────────────────────────────

    @property
    def steps(self) -> tuple[Step, ...]:
        steps = steps_in_full if self.asks_whole else steps_of
        return steps(self.lesson, self.sitting.part)

    @property
    def exercise(self) -> Exercise:
        found = exercise(self.lesson, self.step, self.style, self.facts)
        found.rule_hidden = self.support == "alone"
        found.answered = self.done(self.index)
        found.formula_asked = asks_product(self.step, self.sitting.ask)
        return found

    @property
    def support(self) -> Support:
        """What the current question comes with, which stays until it is answered."""
        if self.practised is None:
            return "alone"
        mark = self.mark(self.step)
        if mark.support is None:
            mark.support = support(self.practised.get(skill(self.lesson, self.step)))
            if mark.product or mark.hints or mark.attempts or any(mark.cells):
                self.pass_example()  # of a sitting that was begun without
        return mark.support

    @property
    def rule_shown(self) -> bool:
        """Was the question asked with the chain rule?"""
        return self.support != "alone" and bool(self.exercise.chain_rule())

    def pass_example(self) -> None:
        """The worked example has been seen, or passed over: the question itself comes."""
        mark = self.sitting.marks.get(self.step.id)
        if mark and mark.support == "example":
            mark.support = "line"

    @property
    def known(self) -> list[str]:
        """The known quantities at the current step that may be shown."""
        return self._visible(known_at(self.lesson, self.step))

    @property
    def relevant(self) -> list[str]:
        """The known quantities that the answer is made of and may be shown."""
        return self._visible(self.exercise.relevant())

    def _visible(self, names: Iterable[str]) -> list[str]:
        """Without the answers of steps that are still open."""
        place = places_of(self.lesson, self.sitting.part)
        return [name for name in names if name not in place or self.done(place[name])]

    @property
    def at_end(self) -> bool:
        return self.sitting.index >= len(self.steps)

    @property
    def index(self) -> int:
        """The index of the current step; at the end of the last one."""
        return min(self.sitting.index, len(self.steps) - 1)

    @property
    def step(self) -> Step:
        return self.steps[self.index]

    def mark(self, step: Step) -> Mark:
        mark = self.sitting.marks.setdefault(step.id, Mark())
        self.fit(step, mark)
        return mark

    def fit(self, step: Step, mark: Mark) -> None:
        """Of what was saved when the whole matrix was asked, keep the cells that are asked now."""
        saved = len(mark.cells)
        asked = self.cells(step) if saved and self.facts else []
        if 0 < len(asked) < saved == prod(step.shape):
            mark.cells = [mark.cells[position] for position in asked]
            mark.verdicts = [mark.verdicts[position] for position in asked if mark.verdicts]

    def stage(self, index: int) -> Stage:
        step = self.steps[index]
        if asked_anything(step, self.sitting.ask):
            return self.sitting.marks[step.id].stage if step.id in self.sitting.marks else "open"
        return "worked" if self.facts else "waiting"

    def done(self, index: int) -> bool:
        """May the answer of a step be shown?"""
        furthest = self.sitting.furthest
        return index < furthest or (index == furthest and self.stage(index) not in OPEN)

    @property
    def count_done(self) -> int:
        """The number of steps, from the first one on, whose answer may be shown."""
        furthest = self.sitting.furthest
        return furthest + 1 if furthest < len(self.steps) and self.done(furthest) else furthest

    def cells(self, step: Step) -> list[int]:
        if not self.asks_whole:
            few = few_asked(self.lesson, step, self.sitting.ask, self.facts)
            if few is not None:
                return few
        return asked_cells(step, exercise(self.lesson, step, self.style, self.facts).sizes())

    def go(self, to: int | Target) -> None:
        """Go to a step that may be opened, to the next one, to the next question, or to the end.

        Raises UserError: a step before it is still open.
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
            while to == "question" and target < len(self.steps) and self.stage(target) not in OPEN:
                target = self._onward(target)
            target = min(target, len(self.steps))
        self.pass_example()
        self.sitting.index = target
        self.sitting.furthest = max(self.sitting.furthest, target)
        self.said, self.since = Feedback(), monotonic()
        self._warm_up()

    def _onward(self, index: int) -> int:
        if self.stage(index) in OPEN and not self.done(index):
            raise UserError(STILL_OPEN)
        return index + 1

    # ── what the learner does ─────────────────────────────────────────────────────────────────

    def check(self, product: str | None, cells: Sequence[str] | None) -> Attempted | None:
        """Grade what is typed and save it; None where nothing was asked, or could be graded."""
        if self.stage(self.index) != "open":
            return None
        self.draft(product, cells)
        step, mark, ask = self.step, self.mark(self.step), self.sitting.ask
        formula_asked, value_asked = asks_product(step, ask), asks_value(step, ask)
        checks_formula = product is not None and formula_asked
        checks_value = cells is not None and value_asked
        if checks_formula or checks_value:
            self.prepare()
        again = (not checks_formula or mark.product_verdict is not None) and (
            not checks_value or (len(mark.verdicts) == len(mark.cells) and all(mark.verdicts))
        )  # what has changed has lost its verdict
        # At a question that stands alone nothing came before.
        right = None if self.practised is None else self.sitting.solved
        answer = Answer(
            mark.product if checks_formula else None,
            mark.cells if checks_value else None,
            self.cells(step) if checks_value else (),
            made=(*mark.mistakes, *mark.possible),
            history=History(right, self.sitting.mistakes + Counter(self.often)),
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
        wrong = "wrong" in (mark.product_verdict, *mark.verdicts)
        self._count(solved=solved, wrong=wrong and not again)
        said = self.said
        said.message, said.focus, said.tone = graded.message, graded.focus, graded.tone
        if value_right and not solved and not checks_formula:
            said.message = Message("The value is right. Now the formula it comes from.")
        if graded.verdict is None:
            return None
        mark.note(graded.recorded, graded.mistake_ids)
        return Attempted(
            product=answer.formula or "",
            cells=tuple(cells or ()) if value_asked else (),
            verdict=graded.verdict,
            mistakes=graded.recorded,
            explained=graded.explained,
        )

    def _count(self, *, solved: bool, wrong: bool) -> None:
        """Count an attempt at this step, for the mark and for the streak of its skill."""
        mark = self.mark(self.step)
        mark.attempts += solved or wrong
        if solved:
            mark.stage = "solved"
            self._practise()
        if wrong:
            self.end_streak()
        elif solved and mark.attempts == 1 and mark.hints == 0:
            streaks, kind = self.sitting.streaks, skill(self.lesson, self.step)
            streaks[kind] = streaks.get(kind, 0) + 1
            self._practise(right=1)

    def _practise(self, right: int = 0) -> None:
        """The kind of step has been met, and this many were right at once."""
        if self.practised is not None:
            kind = skill(self.lesson, self.step)
            self.practised[kind] = self.practised.get(kind, 0) + right

    def draft(self, product: str | None, cells: Sequence[str] | None) -> None:
        """Save what has been typed; a changed answer loses its verdict."""
        mark = self.mark(self.step)
        if mark.stage != "open":
            return
        if product or any(cells or ()):
            self.pass_example()
        if product is not None and product != mark.product:
            mark.product, mark.product_verdict = product, None
        if cells and list(cells) != mark.cells:
            before = dict(enumerate(zip(mark.cells, mark.verdicts, strict=False)))
            mark.verdicts = [
                before[index][1] if index in before and before[index][0] == text else None
                for index, text in enumerate(cells)
            ]
            mark.cells = list(cells)

    def hint(self) -> None:
        """Show one more hint; after the last one the answer."""
        mark = self.mark(self.step)
        if self.stage(self.index) != "open":
            return
        self.pass_example()
        if mark.hints >= self.exercise.rungs:
            self.show()
        else:
            mark.hints += 1
            self.end_streak()

    @property
    def offers_numbers(self) -> bool:
        """Can the numbers be filled in: is the formula right and the skill mastered?"""
        step = self.step
        return (
            self.stage(self.index) == "open"
            and passed(self.mark(step).product_verdict)
            and asks_value(step, self.sitting.ask)
            and self.sitting.streaks.get(skill(self.lesson, step), 0) >= MASTERED
        )

    def fill_in(self) -> None:
        """Fill in the numbers of a step whose formula is right.

        Raises UserError: it is not offered here.
        """
        if not self.offers_numbers:
            raise UserError(
                "bptutor fills in the numbers after you solve a kind of step three times."
            )
        step, mark = self.step, self.mark(self.step)
        truth = self.prepare().truth(step).reshape(-1).tolist()
        mark.cells = [shortest(truth[cell], self.lesson.dtype) for cell in self.cells(step)]
        mark.verdicts = ["exact"] * len(mark.cells)
        mark.stage = "solved"
        mark.attempts += 1
        self.said = Feedback(Message("The formula is right. bptutor filled in its numbers."))

    def end_streak(self) -> None:
        self.sitting.streaks[skill(self.lesson, self.step)] = 0

    def show(self) -> None:
        mark = self.mark(self.step)
        if self.stage(self.index) == "open":
            self.pass_example()
            mark.stage = "shown"
            self._practise()
            self.end_streak()
            self.said = Feedback(
                Message("This is the answer. Work through it once, then continue.")
            )
