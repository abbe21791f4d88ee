"""The wrong answers in a record that nothing explained, equal ones together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from msgspec import Struct

from bptutor.engine.numpy_pass import NumpyPass
from bptutor.grading.fit import NOTHING
from bptutor.grading.judge import Typed
from bptutor.grading.read import read_cell
from bptutor.language.errors import LanguageError
from bptutor.language.parse import parse_expression
from bptutor.language.shapes import require_affordable
from bptutor.language.tree import Expression
from bptutor.literals import OF_PROGRAM
from bptutor.quiz.codes import write_code
from bptutor.record.attempts import Attempt
from bptutor.text import UserError

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
