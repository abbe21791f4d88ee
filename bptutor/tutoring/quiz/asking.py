"""An item as it is put to a learner: a session of its lesson that is at the one step."""

from __future__ import annotations

from bptutor.engine.training import train
from bptutor.language.ops.base import Style
from bptutor.lesson.lesson import Lesson
from bptutor.record.sittings import AskedItem, Numbers, Sitting
from bptutor.tutoring.facts import Facts
from bptutor.tutoring.kept import numbers
from bptutor.tutoring.parts import places_of
from bptutor.tutoring.quiz.items import make_item
from bptutor.tutoring.session import Session


def numbers_of(asked: AskedItem, lesson: Lesson) -> tuple[Lesson, Facts | None]:
    """The lesson with the item's numbers, and what is true there, once it is known.

    Raises:
        UserError: there are no such numbers.
    """
    if asked.seed is None:
        return lesson, None
    item = make_item(lesson, asked.made_for or asked.step, asked.seed)
    return item.lesson, item.facts


def session_of(
    asked: AskedItem, lesson: Lesson, facts: Facts | None, style: Style, known_until: str = ""
) -> Session:
    """A session at an item's step; what comes before it has been worked out.

    Args:
        asked: the item; what is answered is marked there.
        lesson: with the item's numbers.
        facts: what is true there, if it is known already.
        style: how names are written.
        known_until: the step whose answer, and all after it, may not be seen yet; else the item's.
    """
    place = places_of(lesson, asked.part)
    sitting = Sitting(
        lesson=lesson.name,
        digest=lesson.digest,
        ask="all",
        iterations=asked.iteration,
        index=place[asked.step],
        furthest=place[known_until or asked.step],
        leaves=_after(lesson, asked.iteration),
        marks={asked.step: asked.mark},
        losses=[],
        part=asked.part,
    )
    session = Session(lesson, sitting, style)
    session.facts = facts
    return session


def _after(lesson: Lesson, iterations: int) -> dict[str, Numbers]:
    """The parameters after so many iterations."""
    if not iterations:
        return {}
    trained = train(lesson, None, iterations)
    return {name: numbers(array) for name, array in trained.parameters.items()}
