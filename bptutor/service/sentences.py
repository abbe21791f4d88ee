"""What every front says in the same words about a lesson, a nudge, a training, the service."""

from typing import TYPE_CHECKING

from bptutor.literals import Part
from bptutor.service.protocol import Training
from bptutor.service.words import ASKS
from bptutor.text import Message, significant
from bptutor.views.lesson import LessonChanged, LessonItem, Nudged, Place, SummaryView

if TYPE_CHECKING:
    from bptutor.service.client import Client

WELCOME = Message(
    "Backpropagation by hand: down through a network and back up from its loss, step by step. "
    "TensorFlow checks every answer."
)
ANSWERS = (
    Message("Three significant figures are enough; the sign counts. Zero is right only for zero."),
    Message("A cell takes arithmetic: 2*(0.136-0.1). Nothing is rounded on the way."),
    Message("A whole matrix can be pasted into a cell: with brackets, in rows, or in columns."),
    Message("A product: a2.T @ dL_dY. @ multiplies matrices, * cell by cell, .T transposes."),
)
"""What may be typed."""
NAMES = Message("such a name is typed dL_dY, dL/dY or ∂L/∂Y")
LOADING = Message("TensorFlow is loading")
WORKED_OUT = Message("Nothing is asked here: TensorFlow has worked it out.")
CHANGED_ENTER = Message(
    "Enter goes on in it as it is now: answers that still hold stay, the others are open again."
)
LATE = Message("The service is taking long to reply.")
LATE_ANSWER = Message("The answer is taking long: the service does not reply. It is not saved yet.")
RESTARTING = Message("The service has stopped. Another one is starting; nothing is lost.")
MOST_ITERATIONS = 1_000_000
"""Iterations of one training, at most."""
HOW_MANY = Message(
    "How many iterations? Type a whole number from 1 to {most}.", most=MOST_ITERATIONS
)
LOSS_FIGURES = 9
"""Figures of the loss before and after a nudge: a small move shows late in them."""


def reached(item: LessonItem, part: Part) -> Place | None:
    """How far a part of a lesson has come; None where the lesson has no such part."""
    return item.parts.get(part)


def state(item: LessonItem, part: Part) -> Message:
    """How far a part of a lesson in the menu has come, in a few words."""
    there = reached(item, part)
    if item.problem:
        return Message("cannot be opened")
    if there is None:
        return Message("not in Keras")
    if there.answered:
        return Message("{answered} of {steps} steps", answered=there.answered, steps=there.steps)
    return Message("{steps} steps", steps=there.steps)


def where_left(item: LessonItem, part: Part) -> Message | None:
    """Where a part of a lesson was left, and what is asked there; None where it is not begun."""
    there = reached(item, part)
    if there is None or not there.answered:
        return None
    if part != "tape":
        return Message(
            "You are at {answered} of {steps} steps of this part.",
            answered=there.answered,
            steps=there.steps,
        )
    return Message(
        "You are at {answered} of {steps} steps; asked there: {asked}.",
        answered=there.answered,
        steps=there.steps,
        asked=ASKS[item.ask or "all"],
    )


def changed(lesson: LessonChanged) -> Message:
    """A lesson is not as the learner left it."""
    return Message(
        "“{title}” has changed since you were here. Steps answered: {answered}.",
        title=lesson.title,
        answered=lesson.answered,
    )


def score(view: SummaryView) -> Message:
    """What the learner did in an iteration."""
    return Message(
        "{solved} of {asked} steps solved, {first} of them at the first try; {shown} shown.",
        solved=view.solved,
        asked=view.asked,
        first=view.first_try,
        shown=view.shown,
    )


def kept(client: "Client") -> Message:
    """What a learner who leaves finds again."""
    if client.unsaved:
        return Message("What you did last may not be saved; what you answered before it is.")
    if client.all_kept:
        return Message("What you answered is kept: you go on where you were.")
    return Message("Not all that you answered could be kept: you go on from what was.")


def late(request: str) -> Message:
    """The reply to a request is late."""
    return LATE_ANSWER if request in ("check", "draft", "split") else LATE


def moved(nudged: Nudged) -> tuple[Message, Message]:
    """What came of a nudge, and what the gradient says."""
    return (
        Message(
            "{cell} moved by {by}: the loss went from {before} to {after}.",
            cell=nudged.cell,
            by=significant(nudged.by),
            before=significant(nudged.loss_before, LOSS_FIGURES),
            after=significant(nudged.loss_after, LOSS_FIGURES),
        ),
        Message(
            "That is {slope} for each unit; the gradient says {gradient}.",
            slope=significant(nudged.slope),
            gradient=significant(nudged.gradient),
        ),
    )


def progress(training: Training) -> Message:
    """How far a training has come."""
    if not training.losses:
        return Message("{done} of {total}", done=training.done, total=training.total)
    return Message(
        "{done} of {total}, loss {loss}",
        done=training.done,
        total=training.total,
        loss=significant(training.losses[-1]),
    )


def iterations(text: str) -> int | None:
    """How many iterations are typed; None where that cannot be read, or is too many."""
    digits = text.strip().replace(",", "").replace("_", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        return None
    return int(digits) if 1 <= int(digits) <= MOST_ITERATIONS else None
