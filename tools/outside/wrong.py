"""The wrong answers: single mistakes, carried ones, pairs, unnamed ones, and slips of a digit."""

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
from tools.outside.mistakes.case import NAME, Case
from tools.outside.mistakes.slips import slips
from tools.outside.mistakes.unnamed import unnamed
from tools.outside.program import Array, Program
from tools.outside.typed import (
    FULL,
    alike,
    digits_of_change,
    half_unit,
    matrix,
    rounded,
    rounds_to,
)
from tools.outside.working import Known, Way, Working

SEED = 13
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
class Wrong:
    """The wrong answers to one lesson."""

    program: Program
    lesson: Lesson
    working: Working = field(init=False)
    random: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.working = Working(self.program, self.lesson)
        self.random = np.random.default_rng([SEED, zlib.crc32(self.program.name.encode())])

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

    # What can go wrong

    @cached_property
    def cases(self) -> dict[str, Case]:
        return {step.id: Case(self.working, step) for step in self.working.steps}

    @cached_property
    def ways(self) -> dict[str, list[tuple[Way, Array]]]:
        """The ways to go wrong at each step, but for slips, with what comes of each."""
        return {name: list(self._ways(case)) for name, case in self.cases.items()}

    def _ways(self, case: Case) -> Iterator[tuple[Way, Array]]:
        for each in ways(case):
            value = self._value(case.step, self.working.right, [each])
            if value is not None and not self._right(case.step, value):
                yield replace(each, ids=each.ids | self._said_of(case, value, FULL)), value

    def _said_of(self, case: Case, value: Array, digits: int) -> frozenset[str]:
        """What these numbers may be said to be, but for the mistakes of this set."""
        told = set(as_slip(value, case.truth)) - WEAK
        if case.step.kind == "update":  # a slip in the step that the weight takes
            before = case.env[case.step.target]
            told |= {"decimal-slip"} & set(as_slip(value - before, case.truth - before))
        for name, other in described(case):
            if np.all(np.abs(other - value) <= half_unit(value, digits)):
                told.add(name)
        return frozenset(told)

    def _value(self, step: Step, env: Known, some: Iterable[Way]) -> Array | None:
        try:
            with np.errstate(all="ignore"):
                value = self.working.value(step, env, tuple(some))
            value = np.broadcast_to(value, self.working.right[step.id].shape)
        except ValueError:  # a wrong rule whose result has another shape cannot be typed
            return None
        return np.asarray(value) if np.isfinite(value).all() else None

    def _right(self, step: Step, value: Array) -> bool:
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
            value = self._value(case.step, self.working.right, [each])
            if value is not None and not self._right(case.step, value):
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
                    if np.isfinite(own).all() and not self._right(step, own):
                        label = f"{way.label} at {name}"
                        found.append((step, Found(own, (way.ids,), "carried", way.kind, label)))
        return found

    @cached_property
    def pairs(self) -> list[tuple[Step, Found]]:
        """Two mistakes at one step."""
        found: list[tuple[Step, Found]] = []
        for name, some in self.ways.items():
            step = self.working.steps[self.working.index[name]]
            for place, (first, _) in enumerate(some):
                for second, _ in some[place + 1 :]:
                    if step.kind == "update" and first.label != "update-sign":
                        continue
                    if step.kind == "update" and second.label not in TURNED:
                        continue
                    if not _joins(first, second):
                        continue
                    ordered = (second, first) if step.kind == "update" else (first, second)
                    value = self._value(step, self.working.right, ordered)
                    if value is not None:
                        found.append((step, self._pair(value, first, second, "at one step")))
        return self._news(found)

    @staticmethod
    def _pair(value: Array, first: Way, second: Way, kind: str) -> Found:
        label = f"{first.label} + {second.label}"
        return Found(value, (first.ids, second.ids), "pairs", kind, label)

    @cached_property
    def after_earlier(self) -> list[tuple[Step, Found]]:
        """A slip at the seed of the backward pass, and a mistake at a later step."""
        found: list[tuple[Step, Found]] = []
        for name, some in self.ways.items():
            step = self.working.steps[self.working.index[name]]
            earlier = [(way, value) for way, value in some if way.label in AT_SEED]
            for first, typed in earlier if step.kind == "backward" else []:
                env = self.working.carried({name: typed})
                for later in self.working.steps[self.working.index[name] + 1 :]:
                    if later.kind not in {"backward"}:
                        continue
                    for second, _ in self.ways[later.id]:
                        value = self._value(later, env, [second])
                        if value is not None and _joins(first, second):
                            pair = self._pair(value, first, second, "one earlier, one here")
                            found.append((later, pair))
        return self._news(found)

    @cached_property
    def with_slip(self) -> list[tuple[Step, Found]]:
        """A mistake, and a slip of sign or decimal point in one cell of what comes of it."""
        found: list[tuple[Step, Found]] = []
        for name, some in self.ways.items():
            step = self.working.steps[self.working.index[name]]
            for way, value in some:
                filled = np.flatnonzero(value)
                if value.size < 2 or not filled.size or way.label in {"0", "1"} or way.kind == NAME:
                    continue
                cell = int(self.random.choice(filled))
                factor, told = (-1.0, "sign-slip") if self.random.random() < 0.5 else (
                    float(self.random.choice([0.1, 10.0])), "decimal-slip"
                )  # fmt: skip
                typed = value.copy()
                typed.flat[cell] *= factor
                label = f"{way.label} + {told}"
                wanted = (way.ids, frozenset({told}))
                found.append((step, Found(typed, wanted, "pairs", "mistake and slip", label)))
        return self._news(found)

    def _news(self, found: list[tuple[Step, Found]]) -> list[tuple[Step, Found]]:
        """Those that are no single mistake's."""
        kept = []
        for step, each in found:
            same = any(alike(one.value, each.value, 1e-3) for _, one in self.single[step.id])
            if not same and not self._right(step, each.value):
                kept.append((step, each))
        return kept

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
            and not self._right(case.step, value)
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
            if not self._right(case.step, typed):
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
        if self._right(step, typed) or rounds_to(truth, typed, digits):
            return None
        true = set(found.ids)
        if step.id in self.known:
            values, names = self.known[step.id]
            near = np.abs(values - typed.ravel()) <= half_unit(typed.ravel(), digits)
            for place in np.flatnonzero(near.all(axis=1)):
                true |= names[place]
        true |= self._said_of(self.cases[step.id], typed, digits)
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


def _joins(first: Way, second: Way) -> bool:
    """Can both be made at one step? Not where one leaves nothing of the other."""
    alone = {"upstream taken as 1", "0", "1"} & {first.label, second.label}
    both_bias = first.kind == second.kind == "bias"
    unasked = NAME in {first.kind, second.kind}
    return not (first.ids & second.ids or alone or both_bias or unasked)


WEAK = {"tiny-for-zero", "zero-for-tiny"}
"""True of many answers, and no name for what the learner did."""
TURNED = {
    "learning-rate-missing",
    "learning-rate-twice",
    "learning-rate-divides",
    "loss-for-gradient-in-update",
    "error-for-gradient",
    "update-doubled",
}
"""What the sign of an update can be wrong of, besides."""
AT_SEED = {"no 2 from the square", "t - y", "not divided by n", "a 2 with half the square"}
