"""What a learner has seen and typed: what must be there after whatever happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from time import monotonic

Fields = tuple[str, ...]
SOON = 1.0
"""Seconds after which what was typed must outlive everything."""
COMING = 5.0
"""Seconds that a service which was killed may take to come back and hear of it."""


@dataclass
class Typed:
    """The fields of a step as they stood for a while."""

    fields: Fields
    seen: float | None = None
    """When they were seen on the screen, by the monotonic clock."""


@dataclass
class Ledger:
    """A learner's own account of one lesson; steps are counted from 1."""

    at: int = 1
    """The step that is on the screen."""
    going: bool = False
    """Has Enter been pressed to go on to the next one, which has not been seen?"""
    checking: bool = False
    """Has Enter been pressed to check, and no verdict been seen?"""
    solved: set[int] = field(default_factory=set)
    """The steps whose verdict was seen, and was right."""
    typed: list[Typed] = field(default_factory=list)
    """What the fields of this step have been, the earliest first."""
    lost: float = inf
    """When the service of this app was killed last, by the monotonic clock."""

    def arrive(self, step: int, fields: Fields) -> None:
        """Another step is seen, with what stands there."""
        self.at, self.going, self.checking = step, False, False
        self.typed = [Typed(fields, monotonic())]

    def type(self, fields: Fields) -> Typed:
        """Something is being typed; whoever sees it on the screen notes when."""
        self.typed.append(Typed(fields))
        return self.typed[-1]

    def solve(self) -> None:
        """A right answer's verdict is seen."""
        self.solved.add(self.at)
        self.checking = False

    def complaint(self, step: int, is_solved: bool, fields: Fields, killed: float) -> str:
        """What is wrong with how the lesson is found after a kill; nothing where all is well."""
        steps = {self.at, self.at + 1} if self.going else {self.at}
        if step not in steps:
            return f"at step {step}, and it was left at {' or '.join(map(str, sorted(steps)))}"
        if step != self.at:
            return ""
        if is_solved:
            known = step in self.solved or self.checking
            return "" if known else f"step {step} is solved, and nobody has answered it"
        if step in self.solved:
            return f"the answer of step {step} is gone"
        certain = [
            place
            for place, each in enumerate(self.typed)
            if each.seen and self._heard(each, killed)
        ]
        may_be = [each.fields for each in self.typed[max(certain, default=0) :]]
        if fields not in may_be:
            doing = "checking" if self.checking else "typing"
            return f"{fields} is kept at step {step} while {doing}, and not one of {may_be}"
        return ""

    def _heard(self, typed: Typed, killed: float) -> bool:
        """Must the service have heard of it, before it was lost or once it was back?"""
        assert typed.seen
        heard = typed.seen + SOON
        return heard <= killed and (heard <= self.lost or killed >= self.lost + COMING)
