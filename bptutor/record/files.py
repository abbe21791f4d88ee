"""A learner's files: private, and replaced as a whole."""

import contextlib
import glob
import os
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Generic, TypeVar
from zlib import crc32

import msgspec

from bptutor.files import followed, make_private, read_whole, reason, user_folder, write_whole
from bptutor.record.locks import Locks
from bptutor.text import Message, UserError

RECORD = "record.sqlite"
"""The default file of the record, in the data directory."""


def data_directory() -> Path:
    """The folder of a learner's work: `BPTUTOR_DATA_DIR`, else the user's data directory."""
    return user_folder("data")


def name_aside(path: Path) -> Path:
    """A free name for a damaged file."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    names = (path.with_suffix(f".damaged-{stamp}-{count}") for count in range(1_000))
    return next(name for name in names if not os.path.lexists(name))


def named_aside(path: Path) -> list[Path]:
    """The damaged files that got such a name, the oldest first."""
    return sorted(path.parent.glob(f"{glob.escape(path.stem)}.damaged-*"))


def content(path: Path) -> bytes:
    """The data in a file of a learner's, without its seal. Raises OSError."""
    whole = read_whole(followed(path), MOST_BYTES)
    data = whole[:-SEAL]
    return data if _sealed(data) == whole else whole  # data of before there were seals have none


def _sealed(data: bytes) -> bytes:
    """Data with their CRC-32 behind them: else a damaged name or number would pass for sound."""
    return data + crc32(data).to_bytes(SEAL, "big")


SEAL = 4
"""Bytes. Data without a right one are refused, since they go on behind their end."""

MOST_BYTES = 200_000_000
"""A thousand times as much as the place in the longest lesson takes."""


class Stored(msgspec.Struct, kw_only=True):
    """Data that a `FileStore` saves."""

    revision: int = 0
    """Drawn at each save: a different one in the file means that another process saved it."""


T = TypeVar("T", bound=Stored)
DAMAGES = (msgspec.DecodeError, UnicodeDecodeError)
"""What is raised when a damaged file is read."""
DAMAGED = Message("it is damaged, or from another version of bptutor")

STALE = 3600.0
"""Seconds after which a half-written file of a killed process is deleted."""


