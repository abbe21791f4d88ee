"""Right answers as honest learners give them, drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from random import Random

import numpy as np
from numpy.typing import NDArray

from bptutor.course.answers import Answers
from bptutor.engine.trace import work_out
from bptutor.grading.judge import figures_needed
from bptutor.language.evaluate import cell
from bptutor.language.ops.base import Style
from bptutor.language.render import index_of, write
from bptutor.language.tree import names
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step, steps
from bptutor.text import shortest
from tools.feedback.written import matrix, text

Array = NDArray[np.float64]

STYLES: tuple[Style, ...] = ("unicode", "ascii", "tensorflow")
LONGEST = 1_000
"""Characters of arithmetic that anyone would type into a cell."""


@dataclass(frozen=True)
class Right:
    """A right answer."""

    way: str
    """How it came about."""
    step: Step
    asked: str
    text: str


class Honest:
    """Gives right answers to a lesson."""

    def __init__(self, lesson: Lesson, random: Random) -> None:
        self.answers = Answers(lesson)
        self.lesson = lesson
        self.random = random

    def answer(self) -> Right:
        """One right answer to one step, in one of the ways that there are for it."""
        step = self.random.choice(steps(self.lesson))
        return self.random.choice(self._ways(step))(step)

    def _ways(self, step: Step) -> list[Callable[[Step], Right]]:
        if step.kind == "update":
            typed: list[Callable[[Step], Right]] = [self._enough_decimals, self._rule_typed]
            return [*typed, self._product] if step.asks_formula else typed
        values: list[Callable[[Step], Right]] = [
            self._rounded,
            self._on_displayed,
            self._arithmetic_typed,
        ]
        return [*values, self._product] if step.asks_formula else values

    def _rounded(self, step: Step) -> Right:
        """The truth, each cell to three figures or more."""
        truth = self._number(self.answers.facts.truth(step))
        cells = [text(value, self.random.randint(3, 8)) for value in truth]
        return Right("rounded", step, "value", matrix(cells, step.shape))

    def _on_displayed(self, step: Step) -> Right:
        """Worked out on the knowns as they are displayed, and rounded at the end."""
        known = {name: self._displayed(name) for name in set(names(step.product))}
        value = np.broadcast_to(work_out(step.product, known), step.shape).reshape(-1)
        figures = self.random.randint(4, 7)
        zero = self._number(self.answers.facts.truth(step)) == 0
        cells = [
            "0" if nothing and abs(each) < 1e-9 else text(float(each), figures)
            for each, nothing in zip(value, zero, strict=True)
        ]
        return Right("on displayed", step, "value", matrix(cells, step.shape))

    def _arithmetic_typed(self, step: Step) -> Right:
        """The formula of each cell with the displayed numbers in it."""
        truth = self._number(self.answers.facts.truth(step))
        cells = []
        for position in range(prod(step.shape)):
            typed = "0" if truth[position] == 0 else self._cell(step, position)
            cells.append(typed if len(typed) <= LONGEST else text(float(truth[position]), 5))
        return Right("arithmetic", step, "value", matrix(cells, step.shape))

    def _enough_decimals(self, step: Step) -> Right:
        """New weights with as many decimals as the screen asks for, or more."""
        facts, cells = self.answers.facts, []
        old, decrease, new = self._update(step)
        more, dtype = self.random.randint(0, 3), facts.lesson.dtype
        for weight, less, moved in zip(old, decrease, new, strict=True):
            decimals = figures_needed(float(weight), float(less), dtype) + more
            still = shortest(float(weight), dtype)
            cells.append(still if less == 0 else f"{moved:.{decimals}f}")
        return Right("decimals", step, "value", matrix(cells, step.shape))

    def _rule_typed(self, step: Step) -> Right:
        """The rule itself: 0.1 - 0.001*0.03168."""
        facts = self.answers.facts
        old, decrease, _ = self._update(step)
        figures, rate = self.random.randint(3, 6), facts.lesson.learning_rate
        cells = [
            f"{shortest(float(weight), facts.lesson.dtype)}"
            f" - {rate}*({text(float(less / rate), figures)})"
            for weight, less in zip(old, decrease, strict=True)
        ]
        return Right("rule", step, "value", matrix(cells, step.shape))

    def _product(self, step: Step) -> Right:
        """The product in one of the three ways of writing it."""
        style = self.random.choice(STYLES)
        dtype = self.lesson.dtype
        return Right("product", step, "product", write(step.product, style, dtype))

    def _cell(self, step: Step, position: int) -> str:
        facts = self.answers.facts
        shapes = {name: facts.known(name).shape for name in set(names(step.product))}
        at = index_of(position, step.shape)
        formula = cell(step.product, at, shapes, lambda name, place: self._displayed(name)[place])
        return write(formula, "ascii")

    def _displayed(self, name: str) -> Array:
        value = np.asarray(self.answers.facts.known(name), "float64")
        return np.asarray([float(f"{each:.5g}") for each in value.reshape(-1)]).reshape(value.shape)

    def _update(self, step: Step) -> tuple[Array, Array, Array]:
        facts = self.answers.facts
        old, decrease = facts.known(step.target), self._number(facts.decrease(step))
        shown = np.asarray(
            [float(shortest(w, self.lesson.dtype)) for w in old.reshape(-1).tolist()]
        )
        return shown, decrease, shown - decrease

    @staticmethod
    def _number(value: Array) -> Array:
        return np.asarray(value, "float64").reshape(-1)


def right_answers(lessons: list[Lesson], count: int, seed: int) -> Iterator[tuple[Answers, Right]]:
    """So many right answers to the lessons, the same ones for the same seed."""
    random = Random(seed)
    honest = [Honest(lesson, random) for lesson in lessons]
    for _ in range(count):
        who = random.choice(honest)
        yield who.answers, who.answer()


def refused(lessons: list[Lesson], count: int, seed: int) -> Iterator[str]:
    """The right answers that are not taken, or accused of something: there must be none."""
    for answers, right in right_answers(lessons, count, seed):
        checked = answers.check(right.step.id, **{right.asked: right.text})
        if not checked.correct or checked.misconceptions:
            yield (
                f"{answers.lesson.name} {right.step.id} ({right.way}) {right.text[:120]} ->"
                f" {checked.verdict} {checked.misconceptions} {checked.message}"
            )
