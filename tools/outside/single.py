"""What a learner can go wrong in at the steps of a lesson, with what comes of it."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step
from tools.outside.described import as_slip, described
from tools.outside.mistakes import ways
from tools.outside.mistakes.case import Case
from tools.outside.mistakes.slips import slips
from tools.outside.program import Array, Program
from tools.outside.typed import FULL, alike, half_unit
from tools.outside.working import Known, Way, Working

SEED = 13
WEAK = {"tiny-for-zero", "zero-for-tiny"}
"""True of many answers, and no name for what the learner did."""


@dataclass(frozen=True, eq=False)
class Found:
    """What a mistake, or two, come to at a step."""

    value: Array
    wanted: tuple[frozenset[str], ...]
    category: str
    kind: str
    label: str

    @property
    def ids(self) -> frozenset[str]:
        return frozenset().union(*self.wanted)


@dataclass(eq=False)
class Single:
    """Single mistakes at each step, and what each comes to later."""

    program: Program
    lesson: Lesson
    working: Working = field(init=False)
    random: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.working = Working(self.program, self.lesson)
        self.random = np.random.default_rng([SEED, zlib.crc32(self.program.name.encode())])

    @cached_property
    def cases(self) -> dict[str, Case]:
        return {step.id: Case(self.working, step) for step in self.working.steps}

    @cached_property
    def ways(self) -> dict[str, list[tuple[Way, Array]]]:
        """The ways to go wrong at each step, but for slips, with what comes of each."""
        return {name: self._ways(case) for name, case in self.cases.items()}

    def _ways(self, case: Case) -> list[tuple[Way, Array]]:
        """With each way the ids of the others that come to the same."""
        found: list[tuple[Way, Array]] = []
        for each in ways(case):
            value = self.value(case.step, self.working.right, [each])
            if value is not None and not self.right(case.step, value):
                found.append((each, value))
        return [
            (replace(each, ids=self.said_of(case, value, FULL).union(*same)), value)
            for each, value in found
            if (same := [way.ids for way, other in found if alike(other, value, 1e-9)])
        ]

    def said_of(self, case: Case, value: Array, digits: int) -> frozenset[str]:
        """What these numbers may be said to be, but for the mistakes of this set."""
        told = set(as_slip(value, case.truth)) - WEAK
        if case.step.kind == "update":  # a slip in the step that the weight takes
            before = case.env[case.step.target]
            told |= {"decimal-slip"} & set(as_slip(value - before, case.truth - before))
        for name, other in described(case):
            if np.all(np.abs(other - value) <= half_unit(value, digits)):
                told.add(name)
        return frozenset(told)

    def value(self, step: Step, env: Known, some: Iterable[Way]) -> Array | None:
        try:
            with np.errstate(all="ignore"):
                value = self.working.value(step, env, tuple(some))
            value = np.broadcast_to(value, self.working.right[step.id].shape)
        except ValueError:  # a wrong rule whose result has another shape cannot be typed
            return None
        return np.asarray(value) if np.isfinite(value).all() else None

    def right(self, step: Step, value: Array) -> bool:
        """Would it rightly be taken for the truth?"""
        truth = self.working.right[step.id]
        if alike(value, truth):
            return True
        if step.kind != "update":
            return False
        change = np.abs(truth - self.working.right[step.target])
        return bool(np.all(np.abs(value - truth) <= 0.06 * change + 1e-12))

    @cached_property
    def single(self) -> dict[str, list[tuple[Step, Found]]]:
        found: dict[str, list[tuple[Step, Found]]] = {}
        for name, case in self.cases.items():
            mine = found[name] = []
            for way, value in [*self.ways[name], *self._slips(case)]:
                category = "settings" if way.elsewhere or case.elsewhere else "catalogued"
                if way.kind == "slips":
                    category = "catalogued"
                one = Found(value, (way.ids,), category, way.kind, way.label)
                mine.append((case.step, one))
        return found

    def _slips(self, case: Case) -> Iterator[tuple[Way, Array]]:
        for each in slips(case, self.random):
            value = self.value(case.step, self.working.right, [each])
            if value is not None and not self.right(case.step, value):
                yield each, value

    @cached_property
    def carried(self) -> list[tuple[Step, Found]]:
        """What each mistake comes to at each later step, all that follows done rightly."""
        found: list[tuple[Step, Found]] = []
        for name, some in self.ways.items():
            place = self.working.index[name]
            if self.working.steps[place].kind == "update":
                continue
            for way, value in some:
                with np.errstate(all="ignore"):
                    env = self.working.carried({name: value})
                for step in self.working.steps[place + 1 :]:
                    own = env[step.id]
                    if np.isfinite(own).all() and not self.right(step, own):
                        label = f"{way.label} at {name}"
                        found.append((step, Found(own, (way.ids,), "carried", way.kind, label)))
        return found
