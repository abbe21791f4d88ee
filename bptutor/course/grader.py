"""From an answer to its verdict in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bptutor.course.parts import known_at, places_of
from bptutor.grading.diagnosis import Named
from bptutor.grading.facts import Array, Facts, arithmetic
from bptutor.grading.fit import Answered
from bptutor.grading.formula import JudgedProduct, judge_product
from bptutor.grading.judge import Typed, judge, judge_update
from bptutor.grading.read import read_cell
from bptutor.language.errors import LanguageError, nearest
from bptutor.language.ops.base import Style
from bptutor.language.parse import parse_expression
from bptutor.language.tree import Expression, Shape, names
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step
from bptutor.literals import Verdict
from bptutor.text import Message, UserError, shortest, significant

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


def grade_product(facts: Facts, step: Step, text: str, *, spread: bool = False) -> JudgedProduct:
    """Grade a product, with a word on what cannot be read or may not be used.

    With `spread`, what can be broadcast to the step's shape counts as of that shape.
    """
    try:
        expression = read_product(facts.lesson, step, text)
    except LanguageError as error:
        return JudgedProduct("unreadable", error.message, error.column)
    forbidden = _not_known_yet(facts.lesson, step, expression)
    if forbidden:
        return JudgedProduct("wrong", forbidden)
    return judge_product(expression, facts.worlds(step), spread=spread)


def grade_cells(
    facts: Facts, step: Step, texts: Sequence[str], positions: Sequence[int]
) -> list[GradedCell]:
    """Grade the cells at these positions (row after row) of a step's value."""
    truth = facts.truth(step).reshape(-1)[list(positions)]
    if step.kind == "update":
        return grade_update(facts, step.target, texts, positions, truth)
    return grade_numbers(texts, truth, facts.honest(step).reshape(-1)[list(positions)])


def grade_numbers(
    texts: Sequence[str], truth: Array, honest: Array | None = None
) -> list[GradedCell]:
    """Grade numbers against the true ones, one for each text.

    `honest` is what honest arithmetic on the numbers as displayed gives, where that may differ.
    """
    expected = truth if honest is None else honest
    graded = []
    for text, right, near in zip(texts, truth.tolist(), expected.tolist(), strict=True):
        typed = _read(text)
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
        typed = _read(text)
        if isinstance(typed, Typed):
            rate = lesson.learning_rate
            judged = judge_update(typed, before, slope, rate, after, lesson.dtype)
            typed = GradedCell(judged.verdict, judged.note, typed)
        graded.append(typed)
    return graded


def _read(text: str) -> Typed | GradedCell:
    """A cell's number; where there is none, the verdict."""
    if not text.strip():
        return GradedCell(None)
    try:
        return read_cell(text, arithmetic)
    except UserError as error:
        return GradedCell("unreadable", error.message)


CLOSE = 1.8
"""Below this factor a wrong number is close; a factor of 2 says more than that."""
FARTHEST = 1e300
"""The largest factor that is told; beyond it there are soon no numbers."""


def _size(typed: float, truth: float) -> Message | None:
    """What is known of a wrong number, without giving the right one away."""
    if truth == 0 or typed == 0:
        return Message("It is 0 there.") if truth == 0 else Message("It is not 0 there.")
    if typed * truth < 0:
        return Message("The sign is not right.")
    share = min(max(abs(typed / truth), 1 / FARTHEST), FARTHEST)
    if 1 / CLOSE < share < CLOSE:
        return Message("Close, but too large.") if share > 1 else Message("Close, but too small.")
    if share > 1:
        return Message("Too large, by a factor of about {factor}.", factor=_about(share))
    return Message("Too small, by a factor of about {factor}.", factor=_about(1 / share))


def _about(factor: float) -> str:
    """A factor to one figure, as a person writes it: 20, not 2e1."""
    return significant(float(f"{factor:.0e}"), 5)


def diagnose_product(facts: Facts, step: Step, text: str, style: Style) -> list[Named]:
    """What explains a product that was found wrong; nothing where it could not be worked out."""
    try:
        expression = read_product(facts.lesson, step, text)
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


