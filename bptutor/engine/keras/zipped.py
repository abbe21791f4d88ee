"""A stranger's archives and weights: their sizes may be lies, their parts damaged or bombs."""

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from bptutor.language.limits import MOST_MODEL_BYTES, MOST_RATIO, MOST_UNPACKED, MOST_WEIGHT_PARTS

MOST_DIRECTORY = 1_000_000  # bytes of an archive's directory; a model has three parts
KINDS = (ZIP_STORED, ZIP_DEFLATED)  # others' decompressors know no bounds


class DamagedError(Exception):
    """It is no archive, lacks the part, or has one that cannot be read or is too large."""


class Zipped:
    """An archive whose parts are read within bounds."""

    def __init__(self, content: bytes) -> None:
        """Read the directory. Raises DamagedError."""
        directory = _Bounded(content)
        with _damages():
            self._archive = ZipFile(directory)
        directory.most = len(content)

    @property
    def names(self) -> list[str]:
        return self._archive.namelist()

    def read(self, name: str, most: int) -> bytes:
        """All of a part of at most so many bytes. Raises DamagedError."""
        with self.part(name) as part:
            stored = self._archive.getinfo(name).compress_size
            most = min(most, max(MOST_UNPACKED, MOST_RATIO * stored))
            content = part.read(most + 1)
        if len(content) > most:
            raise DamagedError
        return content

    @contextmanager
    def part(self, name: str) -> Iterator[IO[bytes]]:
        """A part to be read in pieces. What is wrong with it raises DamagedError."""
        with _damages():
            entry = self._archive.getinfo(name)
            if entry.compress_type not in KINDS:
                raise BadZipFile
            with self._archive.open(entry) as part:
                yield part


class _Bounded(io.BytesIO):
    """Limits the bytes read at once: zipfile believes what the archive says."""

    most = MOST_DIRECTORY

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self.most + 1 if size is None or size < 0 else min(size, self.most + 1)
        found = super().read(wanted)
        if len(found) > self.most:
            raise BadZipFile
        return found


@contextmanager
def _damages() -> Iterator[None]:
    """The exceptions of zipfile for damaged archives and of numpy for damaged arrays."""
    try:
        yield
    except (
        *(BadZipFile, zlib.error, struct.error, EOFError, OSError),
        *(KeyError, ValueError, TypeError, OverflowError, MemoryError, SyntaxError),
        RuntimeError,  # it is encrypted
    ) as fault:
        raise DamagedError from fault


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
