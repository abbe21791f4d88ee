"""The HDF5 file of a model's weights, looked over before Keras reads any of it."""

import io
from math import prod
from typing import Any

from bptutor.engine.keras.zipped import DamagedError
from bptutor.language.limits import MOST_MODEL_BYTES, MOST_WEIGHT_PARTS


def require_sound(content: bytes) -> None:
    """Checks that a file has weights and nothing else, and fewer bytes of them than the limit.

    A link could lead to another file or back to itself, and a dataset can be of any size: HDF5
    stores none of the numbers that nobody wrote. Raises DamagedError: it is no such file.
    """
    import h5py

    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            _look_over(h5py, file)
    except DamagedError:
        raise
    except Exception as error:  # what a damaged file makes HDF5 raise is not written anywhere
        raise DamagedError from error


def _look_over(h5py: Any, file: Any) -> None:
    seen: set[int] = set()
    size = 0
    waiting = [file]
    while waiting:
        part = waiting.pop()
        place = h5py.h5o.get_info(part.id).addr
        if place in seen or len(seen) == MOST_WEIGHT_PARTS:
            raise DamagedError
        seen.add(place)
        if isinstance(part, h5py.Group):
            for name in part:
                if not isinstance(part.get(name, getlink=True), h5py.HardLink):
                    raise DamagedError
                waiting.append(part[name])
        else:
            size += _size(h5py, part)
            if size > MOST_MODEL_BYTES:
                raise DamagedError


def _size(h5py: Any, part: Any) -> int:
    """The bytes that reading a dataset takes: its own, or those of a chunk that is larger."""
    if not isinstance(part, h5py.Dataset) or part.dtype.kind not in "biuf":
        raise DamagedError
    if part.external or part.is_virtual or part.shape is None:
        raise DamagedError
    return int(max(prod(part.shape), prod(part.chunks or ())) * part.dtype.itemsize)