def read_product(lesson: Lesson, step: Step, text: str) -> Expression:
    """The product's tree, all of whose names the lesson has.

    Raises:
        LanguageError: it is not in the notation, or has a name that there is not.
    """
    every = {*known_at(lesson, step), *places_of(lesson, step.part)}
    expression = parse_expression(text, every)
    for name in names(expression):
        if name not in every:
            known = known_at(lesson, step)
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
    known = set(known_at(lesson, step))
    for name in names(expression):
        if name == step.id:
            return Message("{name} is what is asked; write it by what is known.", name=name)
        if name not in known:
            return Message(
                "{name} is not known yet: it comes in step {number}.",
                name=name,
                number=places_of(lesson, step.part)[name] + 1,
            )
    return None


# ── verdicts ──────────────────────────────────────────────────────────────────────────────────────


def on_cells(
    graded: Sequence[GradedCell],
    positions: Sequence[int],
    step: Step,
    named: Sequence[Named],
) -> Message:
    """What to say about a step's value whose cells at `positions` have been graded.

    `named` is what explains its wrong cells, likeliest first.
    """
    verdicts = [cell.verdict for cell in graded]
    verdict = worst(verdicts)
    if verdict == "exact":
        return Message("The value is right, to every figure shown.")
    if verdict == "right":
        return Message("The value is right.")
    if verdict is None:
        return Message("Fill in every cell; still empty: {count}.", count=verdicts.count(None))
    if verdict == "wrong" and named:
        return on_mistakes(named)
    first = verdicts.index(verdict)
    note = graded[first].note or graded[first].size or LOOK_AGAIN
    if len(graded) == 1:
        return note
    right = sum(passed(verdict) for verdict in verdicts)
    told = Message("{cell}: {note}", cell=named_cell("", positions[first], step.shape), note=note)
    if verdict != "wrong":
        return told
    return Message(
        "{right} of {all} cells are right. {told}", right=right, all=len(graded), told=told
    )


LOOK_AGAIN = Message("Not yet. Look at it again, or take a hint.")


def on_mistakes(named: Sequence[Named]) -> Message:
    """What went wrong and what to do; at most two explanations, where several fit."""
    first = named[0]
    said = Message("{first} {second}", first=first.explanation, second=first.advice)
    other = next((each for each in named if each.explanation != first.explanation), None)
    if other is None:
        return said
    return Message("{first} Or: {second}", first=said, second=other.explanation)


def named_cell(name: str, position: int, shape: Shape) -> str:
    """A cell as it is indexed in code: W2[0, 2]; a scalar is its name alone."""
    return name + str(list(unravelled(position, shape))) if shape else name


def unravelled(position: int, shape: Shape) -> tuple[int, ...]:
    """The index of the cell at a position row after row."""
    found: list[int] = []
    for length in reversed(shape):
        position, index = divmod(position, length)
        found.insert(0, index)
    return tuple(found)


def on_product(judged: JudgedProduct, named: Sequence[Named]) -> Message:
    """What to say about a product; `named` is what explains a wrong one."""
    if named:
        return on_mistakes(named)
    if judged.message is not None:
        return judged.message
    if judged.verdict == "right":
        return Message("The product is right.")
    return Message("This product does not give the gradient. Look at it again, or take a hint.")


def on_both(product: Message, cells: Message) -> Message:
    """What to say where product and value have been checked together."""
    return Message("{first} {second}", first=product, second=cells)


ALIKE = 0.01
"""How near a difference quotient comes to the gradient for them to be called alike, as a share."""


def on_nudge(slope: float, gradient: float) -> Message:
    """What to say about a difference quotient beside the gradient."""
    if abs(slope - gradient) <= ALIKE * max(abs(gradient), 1e-12):
        return Message("The two agree: the gradient tells how the loss moves.")
    return Message(
        "Not quite the same: the loss bends on the way. Try a smaller move, and they come closer."
    )
