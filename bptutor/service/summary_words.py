"""What every front says in the same words of the end of an iteration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bptutor.literals import Kind
from bptutor.service.words import KINDS
from bptutor.text import Message
from bptutor.text.numbers import figures_for_change, weight
from bptutor.views.lesson import SummaryView, Walked

WAYS: Mapping[Kind, Kind] = {"local": "forward", "optimizer": "update"}
"""Under which kind of step a walk counts others."""


def walk(view: SummaryView) -> dict[Message, list[Walked]]:
    """The answered steps by the way that they go: forward, backward, update."""
    found: dict[Message, list[Walked]] = {}
    for step in view.walk:
        found.setdefault(KINDS[WAYS.get(step.kind, step.kind)], []).append(step)
    return found


def shown_steps(view: SummaryView) -> Message | None:
    names = [step.name for step in view.walk if step.state == "shown"]
    return Message("Shown: {names}", names=", ".join(names)) if names else None


@dataclass(frozen=True)
class Moved:
    """How far the elements of a parameter have come."""

    name: str
    shape: Sequence[int]
    before: str
    after: str  # of the element that changed most
    changes: list[float]  # by element, without the sign

    @property
    def largest(self) -> float:
        return max(self.changes)


def moved(view: SummaryView) -> list[Moved]:
    found = []
    for each in view.parameters:
        old, new = each.before, each.after
        changes = [abs(b - a) for a, b in zip(old.values, new.values, strict=True)]
        if changes:
            at, figures = changes.index(max(changes)), figures_for_change(old, new)
            before, after = (weight(of.values[at], of.dtype, figures) for of in (old, new))
            found.append(Moved(each.name, old.shape, before, after, changes))
    return found


def unmoved(all_moved: Sequence[Moved]) -> Message | None:
    """How many elements are as they were."""
    count = sum(change == 0 for each in all_moved for change in each.changes)
    return Message("elements that did not change: {count}", count=count) if count else None
