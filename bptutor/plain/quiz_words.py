"""A quiz in sentences: what there is to know beside an item, the list of items, the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bptutor.plain.clock import time_left
from bptutor.plain.dialogue import Said
from bptutor.service import quiz_words
from bptutor.service.words import STAGES
from bptutor.text import Message
from bptutor.views.lesson import StepName
from bptutor.views.quiz import ItemState, QuizItem, QuizLeft, QuizPlace, QuizView

MISTAKEN: tuple[ItemState, ...] = ("open", "partly", "wrong", "shown")
"""What there is to learn from, once a quiz is over."""


def beside(quiz: QuizPlace) -> Iterator[Said]:
    """What there is to know of an item that is asked, besides the question."""
    if quiz.why:
        yield quiz.why
    if not quiz.exam:
        yield worth(quiz.credit)
    else:
        yield Message("answered so far: {count}", count=quiz.answered)
        if quiz.flagged:
            yield Message("flagged to come back to")
    if quiz.seed is not None:
        yield Message("seed {seed}", seed=quiz.seed)


def worth(credit: float) -> Message:
    """What a right answer is worth by now."""
    return Message("a right answer is worth {credit} of 1", credit=quiz_words.points(credit))


def seeds(quiz: QuizPlace) -> Iterator[Message]:
    """How the same quiz, and the same item, can be had again."""
    yield from _seed(quiz.seed)
    if quiz.code:
        yield Message(
            "The code of this item is {code}: in the menu, {replay} with it asks the same item "
            "again.",
            code=quiz.code,
            replay=Message("/replay"),
        )


def _seed(seed: int | None) -> Iterator[Message]:
    if seed is not None:
        yield Message("The seed is {seed}: whoever gives it is asked the same.", seed=seed)


def left(quizzes: Sequence[QuizLeft]) -> Iterator[Message]:
    """The quiz and the exam that can be gone on with."""
    for quiz in quizzes:
        yield Message(
            "{what} that you left: {answered} of {total} answered; seed {seed}; {command} leads "
            "back to it.",
            what=quiz_words.kind_of(quiz.exam),
            answered=quiz.answered,
            total=quiz.total,
            seed=quiz.seed,
            command=Message("/exam") if quiz.exam else Message("/quiz"),
        )


def names(steps: Sequence[StepName], here: int) -> Iterator[Message]:
    """The items of a quiz that goes on, as far as they have been asked."""
    for index, step in enumerate(steps):
        named = Message("{number}. {name}", number=index + 1, name=step.name)
        line = Message("{step}: {stage}", step=named, stage=STAGES[step.stage])
        yield Message("{line} (you are here)", line=line) if index == here else line


def items(view: QuizView) -> Iterator[Message]:
    """Every item, and how it went or how far it is."""
    yield from (_item(item) for item in view.items)


def mistaken(view: QuizView) -> list[QuizItem]:
    """The items from which there is something to learn."""
    return [item for item in view.items if item.state in MISTAKEN] if view.finished else []


def end(view: QuizView) -> Iterator[Said]:
    """How a quiz went, each mistake too; before an exam is handed in, what is missing."""
    yield ""
    if not view.finished:
        yield from _before_the_end(view)
        return
    yield Message("The exam is over.") if view.exam else Message("The quiz is over.")
    yield quiz_words.score(view)
    if view.skills:
        yield Message("By kind of step, the weakest first:")
    for skill in view.skills:
        yield Message(
            "{skill}: {points} of {possible}",
            skill=skill.skill,
            points=quiz_words.points(skill.points),
            possible=quiz_words.points(skill.possible),
        )
    if wrong := mistaken(view):
        yield Message("What did not go right at once:")
    for item in wrong:
        yield _item(item)
        if item.diagnosis:
            yield item.diagnosis
    if view.closing:
        yield view.closing
    yield from _seed(view.seed)


def _before_the_end(view: QuizView) -> Iterator[Said]:
    yield Message("Before you hand in:")
    yield quiz_words.score(view)
    if missing := [item for item in view.items if item.state == "open"]:
        yield Message("Without an answer: {numbers}.", numbers=_numbers(missing))
    if flagged := [item for item in view.items if item.flagged]:
        yield Message("Flagged: {numbers}.", numbers=_numbers(flagged))
    if view.seconds_left is not None:
        yield time_left(view.seconds_left)


def _item(item: QuizItem) -> Message:
    of = Message("{name}, {lesson}", name=item.name, lesson=item.lesson)
    named = Message("{number}. {name}", number=item.index + 1, name=of)
    return Message("{step}: {stage}", step=named, stage=quiz_words.state(item))


def _numbers(of: Sequence[QuizItem]) -> str:
    return ", ".join(str(item.index + 1) for item in of)
