"""What is looked at beside the question: known values, the list of steps, why, a nudge."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from bptutor.plain.dialogue import Said
from bptutor.plain.figures import known_lines, one_line
from bptutor.service.sentences import moved
from bptutor.service.words import STAGES, way
from bptutor.text import Message
from bptutor.views.lesson import Explained, Known, Nudged, StepName

NUDGE = 0.001
"""By how much a number is moved, until the learner says otherwise."""
HOW_TO_NUDGE = Message(
    "Say the row and the column, counted from 1, and by how much, as in 1 3 0.001."
)
ARRIVES = (" ↑ ", " ^ ")
"""Between a line of the program and the gradient that comes up to it."""


_LINE = re.compile(
    r"(?P<name>.+?)\s+(?:(?P<which>row|column|행|열)\s+(?P<place>\d{1,9})"
    r"|(?P<nth>\d{1,9})\s*(?P<of>행|열))"
)
"""One row or column of a quantity, counted from 1, as either language says it: row 2, 2행."""


def values(knowns: Sequence[Known], wanted: str) -> Iterator[Said]:
    """Every known quantity; or the one that is wanted, or a row or column of it."""
    if not wanted:
        for known in knowns:
            yield from known_lines(known)
        return
    of, line = wanted, _LINE.fullmatch(wanted)
    if line:
        of, place = line["name"], int(line["place"] or line["nth"])
        across = (line["which"] or line["of"]) in ("row", "행")
    found = [known for known in knowns if as_typed(known.name) == as_typed(of)]
    for known in found:
        yield from one_line(known, across, place) if line else known_lines(known, whole=True)
    if not found:
        yield Message("There is no {name} that is known here.", name=wanted)


def as_typed(name: str) -> str:
    """`∂L/∂W3` and `dL/dW3` as `dL_dW3`."""
    return name.replace("∂", "d").replace("/", "_").strip()


def why(explained: Explained) -> Iterator[Said]:
    """Why a step is as it is."""
    yield explained.rule
    for line in explained.picture:
        arrow = next((arrow for arrow in ARRIVES if arrow in line), None)
        if arrow:
            text, _, gradient = line.rpartition(arrow)
            yield Message("{line}; from above comes {gradient}", line=text, gradient=gradient)
        else:
            yield line
    yield from (" ".join(line.split()) for line in explained.shapes)
    yield from explained.story


def step_list(steps: Sequence[StepName], here: int, furthest: int) -> Iterator[Said]:
    """All steps under their sections; how far each has come, as far as they have been reached."""
    above: tuple[str | None, str] | None = None
    for index, step in enumerate(steps):
        passing = way(step.kind)
        if above != (step.section, passing.text):
            above = (step.section, passing.text)
            told = Message("{first}, {second}:", first=step.section or "", second=passing)
            yield told if step.section else Message("{what}:", what=passing)
        line = Message("{number}. {name}", number=index + 1, name=step.name)
        if index <= furthest:
            line = Message("{step}: {stage}", step=line, stage=STAGES[step.stage])
        yield Message("{line} (you are here)", line=line) if index == here else line


def find_step(steps: Sequence[StepName], wanted: str) -> int | None:
    """The index of a step by its number or its name."""
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 8:
        return int(wanted) - 1
    names = [as_typed(step.name) for step in steps]
    ids = [step.step for step in steps]
    name = as_typed(wanted)
    return next((where.index(name) for where in (ids, names) if name in where), None)


def move(argument: str) -> tuple[int, int, float] | None:
    """Which number to move (row and column from 0), and by how much; None where that is unclear."""
    words = argument.replace(",", " ").split()
    try:
        by = float(words[-1]) if words else NUDGE
        place = [int(word) - 1 for word in words[:-1]]
    except ValueError:
        return None
    if len(place) > 2 or not math.isfinite(by) or by == 0 or any(each < 0 for each in place):
        return None
    row, column = [0] * (2 - len(place)) + place
    return row, column, by


def nudged(came: Nudged) -> Iterator[Said]:
    """What came of a nudge."""
    yield from moved(came)
    if came.remark:
        yield came.remark
