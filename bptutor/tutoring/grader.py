"""Grades what is typed at a step: products by identity, values cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bptutor.grading.answer import read_cell
from bptutor.grading.diagnosis import Named
from bptutor.grading.fit import Answered
from bptutor.grading.number import Typed, judge, judge_update
from bptutor.grading.product import JudgedProduct, judge_product
from bptutor.language.errors import LanguageError
from bptutor.language.ops.base import Style
from bptutor.language.parse import parse_expression
from bptutor.language.suggest import nearest
from bptutor.language.tree import Expression, names
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import LEARNING_RATE, Step, known_names, places
from bptutor.locale import Message, UserError, shortest, significant
from bptutor.tutoring.facts import Facts, arithmetic

Verdict: TypeAlias = Literal["exact", "right", "imprecise", "wrong", "unreadable"]

WORST_FIRST: tuple[Verdict, ...] = ("unreadable", "wrong", "imprecise", "right", "exact")


@dataclass(frozen=True)
class GradedCell:
    """A verdict on one cell; None where nothing was typed."""

    verdict: Verdict | None
    note: Message | None = None
    typed: Typed | None = None
    """The number, where it could be read."""
    size: Message | None = None
    """Of a wrong number, what is known of its sign and size."""


def passed(verdict: Verdict | None) -> bool:
    """Is it right?"""
    return verdict in ("exact", "right")


def worst(verdicts: Sequence[Verdict | None]) -> Verdict | None:
    """The verdict on the whole: that of its worst cell; None while a cell is empty."""
    if not verdicts or None in verdicts:
        found: list[Verdict] = [verdict for verdict in verdicts if verdict]
        return next((verdict for verdict in WORST_FIRST[:3] if verdict in found), None)
    return next(verdict for verdict in WORST_FIRST if verdict in verdicts)


def grade_product(facts: Facts, step: Step, text: str) -> JudgedProduct:
    """Grade a product, with a word on what cannot be read or may not be used."""
    try:
        expression = _read_product(facts.lesson, step, text)
    except LanguageError as error:
        return JudgedProduct("unreadable", error.message, error.column)
    forbidden = _not_known_yet(facts.lesson, step, expression)
    if forbidden:
        return JudgedProduct("wrong", forbidden)
    return judge_product(expression, facts.worlds(step))


def grade_cells(
    facts: Facts, step: Step, texts: Sequence[str], positions: Sequence[int]
) -> list[GradedCell]:
    """Grade the cells at these positions (row after row) of a step's value."""
    truth = facts.truth(step).reshape(-1)
    honest = facts.honest(step).reshape(-1)
    graded = []
    for text, position in zip(texts, positions, strict=True):
        if not text.strip():
            graded.append(GradedCell(None))
            continue
        try:
            typed = read_cell(text, arithmetic)
        except UserError as error:
            graded.append(GradedCell("unreadable", error.message))
            continue
        if step.kind == "update":
            old = facts.known(step.target).reshape(-1)[position]
            gradient = facts.gradient(step.target).reshape(-1)[position]
            judged = judge_update(
                typed,
                float(old),
                float(gradient),
                facts.lesson.learning_rate,
                float(truth[position]),
                facts.lesson.dtype,
            )
        else:
            judged = judge(typed, float(truth[position]), float(honest[position]))
        wrong = judged.verdict == "wrong" and step.kind != "update"
        size = _size(typed.value, float(truth[position])) if wrong else None
        graded.append(GradedCell(judged.verdict, judged.note, typed, size))
    return graded


def _size(typed: float, truth: float) -> Message | None:
    """What is known of a wrong number, without giving the right one away."""
    if truth == 0 or typed == 0:
        return Message("It is 0 there.") if truth == 0 else Message("It is not 0 there.")
    if typed * truth < 0:
        return Message("The sign is not right.")
    share = abs(typed / truth)
    if 0.5 < share < 2:
        return Message("Close, but too large.") if share > 1 else Message("Close, but too small.")
    if share > 1:
        return Message("Too large, by a factor of about {factor}.", factor=significant(share, 1))
    return Message("Too small, by a factor of about {factor}.", factor=significant(1 / share, 1))


def diagnose_product(facts: Facts, step: Step, text: str, style: Style) -> list[Named]:
    """What explains a product that was found wrong; nothing where it could not be worked out."""
    try:
        expression = _read_product(facts.lesson, step, text)
    except LanguageError:
        return []
    return facts.diagnostician(step, style).of_product(expression, facts.worlds(step))


def diagnose_cells(
    facts: Facts, step: Step, graded: Sequence[GradedCell], positions: Sequence[int], style: Style
) -> list[Named]:
    """What explains a value with wrong cells, likeliest first."""
    if all(cell.verdict != "wrong" for cell in graded):
        return []
    truth = facts.truth(step).reshape(-1).tolist()
    old = facts.known(step.target).reshape(-1).tolist() if step.kind == "update" else None
    cells = [
        Answered(
            cell.typed,
            truth[position],
            cell.verdict != "wrong",
            position,
            old[position] if old else None,
            float(shortest(old[position], facts.lesson.dtype)) if old else 0.0,
        )
        for cell, position in zip(graded, positions, strict=True)
        if cell.typed is not None
    ]
    return facts.diagnostician(step, style).of_value(cells, facts.honest(step, EARLY))


EARLY = 2
"""Significant figures to which knowns are rounded by someone who rounds too early."""


def _read_product(lesson: Lesson, step: Step, text: str) -> Expression:
    """The product's tree, all of whose names the lesson has.

    Raises:
        LanguageError: it is not in the notation, or has a name that there is not.
    """
    every = {*lesson.program.leaves, *places(lesson), LEARNING_RATE}
    expression = parse_expression(text, every)
    for name in names(expression):
        if name not in every:
            known = known_names(lesson, places(lesson)[step.id])
            close = nearest(name, known)
            problem = (
                Message(
                    "There is no {name} here; did you mean {nearest}?", name=name, nearest=close
                )
                if close
                else Message("There is no {name} here; the names are on the tape.", name=name)
            )
            raise LanguageError(problem, column=max(text.find(name), 0))
    return expression


def _not_known_yet(lesson: Lesson, step: Step, expression: Expression) -> Message | None:
    place = places(lesson)[step.id]
    known = set(known_names(lesson, place))
    for name in names(expression):
        if name == step.id:
            return Message("{name} is what is asked; write it by what is known.", name=name)
        if name not in known:
            return Message(
                "{name} is not known yet: it comes in step {number}.",
                name=name,
                number=places(lesson)[name] + 1,
            )
    return None
