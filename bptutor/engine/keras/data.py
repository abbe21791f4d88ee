"""Examples for a model: given in a file, or drawn."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any, TypeAlias

import numpy as np
from numpy.lib import format as npy

from bptutor.engine.keras.archive import ModelError
from bptutor.engine.keras.losses import Kind, Loss
from bptutor.engine.keras.zipped import DamagedError, Zipped
from bptutor.engine.trace import Array
from bptutor.language import limits
from bptutor.language.errors import TooMuchError
from bptutor.lesson.content import ContentError, content_of
from bptutor.lesson.find import LessonError
from bptutor.text import Message
from bptutor.text.printable import printable

DRAWN_ROWS = 2  # examples that are drawn: two show what is summed over a batch
MOST_ROWS = 32  # examples that are taken of a file where nothing is said: its first ones
SUFFIX, ARRAY = ".npz", ".npy"
MOST_NAMED = 10  # so many arrays of a file are named


@dataclass(frozen=True)
class Examples:
    """A batch: inputs by the input layers' names, and targets."""

    inputs: dict[str, Array]
    targets: Array


@dataclass(frozen=True)
class Input:
    """An input of a model."""

    shape: tuple[int, ...]  # without the batch
    classes: int | None = None  # how many class numbers it may have, where an Embedding reads it


Inputs: TypeAlias = Mapping[str, Input]


def draw(inputs: Inputs, outputs: int, loss: Loss, rows: int, seed: int) -> Examples:
    """Drawn examples of the inputs' and outputs' shapes and ranges.

    Raises TooMuchError: they have more numbers than a program may make.
    """
    numbers = sum(prod(each.shape) for each in inputs.values())
    if rows * (numbers + outputs) > limits.MOST_PROGRAM_ELEMENTS:
        raise TooMuchError(limits.PROGRAM_TOO_LARGE)
    random = np.random.default_rng(seed)
    drawn = {
        name: _tenths(random.standard_normal(shape))
        if each.classes is None
        else random.integers(each.classes, size=shape).astype("float32")
        for name, each in inputs.items()
        for shape in [(rows, *each.shape)]
    }
    return Examples(drawn, _smoothed(_drawn_targets(random, loss.kind, rows, outputs), loss))


def _drawn_targets(random: np.random.Generator, kind: Kind, rows: int, outputs: int) -> Array:
    classes = random.permutation(outputs)[np.arange(rows) % outputs]
    if kind == "sparse_categorical_crossentropy":
        return np.asarray(classes, "float32")
    if kind == "categorical_crossentropy":
        return np.eye(outputs, dtype="float32")[classes]
    if kind == "binary_crossentropy":
        zeros_and_ones = random.permutation(np.arange(rows * outputs) % 2)
        return zeros_and_ones.reshape(rows, outputs).astype("float32")
    return _tenths(random.uniform(-1, 1, (rows, outputs)))


def _tenths(numbers: Array) -> Array:
    return np.round(numbers, 1).astype("float32")


def _smoothed(targets: Array, loss: Loss) -> Array:
    if not loss.smoothing:
        return targets
    even = 0.5 if loss.kind == "binary_crossentropy" else 1 / targets.shape[-1]
    return (targets * (1 - loss.smoothing) + even * loss.smoothing).astype("float32")


def read_examples(
    path: Path, inputs: Inputs, outputs: int, loss: Loss, rows: int | None
) -> tuple[Examples, str]:
    """The first examples in an .npz file of `x` and `y`, and the file's SHA-256.

    A model of several inputs finds them under the names of their layers. Raises LessonError: it
    cannot be read, or does not fit the model.
    """
    try:
        content = content_of(path, limits.MOST_DATA_BYTES, SUFFIX)
        read = _Reader(Zipped(content), rows or MOST_ROWS)
        found = {
            name: read.rows("x" if len(inputs) == 1 else name, each.shape)
            for name, each in inputs.items()
        }
        for name, each in inputs.items():
            if each.classes is not None and not np.isin(found[name], np.arange(each.classes)).all():
                array = "x" if len(inputs) == 1 else name
                raise ModelError(_not_classes(array, each.classes))
        targets = read.rows("y", _target_shape(loss, outputs))
        _check_targets(targets, loss, outputs)
    except (ContentError, ModelError) as error:
        problem = error.message
    except DamagedError:
        problem = Message(
            "is not an .npz file of numbers; write one with numpy.savez(file, x=x, y=y)"
        )
    else:
        digest = hashlib.sha256(content).hexdigest()
        return Examples(found, _smoothed(targets, loss)), digest
    raise LessonError("{file}: {problem}", file=str(path), problem=problem)


