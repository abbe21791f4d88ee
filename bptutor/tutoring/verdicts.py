"""Verdicts on a whole answer, and what is said about them; the same for every way of answering."""

from __future__ import annotations

from collections.abc import Sequence

from bptutor.grading.diagnosis import Named
from bptutor.grading.product import JudgedProduct
from bptutor.language.tree import Shape
from bptutor.lesson.steps import Step
from bptutor.locale import Message
from bptutor.tutoring.grader import GradedCell, passed, worst


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
