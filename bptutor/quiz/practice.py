"""Practice: the items that the planner chooses for this learner, one after another."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from math import prod

from bptutor.course.questions import MOST_CELLS, asks_product, has_value
from bptutor.course.session import STILL_OPEN, exercise
from bptutor.course.skills import skill
from bptutor.language.ops.base import Style
from bptutor.language.tree import Shape
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step
from bptutor.literals import Part
from bptutor.quiz.distinct import cached_by_form
from bptutor.quiz.items import NOTHING_TO_ASK, applicable, askable, burden, make_item, shapes_of
from bptutor.quiz.planner import Candidate, Memory, Outcome, Planner
from bptutor.quiz.quiz import NOTHING_ELSE, Opener, Quiz
from bptutor.quiz.schedule import end_of_day
from bptutor.record.sittings import AskedItem, QuizSitting
from bptutor.text import LANGUAGES, UserError
from bptutor.text.numbers import size_of
from bptutor.text.printable import cells, wrap

SEEDS = 1_000_000  # seeds have at most six digits, so that one can be told to a neighbour


class Practice(Quiz):
    """A quiz that adapts to the learner."""

    def __init__(self, sitting: QuizSitting, open_lesson: Opener, style: Style) -> None:
        super().__init__(sitting, open_lesson, style)
        self._impossible: set[tuple[str, Part, str]] = set()  # no numbers were found

    def begin(self) -> None:
        """Ask the first item. Raises UserError where none can be made."""
        self.sitting.items.append(self._plan())

    def forward(self) -> None:
        if self.asked.points is None and not self.asked.skipped:
            raise UserError(STILL_OPEN)
        items = self.sitting.items
        left = [i for i, each in enumerate(items) if each.points is None and i != self.index]
        target = next((place for place in left if place > self.index), None)
        if target is None and len(items) < self.sitting.length:
            target = len(items)
            items.append(self._plan())
        elif target is None and left:
            target = left[0]
        if target is None:
            self.end()
        else:
            self.sitting.index = target
            items[target].skipped = False

    def end(self) -> None:
        if len(self.sitting.items) < self.sitting.length or self.answered < self.sitting.length:
            raise UserError(STILL_OPEN)
        self.sitting.index = len(self.sitting.items)
        self.sitting.finished = True

    def skip(self) -> None:
        if self.asked.points is not None:
            return
        others = [each for each in self.sitting.items if each.points is None]
        if len(others) == 1 and len(self.sitting.items) >= self.sitting.length:
            raise UserError(NOTHING_ELSE)
        self.asked.skipped = True
        self.forward()

    # ── what comes next ───────────────────────────────────────────────────────────────────────

    def _plan(self) -> AskedItem:
        """The planner's next item; a step for which no numbers are found is left out for good."""
        while candidates := self._candidates():
            sitting = self.sitting
            memory = Memory(sitting.cards, sitting.met)
            # Without numbers of its own, an item that was right is the same once more.
            passed = {
                _key(item)
                for item in sitting.items
                if item.points is None or (item.points == 1 and item.seed is None)
            }
            others = [each for each in candidates if each.key not in passed]
            now = end_of_day(sitting.begun)
            planner = Planner(others or candidates, memory, sitting.seed, now)
            choice = planner.next(self._outcomes(candidates))
            candidate = choice.candidate
            lesson, seed = self.lesson(candidate.lesson), None
            if candidate.part == "tape":
                seed = _seed(sitting.seed, len(sitting.items), lesson, candidate.step)
                try:
                    make_item(lesson, candidate.step, seed)
                except UserError:
                    self._impossible.add(candidate.key)
                    continue
            return AskedItem(
                lesson=candidate.lesson,
                digest=lesson.digest,
                step=candidate.step,
                skill=candidate.skill,
                seed=seed,
                part=candidate.part,
                why=choice.why,
            )
        raise UserError(NOTHING_TO_ASK)

    def _candidates(self) -> list[Candidate]:
        return [
            candidate
            for name, lesson in self.drawn_from()
            for part in self.sitting.parts
            for candidate in candidates_of(name, lesson, part)
            if candidate.key not in self._impossible
        ]

    def _outcomes(self, candidates: Iterable[Candidate]) -> Sequence[Outcome]:
        """How the items went so far, in order; those that were skipped are not over."""
        known = {each.key: each for each in candidates}
        return [
            Outcome(
                candidate=known[_key(item)],
                solved=item.mark.stage == "solved",
                wrong=item.mark.wrong,
                hints=item.mark.hints,
                shown=item.mark.stage == "shown",
                mistakes=tuple(item.mark.mistakes),
                possible=tuple(item.mark.possible),
            )
            for item in self.sitting.items
            if item.points is not None and _key(item) in known
        ]


