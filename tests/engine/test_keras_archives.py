"""Archives that are damaged, that lie about their sizes, and that change while they are read."""

import io
import json
import os
import struct
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile

import numpy as np
import pytest

from bptutor.engine.keras import check_model, lesson_of
from bptutor.lesson.find import LessonError, ModelReference
from tests.engine import keras_models

MODEL = "is not a Keras 3 model, or is damaged; save it again with model.save()"
DATA = "is not an .npz file of numbers; write one with numpy.savez(file, x=x, y=y)"
MOST_MEMORY = 50_000_000


@pytest.fixture(scope="module")
def model() -> Iterator[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "m.keras"
        keras_models.course().save(file)
        yield file.read_bytes()


def parts_of(archive: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def archive_of(parts: dict[str, bytes], kind: int = ZIP_STORED) -> bytes:
    content = io.BytesIO()
    with ZipFile(content, "w", kind) as made:
        for name, part in parts.items():
            made.writestr(name, part)
    return content.getvalue()


def encrypted(archive: bytes) -> bytes:
    """The flag of encryption is set on every part."""
    changed = bytearray(archive)
    for sign, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(sign)
        while at >= 0:
            changed[at + flags] |= 1
            at = changed.find(sign, at + 4)
    return bytes(changed)


def damaged(archive: bytes) -> bytes:
    """What is compressed in every part begins with what no compressor writes."""
    changed = bytearray(archive)
    at = changed.find(b"PK\x03\x04")
    while at >= 0:
        name, extra = struct.unpack_from("<HH", changed, at + 26)
        begin = at + 30 + name + extra
        changed[begin : begin + 20] = b"\xff" * 20
        at = changed.find(b"PK\x03\x04", begin)
    return bytes(changed)


def lying(archive: bytes, size: int) -> bytes:
    """The directory gives every part another size."""
    changed = bytearray(archive)
    at = changed.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", changed, at + 24, size)
        at = changed.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


ARCHIVES: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "encrypted": lambda parts: encrypted(archive_of(parts)),
    "corrupt deflate": lambda parts: damaged(archive_of(parts, ZIP_DEFLATED)),
    "corrupt lzma": lambda parts: damaged(archive_of(parts, ZIP_LZMA)),
    "another compressor": lambda parts: archive_of(parts, ZIP_LZMA),
    "larger than said": lambda parts: lying(archive_of(parts), 5),
    "bomb": lambda parts: archive_of(dict.fromkeys(parts, bytes(110_000_000)), ZIP_DEFLATED),
    "many parts": lambda parts: archive_of({f"{n:060}": b"" for n in range(20_000)}),
    "nothing": lambda parts: b"",
    "cut": lambda parts: archive_of(parts)[:-30],
}


def within_bounds(work: Callable[[], object]) -> str:
    """What is said, little memory being taken for it."""
    tracemalloc.start()
    try:
        with pytest.raises(LessonError) as caught:
            work()
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()
    return str(caught.value)


@pytest.mark.parametrize("kind", ARCHIVES)
def test_a_model_that_is_no_whole_archive(kind: str, model: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    path.write_bytes(ARCHIVES[kind](parts_of(model)))
    assert within_bounds(lambda: check_model(ModelReference(str(path)))) == f"{path}: {MODEL}"


def test_weights_are_looked_over_before_tensorflow_is_loaded(model: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    path.write_bytes(archive_of(parts_of(model) | {"model.weights.h5": b"nothing"}))
    assert within_bounds(lambda: check_model(ModelReference(str(path)))) == f"{path}: {MODEL}"


def npy(shape: tuple[int, ...], dtype: str = "<f8", body: bytes = b"", version: int = 1) -> bytes:
    content = io.BytesIO()
    head: dict[str, Any] = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(content, head)
    made = bytearray(content.getvalue() + body)
    made[6] = version
    return bytes(made)


X, Y = npy((2, 2), body=bytes(32)), npy((2, 1), body=bytes(16))
ARRAYS: dict[str, bytes] = {
    "no .npy": b"hello",
    "a huge shape": npy((10**15, 2)),
    "a shape beyond all numbers": npy((10**30, 2)),
    "fewer numbers than said": npy((2, 2), body=bytes(31)),
    "objects": npy((2, 2), dtype="|O", body=bytes(32)),
    "another version": npy((2, 2), body=bytes(32), version=9),
    "a header that is no Python": X[:10] + b"((((" + X[14:],
    "a header that is cut": X[:20],
}


def examples(model: bytes, data: bytes, folder: Path) -> tuple[ModelReference, Path]:
    (folder / "m.keras").write_bytes(model)
    (folder / "xy.npz").write_bytes(data)
    return ModelReference(str(folder / "m.keras"), data=str(folder / "xy.npz")), folder / "xy.npz"


@pytest.mark.parametrize("kind", [*ARCHIVES, *ARRAYS])
def test_examples_that_are_damaged(kind: str, model: bytes, tmp_path: Path) -> None:
    parts = {"x.npy": X, "y.npy": Y}
    data = archive_of(parts | {"x.npy": ARRAYS[kind]}) if kind in ARRAYS else ARCHIVES[kind](parts)
    reference, path = examples(model, data, tmp_path)
    for look in (check_model, lesson_of):
        with pytest.raises(LessonError) as caught:
            look(reference)
        assert str(caught.value) == f"{path}: {DATA}"


def test_the_first_rows_alone_are_read(model: bytes, tmp_path: Path) -> None:
    rows = 100_000
    x, y = np.arange(rows * 2.0).reshape(rows, 2), np.arange(rows * 1.0)
    content = io.BytesIO()
    np.savez_compressed(content, x=np.asfortranarray(x), y=y)
    reference, _ = examples(model, content.getvalue(), tmp_path)
    lesson = lesson_of(reference, rows=3)
    assert np.asarray(lesson.values["X"]).tolist() == [[0, 1], [2, 3], [4, 5]]
    assert np.asarray(lesson.values["T"]).tolist() == [[0], [1], [2]]


def test_pipes_devices_and_nobodys_home_are_not_opened(model: bytes, tmp_path: Path) -> None:
    for name in ("m.keras", "xy.npz"):
        os.mkfifo(tmp_path / name)
    with pytest.raises(LessonError, match="is not a regular file; give one that ends in \\.keras"):
        check_model(ModelReference(str(tmp_path / "m.keras")))
    (tmp_path / "ok.keras").write_bytes(model)
    for data, says in (
        (str(tmp_path / "xy.npz"), "is not a regular file; give one that ends in \\.npz"),
        ("/dev/zero", "is not a regular file; give one that ends in \\.npz"),
        (str(tmp_path), r"is a folder; give the \.npz file in it"),
        ("~nobody-has-this-name/xy.npz", "the file does not exist"),
    ):
        with pytest.raises(LessonError, match=says):
            lesson_of(ModelReference(str(tmp_path / "ok.keras"), data=data))


def test_keras_gets_what_was_looked_over_and_no_other_file(
    model: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is replaced after it was looked over; a member of a name that comes twice counts."""
    import keras

    path = tmp_path / "m.keras"
    path.write_bytes(model)
    handed: list[Path] = []
    load = keras.saving.load_model

    def swapped(file: Path, **settings: Any) -> Any:
        path.write_bytes(b"another model")
        handed.append(file)
        assert os.stat(file.parent).st_mode & 0o077 == 0
        with ZipFile(file) as archive:
            assert sorted(archive.namelist()) == sorted(parts_of(model))
            assert json.loads(archive.read("config.json"))["compile_config"] is None
        return load(file, **settings)

    monkeypatch.setattr(keras.saving, "load_model", swapped)
    lesson = lesson_of(ModelReference(str(path)))
    assert lesson.shapes["W1"] == (2, 3)
    assert not handed[0].parent.exists()


def test_nothing_is_left_behind_of_a_model_that_keras_cannot_load(
    model: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    path = tmp_path / "m.keras"
    path.write_bytes(archive_of(parts_of(model) | {"model.weights.h5": b"nothing"}))
    with pytest.raises(LessonError, match="is damaged"):
        lesson_of(ModelReference(str(path)))
    assert list((tmp_path / "tmp").iterdir()) == []
    assert tempfile.tempdir == str(tmp_path / "tmp")


def test_weights_that_are_not_of_the_shapes_that_its_layers_need(tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    keras_models.two_inputs().save(path)
    parts = parts_of(path.read_bytes())
    config = json.loads(parts["config.json"])
    inputs = next(each for each in config["config"]["layers"] if each["name"] == "right")
    inputs["config"]["name"] = "x"
    parts["config.json"] = json.dumps(config).encode()
    path.write_bytes(archive_of(parts))
    with pytest.raises(LessonError) as caught:
        lesson_of(ModelReference(str(path), loss="mse"))
    assert str(caught.value) == f"{path}: {MODEL}"
