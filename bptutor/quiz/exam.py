"""An exam: which items it has, its time, and how it is handed in."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from bptutor.course.questions import asks_product
from bptutor.course.session import Attempted, Feedback, Session
from bptutor.course.skills import Skill, skill
from bptutor.grading.cells import GradedCell, read_number
from bptutor.grading.formula import read_formula
from bptutor.language.errors import LanguageError
from bptutor.language.ops import numbers_read
from bptutor.language.ops.base import Style
from bptutor.lesson.find import available
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step, known_names, places
from bptutor.quiz.carried import Worth, grade_question
from bptutor.quiz.items import NOTHING_TO_ASK, Item, askable, burden, make_item, serves
from bptutor.quiz.quiz import Opener, Quiz
from bptutor.record.sittings import AskedItem, QuizSitting
from bptutor.text import Message, UserError

LONGEST = 3
"""Steps of a question at most."""
TRIES = 12
"""Sets of numbers made for a question's first step that may fail to serve the others."""
SEEDS = 1_000_000
"""Seeds have at most six digits, as in practice."""

Chain = tuple[Step, ...]


@lru_cache(maxsize=64)
def chains(lesson: Lesson) -> tuple[Chain, ...]:
    """The questions that a lesson has: steps of which each later one reads an earlier one.

    Whatever else they read is known before the first of them, so that nothing gives away an
    answer that is asked.
    """
    reads = {step: frozenset(numbers_read(step.product)) for step in askable(lesson)}
    return tuple(chain for first in reads for chain in _onward(lesson, (first,), reads))


def _onward(lesson: Lesson, chain: Chain, reads: Mapping[Step, Set[str]]) -> Iterator[Chain]:
    """A question, and the longer ones that begin with it."""
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
    """A question that may be asked, whatever its numbers."""

    name: str
    """By which its lesson is opened."""
    lesson: Lesson
    chain: Chain
    skills: tuple[Skill, ...]


def paper(lessons: Mapping[str, Lesson], items: int, seed: int) -> list[list[AskedItem]]:
    """The questions of an exam, from light to heavy ones, with `items` steps to answer in all.

    It is the same paper for the same lessons, by whatever name they are opened, and seed.

    Raises:
        UserError: there is nothing in these lessons of which items can be made.
    """
    random = Random(f"exam {seed}")
    ready = [
        _Question(name, lesson, chain, tuple(skill(lesson, step) for step in chain))
        for name, lesson in lessons.items()
        for chain in chains(lesson)
    ]
    chosen: list[tuple[_Question, Item]] = []
    while (left := items - sum(len(each.chain) for each, _ in chosen)) > 0:
        fitting = [each for each in ready if len(each.chain) <= left]
        if not fitting:
            raise UserError(NOTHING_TO_ASK)
        question = _next(fitting, [each for each, _ in chosen], random)
        item = _numbers(question, random)
        if item:
            chosen.append((question, item))
        else:
            ready.remove(question)
    chosen.sort(key=lambda pair: _work(pair[0]))
    return [_asked(*pair, group) for group, pair in enumerate(chosen)]


def _next(ready: Sequence[_Question], chosen: Sequence[_Question], random: Random) -> _Question:
    """The question that balances the paper best: new steps, rare skills, rare lessons, long."""
    steps = Counter((each.name, step.id) for each in chosen for step in each.chain)
    skills = Counter(each for question in chosen for each in question.skills)
    lessons = Counter(each.name for each in chosen)

    def rank(each: _Question) -> tuple[float, ...]:
        repeated = sum(steps[each.name, step.id] for step in each.chain)
        met = Counter(skills)
        common = 0
        for kind in each.skills:
            common += met[kind]
            met[kind] += 1
        length = len(each.chain)
        return repeated / length, common / length, lessons[each.name], -length, random.random()

    return min(ready, key=rank)


def _numbers(question: _Question, random: Random) -> Item | None:
    """Numbers at which every step of a question tells mistakes apart; None where they are rare."""
    first, *later = question.chain
    for _ in range(TRIES):
        try:
            item = make_item(question.lesson, first.id, int(random.random() * SEEDS))
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
            group=group,
        )
        for step, kind in zip(question.chain, question.skills, strict=True)
    ]


# ── examination ───────────────────────────────────────────────────────────────────────────────────


