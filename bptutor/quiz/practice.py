"""Practice: the items that the planner chooses for this learner, one after another."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b

from bptutor.course.session import STILL_OPEN
from bptutor.course.skills import skill
from bptutor.language.ops.base import Style
from bptutor.lesson.lesson import Lesson
from bptutor.literals import Part
from bptutor.quiz.items import NOTHING_TO_ASK, applicable, burden, make_item
from bptutor.quiz.planner import Candidate, Memory, Outcome, Planner
from bptutor.quiz.practicable import practicable
from bptutor.quiz.quiz import NOTHING_ELSE, Opener, Quiz
from bptutor.quiz.schedule import end_of_day
from bptutor.record.sittings import AskedItem, QuizSitting
from bptutor.text import UserError

SEEDS = 1_000_000  # seeds have at most six digits, so that one can be told to a neighbour


class Practice(Quiz):
    """A quiz that adapts to the learner."""

    def __init__(self, sitting: QuizSitting, open_lesson: Opener, style: Style) -> None:
        super().__init__(sitting, open_lesson, style)
        self._impossible: set[tuple[str, Part, str]] = set()
        """Steps for which no numbers were found."""

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
