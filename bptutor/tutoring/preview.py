"""A lesson that its author is writing: the same place, in the file as it is now."""

from __future__ import annotations

from bptutor.lesson.lesson import Lesson
from bptutor.record.sittings import Mark, Sitting
from bptutor.tutoring.session import Session


def in_new_file(of: Session, lesson: Lesson) -> Session:
    """A sitting of the lesson as it is now, at the step where the author is.

    Everything up to there may be looked at; what is typed stays, without its verdict. Where the
    step is gone, its place in the list is taken.
    """
    new = Session.begin(lesson, of.sitting.ask, of.sitting.lesson, of.style, of.sitting.part)
    ids = [step.id for step in new.steps]
    index = ids.index(of.step.id) if of.step.id in ids else min(of.index, len(ids) - 1)
    kept, mark = new.sitting, of.mark(of.step)
    kept.index = kept.furthest = index
    kept.marks = _marks_before(of.sitting, ids[:index])
    kept.marks[ids[index]] = Mark(product=mark.product, cells=list(mark.cells))
    return new


def _marks_before(sitting: Sitting, ids: list[str]) -> dict[str, Mark]:
    """The steps before are shown, those that are new among them."""
    known = sitting.marks
    return {
        id_: known[id_] if id_ in known and known[id_].stage != "open" else Mark(stage="shown")
        for id_ in ids
    }