def _key(item: AskedItem) -> tuple[str, Part, str]:
    return item.lesson, item.part, item.step


class Replayed(Quiz):
    def forward(self) -> None:
        self.end()

    def end(self) -> None:
        if self.asked.points is None:
            raise UserError(STILL_OPEN)
        self.sitting.index = len(self.sitting.items)

    def skip(self) -> None:
        raise UserError(NOTHING_ELSE)


@lru_cache(maxsize=256)
def candidates_of(name: str, lesson: Lesson, part: Part = "tape") -> tuple[Candidate, ...]:
    """The steps of a part that can be asked, under the name by which the lesson is opened."""
    return tuple(
        Candidate(
            lesson=name,
            step=step.id,
            skill=skill(lesson, step),
            burden=burden(lesson, step),
            mistakes=applicable(lesson, step),
            part=part,
        )
        for step in practicable(lesson, part)
    )


def _seed(quiz: int, place: int, lesson: Lesson, step: str) -> int:
    """The seed of one item, the same wherever the lesson's file is."""
    text = f"{quiz} {place} {lesson.digest} {step}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) % SEEDS


A_MINUTE = 20.0
"""The largest burden of a step in practice, in multiplications of three seconds each. The product
of two 2x2 matrices counts 10 to 14, so that a sum of three such products is too much."""
ROWS, COLUMNS = 24, 80  # the terminal on which an item is to be seen whole
FRAME = 3  # rows of a step's screen above and below: its place, the rule, and the keys
PROGRAM = 9  # rows that the program takes at most, with its heading
FEEDBACK = 2  # rows for the verdict in words
MARGIN = 3  # columns beside the text
NUMBER, GAP = 8, 4  # columns of a number with the space before it, and between two quantities


@cached_by_form
def practicable(form: Lesson, part: Part = "tape") -> tuple[Step, ...]:
    """The steps of a part of a lesson that practice may ask."""
    return tuple(
        step
        for step in askable(form, part)
        if burden(form, step) <= A_MINUTE and rows_needed(form, step) <= ROWS
    )


def rows_needed(form: Lesson, step: Step) -> int:
    """The rows of a terminal that an item takes, in the language in which it takes more.

    From the texts of the question, and from shapes for all that has numbers.
    """
    width, item = COLUMNS - MARGIN, exercise(form, step, "unicode", None)
    item.rule_hidden = True  # as in every quiz
    texts = max(
        sum(
            len(list(wrap(text, width)))
            for text in (
                item.question().to(language),
                *item.formula().splitlines(),
                *item.remarks(language),
            )
        )
        for language in LANGUAGES
    )
    shapes = shapes_of(form)
    known = _rows_side_by_side([_block(name, shapes[name]) for name in item.relevant()], width)
    value = size_of(step.shape)[0] if has_value(step) else 0
    entry = asks_product(step, "all") + value
    program = min(PROGRAM, 1 + len(form.program.assignments))
    return FRAME + program + texts + known + entry + FEEDBACK


def _block(name: str, shape: Shape) -> tuple[int, int]:
    """Rows and columns of a known quantity; a long one is cut to a row."""
    rows, columns = size_of(shape)
    if prod(shape) > MOST_CELLS:
        rows, columns = 1, MOST_CELLS
    head = f"{name} {shape} =" if shape else f"{name} ="
    return rows, min(cells(head) + columns * NUMBER, COLUMNS - MARGIN)


def _rows_side_by_side(blocks: Sequence[tuple[int, int]], width: int) -> int:
    """The rows of blocks from left to right; those of one row are stacked to the tallest."""
    tall = [block for block in blocks if block[0] > 1]
    short = [columns for rows, columns in blocks if rows == 1]
    height = max((rows for rows, _ in tall), default=1)
    stacks = [short[start : start + height] for start in range(0, len(short), height)]
    shelves, left, on_shelf = 0, 0, 0
    for rows, columns in [*((len(stack), max(stack)) for stack in stacks), *tall]:
        if on_shelf and columns > left:
            shelves, left, on_shelf = shelves + on_shelf, 0, 0
        left = (left if on_shelf else width) - columns - GAP
        on_shelf = max(on_shelf, rows)
    return shelves + on_shelf
