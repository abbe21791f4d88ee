"""What is said about an answer when the exam is over: there is no trying again, and no hint."""

from __future__ import annotations

from collections.abc import Sequence

from bptutor.course.grader import GradedCell, named_cell, on_mistakes, passed
from bptutor.grading.diagnosis import Named
from bptutor.grading.formula import JudgedProduct
from bptutor.lesson.steps import Step
from bptutor.text import Message


def on_product(judged: JudgedProduct | None, named: Sequence[Named]) -> Message | None:
    """What is wrong with a product (None: it is missing); nothing where it is right."""
    if judged is None:
        return Message("The product is missing.")
    if passed(judged.verdict):
        return None
    if named:
        return on_mistakes(named)
    return judged.message or Message("The product does not give the gradient.")


def on_value(
    cells: Sequence[GradedCell], positions: Sequence[int], step: Step, named: Sequence[Named]
) -> Message | None:
    """What is wrong with a step's value, whose cells are at `positions`; nothing if it is right."""
    wrong = [index for index, cell in enumerate(cells) if not passed(cell.verdict)]
    if not wrong:
        return None
    if named:
        return on_mistakes(named)
    right = len(cells) - len(wrong)
    for index in wrong:
        note = cells[index].note or cells[index].size
        if note and len(cells) == 1:
            return note
        if note:
            cell = named_cell("", positions[index], step.shape)
            told = Message("{cell}: {note}", cell=cell, note=note)
            return Message(
                "Right cells: {right} of {all}. {told}", right=right, all=len(cells), told=told
            )
    return Message("Right cells: {right} of {all}.", right=right, all=len(cells))
