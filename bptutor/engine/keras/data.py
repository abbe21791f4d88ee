"""Examples for a model: given in a file, or drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, TypeAlias
from zipfile import BadZipFile, ZipFile

import numpy as np
from numpy.typing import NDArray

from bptutor.engine.keras.errors import ModelError
from bptutor.engine.keras.losses import Kind, Loss
from bptutor.lesson.errors import LessonError
from bptutor.locale import Message

Array: TypeAlias = NDArray[Any]

DRAWN_ROWS = 2
"""Examples that are drawn: two show what is summed over a batch."""
MOST_ROWS = 32
"""Examples that are taken of a file where nothing is said: its first ones."""
MOST_BYTES = 1_000_000_000


@dataclass(frozen=True)
class Examples:
    """A batch: what goes in, by the input layers' names, and what should come out."""

    inputs: dict[str, Array]
    targets: Array


Shapes: TypeAlias = Mapping[str, tuple[int, ...]]
"""Of each input, without the batch."""


def draw(inputs: Shapes, outputs: int, loss: Loss, rows: int, seed: int) -> Examples:
    """Examples that a model with such inputs and outputs could have been made for."""
    random = np.random.default_rng(seed)
    drawn = {name: _tenths(random.standard_normal((rows, *s))) for name, s in inputs.items()}
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
    path: Path, inputs: Shapes, outputs: int, loss: Loss, rows: int | None
) -> tuple[Examples, str]:
    """The first examples in an .npz file of `x` and `y`, and the file's SHA-256.

    A model of several inputs finds them under the names of their layers.

    Raises:
        LessonError: it cannot be read, or does not fit the model.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        with ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise ModelError(
                    Message("has more than {limit} megabytes", limit=MOST_BYTES // 1_000_000)
                )
        with np.load(path, allow_pickle=False) as arrays:
            read = _Reader(arrays, rows)
            found = {
                name: read.rows("x" if len(inputs) == 1 else name, shape)
                for name, shape in inputs.items()
            }
            targets = read.rows("y", _target_shape(loss, outputs))
    except ModelError as error:
        problem = error.message
    except FileNotFoundError:
        problem = Message("there is no such file; look at its path")
    except OSError as error:
        problem = Message("cannot be read: {reason}", reason=error.strerror or str(error))
    except (BadZipFile, ValueError, KeyError, EOFError):
        problem = Message("is no .npz file of numbers; write it with numpy.savez(file, x=x, y=y)")
    else:
        try:
            _check_targets(targets, loss, outputs)
            return Examples(found, _smoothed(targets, loss)), digest
        except ModelError as error:
            problem = error.message
    raise LessonError(Message("{file}: {problem}", file=str(path), problem=problem))


def _target_shape(loss: Loss, outputs: int) -> tuple[int, ...]:
    return () if loss.kind == "sparse_categorical_crossentropy" else (outputs,)


class _Reader:
    """Reads as many rows of each array, the first ones."""

    def __init__(self, arrays: Any, rows: int | None) -> None:
        self._arrays = arrays
        self._rows = rows
        self._count: int | None = None

    def rows(self, name: str, shape: tuple[int, ...]) -> Array:
        """The first rows of an array, each of that shape.

        Raises:
            ModelError: there is no such array, or its rows are of another shape or number.
        """
        if name not in self._arrays:
            raise ModelError(
                Message(
                    "has no array {name}; it has {names}",
                    name=name,
                    names=", ".join(self._arrays.files),
                )
            )
        array = self._arrays[name]
        if array.dtype.kind not in "bifu":
            raise ModelError(Message("{name} holds no numbers", name=name))
        if array.ndim == 0 or len(array) == 0 or prod(array.shape[1:]) != prod(shape):
            raise ModelError(
                Message(
                    "{name} has the shape {shape}; the model takes {wanted}",
                    name=name,
                    shape=str(array.shape),
                    wanted=str((None, *shape)),
                )
            )
        if self._count not in (None, len(array)):
            raise ModelError(Message("its arrays differ in their number of rows"))
        self._count = len(array)
        first = array[: self._rows or MOST_ROWS].astype("float32")
        if not np.isfinite(first).all():
            raise ModelError(Message("{name} holds numbers that are not finite", name=name))
        return np.asarray(first.reshape(-1, *shape))


def _check_targets(targets: Array, loss: Loss, outputs: int) -> None:
    if loss.kind == "sparse_categorical_crossentropy":
        if not np.isin(targets, np.arange(outputs)).all():
            raise ModelError(
                Message("y must hold class numbers from 0 to {last}", last=outputs - 1)
            )
    elif loss.kind != "mse" and not ((targets >= 0) & (targets <= 1)).all():
        raise ModelError(Message("y must hold probabilities, from 0 to 1"))
