"""Networks that nobody has written down, for properties that hold of all of them."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from hypothesis import strategies as st

from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load

LAYERS = (
    "tanh({})",
    "sigmoid({})",
    "softplus({})",
    "relu({})",
    "maximum({}, 0.1)",
    "leaky_relu({}, 0.3)",
    "softmax({})",
    "{0} * sigmoid({0})",
    "exp(-square({}))",
    "{0} - mean({0}, axis=0, keepdims=True)",
)

LOSSES = (
    "mean((Y - T) ** 2)",
    "-sum(T * log_softmax(Y)) / 3",
    "sum(abs(Y - T)) + 0.1 * sum(W0 ** 2)",
    "mean(softplus(-Y * T))",
)


@st.composite
def networks(draw: st.DrawFn, dtype: str = "float64") -> Lesson:
    """Networks of one to three layers of any width, some with their input added to each layer."""
    batch, width = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    numbers = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    residual = draw(st.booleans())
    lines, values, before = [], {"X": numbers.normal(size=(batch, width))}, "X"
    parameters = []
    for layer, form in enumerate(draw(st.lists(st.sampled_from(LAYERS), min_size=1, max_size=3))):
        lines += [f"Z{layer} = {before} @ W{layer} + b{layer}"]
        lines += [f"a{layer} = {form.format(f'Z{layer}')}" + (f" + {before}" if residual else "")]
        values[f"W{layer}"] = numbers.normal(size=(width, width))
        values[f"b{layer}"] = numbers.normal(size=width)
        parameters += [f"W{layer}", f"b{layer}"]
        before = f"a{layer}"
    lines += [f"Y = {before} * g", "L = " + draw(st.sampled_from(LOSSES))]
    values |= {"g": numbers.normal(size=()), "T": numbers.normal(size=(batch, width))}
    text = "\n".join(
        [
            'loss = "L"',
            f'dtype = "{dtype}"',
            f"parameters = {[*parameters, 'g']}",
            'watch = ["X"]',
            "learning_rate = 0.01",
            'program = """',
            *lines,
            '"""',
            "[values]",
            *(f"{name} = {value.tolist()}" for name, value in values.items()),
        ]
    )
    return lesson_from(text)


def lesson_from(text: str) -> Lesson:
    """The lesson of a text; what is needed of its file is in memory then."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "network.toml"
        path.write_text(text, encoding="utf-8")
        return load(str(path))


def leaves_of(lesson: Lesson) -> dict[str, Any]:
    """A lesson's own values as float64 arrays that may be changed."""
    return {name: np.array(value, "float64") for name, value in lesson.values.items()}
