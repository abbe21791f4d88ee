"""A value's cells: what is typed into each of them, its verdict, and what explains a wrong one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bptutor.engine.trace import Array
from bptutor.grading.diagnosis import Named
from bptutor.grading.facts import Facts, arithmetic
from bptutor.grading.fit import Answered
from bptutor.grading.judge import Typed, judge, judge_update, off_by
from bptutor.grading.read import read_cell
from bptutor.language.ops.base import Style
from bptutor.lesson.steps import Step
from bptutor.literals import Verdict
from bptutor.text import Message, UserError, shortest

WORST_FIRST: tuple[Verdict, ...] = ("unreadable", "wrong", "imprecise", "right", "exact")

EARLY = 2
"""Significant digits to which knowns are rounded by someone who rounds too early."""


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
    return verdict in ("exact", "right")


def all_passed(cells: Sequence[GradedCell]) -> bool:
    return all(passed(cell.verdict) for cell in cells)


def worst(verdicts: Sequence[Verdict | None]) -> Verdict | None:
    """The verdict on the whole: that of its worst cell.

    While a cell is empty it is none that is right, and None where nothing is wrong so far.
    """
    counting = WORST_FIRST[:3] if None in verdicts else WORST_FIRST
    return next((verdict for verdict in counting if verdict in verdicts), None)


def read_number(text: str) -> Typed | GradedCell:
    """A cell's number; where there is none, the verdict."""
    if not text.strip():
        return GradedCell(None)
    try:
        return read_cell(text, arithmetic)
    except UserError as error:
        return GradedCell("unreadable", error.message)


def grade_cells(
    facts: Facts, step: Step, texts: Sequence[str], positions: Sequence[int]
) -> list[GradedCell]:
    """Grade the cells at these positions (row after row) of a step's value."""
    truth = facts.truth(step).reshape(-1)[list(positions)]
    if step.kind == "update":
        return grade_update(facts, step.target, texts, positions, truth)
    displayed = facts.displayed(step).reshape(-1)[list(positions)]
    graded = grade_numbers(texts, truth, displayed)
    verdicts = [cell.verdict for cell in graded]
    if "imprecise" not in verdicts or {"wrong", "unreadable"}.intersection(verdicts):
        return graded
    answered = _answered(facts, step, graded, positions, ("exact", "right"))
    if not facts.diagnostician(step).known_mistake_gives(answered):
        return graded
    return [
        replace(cell, verdict="wrong", note=None) if cell.verdict == "imprecise" else cell
        for cell in graded
    ]


def grade_numbers(
    texts: Sequence[str], truth: Array, displayed: Array | None = None
) -> list[GradedCell]:
    """Grade numbers against the true ones, one for each text.

    `displayed` is what arithmetic on the numbers as displayed gives, where that may differ.
    """
    expected = truth if displayed is None else displayed
    graded = []
    for text, right, near in zip(texts, truth.tolist(), expected.tolist(), strict=True):
        typed = read_number(text)
        if isinstance(typed, Typed):
            judged = judge(typed, right, near)
            size = _size(typed.value, right) if judged.verdict == "wrong" else None
            typed = GradedCell(judged.verdict, judged.note, typed, size)
        graded.append(typed)
    return graded


def grade_update(
    facts: Facts, parameter: str, texts: Sequence[str], positions: Sequence[int], truth: Array
) -> list[GradedCell]:
    """Grade an updated parameter's cells at these positions, each by its change."""
    lesson, at = facts.lesson, list(positions)
    old = facts.known(parameter).reshape(-1)[at].tolist()
    gradient = facts.gradient(parameter).reshape(-1)[at].tolist()
    graded = []
    for text, before, slope, after in zip(texts, old, gradient, truth.tolist(), strict=True):
        typed = read_number(text)
        if isinstance(typed, Typed):
            rate = lesson.learning_rate
            judged = judge_update(typed, before, slope, rate, after, lesson.dtype)
            typed = GradedCell(judged.verdict, judged.note, typed)
        graded.append(typed)
    return graded


def _size(typed: float, truth: float) -> Message:
    """What is known of a wrong number, without giving the right one away."""
    if truth == 0:
        return Message("Look for a factor that is 0, or for terms that cancel.")
    if typed == 0:
        return Message("The value is not 0.")
    return off_by(typed / truth)


def diagnose_cells(
    facts: Facts, step: Step, graded: Sequence[GradedCell], positions: Sequence[int], style: Style
) -> list[Named]:
    """What explains a value with wrong cells, likeliest first; nothing while one is unreadable."""
    verdicts = [cell.verdict for cell in graded]
    if "wrong" not in verdicts or "unreadable" in verdicts:
        return []
    cells = _answered(facts, step, graded, positions, ("exact", "right", "imprecise"))
    return facts.diagnostician(step, style).of_value(cells, facts.displayed(step, EARLY))


def _answered(
    facts: Facts,
    step: Step,
    graded: Sequence[GradedCell],
    positions: Sequence[int],
    right: Sequence[Verdict],
) -> list[Answered]:
    """The cells that hold a number, for the diagnosis; `right` verdicts speak against none."""
    truth = facts.truth(step).reshape(-1).tolist()
    old = facts.known(step.target).reshape(-1).tolist() if step.kind == "update" else None
    return [
        Answered(
            cell.typed,
            truth[position],
            cell.verdict in right,
            position,
            old[position] if old else None,
            float(shortest(old[position], facts.lesson.dtype)) if old else 0.0,
        )
        for cell, position in zip(graded, positions, strict=True)
        if cell.typed is not None
    ]
