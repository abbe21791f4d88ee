"""The ways on which a signal comes back to a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bptutor.language.ops.base import Backward
from bptutor.language.tree import Apply, Assignment, Expression, Name

Pull = Callable[[Backward], "Expression | None"]
"""Hands a gradient back through an operation, by the right rule."""


class Wrong(Protocol):
    """Hands it back by a wrong one."""

    def __call__(self, backward: Backward, pull: Pull) -> Expression | None: ...


@dataclass(frozen=True)
class Path:
    """One place through which the signal comes back, and what arrives there."""

    term: Expression
    consumer: Assignment
    """The assignment that reads what is differentiated by (forward, update: what is computed)."""
    place: int = 0
    """Which of the consumer's places it is, of those that read the same name."""
    detours: tuple[tuple[Apply, Wrong], ...] = ()
    """The operations through which it was handed back by a wrong rule."""
    above: Expression | None = None
    """What was taken for what arrives from above."""


@dataclass(frozen=True)
class Factor:
    """What something is multiplied with, in the product that reads it."""

    node: Apply
    other: Expression
    """The other operand as it stands in the product."""
    read: Expression
    """The same without its transpose: mostly a name."""

    @property
    def name(self) -> str | None:
        return self.read.id if isinstance(self.read, Name) else None
