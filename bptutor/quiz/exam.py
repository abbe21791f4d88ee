"""An exam: its questions, its time limit, and how it is submitted and graded."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from bptutor.course.questions import asks_product
from bptutor.course.session import Attempted, Feedback, Session
from bptutor.course.skills import Skill, skill
from bptutor.grading.cells import GradedCell, read_number
from bptutor.grading.facts import Facts
from bptutor.grading.formula import read_formula
from bptutor.language.errors import LanguageError
from bptutor.language.ops import numbers_read
from bptutor.language.ops.base import Style
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step, known_names, places
from bptutor.literals import Part
from bptutor.quiz.carried import Worth, grade_question
from bptutor.quiz.items import NOTHING_TO_ASK, Item, askable, burden, make_item, serves
from bptutor.quiz.quiz import Opener, Quiz
from bptutor.record.sittings import AskedItem, QuizSitting
from bptutor.text import Message, UserError
from bptutor.views.quiz import LARGEST_SEED

LONGEST = 3  # steps of a question at most
TRIES = 12  # sets of numbers for a question's first step that are tried for its other steps
SEEDS = 1_000_000  # seeds have at most six digits, as in practice

Chain = tuple[Step, ...]


@lru_cache(maxsize=256)
def chains(lesson: Lesson, part: Part = "tape") -> tuple[Chain, ...]:
    """The questions of a part: sequences of steps of which each reads an earlier one.

    All else that they read is known before the first step, so that nothing gives an answer away.
    Outside `tape` each step is a question.
    """
    if part != "tape":
        return tuple((step,) for step in askable(lesson, part))
    reads = {step: frozenset(numbers_read(step.product)) for step in askable(lesson)}
    return tuple(chain for first in reads for chain in _onward(lesson, (first,), reads))


def _onward(lesson: Lesson, chain: Chain, reads: Mapping[Step, Set[str]]) -> Iterator[Chain]:
    """A question and its extensions."""
    yield chain
    if len(chain) == LONGEST:
        return
    place = places(lesson)
    asked = {step.id for step in chain}
    ready = asked.union(known_names(lesson, place[chain[0].id]))
    for step, needed in reads.items():
        if place[step.id] > place[chain[-1].id] and needed & asked and needed <= ready:
            yield from _onward(lesson, (*chain, step), reads)


@dataclass(frozen=True, eq=False)
class _Question:
    name: str  # the name that opens the lesson
    lesson: Lesson
    chain: Chain
    skills: tuple[Skill, ...]


def paper(
    lessons: Mapping[str, Lesson],
    items: int,
    seed: int,
    numbers: int | None = None,
    longest: int = LONGEST,
    parts: Sequence[Part] = ("tape",),
) -> list[list[AskedItem]]:
    """The questions of an exam, lightest first, with `items` steps in all.

    The same for the same lessons and seed, whatever names open the lessons; with a seed for
    `numbers`, the same questions on other numbers. A question has at most `longest` steps. Raises
    UserError: no items can be made from these lessons.
    """
    random = Random(f"exam {seed}")
    ready = [
        _Question(name, lesson, chain, tuple(skill(lesson, step) for step in chain))
        for name, lesson in lessons.items()
        for part in parts
        for chain in chains(lesson, part)
        if len(chain) <= longest
    ]
    seeds = SEEDS if numbers is None else LARGEST_SEED
    chosen: list[tuple[_Question, Item]] = []
    while (left := items - sum(len(each.chain) for each, _ in chosen)) > 0:
        fitting = [each for each in ready if len(each.chain) <= left]
        if not fitting:
            raise UserError(_too_few(len(chosen)) if chosen else NOTHING_TO_ASK)
        question = _next(fitting, [each for each, _ in chosen], random)
        item = _numbers(question, random, seeds)
        if item:
            chosen.append((question, item))
        if item is None or item.seed is None:  # it would be the same once more
            ready.remove(question)
    chosen.sort(key=lambda pair: _work(pair[0]))
    if numbers is not None:
        own = Random(f"numbers {numbers}")
        chosen = [(question, _numbers(question, own, seeds) or item) for question, item in chosen]
    return [_asked(*pair, group) for group, pair in enumerate(chosen)]


def _too_few(count: int) -> Message:
    return Message("Only {count} items can be asked here. Ask for fewer items.", count=count)


def _next(ready: Sequence[_Question], chosen: Sequence[_Question], random: Random) -> _Question:
    """The question that balances the paper best: new steps, rare skills, rare lessons, long."""
    steps = Counter((question.name, step) for question in chosen for step in question.chain)
    skills = Counter(skill for question in chosen for skill in question.skills)
    lessons = Counter(question.name for question in chosen)

    def rank(question: _Question) -> tuple[float, ...]:
        name, length = question.name, len(question.chain)
        repeated = sum(steps[name, step] for step in question.chain)
        met = Counter(skills)
        common = 0
        for kind in question.skills:
            common += met[kind]
            met[kind] += 1
        return repeated / length, common / length, lessons[name], -length, random.random()

    return min(ready, key=rank)


def _numbers(question: _Question, random: Random, seeds: int) -> Item | None:
    """Numbers that tell mistakes apart at every step; None where none of the tries does."""
    first, *later = question.chain
    if first.part != "tape":
        return Item(question.lesson, first, None, Facts(question.lesson))
    for _ in range(TRIES):
        try:
            item = make_item(question.lesson, first.id, int(random.random() * seeds))
        except UserError:
            return None
        if all(serves(item.lesson, step) for step in later):
            return item
    return None


def _work(question: _Question) -> float:
    return sum(burden(question.lesson, step) for step in question.chain)


def _asked(question: _Question, item: Item, group: int) -> list[AskedItem]:
    first = question.chain[0].id
    return [
        AskedItem(
            lesson=question.name,
            digest=question.lesson.digest,
            step=step.id,
            skill=kind,
            seed=item.seed,
            made_for="" if step.id == first else first,
            part=step.part,
            group=group,
        )
        for step, kind in zip(question.chain, question.skills, strict=True)
    ]


def seconds_left(exam: QuizSitting, now: float) -> float | None:
    """Without a time limit, or once the exam is over, None."""
    if not exam.minutes or exam.finished:
        return None
    return max(0.0, exam.begun + 60 * exam.minutes - now)


def is_over(exam: QuizSitting, now: float) -> bool:
    """Is it to be graded: is the time over, or was grading interrupted after submission?"""
    return not exam.finished and (bool(exam.handed_in) or seconds_left(exam, now) == 0)


# ── examination ───────────────────────────────────────────────────────────────────────────────────


PARTS = "abcdefgh"  # the names of a question's steps
HANDED_IN = Message("You have submitted this exam. You can review it at any time.")


class Examination(Quiz):
    """A fixed paper from a seed; the last answer to each item counts."""

    def __init__(self, sitting: QuizSitting, open_lesson: Opener, style: Style) -> None:
        super().__init__(sitting, open_lesson, style)
        self._graded: dict[int, Worth] = {}

    def begin(self) -> None:
        """Set the paper. Raises UserError where no items can be made."""
        sitting = self.sitting
        lessons = dict(self.drawn_from())
        groups = paper(lessons, sitting.length, sitting.seed, parts=sitting.parts)
        self.sitting.items = [item for group in groups for item in group]

    def _known_until(self, index: int) -> str:
        """The question's first step: all later values would give its answer away."""
        return "" if self.sitting.finished else self._group(index)[0].step

    def _group(self, index: int) -> list[AskedItem]:
        group = self.sitting.items[index].group
        return [item for item in self.sitting.items if item.group == group]

    def part(self, index: int) -> str:
        group = self._group(index)
        return PARTS[group.index(self.sitting.items[index])] if len(group) > 1 else ""

    def earlier(self, index: int) -> list[tuple[str, AskedItem]]:
        group = self._group(index)
        before = group[: group.index(self.sitting.items[index])]
        return list(zip(PARTS, before, strict=False))

    @property
    def answered(self) -> int:
        return sum(item.answered for item in self.sitting.items)

    # ── where the learner goes ────────────────────────────────────────────────────────────────

    def forward(self) -> None:
        self.sitting.index = self.index + 1

    def end(self) -> None:
        self.sitting.index = len(self.sitting.items)

    def skip(self) -> None:
        self.forward()

    # ── answers ───────────────────────────────────────────────────────────────────────────────

    def answer(self, product: str | None, cells: Sequence[str] | None) -> None:
        """Save an answer and go on; report what cannot be read, since it can never be right."""
        session = self.session
        session.draft(product, cells)
        fault = _fault(session)
        if fault is None:
            self.forward()
        else:
            session.said = fault

    def seconds_left(self, now: float) -> float | None:
        """Without a time limit, or once the exam is over, None."""
        return seconds_left(self.sitting, now)

    def is_over(self, now: float) -> bool:
        return is_over(self.sitting, now)

    def hand_in(self) -> list[tuple[int, Session, Attempted]]:
        """Grade the exam; the attempts with the index and the session of each item.

        Raises UserError: it is submitted already.
        """
        sitting = self.sitting
        if sitting.finished:
            raise UserError(HANDED_IN)
        sitting.finished = True
        self._sessions.clear()  # all values may be shown now
        attempts = []
        for index, item in enumerate(sitting.items):
            worth, mark = self.graded(index), item.mark
            item.points = worth.points
            mistakes = worth.graded.recorded
            mark.attempts, mark.mistakes = 1, list(mistakes)
            mark.stage = "solved" if worth.state in ("right", "carried") else "shown"
            if item.typed:
                verdict = worth.graded.verdict or "wrong"
                explained = worth.graded.explained
                attempted = Attempted(mark.product, tuple(mark.cells), verdict, mistakes, explained)
                attempts.append((index, self.session_at(index), attempted))
        self.end()
        return attempts

    def graded(self, index: int) -> Worth:
        if index not in self._graded:
            self._graded.update(self.graded_so_far(index))
        return self._graded[index]

    def graded_so_far(self, index: int) -> dict[int, Worth]:
        """The answers to the question of an item as they are now, graded, by their items."""
        group = self._group(index)
        first = self.sitting.items.index(group[0])
        steps = [self.step_at(first + place) for place in range(len(group))]
        marks = [item.mark for item in group]
        graded = grade_question(self.session_at(first).prepare(), steps, marks, self.style)
        return dict(enumerate(graded, first))


def _fault(session: Session) -> Feedback | None:
    """What cannot be read of an answer; gives no hint on whether the rest is right."""
    mark = session.mark(session.step)
    if session.step.part != "tape" and mark.product.strip():
        judged = session.exercise.judge(mark.product)
        if judged.verdict == "unreadable":
            return Feedback(judged.message, column=judged.column)
    elif asks_product(session.step, session.sitting.ask) and mark.product.strip():
        try:
            read_formula(mark.product, session.exercise.scope)
        except LanguageError as error:
            return Feedback(error.message, column=error.column)
    read = [read_number(text) for text in mark.cells]
    notes = [each.note if isinstance(each, GradedCell) else None for each in read]
    first = next((note for note in notes if note), None)
    return Feedback(first, notes) if first else None
