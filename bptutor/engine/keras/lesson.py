"""From a `.keras` file to a lesson."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from bptutor.engine.keras.archive import Archive, ModelError, damaged, read_archive, write_checked
from bptutor.engine.keras.data import DRAWN_ROWS, Examples, Input, draw, read_examples
from bptutor.engine.keras.graph import graph
from bptutor.engine.keras.losses import (
    LOSS,
    PROBABLE,
    SECTION,
    TARGETS,
    Leaf,
    Loss,
    Value,
    Written,
    loss_of,
    settled,
    write_loss,
)
from bptutor.engine.keras.program import write_layers
from bptutor.engine.keras.zipped import DamagedError, require_sound
from bptutor.engine.runtime import tensorflow
from bptutor.engine.trace import Array
from bptutor.language.differentiate import gradient_name
from bptutor.language.errors import TooMuchError
from bptutor.language.parse import parse_program
from bptutor.language.shapes import program_shapes
from bptutor.language.tree import Program
from bptutor.lesson.content import ContentError, path_of, stamp_of
from bptutor.lesson.find import SUFFIX, LessonError, ModelReference
from bptutor.lesson.lesson import Lesson, Texts
from bptutor.lesson.load import load
from bptutor.lesson.steps import places
from bptutor.text import LANGUAGES, Message, UserError
from bptutor.text.printable import printable

SATURATED = 1e-3  # a probability so near to 0 or 1 that half of 1 - p's digits are lost
LEARNING_RATE = 0.01  # Keras' own for plain gradient descent, if compiled with no number


@dataclass(frozen=True)
class Sketch:
    """A model's lesson as far as its configuration tells."""

    archive: Archive
    written: Written
    output: Value
    loss: Loss
    inputs: dict[str, Input]


def check_model(reference: ModelReference) -> None:
    """Checks a model and its examples as far as that goes without loading TensorFlow.

    Raises LessonError: one cannot be read, or the model has a layer, a setting or a loss that is
    not taken.
    """
    try:
        sketch = _sketch(reference)
        _require_weights(sketch.archive)
        _examples(reference, sketch, None, 0)
    except (ContentError, ModelError, TooMuchError) as error:
        raise _in_file(reference, error) from None


def open_lesson(reference: str) -> Lesson:
    """The lesson of a name, of the path to a `.toml`, or of a Keras model, which takes TensorFlow.

    Raises LessonError: there is none, or its file is not valid.
    """
    model = ModelReference.read(reference)
    return lesson_of(model) if model else load(reference)


def lesson_of(reference: ModelReference, rows: int | None = None, seed: int = 0) -> Lesson:
    """A Keras model as a lesson; the same object as long as its files stay as they are.

    `rows` examples are taken, else what is suitable; `seed` draws them where there is no file.
    Raises LessonError: it cannot be read, or has a layer, a setting or a loss that is not taken.
    """
    try:
        return _lesson(reference, _stamps(reference), rows, seed)
    except (ContentError, ModelError, TooMuchError) as error:
        raise _in_file(reference, error) from None


def _stamps(reference: ModelReference) -> tuple[tuple[int, int], ...]:
    """The files' modification times and sizes."""
    paths = (reference.path, *([path_of(reference.data)] if reference.data else []))
    return tuple(filter(None, map(stamp_of, paths)))


def _in_file(reference: ModelReference, error: UserError) -> LessonError:
    return LessonError("{file}: {problem}", file=str(reference.path), problem=error.message)


def _sketch(reference: ModelReference) -> Sketch:
    archive = read_archive(reference.path)
    try:
        found = graph(archive.config)
        written, output = write_layers(found)
        loss = settled(loss_of(archive.config, reference.loss), output)
    except (
        *(AttributeError, IndexError, KeyError, TypeError, ValueError),
        *(OverflowError, RecursionError),
    ):
        raise damaged() from None  # a configuration is as Keras wrote it, or it is no whole one
    inputs = {
        name: Input(shape, written.classes.get(name)) for (name, _), shape in found.inputs.items()
    }
    return Sketch(archive, written, output, loss, inputs)


@lru_cache(maxsize=2)
def _lesson(
    reference: ModelReference, stamps: tuple[tuple[int, int], ...], rows: int | None, seed: int
) -> Lesson:
    sketch = _sketch(reference)
    examples, of_data = _examples(reference, sketch, rows, seed)
    model = _model(sketch.archive)
    saturated = sketch.loss.kind in PROBABLE and _saturated(model, examples)
    write_loss(sketch.written, sketch.output, sketch.loss, saturated)
    program = parse_program("\n".join(sketch.written.lines))
    values = _values(sketch.written, model, examples)
    leaves = {name: values[name] for name in program.leaves}
    shapes = {name: array.shape for name, array in leaves.items()}
    told = "\0".join([sketch.archive.digest, reference.loss, of_data, str(rows)])
    lesson = Lesson(
        name=reference.path.stem,
        path=reference.path,
        digest=hashlib.sha256(told.encode()).hexdigest(),
        title=Texts.everywhere(printable(reference.path.stem)),
        summary=_texts(_summary(sketch, leaves)),
        introduction=_texts(_introduction(reference, examples)),
        closing=Texts.everywhere(""),
        sections=_headings(program),
        notes={},
        program=program,
        loss=LOSS,
        parameters=_trainable(sketch.written, model, program),
        watch=(),
        learning_rate=_learning_rate(sketch.archive),
        dtype="float32",
        values=leaves,
        shapes={**shapes, **program_shapes(program, shapes)},
    )
    known = places(lesson)  # which raises where a gradient is too much to type
    return replace(lesson, skip=tuple(step for step in _shown(sketch.written) if step in known))


