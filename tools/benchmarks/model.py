"""A Keras model of two million weights: opened, and answered at its largest layer."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from bptutor import __version__
from bptutor.engine.runtime import tensorflow
from bptutor.record.record import Record
from bptutor.record.sittings import QuizSittings, Sittings
from bptutor.service.protocol import EngineState, Hello
from bptutor.service.tutor import Tutor
from bptutor.views.lesson import Opened
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
        tutor = Tutor(Sittings(Path(folder)), QuizSittings(), Record())
        hello = Hello(version=__version__, language="en", notation="ascii")
        learner, _ = tutor.hello(hello, EngineState(state="ready", detail=""))
        opened: list[Opened] = []

        def open_() -> None:
            asked = Open(lesson=str(path), ask="all", resume=False)
            reply = tutor.handle(learner, asked, lambda event: None, lambda: False)
            assert isinstance(reply, Opened)
            opened.append(reply)

        opening = seconds(open_)
        view, session = opened[0].view, opened[0].session
        steps = []

        def go_on() -> None:
            nonlocal view
            for request in (Show(session=session), Go(session=session, to="next")):
                reply = tutor.handle(learner, request, lambda event: None, lambda: False)
                assert isinstance(reply, StepReply)
                view = reply.view

        while view.step != LARGEST:
            steps.append(seconds(go_on))
        typed = Check(session=session, product="2 * a1.T @ dL_dZ2", cells=["1"] * 4)
        checking = seconds(lambda: tutor.handle(learner, typed, lambda event: None, lambda: False))
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
