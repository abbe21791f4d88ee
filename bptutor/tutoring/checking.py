"""An answer at a session's current step, held against the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bptutor.grading.diagnosis import Named
from bptutor.locale import Message
from bptutor.record.attempts import Verdict
from bptutor.tutoring.asking import asks_product, asks_value
from bptutor.tutoring.grader import passed, worst
from bptutor.tutoring.verdicts import on_both, on_cells, on_product

if TYPE_CHECKING:
    from bptutor.tutoring.session import Session


@dataclass
class Said:
    """What was said about the last answer at the current step."""

    message: Message | None = None
    notes: Sequence[Message | None] = field(default_factory=list)
    column: int | None = None
    """Where in the product the fault is, if it cannot be read."""


@dataclass(frozen=True)
class Attempted:
    """What came of an answer."""

    product: str
    """What was typed as the product, where that was checked."""
    cells: tuple[str, ...]
    """What was typed into the cells, where they were checked."""
    verdict: Verdict
    """The worst one."""
    mistakes: tuple[str, ...]
    """The ids of what explains it, if it is wrong; the likeliest first."""


def check(of: Session, product: str | None, cells: Sequence[str] | None) -> Attempted | None:
    """Hold what has been typed against the truth, and remember both (see Session.check)."""
    if of.stage(of.index) != "open":
        return None
    of.draft(product, cells)
    step, mark, ask = of.step, of.mark(of.step), of.sitting.ask
    product_asked, value_asked = asks_product(step, ask), asks_value(step, ask)
    found: list[Named] = []
    judged: list[Verdict | None] = []
    about_product = about_cells = None
    if product is not None and product_asked:
        about_product = _check_product(of, found)
        judged.append(mark.product_verdict)
    if cells is not None:
        of.said.notes = []
    if cells is not None and value_asked:
        about_cells = _check_cells(of, found)
        judged.extend(mark.verdicts)
    value_right = bool(mark.verdicts) and passed(worst(mark.verdicts))
    product_right = passed(mark.product_verdict)
    solved = (product_right or not product_asked) and (value_right or not value_asked)
    if solved:
        mark.stage = "solved"
    wrong = "wrong" in (mark.product_verdict, *mark.verdicts)
    if solved or wrong:
        mark.attempts += 1
    if wrong:
        of.end_streak()
    elif solved and mark.attempts == 1 and mark.hints == 0:
        of.lengthen_streak()
    of.said.message = _summed_up(of, about_product, about_cells)
    if value_right and not solved and about_product is None:
        of.said.message = Message("The value is right. Now the product it comes from.")
    verdict = worst([each for each in judged if each])
    if verdict is None:
        return None
    mistakes = tuple(dict.fromkeys(id_ for each in found for id_ in each.ids))
    mark.mistakes = list(dict.fromkeys((*mark.mistakes, *mistakes)))
    return Attempted(
        product=product or "" if product_asked else "",
        cells=tuple(cells or ()) if value_asked else (),
        verdict=verdict,
        mistakes=mistakes,
    )


def _check_product(of: Session, found: list[Named]) -> Message:
    of.prepare()
    mark = of.mark(of.step)
    judged, named = of.exercise.judge(mark.product)
    mark.product_verdict = judged.verdict
    of.said.column = judged.column
    found.extend(named)
    return on_product(judged, named)


def _check_cells(of: Session, found: list[Named]) -> Message:
    of.prepare()
    mark = of.mark(of.step)
    positions = of.cells(of.step)
    asked = of.exercise
    graded = asked.grade(mark.cells, positions)
    mark.verdicts = [cell.verdict for cell in graded]
    of.said.notes = [cell.note for cell in graded]
    named = asked.diagnose(graded, positions)
    found.extend(named)
    return on_cells(graded, positions, of.step, named)


def _summed_up(
    of: Session, about_product: Message | None, about_cells: Message | None
) -> Message | None:
    """The one sentence that matters most now."""
    if about_product is None or about_cells is None:
        return about_product or about_cells
    mark = of.mark(of.step)
    if not passed(mark.product_verdict):
        return about_product
    return on_both(about_product, about_cells if any(mark.cells) else NOW_THE_VALUE)


NOW_THE_VALUE = Message("Now its value.")
