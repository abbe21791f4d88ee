"""What a learner does at a step, and what they look at: the same in a lesson and in a quiz."""

from __future__ import annotations

from bptutor.course.session import Attempted, Session
from bptutor.service.messages import (
    Cells,
    Check,
    FillIn,
    Hint,
    Knowns,
    ListKnowns,
    Nudge,
    Picture,
    Reply,
    Request,
    Show,
    ShowHeat,
    SplitMatrix,
    Why,
)
from bptutor.service.picture_view import heat_map, pictured
from bptutor.service.splitting import split
from bptutor.service.tape import every_known
from bptutor.service.view import Viewer
from bptutor.text import Message, UserError


def attempt(of: Session, request: Check | Hint | Show | FillIn) -> tuple[bool, Attempted | None]:
    """Do it; whether there is something to keep, and what came of an answer.

    Raises:
        UserError: it is not offered here, or another count of numbers is asked.
    """
    before = of.stage(of.index)
    if isinstance(request, Check):
        require_count(of, request)
        attempted = of.check(request.product, request.cells or None)
        return attempted is not None, attempted
    if isinstance(request, FillIn):
        of.fill_in()
        mark = of.mark(of.step)
        return True, Attempted(mark.product, tuple(mark.cells), "right", ())
    if isinstance(request, Hint):
        of.hint()
    else:
        of.show()
    return before == "open" and of.stage(of.index) == "shown", None


def answered_elsewhere(of: Session) -> Message:
    """Another process has kept an answer to the current step, which was open here."""
    return Message(
        "Another terminal has answered {step} meanwhile; what stands there is that answer.",
        step=of.exercise.name(),
    )


def require_count(of: Session, request: Check) -> None:
    """Say so where another count of numbers is asked than was given. Raises UserError."""
    asked = len(of.cells(of.step))
    if request.cells is not None and len(request.cells) not in (0, asked):
        raise UserError(
            Message(
                "This step asks for {asked} numbers, not {given}.",
                asked=asked,
                given=len(request.cells),
            )
        )


def look(of: Session, request: Request, viewer: Viewer) -> Reply | None:
    """What changes nothing; None where the request is for something else.

    Raises:
        UserError: there is nothing of the kind here.
    """
    match request:
        case ListKnowns():
            return Knowns(every_known(of, viewer.style))
        case SplitMatrix(text=text, row=row):
            return Cells(split(of, text, row))
        case Why():
            return viewer.explained(of)
        case Nudge(row=row, column=column, by=by):
            return viewer.nudged(of, row, column, by)
        case Picture() | ShowHeat() if of.sitting.part != "tape":
            raise UserError(Message("The picture shows numbers: it is in the part with them."))
        case Picture(example=example):
            return pictured(of, viewer.style, example)
        case ShowHeat(id=name, rows=rows, columns=columns):
            return heat_map(of, name, rows, columns)
    return None
