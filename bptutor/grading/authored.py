"""The author's own words on a wrong answer, where it is one that a lesson's file foresees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from bptutor.engine.trace import Array
from bptutor.grading.cells import GradedCell, all_passed, answered, grade_cells
from bptutor.grading.facts import Facts
from bptutor.grading.fit import match
from bptutor.grading.formula import Scope, World, read_formula
from bptutor.language.errors import LanguageError, ShapeError
from bptutor.language.tree import Expression
from bptutor.lesson.lesson import Lesson, Texts, WrongAnswer
from bptutor.lesson.lint import Finding
from bptutor.lesson.steps import Step, places, steps
from bptutor.text import Message


class AuthorsWords(Message):
    """A text from a lesson's file as a sentence; nothing in it is read as a pattern."""

    __slots__ = ("words",)

    def __init__(self, words: Texts) -> None:
        super().__init__("{words}", words=words.to("en"))
        self.words = words

    def to(self, language: str) -> str:
        return self.words.to(language)


def words_on_formula(facts: Facts, step: Step, scope: Scope, text: str) -> Message | None:
    """What the author says to a formula: the words on the one to which it is identical."""
    foreseen = [each for each in facts.lesson.mistakes.get(step.id, ()) if each.formula]
    if not foreseen:
        return None
    try:
        typed = read_formula(text, scope)
    except LanguageError:
        return None
    worlds = facts.worlds(_in_numbers(facts.lesson, step))
    found = (each for each in foreseen if each.formula and _same(typed, each.formula, worlds))
    return _words(next(found, None))


def words_on_cells(
    facts: Facts, step: Step, graded: Sequence[GradedCell], positions: Sequence[int]
) -> Message | None:
    """What the author says to numbers: the words on the value that all of them fit."""
    verdicts = [cell.verdict for cell in graded]
    foreseen = facts.lesson.mistakes.get(step.id, ()) if step.part == "tape" else ()
    if not foreseen or "wrong" not in verdicts or "unreadable" in verdicts:
        return None
    cells = answered(facts, step, graded, positions)
    for each in foreseen:
        value = _value(facts, step, each)
        if value is not None:
            flat = value.reshape(-1)
            if match(cells, [float(flat[cell.position]) for cell in cells]).everything:
                return _words(each)
    return None


def right_ones(lesson: Lesson) -> list[Finding]:
    """The foreseen answers that are right, of which the words are never said.

    Raises EngineError: the lesson's own values come to no finite number.
    """
    return list(_right_ones(Facts(lesson))) if lesson.mistakes else []


def _right_ones(facts: Facts) -> Iterator[Finding]:
    for id_, foreseen in facts.lesson.mistakes.items():
        step = steps(facts.lesson)[places(facts.lesson)[id_]]
        for each in foreseen:
            if each.formula is not None:
                right = _same(each.formula, step.product, facts.worlds(step))
            else:
                numbers = np.asarray(each.value, "float64").reshape(-1).tolist()
                right = all_passed(
                    grade_cells(
                        facts, step, [repr(number) for number in numbers], range(len(numbers))
                    )
                )
            if right:
                message = Message(
                    "the answer under [[mistakes]] at {step} is right; remove it", step=id_
                )
                yield Finding("mistake-right", message, id_)


def _words(found: WrongAnswer | None) -> Message | None:
    return AuthorsWords(found.words) if found else None


def _in_numbers(lesson: Lesson, step: Step) -> Step:
    """The step of the same id in the part in numbers."""
    return steps(lesson)[places(lesson)[step.id]]


def _same(typed: Expression, other: Expression, worlds: Sequence[World]) -> bool:
    """Are two formulas identical, on whatever numbers, or at least as they are written?"""
    if typed == other:
        return True
    try:
        values = [(world, world.evaluate(typed), world.evaluate(other)) for world in worlds]
    except ShapeError:
        return False
    return all(
        value.shape == truth.shape and replace(world, truth=truth).agrees(value)
        for world, value, truth in values
    )


def _value(facts: Facts, step: Step, foreseen: WrongAnswer) -> Array | None:
    """A foreseen answer in numbers; None where it is of other numbers, or of another shape."""
    if foreseen.value is not None:
        return np.asarray(foreseen.value, "float64") if _on_its_own_numbers(facts) else None
    assert foreseen.formula is not None
    world = facts.worlds(step)[0]
    try:
        value = np.broadcast_to(world.evaluate(foreseen.formula), step.shape)
    except (ShapeError, ValueError):
        return None
    return np.where(np.abs(value) <= world.residue, 0, value)


def _on_its_own_numbers(facts: Facts) -> bool:
    """Are these the numbers of the lesson's file, and not those after an update?"""
    return all(
        np.array_equal(facts.known(name), np.asarray(facts.lesson.values[name], facts.trace.dtype))
        for name in facts.lesson.leaves
    )
