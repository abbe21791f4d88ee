"""What a learner has seen and typed: what must be there after whatever happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from time import monotonic

Fields = tuple[str, ...]
SOON = 1.0
"""Seconds after which what was typed must outlive everything."""
COMING = 5.0
"""Seconds that a service which is gone may take to come back and hear of it."""


@dataclass
class Typed:
    """The fields of a step as they stood for a while."""

    fields: Fields
    seen: float | None = None
    """When they were seen on the screen, by the monotonic clock."""


@dataclass
class Ledger:
    """A learner's own account of one lesson or quiz; steps are counted from 1."""

    at: int = 1
    """The step that is on the screen."""
    going: bool = False
    """Has Enter been pressed to go on to the next one, which has not been seen?"""
    asking: bool = False
    """Has a key been pressed for a verdict or an answer, which has not been seen?"""
    closing: bool = False
    """Does what is asked close the step: is it right, or the answer itself?"""
    closed: set[int] = field(default_factory=set)
    """The steps that were seen to be over."""
    over: bool = False
    """Is all of an exam answered, in which nothing is said?"""
    attempts: int = 0
    """Verdicts and answers that were seen."""
    typed: list[Typed] = field(default_factory=list)
    """What the fields of this step have been, the earliest first."""
    pressed: float = 0.0
    """When a key was pressed last that asks the service for something, by the same clock."""
    lost: float = inf
    """When the service was killed, by the monotonic clock, until it is known to be back."""

    def arrive(self, step: int, fields: Fields, closed: bool = False) -> None:
        """Another step is seen, with what stands there."""
        self._is_there()
        self.at, self.going, self.asking = step, False, False
        self.typed = [Typed(fields, monotonic())]
        if closed:
            self.closed.add(step)

    def type(self, fields: Fields) -> Typed:
        """Something is being typed; whoever sees it on the screen notes when."""
        self.typed.append(Typed(fields))
        return self.typed[-1]

    def hear(self, closed: bool) -> None:
        """What was asked for is seen."""
        self._is_there()
        self.asking = False
        self.attempts += 1
        if closed:
            self.closed.add(self.at)

    def _is_there(self) -> None:
        """The service has answered; if that was asked after it was lost, it is back."""
        if self.pressed > self.lost:
            self.lost = inf

    def complaint(self, step: int, fields: Fields, closed: set[int], killed: float) -> str:
        """What is wrong with what is kept after a kill; nothing where all is well."""
        if gone := self.closed - closed:
            return f"the answers of the steps {gone} are gone"
        steps = {self.at, self.at + 1} if self.going else {self.at}
        if step not in steps:
            return f"at step {step}, and it was left at {' or '.join(map(str, sorted(steps)))}"
        if step in closed:
            known = step in self.closed or (self.asking and self.closing)
            return "" if known else f"step {step} is over, and nobody has answered it"
        if step != self.at:
            return ""
        certain = [
            place
            for place, each in enumerate(self.typed)
            if each.seen and self._heard(each, killed)
        ]
        may_be = [each.fields for each in self.typed[max(certain, default=0) :]]
        if fields not in may_be and (any(fields) or all(map(any, may_be))):
            doing = "asking" if self.asking else "typing"
            return f"{fields} is kept at step {step} while {doing}, and not one of {may_be}"
        return ""

    def _heard(self, typed: Typed, killed: float) -> bool:
        """Must the service have heard of it, before it was lost or once it was back?"""
        assert typed.seen
        return typed.seen + SOON <= min(self.lost, killed) or typed.seen + COMING <= killed
