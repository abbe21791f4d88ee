"""A program while it is being written: its lines, its names, and what they stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Literal, TypeAlias

Weight: TypeAlias = Literal["kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance"]


@dataclass(frozen=True)
class Value:
    """What is known by a name in the program: rows of so many numbers."""

    name: str
    shape: tuple[int, ...]
    """Without the batch."""
    number: int = 0
    """Of the latest layer with weights that it comes from."""
    made_by: str = ""
    """The activation that it comes from, if it comes straight from one."""
    before: str = ""
    """What that activation was applied to."""


@dataclass(frozen=True)
class Leaf:
    """A leaf of the program that is one of a layer's weights."""

    layer: str
    weight: Weight


@dataclass
class Written:
    """A model's program, line by line."""

    lines: list[str] = field(default_factory=list)
    inputs: dict[str, Value] = field(default_factory=dict)
    """The model's inputs, under the names of their layers."""
    weights: dict[str, Leaf] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    size: int = 0
    """The number of weights in all kernels."""

    def line(self, target: str, formula: str) -> str:
        """Assign a formula; the name that is assigned."""
        self.lines.append(f"{target} = {formula}")
        return target

    def name(self, wanted: str) -> str:
        """A name that is still free: the one that is wanted, or with a number after it."""
        numbered = (f"{wanted}_{number}" for number in count(2))
        free = next(name for name in chain([wanted], numbered) if name not in self.names)
        self.names.add(free)
        return free

    def rename(self, old: str, new: str) -> str:
        """Give a line's target another name wherever it stands; an input keeps its own."""
        if not any(line.startswith(f"{old} =") for line in self.lines):
            return old
        whole = re.compile(rf"\b{old}\b")
        self.lines = [line if line[0] == "#" else whole.sub(new, line) for line in self.lines]
        return new

    def drop(self, target: str) -> None:
        """Take a line away that no other one reads."""
        self.lines = [line for line in self.lines if not line.startswith(f"{target} =")]
