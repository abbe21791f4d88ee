"""Models made in bad faith are refused in one sentence, within limits of memory."""

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED

import h5py
import numpy as np
import pytest

from bptutor.language import limits
from bptutor.text import Message
from tests.fuzz.conftest import Try
from tools.fuzz.models import CONFIG, WEIGHTS, archive_of, bases, parts_of

DAMAGED = "is not a Keras 3 model, or is damaged"


def model(parts: dict[str, bytes] | None = None, kind: int = ZIP_STORED) -> bytes:
    return archive_of({**parts_of(bases()[0]), **(parts or {})}, kind)


def configured(change: Callable[[Any], None]) -> bytes:
    """The model with something else in its configuration."""
    config = json.loads(parts_of(bases()[0])[CONFIG])
    change(config)
    return model({CONFIG: json.dumps(config).encode()})


def layers(change: Callable[[list[Any]], None]) -> bytes:
    return configured(lambda config: change(config["config"]["layers"]))


def weighed(change: Callable[[Any, str], None], kind: int = ZIP_STORED) -> bytes:
    """The model with something else in the place of its first weights."""
    file = io.BytesIO(parts_of(bases()[0])[WEIGHTS])
    with h5py.File(file, "r+") as opened:
        found: list[str] = []
        opened.visititems(lambda name, item: found.append(name) if hasattr(item, "shape") else None)
        del opened[found[0]]
        change(opened, found[0])
    return model({WEIGHTS: file.getvalue()}, kind)


def sized(shape: tuple[int, ...], **how: Any) -> bytes:
    return weighed(lambda file, name: file.create_dataset(name, shape, "f4", **how))


def _virtual(file: Any, name: str) -> None:
    layout = h5py.VirtualLayout((2, 3), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (2, 3))
    file.create_virtual_dataset(name, layout)


def _bomb(file: Any, name: str) -> None:
    data = np.zeros((15_000, 15_000), "f4")
    file.create_dataset(name, data=data, compression="gzip", chunks=(1000, 15_000))


def _groups(file: Any, name: str) -> None:
    for number in range(limits.MOST_WEIGHT_PARTS + 1):
        file.create_group(f"g{number}")


def _repeated(count: int, **config: Any) -> Callable[[list[Any]], None]:
    def repeat(found: list[Any]) -> None:
        for number in range(count):
            last = json.loads(json.dumps(found[-1]))
            last["config"].update(name=f"more{number}", **config)
            found.append(last)

    return repeat


def _wide(found: list[Any]) -> None:
    found[0]["config"]["batch_shape"] = [None, 10**9]


def _wide_activation(found: list[Any]) -> None:
    _wide(found)
    found[1:] = [{**found[1], "class_name": "Activation"}]
    found[1]["config"] = {"name": "a", "activation": "relu"}


def _sloped(slope: float) -> Callable[[list[Any]], None]:
    def change(found: list[Any]) -> None:
        found[1] = {**found[1], "class_name": "LeakyReLU"}
        found[1]["config"] = {"name": "leaky", "negative_slope": slope}

    return change


def _nested(config: Any) -> None:
    inner: Any = []
    for _ in range(400):
        inner = [inner]
    config["config"]["layers"][1]["config"]["axis"] = inner


CASES: dict[str, tuple[Callable[[], bytes], Message | str | None]] = {
    "nothing else": (model, None),
    "packed": (lambda: model(kind=ZIP_DEFLATED), None),
    "a link out of the file": (
        lambda: weighed(lambda file, name: file.update({name: h5py.ExternalLink("/etc/x", "/x")})),
        DAMAGED,
    ),
    "a link to itself": (
        lambda: weighed(lambda file, name: file.update({name: h5py.SoftLink("/" + name)})),
        DAMAGED,
    ),
    "a circle": (lambda: weighed(lambda file, name: file.update({name: file["/"]})), DAMAGED),
    "numbers in another file": (lambda: sized((2, 3), external=[("/etc/passwd", 0, 24)]), DAMAGED),
    "a view of another file": (lambda: weighed(_virtual), DAMAGED),
    "2^62 numbers": (lambda: sized((2**62,), chunks=(1,)), DAMAGED),
    "2^62 rows": (lambda: sized((2**62, 3), chunks=(1, 1)), DAMAGED),
    "a chunk of a gigabyte": (
        lambda: sized((2, 3), chunks=(10_000, 30_000), maxshape=(None, None)),
        DAMAGED,
    ),
    "900 MB of zeros": (lambda: weighed(_bomb, ZIP_DEFLATED), DAMAGED),
    "900 MB beside them": (lambda: model({WEIGHTS: bytes(900_000_000)}, ZIP_DEFLATED), DAMAGED),
    "texts": (
        lambda: weighed(lambda file, name: file.create_dataset(name, data=[b"x" * 99] * 3)),
        DAMAGED,
    ),
    "many groups": (lambda: weighed(_groups), DAMAGED),
    "weights of another shape": (lambda: sized((7, 7)), DAMAGED),
    "2,000 layers": (lambda: layers(_repeated(2_000)), limits.TOO_MANY_LAYERS),
    "10,000 layers": (lambda: layers(_repeated(10_000)), DAMAGED),
    "a wide layer": (lambda: layers(_repeated(1, units=10**9)), limits.TOO_MANY_WEIGHTS),
    "wide inputs": (lambda: layers(_wide), limits.TOO_MANY_WEIGHTS),
    "wide inputs alone": (lambda: layers(_wide_activation), limits.PROGRAM_TOO_LARGE),
    "no units": (lambda: layers(_repeated(1, units=0)), DAMAGED),
    "fewer units than none": (lambda: layers(_repeated(1, units=-5)), DAMAGED),
    "a slope that is no number": (lambda: layers(_sloped(float("nan"))), DAMAGED),
    "a slope without end": (lambda: layers(_sloped(float("inf"))), DAMAGED),
    "lists in lists": (lambda: configured(_nested), DAMAGED),
    "brackets": (lambda: model({CONFIG: b"[" * 1_000_000}), DAMAGED),
    "digits": (lambda: model({CONFIG: b"9" * 1_000_000}), DAMAGED),
    "a large configuration": (lambda: model({CONFIG: b"[" + b"[]," * 2_000_000 + b"[]]"}), DAMAGED),
}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=pytest.mark.whole if case.startswith("900 MB") else ())
        for case in CASES
    ],
)
def test_a_model_in_bad_faith(case: str, attempt: Try) -> None:
    made, says = CASES[case]
    outcome = attempt("models", "case.keras", made())
    if says is None:
        assert outcome.result == "accepted", outcome.said
    else:
        assert outcome.result == "refused"
        assert str(says) in outcome.said


@pytest.mark.parametrize("suffix", [".keras", ".npz"])
def test_what_is_no_file_is_not_opened(suffix: str, attempt: Try, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / f"fifo{suffix}")
    (tmp_path / f"zero{suffix}").symlink_to("/dev/zero")
    for path in (tmp_path / f"fifo{suffix}", tmp_path / f"zero{suffix}"):
        assert "is not a regular file" in attempt("models", "", path).said
    (tmp_path / f"large{suffix}").touch()
    os.truncate(tmp_path / f"large{suffix}", 10**12)
    assert "is larger than 100 MB" in attempt("models", "", tmp_path / f"large{suffix}").said
