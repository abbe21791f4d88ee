"""Two mistakes at once: at one step, at two, and a mistake with a slip of the pen."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from bptutor.lesson.steps import Step
from tools.outside.mistakes.case import NAME
from tools.outside.program import Array
from tools.outside.single import Found, Single
from tools.outside.typed import alike
from tools.outside.working import Way

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


class Pairs(Single):
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
                    value = self.value(step, self.working.right, ordered)
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
                        value = self.value(later, env, [second])
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
            if not same and not self.right(step, each.value):
                kept.append((step, each))
        return kept


def _joins(first: Way, second: Way) -> bool:
    """Can both be made at one step? Not where one leaves nothing of the other."""
    alone = {"upstream taken as 1", "0", "1"} & {first.label, second.label}
    both_bias = first.kind == second.kind == "bias"
    unasked = NAME in {first.kind, second.kind}
    return not (first.ids & second.ids or alone or both_bias or unasked)
