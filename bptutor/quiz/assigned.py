"""The paper of an assignment: its items, work on it with feedback, and its points."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from bptutor.course.skills import skill
from bptutor.language.ops.base import Style
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.names import named
from bptutor.lesson.steps import Step
from bptutor.literals import Verdict
from bptutor.quiz.exam import LONGEST, TRIES, Examination, paper
from bptutor.quiz.items import askable, make_item
from bptutor.quiz.quiz import Opener, Quiz
from bptutor.record.sittings import AskedItem, QuizSitting
from bptutor.text import Message, UserError
from bptutor.views.quiz import LARGEST_SEED, ItemState


def compose(
    lessons: Mapping[str, Lesson],
    seed: int,
    numbers: int,
    *,
    exam: bool,
    items: int = 0,
    steps: Sequence[tuple[str, str]] = (),
) -> list[AskedItem]:
    """The items of a paper: these steps (lesson, step), or so many of these lessons.

    The questions follow from one seed, their numbers from the other. Only in an exam may one
    question have several items: feedback on one would tell the next. Raises UserError: there is no
    such step, or no numbers serve.
    """
    if not steps:
        groups = paper(lessons, items, seed, numbers, LONGEST if exam else 1)
        return [item for group in groups for item in group]
    random = Random(f"numbers {numbers}")
    return [
        _asked(lessons[name], name, step, random, group) for group, (name, step) in enumerate(steps)
    ]


def _asked(lesson: Lesson, name: str, step_id: str, random: Random, group: int) -> AskedItem:
    step = required_step(lesson, step_id)
    for tried in range(TRIES):
        seed = int(random.random() * LARGEST_SEED)
        try:
            make_item(lesson, step.id, seed)
            break
        except UserError:  # no numbers were found from here on
            if tried == TRIES - 1:
                raise
    return AskedItem(name, lesson.digest, step.id, skill(lesson, step), seed, group=group)


def required_step(lesson: Lesson, step_id: str) -> Step:
    """A step of which items can be made. Raises UserError: there is none of that name."""
    possible, id_ = askable(lesson.form), named(lesson, step_id)
    found = next((step for step in possible if step.id == id_), None)
    if found is None:
        raise UserError(
            "{lesson} has no step {step} to ask on new numbers. It has these: {steps}.",
            lesson=lesson.name,
            step=step_id,
            steps=", ".join(step.id for step in possible),
        )
    return found


_log = logging.getLogger(__name__)


class Homework(Quiz):
    """Fixed items with hints and verdicts, in any order, until they are submitted."""

    def forward(self) -> None:
        items, here = self.sitting.items, self.index
        if self.sitting.finished:
            self.sitting.index = here + 1
            return
        left = [i for i, item in enumerate(items) if item.mark.stage == "open" and i != here]
        first = left[0] if left else len(items)
        self.sitting.index = next((place for place in left if place > here), first)

    def end(self) -> None:
        self.sitting.index = len(self.sitting.items)

    def skip(self) -> None:
        self.forward()

    def hand_in(self) -> None:
        """It is over, and every answer may be seen."""
        self.sitting.finished = True
        self._sessions.clear()
        for item in self.sitting.items:
            if item.mark.stage == "open":
                item.mark.stage = "shown"
        self.end()


def paper_of(sitting: QuizSitting, opener: Opener, style: Style) -> Examination | Homework:
    if sitting.purpose == "exam":
        return Examination(sitting, opener, style)
    return Homework(sitting, opener, style)


# ── points ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Marked:
    points: float  # from 0 to 1
    state: ItemState
    verdict: Verdict | None  # the worst of what was typed; None where nothing was
    mistakes: tuple[str, ...]  # ids of misconceptions, the likeliest first
    message: Message | str | None  # what went wrong; None where nothing did


def marked(
    sitting: QuizSitting, opener: Opener, on: Mapping[int, Lesson] | None = None
) -> Iterator[Marked]:
    """The items of a paper, marked by what is answered so far; the sitting stays as it is.

    Of an exam by its answers alone. Of homework by what each answer was judged to be in its time.
    `on` has lessons by item, where their numbers are not those of its seed. Raises UserError: a
    lesson cannot be opened.
    """
    quiz = paper_of(sitting.copied(), opener, "unicode")
    for index, lesson in (on or {}).items():
        quiz.ask_on(index, lesson)
    for index in range(len(quiz.sitting.items)):
        try:
            found = _marked(quiz, index)
        except UserError:
            raise
        except Exception:  # an answer that the tutor fails at must not cost the other marks
            _log.exception("Item %s of a paper cannot be graded.", index + 1)
            found = Marked(0.0, "wrong", "unreadable", (), NOT_GRADED)
        yield found


NOT_GRADED = Message("bptutor made an error and could not grade this answer. Ask your teacher.")


def _marked(quiz: Examination | Homework, index: int) -> Marked:
    item = quiz.sitting.items[index]
    if not isinstance(quiz, Examination):
        return _by_attempts(item)
    worth = quiz.graded(index)
    graded = worth.graded
    state: ItemState = worth.state if item.typed else "open"
    verdict = (graded.verdict or "wrong") if item.typed else None
    return Marked(worth.points, state, verdict, graded.recorded, worth.message)


def _by_attempts(item: AskedItem) -> Marked:
    mark, points = item.mark, item.points or 0.0
    typed = [each for each in (mark.product_verdict, *mark.verdicts) if each]
    state: ItemState = "shown" if mark.stage == "shown" else "open"
    if mark.stage == "solved":
        state = "right" if points == 1 else "partly"
    elif mark.stage == "open" and mark.wrong:
        state = "wrong"
    verdict: Verdict | None = "wrong" if "wrong" in typed else next(iter(typed), None)
    return Marked(points, state, verdict, tuple(mark.mistakes), item.said or None)
