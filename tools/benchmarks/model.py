"""A Keras model of two million weights: opened, and answered at its largest layer."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from bptutor import __version__
from bptutor.engine.runtime import tensorflow
from bptutor.service.engine import EngineHere
from bptutor.service.protocol import Hello
from bptutor.service.tutor import LocalTutor
from tools.benchmarks.measure import Row, seconds

LARGEST = "dL_dW2"
"""The step about a matrix of a million weights."""


def large_model() -> list[Row]:
    """The first opening, which imports Keras; then the steps up to the largest, and a check."""
    tensorflow()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "large.keras"
        if os.fork() == 0:  # in a process of its own, so that Keras is not there yet in this one
            _save(path)
            os._exit(0)
        os.wait()
        os.environ["BPTUTOR_DATA_DIR"] = folder
        tutor = LocalTutor(EngineHere(), lambda event: None)
        asyncio.run(tutor.hello(Hello(version=__version__, language="en", notation="ascii")))
        opening = seconds(lambda: asyncio.run(tutor.open(str(path), "all", resume=False)))
        steps = []

        async def go_on() -> None:
            await tutor.show()
            await tutor.go("next")

        while tutor.place and tutor.place.session.step.id != LARGEST:
            steps.append(seconds(lambda: asyncio.run(go_on())))
        typed = "2 * a1.T @ dL_dZ2", ["1"] * 4
        checking = seconds(lambda: asyncio.run(tutor.check(*typed, "both")))
    return [
        Row("A model of 2,000,000 weights opened", opening, 5.0, "s"),
        Row("... its slowest step shown", max(steps), 0.5, "s"),
        Row("... a wrong answer at its largest layer", checking, 3.0, "s"),
    ]


def _save(path: Path) -> None:
    import keras

    hidden = [keras.layers.Dense(units, "relu") for units in (1024, 1024, 128)]
    output = keras.layers.Dense(10, "softmax")
    stack = [keras.Input((28, 28)), keras.layers.Flatten(), *hidden, output]
    model = keras.Sequential(stack)
    model.compile(loss="sparse_categorical_crossentropy")
    model.save(path)
