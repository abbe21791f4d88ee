"""What a learner has answered: the sheet of a lesson, and wrong answers that nothing explains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from msgspec import Struct

from bptutor.course.iterations import fits
from bptutor.course.parts import PARTS
from bptutor.course.questions import asks_product
from bptutor.course.session import Session, exercise
from bptutor.engine.numpy_pass import NumpyPass
from bptutor.export.sheet import Block, Sheet
from bptutor.grading.fit import NOTHING
from bptutor.grading.judge import Typed
from bptutor.grading.read import read_cell
from bptutor.language.errors import LanguageError
from bptutor.language.ops.base import Style
from bptutor.language.parse import parse_expression
from bptutor.language.render import display_name
from bptutor.language.shapes import require_affordable
from bptutor.language.tree import Expression
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.names import by_own_names, own_name
from bptutor.lesson.steps import Step
from bptutor.literals import OF_PROGRAM, Part
from bptutor.quiz.codes import write_code
from bptutor.record.attempts import Attempt
from bptutor.record.sittings import Mark, Sitting, Sittings, part_key
from bptutor.service.progress import attempt_line
from bptutor.service.quiz_words import outcome
from bptutor.service.words import PARTS as PART_WORDS
from bptutor.service.words import STAGES, mistake
from bptutor.text import Message, UserError

STYLE: Style = "unicode"


CHANGED = Message("The lesson has changed since some of these answers.")


def answers_of(
    lesson: Lesson,
    key: str,
    learner: str,
    attempts: Sequence[Attempt],
    sittings: Sittings,
    parts: Sequence[Part],
    language: str,
) -> Sheet:
    """The answers of a learner to some parts of a lesson, with verdicts and hints.

    `key` is that of the lesson's places and attempts; the `attempts` are in order. Raises
    UserError: there are none.
    """
    blocks: list[Block] = []
    for part in sorted(parts, key=PARTS.index):
        made = [
            each
            for each in attempts
            if (each.lesson, each.part, each.sitting) == (key, part, "lesson")
        ]
        sitting = sittings.look(part_key(key, part))
        if made or (sitting and sitting.marks):
            blocks += _Part(lesson, part, made, sitting, language).blocks()
    if not blocks:
        raise UserError("Your record has no answers to {lesson}.", lesson=lesson.name)
    facts = Message("Name: {learner}. Written on {date}.", learner=learner, date=_time(None))
    return Sheet(
        language,
        Message("Answers: {title}", title=lesson.title.to(language)).to(language),
        blocks,
        [facts.to(language)],
    )


def _time(moment: float | None) -> str:
    then = datetime.now() if moment is None else datetime.fromtimestamp(moment)
    return then.strftime("%Y-%m-%d %H:%M")


class _Part:
    def __init__(
        self,
        lesson: Lesson,
        part: Part,
        made: Sequence[Attempt],
        sitting: Sitting | None,
        language: str,
    ) -> None:
        self._part, self._language = part, language
        self._made_in_order = made
        self._made: dict[str, list[Attempt]] = {}
        for each in made:
            self._made.setdefault(own_name(lesson, each.step), []).append(each)
        of_part = sitting if sitting and sitting.part == part else None
        self._marks = by_own_names(lesson, of_part.marks) if of_part else {}
        self._session = Session.begin(lesson, "all", lesson.name, STYLE, part)
        self._on_now = False  # is the lesson, of which hints speak, as it was when answered?
        if of_part and of_part.digest == lesson.digest and fits(lesson, of_part):
            self._session, self._on_now = Session(lesson, of_part, STYLE), True
        self._facts = self._session.prepare()

    def blocks(self) -> Iterator[Block]:
        marks = self._marks
        told = Message(
            "Solved: {solved} of {count} steps; at the first attempt: {first}. Answers shown: "
            "{shown}. Hints: {hints}.",
            solved=sum(mark.stage == "solved" for mark in marks.values()),
            count=len(self._session.steps),
            first=sum(
                mark.stage == "solved" and mark.attempts == 1 and not mark.hints
                for mark in marks.values()
            ),
            shown=sum(mark.stage == "shown" for mark in marks.values()),
            hints=sum(mark.hints for mark in marks.values()),
        )
        title = Message("Part: {part}", part=PART_WORDS[self._part])
        lines = [self._words(told)]
        if any(each.digest != self._session.lesson.digest for each in self._made_in_order):
            lines.append(self._words(CHANGED))
        yield Block(self._words(title), lines)
        known = {step.id for step in self._session.steps}
        for number, step in enumerate(self._session.steps, 1):
            made = self._made.get(step.id, [])
            if made or step.id in marks:
                yield self._step(number, step, made, marks.get(step.id, Mark()))
        for id_, made in self._made.items():
            if id_ not in known:  # it is of an older version of the lesson
                table = [*self._table(made)]
                yield Block(display_name(id_, STYLE), table=table, level=3)

    def _step(self, number: int, step: Step, made: Sequence[Attempt], mark: Mark) -> Block:
        asked = exercise(self._session.lesson, step, STYLE, self._facts)
        asked.rule_hidden = mark.support == "alone"
        asked.formula_asked = asks_product(step, self._session.sitting.ask)
        now = [each.hints for each in made if self._is_current(each)]
        taken = max((mark.hints if self._on_now else 0, *now))
        hints = asked.hints(taken, self._session.cells(step))
        lines = [self._words(asked.question())]
        lines += [
            self._words(Message("Hint {number}: {hint}", number=place, hint=hint))
            for place, hint in enumerate(hints, 1)
        ]
        if not made or not made[-1].closed:
            typed = "; ".join(filter(None, (mark.product, ", ".join(filter(None, mark.cells)))))
            lines.append(f"{self._words(STAGES[mark.stage])}: {typed or '-'}")
        name = asked.name()
        heading = f"{number}. {name if isinstance(name, str) else self._words(name)}"
        return Block(heading, lines, [*self._table(made)] if made else (), level=3)

    def _is_current(self, attempt: Attempt) -> bool:
        """Was it made on the numbers of now, of which the hints speak?"""
        session = self._session
        now = (session.lesson.digest, session.sitting.iterations)
        return (attempt.digest, attempt.iteration) == now

    def _table(self, made: Sequence[Attempt]) -> Iterator[tuple[str, ...]]:
        head = (Message("time"), Message("answer"), Message("verdict"), Message("hints before"))
        yield tuple(map(self._words, head))
        for each in made:
            line = attempt_line(each, STYLE, self._language)
            verdict = [outcome(line.verdict), *map(mistake, line.mistakes)]
            when = _time(line.at)
            if each.iteration:
                number = each.iteration + 1
                when = self._words(Message("{when}, iteration {number}", when=when, number=number))
            yield (when, line.typed or "-", ": ".join(map(self._words, verdict)), str(each.hints))

    def _words(self, said: Message | str) -> str:
        return said.to(self._language) if isinstance(said, Message) else said


Number: TypeAlias = Typed | str  # what is in a cell; its text where it is no number


class Unnamed(Struct, frozen=True):
    """A wrong answer, and the answers that are the same up to spelling and rounding."""

    lesson: str  # its name, or the path of its file
    step: str
    formula: str
    value: list[str]  # the cells as they were typed
    times: int
    last: float  # seconds since 1970, UTC
    code: str  # of the item: the same step on the same numbers


@dataclass
class _Answer:
    """An answer that was given, once or more often."""

    first: Attempt
    formula: Expression | str
    numbers: Sequence[Number]
    times: int = 0
    last: float = 0.0

    def is_given(self, formula: Expression | str, numbers: Sequence[Number]) -> bool:
        return (
            self.formula == formula
            and len(self.numbers) == len(numbers)
            and all(map(_same, self.numbers, numbers))
        )


def unnamed(attempts: Iterable[Attempt]) -> list[Unnamed]:
    """The answers that nothing explained, step by step; what is frequent comes first."""
    steps: dict[tuple[str, str], list[_Answer]] = defaultdict(list)
    places: dict[tuple[object, ...], list[_Answer]] = defaultdict(list)
    for each in attempts:
        if each.verdict != "wrong" or each.misconceptions or each.explained:
            continue
        if each.kind in OF_PROGRAM:  # whose wrong answers are explained
            given = places[each.lesson, each.part, each.step, *_numbers_of(each)]
            formula, numbers = _read_formula(each.product), [_read(cell) for cell in each.cells]
            answer = next((old for old in given if old.is_given(formula, numbers)), None)
            if answer is None:
                answer = _Answer(each, formula, numbers)
                given.append(answer)
                steps[each.lesson, each.step].append(answer)
            answer.times += 1
            answer.last = max(answer.last, each.at)
    most_first = sorted(steps.values(), key=lambda step: -sum(answer.times for answer in step))
    return [
        _listed(answer)
        for step in most_first
        for answer in sorted(step, key=lambda answer: (-answer.times, -answer.last))
    ]


def _listed(answer: _Answer) -> Unnamed:
    first = answer.first
    return Unnamed(
        lesson=first.lesson,
        step=first.step,
        formula=first.product,
        value=first.cells,
        times=answer.times,
        last=answer.last,
        code=write_code(first),
    )


def _numbers_of(attempt: Attempt) -> tuple[object, ...]:
    """What tells the numbers of the step from others; formulas are the same on any."""
    if not any(attempt.cells):
        return ()
    return attempt.seed, attempt.made_for, attempt.iteration


@lru_cache(maxsize=4096)
def _read_formula(text: str) -> Expression | str:
    """The formula, however it is spelled; a text that is none as it is."""
    with suppress(LanguageError):
        return parse_expression(text)
    return " ".join(text.split())


@lru_cache(maxsize=4096)
def _read(cell: str) -> Number:
    try:
        return read_cell(cell, _arithmetic)
    except (UserError, ArithmeticError, ValueError):
        return cell.strip()


def _arithmetic(expression: Expression) -> float:
    require_affordable(expression, {})
    with np.errstate(all="ignore"):
        return float(NumpyPass({}, {}).value(expression).item())


def _same(number: Number, other: Number) -> bool:
    """Are two numbers the same, but for rounding to two significant digits or more?"""
    if isinstance(number, str) or isinstance(other, str):
        return number == other
    coarse = max(number, other, key=lambda each: each.unit or 0.0)
    unit = (coarse.unit or 0.0) if coarse.figures != 1 else 0.0
    off = abs(number.value - other.value)
    return off <= max(unit / 2, NOTHING * abs(number.value)) * (1 + 1e-9)
