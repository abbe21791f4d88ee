"""The end of an iteration as a message."""

from __future__ import annotations

from bptutor.service.matrices import matrix
from bptutor.service.messages import ParameterChange, SummaryView
from bptutor.tutoring.iterations import iterations_over, next_parameters
from bptutor.tutoring.iterations import losses as losses_of
from bptutor.tutoring.kept import array
from bptutor.tutoring.session import Session


def summary_view(session: str, of: Session, language: str) -> SummaryView:
    """The end of an iteration, or of the training that followed it."""
    facts, marks = of.prepare(), of.sitting.marks.values()
    losses = losses_of(of)
    trained = bool(of.sitting.trained)
    before = {
        name: array(of.sitting.before[name]) if trained else facts.known(name)
        for name in of.lesson.parameters
    }
    after = next_parameters(of)
    dtype = of.lesson.dtype
    return SummaryView(
        session=session,
        lesson=of.lesson.title.to(language),
        iteration=iterations_over(of),
        loss_before=losses[0] if trained else losses[-2],
        loss_after=losses[-1],
        parameters=[
            ParameterChange(name, matrix(before[name], dtype), matrix(after[name], dtype))
            for name in of.lesson.parameters
        ],
        solved=sum(mark.stage == "solved" for mark in marks),
        first_try=sum(
            mark.stage == "solved" and mark.attempts == 1 and mark.hints == 0 for mark in marks
        ),
        shown=sum(mark.stage == "shown" for mark in marks),
        asked=sum(mark.stage != "open" for mark in marks),
        closing=of.lesson.closing.to(language),
        losses=losses,
        trains=bool(of.lesson.parameters),
    )
