"""What of a lesson is differentiated by what: its steps, sorted for the engine."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import steps


@dataclass(frozen=True)
class Plan:
    """The names by which the engine differentiates."""

    slopes: dict[str, dict[str, str]]
    """For an assignment, its inputs that have a local step, and that step's id."""
    gradients: dict[str, str]
    """For a name that the loss is differentiated by, the step's id."""
    updates: tuple[str, ...]
    """The parameters in the order in which they are updated."""


def plan(lesson: Lesson) -> Plan:
    """What the steps of a lesson need from the tape."""
    return _plan(lesson.form)


@lru_cache(maxsize=64)
def _plan(form: Lesson) -> Plan:
    slopes: dict[str, dict[str, str]] = {}
    gradients: dict[str, str] = {}
    updates: list[str] = []
    for step in steps(form):
        if step.kind == "local" and step.by:
            slopes.setdefault(step.target, {})[step.by] = step.id
        elif step.kind == "backward" and step.by:
            gradients[step.by] = step.id
        elif step.kind == "update":
            updates.append(step.target)
    return Plan(slopes, gradients, tuple(updates))