def _shown(written: Written) -> list[str]:
    """The steps that are not asked: those at which numbers only change their places."""
    scattered = (gradient_name(LOSS, name) for name in sorted(written.scattered))
    return [*sorted(written.moved), *scattered]


def _examples(
    reference: ModelReference, sketch: Sketch, rows: int | None, seed: int
) -> tuple[Examples, str]:
    """Examples for a model, and what tells them from others: a digest, or the seed."""
    outputs = sketch.output.shape[0]
    if reference.data:
        data = path_of(reference.data)
        return read_examples(data, sketch.inputs, outputs, sketch.loss, rows)
    return draw(sketch.inputs, outputs, sketch.loss, rows or DRAWN_ROWS, seed), str(seed)


def _require_weights(archive: Archive) -> None:
    try:
        require_sound(archive.weights)
    except DamagedError:
        raise damaged() from None


def _model(archive: Archive) -> Any:
    """The Keras model, with none of its code run and its loss left out.

    Keras reads files, not bytes. It gets a copy of the checked archive, in a folder of its own.
    """
    _require_weights(archive)
    tensorflow()
    import keras

    with _private_folder() as folder:
        file = folder / f"model{SUFFIX}"
        write_checked(archive, file)
        try:
            return keras.saving.load_model(file, compile=False, safe_mode=True)
        except Exception as error:  # what a damaged file makes Keras raise is not written anywhere
            raise damaged() from error


@contextmanager
def _private_folder() -> Iterator[Path]:
    """A folder that only this user can enter, and in which Keras unpacks, for as long as it takes.

    Keras leaves behind what it unpacked of a model that it cannot load.
    """
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="bptutor-") as folder:
        tempfile.tempdir = folder
        try:
            yield Path(folder)
        finally:
            tempfile.tempdir = before


def _saturated(model: Any, examples: Examples) -> bool:
    """Are probabilities so near to 0 or 1 that rounding spoils their logarithms?"""
    inputs = [*examples.inputs.values()]
    given = np.asarray(model(inputs if len(inputs) > 1 else inputs[0], training=False))
    return bool((np.minimum(given, 1 - given) < SATURATED).any())


def _values(written: Written, model: Any, examples: Examples) -> dict[str, Array]:
    values = {
        value.name: examples.inputs[layer].reshape(-1, *value.shape)
        for layer, value in written.inputs.items()
    }
    for name, leaf in written.weights.items():
        array = _weight(model, leaf).numpy()
        try:
            values[name] = array.reshape(leaf.shape or array.shape)
        except ValueError:  # its layers are joined otherwise than their weights fit
            raise damaged() from None
    return values | {TARGETS: examples.targets}


def _trainable(written: Written, model: Any, program: Program) -> tuple[str, ...]:
    """The leaves that training updates. Raises ModelError: two of them are one weight."""
    trained = {id(weight) for weight in model.trainable_weights}
    if len({id(_weight(model, leaf)) for leaf in written.weights.values()}) < len(written.weights):
        raise ModelError(
            "has a layer in two of its models; bptutor supports a layer that is shared in one"
        )
    return tuple(
        name
        for name, leaf in written.weights.items()
        if name in program.leaves and id(_weight(model, leaf)) in trained
    )


def _weight(model: Any, leaf: Leaf) -> Any:
    layer = model
    for name in leaf.layer.split("/"):
        layer = layer.get_layer(name)
    return attrgetter(leaf.weight)(layer)


def _learning_rate(archive: Archive) -> float:
    """The rate of the optimizer that the model was compiled with, if it is a number."""
    compiled = archive.config.get("compile_config") or {}
    optimizer = compiled.get("optimizer") if isinstance(compiled, dict) else None
    settings = optimizer.get("config") if isinstance(optimizer, dict) else None
    rate = settings.get("learning_rate") if isinstance(settings, dict) else None
    if isinstance(rate, float) and 0 < rate < float("inf"):
        return float(str(np.float32(rate)))
    return LEARNING_RATE


def _texts(message: Message) -> Texts:
    return Texts({language: message.to(language) for language in LANGUAGES})


def _headings(program: Program) -> dict[str, Texts]:
    """Each layer's own name as its section's heading."""
    layers = {
        each.section: Texts.everywhere(each.section) for each in program.assignments if each.section
    }
    return layers | {SECTION: _texts(Message("Loss"))}


def _summary(sketch: Sketch, leaves: dict[str, Array]) -> Message:
    weights = sum(leaves[name].size for name in sketch.written.weights if name in leaves)
    layers = len({leaf.layer for leaf in sketch.written.weights.values()})
    return Message(
        "A Keras model: layers with weights {layers}, weights {weights}.",
        layers=layers,
        weights=f"{weights:,}",
    )


def _introduction(reference: ModelReference, examples: Examples) -> Message:
    rows = len(examples.targets)
    source = (
        Message("The examples are the first {rows} of {file}.", rows=rows, file=reference.data)
        if reference.data
        else Message("bptutor drew {rows} random examples; pass your own with --data.", rows=rows)
    )
    return Message(
        "This is your Keras model, layer by layer, with its saved weights. It runs in inference "
        "mode: Dropout drops nothing, and BatchNormalization uses its moving statistics. The "
        "update is plain gradient descent. {source}",
        source=source,
    )