def _target_shape(loss: Loss, outputs: int) -> tuple[int, ...]:
    return () if loss.kind == "sparse_categorical_crossentropy" else (outputs,)


class _Reader:
    """Reads the first rows of each array."""

    def __init__(self, archive: Zipped, rows: int) -> None:
        self._archive = archive
        self._rows = rows
        self._count: int | None = None

    def rows(self, name: str, shape: tuple[int, ...]) -> Array:
        """The first rows of an array, each of that shape.

        Raises ModelError: there is no such array, or its rows are others. DamagedError: it cannot
        be read.
        """
        arrays = [each for each in self._archive.names if each.endswith(ARRAY)]
        if name + ARRAY not in arrays:
            names = [each.removesuffix(ARRAY)[:60] for each in arrays[:MOST_NAMED]]
            raise ModelError(
                "has no array {name}; it has {names}", name=name, names=printable(", ".join(names))
            )
        with self._archive.part(name + ARRAY) as part:
            header = _header(part)
            given, _, dtype = header
            if dtype.kind not in "bifu":
                raise ModelError("{name} contains something other than numbers", name=name)
            if not given or given[0] <= 0 or prod(given[1:]) != prod(shape):
                raise ModelError(
                    "{name} has the shape {shape}; the model needs {wanted}",
                    name=name,
                    shape=str(given)[:60],
                    wanted=str((None, *shape)),
                )
            if self._count not in (None, given[0]):
                raise ModelError("its arrays have different numbers of rows")
            self._count = given[0]
            with np.errstate(over="ignore"):  # what is too large for it is not finite then
                first = _first_rows(part, header, self._rows).astype("float32")
        if not np.isfinite(first).all():
            raise ModelError("{name} contains numbers that are not finite", name=name)
        return np.asarray(first.reshape(-1, *shape))


Header: TypeAlias = tuple[tuple[int, ...], bool, "np.dtype[Any]"]
"""An array's shape, whether its columns stand one after another, and its type."""


def _header(part: IO[bytes]) -> Header:
    """The header of an .npy file. Raises ValueError."""
    kinds = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    version = npy.read_magic(part)
    if version not in kinds:  # 3.0 is for names of fields
        raise ValueError
    try:
        shape, by_columns, dtype = kinds[version](part)
    except TokenError:
        raise ValueError from None
    if dtype.hasobject or min(shape, default=0) < 0:
        raise ValueError
    return shape, by_columns, dtype


def _first_rows(part: IO[bytes], header: Header, rows: int) -> Array:
    """The first rows, in no more memory than they take. Raises ValueError."""
    shape, by_columns, dtype = header
    read = shape if by_columns else (min(rows, shape[0]), *shape[1:])
    size = prod(read) * dtype.itemsize
    if size > limits.MOST_DATA_BYTES:
        raise ValueError
    content = part.read(size)
    if len(content) < size:
        raise ValueError
    return np.frombuffer(content, dtype).reshape(read, order="F" if by_columns else "C")[:rows]


def _not_classes(name: str, classes: int) -> Message:
    return Message(
        "{name} must contain class numbers from 0 to {last}", name=name, last=classes - 1
    )


def _check_targets(targets: Array, loss: Loss, outputs: int) -> None:
    if loss.kind == "sparse_categorical_crossentropy":
        if not np.isin(targets, np.arange(outputs)).all():
            raise ModelError(_not_classes("y", outputs))
    elif loss.kind != "mse" and not ((targets >= 0) & (targets <= 1)).all():
        raise ModelError("y must contain probabilities, from 0 to 1")