PARTS = "abcdefgh"
"""The steps of one question."""
HANDED_IN = Message("This exam is handed in; look at it as long as you like.")


class Examination(Quiz):
    """Fixed items from a seed; what is typed last counts."""

    def __init__(self, sitting: QuizSitting, open_lesson: Opener, style: Style) -> None:
        super().__init__(sitting, open_lesson, style)
        self._graded: dict[int, Worth] = {}

    def begin(self) -> None:
        """Set the paper. Raises UserError where no items can be made."""
        lessons = {name: self.lesson(name) for name in self.sitting.lessons or available()}
        groups = paper(lessons, self.sitting.length, self.sitting.seed)
        self.sitting.items = [item for group in groups for item in group]

    def _known_until(self, index: int) -> str:
        """Of a question of several steps the first: what comes after it would give it away."""
        return "" if self.sitting.finished else self._group(index)[0].step

    def _group(self, index: int) -> list[AskedItem]:
        group = self.sitting.items[index].group
        return [item for item in self.sitting.items if item.group == group]

    def part(self, index: int) -> str:
        """Of a question of several steps which one this is: a, b or c; else nothing."""
        group = self._group(index)
        return PARTS[group.index(self.sitting.items[index])] if len(group) > 1 else ""

    def earlier(self, index: int) -> list[tuple[str, AskedItem]]:
        """The steps of this question before an item, and which parts of it they are."""
        group = self._group(index)
        before = group[: group.index(self.sitting.items[index])]
        return list(zip(PARTS, before, strict=False))

    def has_answer(self, index: int) -> bool:
        """Has an item its whole answer?"""
        return self.sitting.items[index].answered

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
        """Note an answer and go on; what cannot be read is told, for it can never be right."""
        session = self.session
        session.draft(product, cells)
        fault = _fault(session)
        if fault is None:
            self.forward()
        else:
            session.said = fault

    def seconds_left(self, now: float) -> float | None:
        """The time there is left; None where there is no limit, or the exam is over."""
        sitting = self.sitting
        if not sitting.minutes or sitting.finished:
            return None
        return max(0.0, sitting.begun + 60 * sitting.minutes - now)

    def is_over(self, now: float) -> bool:
        """Is it to be graded now: is the time over, or was it handed in and then broken off?"""
        sitting = self.sitting
        return not sitting.finished and (bool(sitting.handed_in) or self.seconds_left(now) == 0)

    def hand_in(self) -> list[tuple[int, Session, Attempted]]:
        """Grade all of it; what came of each answer, by the index of its item.

        Raises:
            UserError: it is handed in already.
        """
        sitting = self.sitting
        if sitting.finished:
            raise UserError(HANDED_IN)
        sitting.finished = True
        self._sessions.clear()  # all may be seen now
        found = []
        for index, item in enumerate(sitting.items):
            worth, mark = self.graded(index), item.mark
            item.points = worth.points
            mistakes = worth.graded.mistake_ids
            mark.attempts, mark.mistakes = 1, list(mistakes)
            mark.stage = "solved" if worth.state in ("right", "carried") else "shown"
            if item.typed:
                verdict = worth.graded.verdict or "wrong"
                attempted = Attempted(mark.product, tuple(mark.cells), verdict, mistakes)
                found.append((index, self.session_at(index), attempted))
        self.end()
        return found

    def graded(self, index: int) -> Worth:
        """What came of an answer, once the exam is handed in."""
        if index not in self._graded:
            group = self._group(index)
            first = self.sitting.items.index(group[0])
            steps = [self.step_at(first + place) for place in range(len(group))]
            marks = [item.mark for item in group]
            facts = self.session_at(first).prepare()
            graded = grade_question(facts, steps, marks, self.style)
            self._graded.update(enumerate(graded, first))
        return self._graded[index]


def _fault(session: Session) -> Feedback | None:
    """What of an answer cannot be read, which tells nothing of whether the rest is right."""
    mark = session.mark(session.step)
    if asks_product(session.step, session.sitting.ask) and mark.product.strip():
        try:
            read_formula(mark.product, session.exercise.scope)
        except LanguageError as error:
            return Feedback(error.message, column=error.column)
    read = [read_number(text) for text in mark.cells]
    notes = [each.note if isinstance(each, GradedCell) else None for each in read]
    first = next((note for note in notes if note), None)
    return Feedback(first, notes) if first else None
