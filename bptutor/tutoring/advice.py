"""What an author might better: nothing wrong, but numbers that teach less than they could."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bptutor.language.ops import operation_of, traits_of
from bptutor.language.tree import Apply, Name
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.lint import Finding
from bptutor.locale import Message, shortest, significant
from bptutor.tutoring.choosing import confusions
from bptutor.tutoring.facts import Facts
from bptutor.tutoring.quiz.telling import few_numbers

SATURATED = 4.0
"""Beyond this a sigmoid's slope is below 2 %, and a tanh's below 0.2 %."""
MOST_NUMBERS = 10_000
"""Of a larger leaf the first numbers are looked at: nobody works with all of them by hand."""
DIGITS = 4
"""Significant digits of a number that is still easily worked with by hand."""


def advice(lesson: Lesson) -> list[Finding]:
    """What the numbers of a lesson might do better.

    Raises:
        EngineError: the lesson comes to no finite number.
    """
    facts = Facts(lesson)
    return [*_kinks(facts), *_saturation(facts), *_digits(lesson), *_mistakes(lesson)]


def _kinks(facts: Facts) -> Iterator[Finding]:
    for target, function, read in _functions(facts.lesson):
        if operation_of(function).kink(function) and (facts.known(read) == 0).any():
            message = Message(
                "{name} is exactly 0 somewhere, at the kink of {target}: keep it only if the "
                "lesson is about that",
                name=read,
                target=target,
            )
            yield Finding("kink", message, target)


def _saturation(facts: Facts) -> Iterator[Finding]:
    for target, function, read in _functions(facts.lesson):
        largest = float(np.abs(facts.known(read)).max(initial=0.0))
        if traits_of(function).saturates and largest > SATURATED:
            message = Message(
                "{name} reaches {value}, where {target} is flat: hardly anything flows back",
                name=read,
                value=significant(largest, 3),
                target=target,
            )
            yield Finding("saturated", message, target)


def _digits(lesson: Lesson) -> Iterator[Finding]:
    for name in lesson.program.leaves:
        numbers = np.asarray(lesson.values[name], "float64").reshape(-1)[:MOST_NUMBERS].tolist()
        texts = [shortest(number, lesson.dtype) for number in numbers]
        longest = max(texts, key=lambda text: len(_figures(text)), default="0")
        if len(_figures(longest)) > DIGITS:
            message = Message(
                "{name} has {value}: with fewer digits it is easier to work by hand",
                name=name,
                value=longest,
            )
            yield Finding("digits", message, f"values.{name}")


def _figures(number: str) -> str:
    return number.lstrip("-").partition("e")[0].replace(".", "").strip("0")


def _mistakes(lesson: Lesson) -> Iterator[Finding]:
    """A word a step on the mistakes that its numbers do not tell apart."""
    found: dict[str, list[Message]] = {}
    for each in confusions(lesson) if few_numbers(lesson) else ():
        said = (
            Message("{mistake} and the right answer", mistake=each.mistakes[0])
            if len(each.mistakes) == 1
            else Message("{one} and {other}", one=each.mistakes[0], other=each.mistakes[1])
        )
        found.setdefault(each.step, []).append(said)
    for step, pairs in found.items():
        for pair in dict.fromkeys(pairs):
            message = Message(
                "{step}: three figures do not tell apart {pair}", step=step, pair=pair
            )
            yield Finding("alike", message, step)


def _functions(lesson: Lesson) -> Iterator[tuple[str, Apply, str]]:
    """Assignments that are a function of one name: target, function, name."""
    for assignment in lesson.program.assignments:
        expression = assignment.expression
        if isinstance(expression, Apply) and isinstance(expression.operands[0], Name):
            yield assignment.target, expression, expression.operands[0].id
