"""The wrong answers: single mistakes, carried ones, pairs, unnamed ones, and slips of a digit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bptutor.lesson.steps import Step
from tools.outside.described import as_slip
from tools.outside.mistakes.case import NAME
from tools.outside.mistakes.unnamed import unnamed
from tools.outside.pairs import Pairs
from tools.outside.program import Array
from tools.outside.single import WEAK, Found
from tools.outside.typed import FULL, digits_of_change, half_unit, matrix, rounded, rounds_to

DIGITS = (FULL, 6, 4, 3)
"""The fixed mix of precisions."""
CAPS = {
    "slips": 24,
    "update": 16,
    "update pairs": 2,
    "carried": 24,
    "pairs": 24,
    "unnamed": 30,
    "arithmetic": 12,
}
"""How many a lesson, at most."""


@dataclass(frozen=True)
class Answer:
    lesson: str
    step: str
    text: str
    category: str
    kind: str
    label: str
    wanted: tuple[frozenset[str], ...] = ()
    """One of each set should be named."""
    true: frozenset[str] = frozenset()
    """All ids that describe these numbers."""
    product: bool = False
    cells: int = 1


class Wrong(Pairs):
    """The wrong answers to one lesson."""

    def answers(self) -> Iterator[Answer]:
        found = [
            *self._some_single(),
            *self._spread(self._asked(self.carried), CAPS["carried"]),
            *self._some_pairs(),
            *self._spread(self._unnamed(), CAPS["unnamed"]),
            *self._spread(self._arithmetic(), CAPS["arithmetic"]),
        ]
        for place, (step, each) in enumerate(found):
            answer = self._typed(step, each, DIGITS[place % len(DIGITS)])
            if answer:
                yield answer

    def _some_single(self) -> list[tuple[Step, Found]]:
        every = self._asked([each for some in self.single.values() for each in some])
        kept = [each for each in every if each[1].kind not in {"slips", "update"}]
        for kind in ("slips", "update"):
            kept += self._spread([each for each in every if each[1].kind == kind], CAPS[kind])
        return kept

    @staticmethod
    def _asked(found: list[tuple[Step, Found]]) -> list[tuple[Step, Found]]:
        return [each for each in found if each[1].kind != NAME]

    def _some_pairs(self) -> list[tuple[Step, Found]]:
        half, quarter, few = CAPS["pairs"] // 2, CAPS["pairs"] // 4, CAPS["update pairs"]
        updates = [each for each in self.pairs if each[0].kind == "update"]
        others = [each for each in self.pairs if each[0].kind != "update"]
        return [
            *self._spread(others, half - few),
            *self._spread(updates, few),
            *self._spread(self.with_slip, quarter),
            *self._spread(self.after_earlier, quarter),
        ]

    def _unnamed(self) -> list[tuple[Step, Found]]:
        return [
            (case.step, Found(value, (), "unnamed", "unnamed", label))
            for case in self.cases.values()
            for label, value in unnamed(case, self.random)
            if value.shape == case.shape
            and np.isfinite(value).all()
            and not self.right(case.step, value)
        ]

    def _arithmetic(self) -> list[tuple[Step, Found]]:
        """Right but for a digit of one cell."""
        found = []
        for case in self.cases.values():
            typed = rounded(case.truth, 5)
            filled = np.flatnonzero(typed)
            if not filled.size:
                continue
            cell = int(self.random.choice(filled))
            typed.flat[cell] = self._misread(float(typed.flat[cell]))
            if not self.right(case.step, typed):
                told = Found(typed, (), "arithmetic", "arithmetic", "one digit")
                found.append((case.step, told))
        return found

    def _misread(self, value: float) -> float:
        """One of the first three significant digits is another."""
        mantissa, exponent = f"{value:.4e}".split("e")
        places = [place for place, mark in enumerate(mantissa) if mark.isdigit()][:3]
        place = int(self.random.choice(places))
        others = [mark for mark in "123456789" if mark != mantissa[place]]
        other = str(self.random.choice(others))
        return float(f"{mantissa[:place]}{other}{mantissa[place + 1 :]}e{exponent}")

    def _spread(self, found: list[tuple[Step, Found]], most: int) -> list[tuple[Step, Found]]:
        """So many of them, spread over the steps."""
        by_step: dict[str, list[tuple[Step, Found]]] = {}
        for place in self.random.permutation(len(found)):
            by_step.setdefault(found[place][0].id, []).append(found[place])
        chosen: list[tuple[Step, Found]] = []
        while len(chosen) < most and any(by_step.values()):
            for some in by_step.values():
                if some and len(chosen) < most:
                    chosen.append(some.pop())
        return chosen

    # What describes the same numbers

    @cached_property
    def known(self) -> dict[str, tuple[Array, list[frozenset[str]]]]:
        """Every value that something known comes to at a step, flat, and its ids."""
        every: dict[str, list[Found]] = {step.id: [] for step in self.working.steps}
        for some in self.single.values():
            for step, each in some:
                every[step.id].append(each)
        for step, each in [*self.carried, *self.pairs, *self.after_earlier]:
            every[step.id].append(each)
        return {
            name: (np.asarray([each.value.ravel() for each in some]), [each.ids for each in some])
            for name, some in every.items()
            if some
        }

    def _typed(self, step: Step, found: Found, digits: int) -> Answer | None:
        truth = self.working.right[step.id]
        if step.kind == "update":  # as many as show the change of a weight
            digits = digits_of_change(self.working.right[step.target], truth, digits)
        typed = rounded(found.value, digits)
        if self.right(step, typed) or rounds_to(truth, typed, digits):
            return None
        true = set(found.ids)
        if step.id in self.known:
            values, names = self.known[step.id]
            near = np.abs(values - typed.ravel()) <= half_unit(typed.ravel(), digits)
            for place in np.flatnonzero(near.all(axis=1)):
                true |= names[place]
        true |= self.said_of(self.cases[step.id], typed, digits)
        true |= WEAK & set(as_slip(typed, truth))
        return Answer(
            lesson=self.program.name,
            step=step.id,
            text=matrix(found.value, digits),
            category=found.category,
            kind=found.kind,
            label=found.label,
            wanted=self._wanted(found, frozenset(true)),
            true=frozenset(true),
            cells=truth.size,
        )

    @staticmethod
    def _wanted(found: Found, true: frozenset[str]) -> tuple[frozenset[str], ...]:
        if found.category == "pairs" or not found.wanted:
            return found.wanted
        return (true - WEAK | found.ids,)
