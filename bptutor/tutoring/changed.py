"""A lesson that has changed since a learner was in it: what of the sitting still fits."""

from __future__ import annotations

from bptutor.language.ops.base import Style
from bptutor.lesson.lesson import Lesson
from bptutor.record.sittings import Mark, Sitting
from bptutor.tutoring.checking import Said, check
from bptutor.tutoring.session import OPEN, Session


def in_changed_lesson(old: Sitting, lesson: Lesson, style: Style) -> Session:
    """The sitting in the lesson as it is now, at the first step without an answer that holds.

    Every answer is held against the new truth: what is still right stays solved, what is not is
    open again with what was typed. An answer that was shown is shown. The weights stay where the
    lesson has parameters of their names and shapes.

    Raises:
        EngineError: a value, a slope or a gradient comes to no finite number.
    """
    new = Session.begin(lesson, old.ask, old.lesson, style, old.part)
    kept = new.sitting
    if fits(lesson, old):
        kept.leaves, kept.trained = old.leaves, old.trained
        kept.iterations, kept.losses = old.iterations, old.losses
    new.prepare()
    last = old.furthest
    for index, step in enumerate(new.steps):
        if step.id in old.marks:
            kept.index = index
            _answer_again(new, old.marks[step.id])
            last = max(last, index)
    new.said, kept.streaks = Said(), old.streaks
    stages = [new.stage(index) for index in range(len(new.steps))]
    first = next((index for index, stage in enumerate(stages) if stage in OPEN), len(stages))
    kept.index = kept.furthest = min(first, last)
    return new


def answered(sitting: Sitting) -> int:
    """How many steps of an iteration have an answer."""
    return sum(mark.stage not in OPEN for mark in sitting.marks.values())


def fits(lesson: Lesson, sitting: Sitting) -> bool:
    """Are the weights of a sitting those of this lesson, by their names and shapes?"""
    return all(
        name in lesson.parameters and tuple(weights.shape) == tuple(lesson.shapes[name])
        for kept in (sitting.leaves, sitting.trained)
        for name, weights in kept.items()
    )


def _answer_again(new: Session, old: Mark) -> None:
    """Give the answer of a step once more; that costs the learner nothing."""
    mark = Mark(hints=old.hints)
    new.sitting.marks[new.step.id] = mark
    if old.stage == "shown":
        mark.stage = "shown"
        return
    cells = old.cells if len(old.cells) == len(new.cells(new.step)) else None
    new.draft(old.product, cells)
    check(
        new,
        old.product if old.product_verdict else None,
        cells if cells and any(old.verdicts) else None,
    )
    mark.attempts = old.attempts
