"""One layer of 784 x 64 on a batch of 32: how long a diagnosis takes."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bptutor.course.answers import Answers
from bptutor.lesson.load import load
from tools.outside.measure import Outcome, ask
from tools.outside.mistakes import ways
from tools.outside.mistakes.case import Case
from tools.outside.program import read
from tools.outside.single import SEED
from tools.outside.typed import alike, matrix
from tools.outside.working import Working
from tools.outside.wrong import Answer

INPUTS, UNITS, ROWS = 784, 64, 32
READING = "right"
PROGRAM = """
# layer
Z = X @ W + b
A = relu(Z)
# loss
L = mean((A - T) ** 2)
"""


def large() -> list[Outcome]:
    """Right answers, which take the reading alone, and wrong ones."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "large.toml"
        file.write_text(_lesson(), encoding="utf-8")
        lesson = load(str(file))
        working = Working(read(file), lesson)
        answers = Answers(lesson)
        step = next(step for step in working.steps if step.id == "dL_dW")
        some = [_answer(step.id, matrix(working.right[step.id], 6), READING, frozenset())] * 3
        for way in ways(Case(working, step)):
            value = working.value(step, working.right, [way])
            if value.shape == step.shape and not alike(value, working.right[step.id]):
                some.append(_answer(step.id, matrix(value, 6), way.label, way.ids))
        noise = np.random.default_rng(SEED).uniform(-1, 1, step.shape)
        some.append(_answer(step.id, matrix(noise, 6), "random numbers", frozenset()))
        return ask(answers, some)[1:]  # the first one warms


def _answer(step: str, text: str, label: str, told: frozenset[str]) -> Answer:
    size = INPUTS * UNITS
    return Answer("large", step, text, "large", "large", label, (told,), told, cells=size)


def _lesson() -> str:
    random = np.random.default_rng(SEED)
    values = {
        "X": random.uniform(-1, 1, (ROWS, INPUTS)),
        "W": random.uniform(-0.1, 0.1, (INPUTS, UNITS)),
        "b": random.uniform(-0.1, 0.1, UNITS),
        "T": random.uniform(0, 1, (ROWS, UNITS)),
    }
    numbers = "\n".join(f"{name} = {matrix(value, 4)}" for name, value in values.items())
    head = f'program = """{PROGRAM}"""\nloss = "L"\nparameters = ["W", "b"]\nlearning_rate = 0.1'
    return f"{head}\n[values]\n{numbers}\n"
