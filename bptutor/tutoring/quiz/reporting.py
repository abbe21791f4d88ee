"""What is said about an answer when the exam is over: there is no trying again, and no hint."""

from __future__ import annotations

from collections.abc import Sequence

from bptutor.grading.diagnosis import Named
from bptutor.grading.product import JudgedProduct
from bptutor.locale import Message
from bptutor.tutoring.grader import GradedCell, passed
from bptutor.tutoring.verdicts import on_both, on_mistakes


def on_product(judged: JudgedProduct | None, named: Sequence[Named]) -> Message | None:
    """What is wrong with a product (None: it is missing); nothing where it is right."""
    if judged is None:
        return Message("The product is missing.")
    if passed(judged.verdict):
        return None
    if named:
        return on_mistakes(named)
    return judged.message or Message("The product does not give the gradient.")


def on_value(cells: Sequence[GradedCell], named: Sequence[Named]) -> Message | None:
    """What is wrong with a value; nothing where it is right."""
    wrong = [cell for cell in cells if not passed(cell.verdict)]
    if not wrong:
        return None
    if named:
        return on_mistakes(named)
    told = next((said for cell in wrong if (said := cell.note or cell.size)), None)
    if told and len(cells) == 1:
        return told
    right = Message(
        "{right} of {all} cells are right.", right=len(cells) - len(wrong), all=len(cells)
    )
    return on_both(right, told) if told else right