class FileStore(Generic[T]):
    """Files of one type in a private directory. All methods may be called from any thread."""

    def __init__(
        self,
        kind: type[T],
        directory: Path,
        suffix: str,
        what: Message,
        merge: Callable[[T, T, T | None], bool],
    ) -> None:
        """A store for data of one type.

        Args:
            kind: the type.
            directory: the folder of the files.
            suffix: of the files' names.
            what: the data's name in sentences.
            merge: called with our data, what another process saved meanwhile, and what both come
                from, where that is known; merges theirs into ours, or returns False to leave
                theirs in the file.
        """
        self.directory = directory
        self._merge = merge
        self._kind = kind
        self._suffix = suffix
        self._what = what
        self._lock = threading.Lock()
        self._locks = Locks(directory)
        self._last: dict[str, tuple[int, bytes]] = {}
        """What was saved last under a key: its revision, and the data."""
        self._failing = False
        self._unsaved: set[str] = set()
        self._aside: Message | None = None
        """What to say of a damaged file that a save has found."""

    @property
    def whole(self) -> bool:
        """Has everything been saved?"""
        return not self._unsaved

    def load(self, key: str) -> T | None:
        """The data saved under a key, or None.

        Raises:
            UserError: it cannot be read. The file has been renamed, and the next call finds none.
        """
        path = self.path(key)
        try:
            return self._read(path)
        except OSError as error:
            why: Message | str = reason(error)
        except DAMAGES:
            why = DAMAGED
        raise UserError(self._set_aside(path, why))

    def look(self, key: str) -> T | None:
        """The data saved under a key; None where there is none that can be read.

        Nothing is renamed: whoever is to go on with it calls `load`, and is told.
        """
        try:
            return self._read(self.path(key))
        except (OSError, *DAMAGES):
            return None

    def _read(self, path: Path) -> T | None:
        """What is in a file; None without one. Raises OSError, or one of DAMAGES."""
        try:
            return msgspec.msgpack.decode(content(path), type=self._kind)
        except FileNotFoundError:
            return None

    def every(self) -> Iterator[tuple[Path, T | None]]:
        """The files and what is in them; None where that cannot be read."""
        for path in sorted(self.directory.glob(f"*{self._suffix}")):
            try:
                yield path, self._read(path)
            except (OSError, *DAMAGES):
                yield path, None

    def set_aside(self, key: str, why: Message) -> Message:
        """Rename the file of a key, so that the next `load` finds none; a sentence about that."""
        return self.set_file_aside(self.path(key), why)

    def set_file_aside(self, path: Path, why: Message) -> Message:
        with self._lock:
            return self._set_aside(path, why)

    def enter(self, key: str) -> bool:
        """Be at a key until `leave` or the end of the process; is another process there, too?"""
        with contextlib.suppress(OSError):
            make_private(self.directory)
        return self._locks.enter(key)

    def leave(self, key: str) -> None:
        self._locks.leave(key)

    def save(self, key: str, value: T) -> bool:
        """Save data: once this returns, it outlives a power failure.

        False where what another process saved is to stay instead.

        Raises:
            UserError: it cannot be saved. Further calls that fail are silent until one succeeds
                again. Or it is saved, but the file of before is damaged, and has been renamed.
        """
        with self._lock:
            stays = True
            self._aside = None
            try:
                make_private(self.directory)
                with self._locks.saving(key):
                    stays = self._write(key, value)
                self._sync()
            except OSError as error:
                self._unsaved.add(key)
                reported, self._failing = self._failing, True
                if not reported:
                    raise UserError(
                        Message(
                            "bptutor cannot save your answers in {path} ({reason}). You can "
                            "continue, but your new answers are lost when you quit.",
                            path=str(self.directory),
                            reason=reason(error),
                        )
                    ) from error
            else:
                self._failing = False
                if stays:
                    self._unsaved.discard(key)
                else:
                    self._unsaved.add(key)
            if self._aside:
                raise UserError(self._aside)
            return stays

    def path(self, key: str) -> Path:
        """The file of a key: a readable name, and a hash that makes it unique."""
        readable = re.sub(r"[^A-Za-z0-9]+", "-", Path(key).stem)[:40].strip("-") or "lesson"
        unique = blake2b(key.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()
        return self.directory / f"{readable}-{unique}{self._suffix}"

    def _write(self, key: str, value: T) -> bool:
        """Merge and replace a file, if theirs is not to stay. Raises OSError."""
        path = self.path(key)
        try:
            theirs = self._other(path, value.revision)
        except DAMAGES:
            theirs, self._aside = None, self._set_aside(path, DAMAGED)
        except OSError as error:
            theirs, self._aside = None, self._set_aside(path, reason(error))
        if theirs is not None and not self._merge(value, theirs, self._common(key, value)):
            return False
        before, value.revision = value.revision, secrets.randbits(63)
        try:
            data = msgspec.msgpack.encode(value)
            write_whole(path, _sealed(data))
        except OSError:
            value.revision = before  # else the next save would take our own file for another's
            raise
        self._last[key] = value.revision, data
        return True

    def _common(self, key: str, value: T) -> T | None:
        """What our data and another process's come from: what was in the file when we saved it."""
        revision, data = self._last.get(key, (0, b""))
        same = data and revision == value.revision
        return msgspec.msgpack.decode(data, type=self._kind) if same else None

    def _other(self, path: Path, revision: int) -> T | None:
        """The data in the file, if its revision is another one. Raises OSError, or of DAMAGES."""
        try:
            data = content(path)
        except FileNotFoundError:
            return None
        if msgspec.msgpack.decode(data, type=Stored).revision == revision:
            return None
        return msgspec.msgpack.decode(data, type=self._kind)

    def _sync(self) -> None:
        """Flush the directory to the disk, and delete what killed processes left."""
        with contextlib.suppress(OSError):  # not every file system can flush a directory
            descriptor = os.open(self.directory, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        for file in self.directory.glob("*.tmp"):
            with contextlib.suppress(OSError):
                if time.time() - file.stat().st_mtime > STALE:
                    file.unlink()

    def _set_aside(self, path: Path, why: Message | str) -> Message:
        aside = name_aside(path)
        try:
            path.rename(aside)
        except OSError:
            return Message(
                "bptutor cannot read what it saved of {what} in {path} ({reason}). It starts from "
                "the beginning.",
                what=self._what,
                path=str(path),
                reason=why,
            )
        return Message(
            "bptutor cannot read what it saved of {what} ({reason}). It renamed the file to "
            "{path} and starts from the beginning.",
            what=self._what,
            path=str(aside),
            reason=why,
        )
