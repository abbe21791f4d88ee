"""Keras models and examples: damaged, lying about their sizes, or with a strange configuration."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
from copy import deepcopy
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile

import h5py
import numpy as np

from bptutor.engine.keras import check_model, lesson_of
from bptutor.engine.trace import run
from bptutor.lesson.find import ModelReference
from tools.fuzz.damage import damaged
from tools.fuzz.run import ROOT

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
KINDS = (ZIP_STORED, ZIP_STORED, ZIP_DEFLATED, ZIP_BZIP2, ZIP_LZMA)
BASES = ("course", "no_bias", "binary", "two_inputs", "normalised")
STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2**31, 2**63, 10**30, 0.5, 1e300, float("nan"), "", "x"),
    *("relu", "softmax", "\x1b[31m", "\u202e", "x" * 10_000, [], {}, [[]], [None, 2], [1, 2, 3]),
    *({"class_name": "__lambda__"}, {"class_name": "Dense", "config": {}}, [["a", 0, 0]]),
)


def made(random: Random) -> tuple[str, bytes]:
    """A model, or examples for one."""
    if random.random() < 0.25:
        return "xy.npz", _examples(random)
    parts = dict(parts_of(random.choice(bases())))
    kind = random.random()
    if kind < 0.5:
        config = json.loads(parts[CONFIG])
        for _ in range(random.choice((1, 1, 2, 5))):
            _change(random, config)
        parts[CONFIG] = json.dumps(config).encode()
    elif kind < 0.6:
        parts[CONFIG] = damaged(random, parts[CONFIG], ("{", "[" * 3000, '"', "1e999", "null"))
    elif kind < 0.75:
        parts[WEIGHTS] = damaged(random, parts[WEIGHTS])
    elif kind < 0.9:
        parts[WEIGHTS] = _weights(random, parts[WEIGHTS])
    content = archive_of(parts, random.choice(KINDS))
    return "model.keras", damaged(random, content) if random.random() < 0.3 else content


def attempt(path: Path) -> str:
    """Open it as a lesson, and run that."""
    if path.suffix == ".npz":
        with tempfile.TemporaryDirectory() as folder:
            model = Path(folder) / "m.keras"
            model.write_bytes(bases()[0])
            return _run(ModelReference(str(model), data=str(path)))
    return _run(ModelReference(str(path), loss="mse"))


def _run(reference: ModelReference) -> str:
    check_model(reference)
    lesson = lesson_of(reference)
    run(lesson)
    return f"{len(lesson.program.assignments)} assignments"


# ── what is made ──────────────────────────────────────────────────────────────────────────────


@cache
def bases() -> tuple[bytes, ...]:
    """Sound models, saved by another process: Keras is not for whoever only makes cases."""
    with tempfile.TemporaryDirectory() as folder:
        code = (
            "import sys; from tests.engine import keras_models as models\n"
            "for name in sys.argv[2:]: getattr(models, name)().save(f'{sys.argv[1]}/{name}.keras')"
        )
        subprocess.run([sys.executable, "-c", code, folder, *BASES], cwd=ROOT, check=True)
        return tuple((Path(folder) / f"{name}.keras").read_bytes() for name in BASES)


@cache
def parts_of(archive: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def archive_of(parts: dict[str, bytes], kind: int) -> bytes:
    content = io.BytesIO()
    with ZipFile(content, "w", kind) as written:
        for name, part in parts.items():
            written.writestr(name, part)
    return content.getvalue()


def _change(random: Random, config: Any) -> None:
    """Another value somewhere, one less, or one more."""
    places = list(_places(config))
    inside, key = random.choice(places)
    kind = random.random()
    if kind < 0.6:
        inside[key] = deepcopy(random.choice(STRANGE))  # which a later change may go into
    elif kind < 0.75:
        del inside[key]
    elif isinstance(inside, list):
        inside[key:key] = [inside[key]] * random.choice((1, 3, 300, 5000))
    else:
        inside[key] = [inside[key]] * random.choice((0, 2, 300))


def _places(part: Any) -> Any:
    """Each place of a value in lists and tables."""
    items = part.items() if isinstance(part, dict) else enumerate(part)
    for key, value in [*items]:
        yield part, key
        if isinstance(value, dict | list):
            yield from _places(value)


def _weights(random: Random, content: bytes) -> bytes:
    """Weights of other shapes and types, or links in their place."""
    file = io.BytesIO(content)
    with h5py.File(file, "r+") as opened:
        found: list[str] = []
        opened.visititems(lambda name, item: found.append(name) if hasattr(item, "shape") else None)
        name = random.choice(found)
        del opened[name]
        kind = random.randrange(6)
        if kind == 0:
            opened[name] = h5py.ExternalLink("/etc/passwd", "/x")
        elif kind == 1:
            opened[name] = h5py.SoftLink("/" + name)
        elif kind == 2:
            side = random.choice((2, 10**4, 10**9, 2**62))
            shape = random.choice(((side,), (side, side), (side, 3), (1, 3), ()))
            with_chunks = {"chunks": (1,) * len(shape), "fillvalue": 1.0} if shape else {}
            try:
                opened.create_dataset(name, shape, "f4", **with_chunks)
            except (ValueError, OverflowError, MemoryError):
                opened[name] = 1.0
        elif kind == 3:
            kinds = ("f8", "f2", "i8", "S5", "c8", h5py.string_dtype(), h5py.regionref_dtype)
            opened.create_dataset(name, (2, 3), random.choice(kinds))
        elif kind == 4:
            opened.create_dataset(name, data=np.zeros((4000, 4000), "f4"), compression="gzip")
        else:
            opened.create_dataset(name, (2, 3), "f4", external=[("/etc/passwd", 0, 24)])
    return file.getvalue()


def _examples(random: Random) -> bytes:
    """Arrays of a file of examples, some with other shapes and types than they say."""
    shape = random.choice(((2, 2), (5, 2), (0, 2), (2,), (), (2, 2, 1), (40, 2)))
    kind = random.choice(("f8", "f4", "i8", "?", "c16", "U3", "f2", "M8[s]", "V4"))
    parts = {
        "x.npy": _array(random, np.zeros(shape, kind)),
        "y.npy": _array(random, np.zeros((shape[0] if shape else 1, 1), "f4")),
    }
    if random.random() < 0.5:
        name = random.choice([*parts])
        parts[name] = damaged(random, parts[name], ("1" * 30, "'descr'", "(", "|O", "L", ","))
    content = archive_of(parts, random.choice(KINDS))
    return damaged(random, content) if random.random() < 0.3 else content


def _array(random: Random, array: Any) -> bytes:
    content = io.BytesIO()
    np.save(content, np.asfortranarray(array) if random.random() < 0.3 else array)
    written = content.getvalue()
    if random.random() < 0.3:
        said = str(array.shape).encode()
        large = random.choice((b"(1000000000,)", b"(10000000000, 2)", b"(" + b"9" * 30 + b", 2)"))
        head = written.replace(said, large, 1)
        spare = len(head) - len(written)
        written = head.replace(b" " * spare + b"\n", b"\n", 1) if spare > 0 else head
    return written
