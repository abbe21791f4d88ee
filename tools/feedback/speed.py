"""How long it takes to say what went wrong, the engine warm."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from bptutor.course.answers import STYLE
from bptutor.course.questions import asked_of
from bptutor.grading.cells import diagnose_cells, grade_cells
from bptutor.grading.facts import Facts
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.lesson.steps import places, steps
from tools.feedback.written import text
from tools.feedback.wrong import mistaken

TIMES = 5

LAYER = """
title = "A layer of {inputs} by {units}"
program = \"\"\"
# layer
Z = X @ W + b
A = relu(Z)
# output
Y = A @ V + c
# loss
L = mean((Y - T) ** 2)
\"\"\"
loss = "L"
parameters = ["W", "b", "V", "c"]
learning_rate = 0.01

[values]
X = {X}
W = {W}
b = {b}
V = {V}
c = {c}
T = {T}
"""


def speeds() -> dict[str, float]:
    """Median milliseconds from a wrong answer to what explains it, by the size of the layer."""
    return {
        f"{inputs}x{units} layer": _speed(_layer(inputs, units))
        for inputs, units in ((3, 3), (784, 64))
    }


def _layer(inputs: int, units: int) -> Lesson:
    random = np.random.default_rng(1)
    shapes = {
        "X": (1, inputs),
        "W": (inputs, units),
        "b": (units,),
        "V": (units, 3),
        "c": (3,),
        "T": (1, 3),
    }
    values = {
        name: (random.normal(0, inputs**-0.5, shape)).round(4).tolist()
        for name, shape in shapes.items()
    }
    with TemporaryDirectory() as folder:
        path = Path(folder) / "layer.toml"
        path.write_text(LAYER.format(inputs=inputs, units=units, **values), encoding="utf-8")
        return load(str(path))


def _speed(lesson: Lesson) -> float:
    """Every answer is the first wrong one at its step, and finds nothing prepared."""
    facts = Facts(lesson)
    step = steps(lesson)[places(lesson)["dL_dW"]]
    value = mistaken(facts, step)[-1][1].reshape(-1)
    facts.worlds(step)
    taken = []
    for _ in range(TIMES):
        positions = asked_of(facts, step)
        cells = [text(float(value[position]) * 1.37, 4) for position in positions]
        facts = Facts(lesson)
        facts.truth(step)
        started = perf_counter()
        graded = grade_cells(facts, step, cells, positions)
        diagnose_cells(facts, step, graded, positions, STYLE)
        taken.append((perf_counter() - started) * 1e3)
    return median(taken)
