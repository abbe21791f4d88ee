"""The end of an iteration as data."""

from __future__ import annotations

import numpy as np

from bptutor.course.iterations import iterations_over, next_parameters
from bptutor.course.iterations import losses as losses_of
from bptutor.course.keras_steps import beside_the_tape, keras_run
from bptutor.course.session import Session
from bptutor.service.tape import matrix
from bptutor.text import Message
from bptutor.views.lesson import ParameterChange, SummaryView


def summary_view(of: Session, language: str) -> SummaryView:
    """The end of an iteration, or of the training that followed it."""
    if of.sitting.part != "tape":
        return _without_training(of, language)
    facts, (solved, first_try, shown, asked) = of.prepare(), _score(of)
    losses = losses_of(of)
    trained = bool(of.sitting.trained)
    before = {
        name: np.asarray(of.lesson.values[name], of.lesson.dtype) if trained else facts.known(name)
        for name in of.lesson.parameters
    }
    after = next_parameters(of)
    dtype = of.lesson.dtype
    return SummaryView(
        lesson=of.lesson.title.to(language),
        iteration=iterations_over(of),
        loss_before=losses[0] if trained else losses[-2],
        loss_after=losses[-1],
        parameters=[
            ParameterChange(name, matrix(before[name], dtype), matrix(after[name], dtype))
            for name in of.lesson.parameters
        ],
        solved=solved,
        first_try=first_try,
        shown=shown,
        asked=asked,
        closing=of.lesson.closing.to(language),
        losses=losses,
        trains=bool(of.lesson.parameters),
    )


def _without_training(of: Session, language: str) -> SummaryView:
    """The end of a part that has no loss of its own to follow."""
    lesson, (solved, first_try, shown, asked) = of.lesson, _score(of)
    closing = AFTER_DERIVING.to(language)
    changes: list[ParameterChange] = []
    if of.sitting.part == "keras":
        facts = of.prepare()
        closing = f"{beside_the_tape(facts).to(language)}\n{AFTER_KERAS.to(language)}"
        changes = [
            ParameterChange(
                name, matrix(facts.known(name), lesson.dtype), matrix(after, lesson.dtype)
            )
            for name, after in keras_run(facts).updated.items()
        ]
    return SummaryView(
        lesson=lesson.title.to(language),
        iteration=1,
        loss_before=0.0,
        loss_after=0.0,
        parameters=changes,
        solved=solved,
        first_try=first_try,
        shown=shown,
        asked=asked,
        closing=closing,
        losses=[],
        trains=False,
        part=of.sitting.part,
    )


def _score(of: Session) -> tuple[int, int, int, int]:
    """How many steps were solved, solved at once, shown, and asked."""
    marks = of.sitting.marks.values()
    solved = [mark for mark in marks if mark.stage == "solved"]
    return (
        len(solved),
        sum(mark.attempts == 1 and mark.hints == 0 for mark in solved),
        sum(mark.stage == "shown" for mark in marks),
        sum(mark.stage != "open" for mark in marks),
    )


AFTER_DERIVING = Message(
    "That is backpropagation, and there was not one number in it. The slopes come from the way "
    "down; on the way back each gradient is what arrives from above times such a slope. The order "
    "follows, and so does what must be remembered. Now put numbers in: the same lesson, asked for "
    "its values."
)
AFTER_KERAS = Message(
    "A few lines of Keras do what you did by hand: the tape is the same one, and model.fit does no "
    "more than this, again and again."
)
