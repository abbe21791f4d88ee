"""A learner's files: private, and replaced as a whole."""

import contextlib
import glob
import os
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from hashlib import blake2b
from pathlib import Path
from typing import Generic, Protocol, TypeVar
from zlib import crc32

import msgspec

from bptutor.files import followed, make_private, read_whole, reason, user_folder, write_whole
from bptutor.record.locks import Locks
from bptutor.text import Message, UserError

RECORD = "record.sqlite"  # the default file of the record, in the data directory


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


SEAL = 4  # Bytes. Data without a right one are refused, since they go on behind their end.
MOST_BYTES = 200_000_000  # a thousand times as much as the place in the longest lesson takes
STALE = 3600.0  # seconds after which a half-written file of a killed process is deleted


class Drawer(Protocol):
    """Where the data of one learner are kept, by name. Its methods raise OSError."""

    @property
    def place(self) -> str:
        """Where that is, for people."""

    def names(self) -> list[str]:
        """The names under which something is kept."""

    def read(self, name: str) -> bytes | None: ...

    def saving(self, name: str) -> AbstractContextManager[None]:
        """Let no other process write under a name; at the end, what was written is on the disk."""

    def write(self, name: str, data: bytes) -> None: ...

    def put_aside(self, name: str) -> str:
        """Give what is kept under a name another one, and return that, for people."""

    def enter(self, name: str) -> bool:
        """Be at a name until `leave` or the end of the process; is another process there, too?

        Raises nothing.
        """

    def leave(self, name: str) -> None: ...


class Folder:
    """A private directory with a file for each name."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._locks = Locks(directory)

    @property
    def place(self) -> str:
        return str(self._directory)

    def names(self) -> list[str]:
        try:
            return sorted(os.listdir(self._directory))
        except OSError:  # it is not there yet, or nobody can look into it: then nothing is kept
            return []

    def read(self, name: str) -> bytes | None:
        try:
            return content(self._directory / name)
        except FileNotFoundError:
            return None

    @contextlib.contextmanager
    def saving(self, name: str) -> Iterator[None]:
        make_private(self._directory)
        with self._locks.saving(name):
            yield
        self._sync()

    def write(self, name: str, data: bytes) -> None:
        write_whole(self._directory / name, _sealed(data))

    def put_aside(self, name: str) -> str:
        aside = name_aside(self._directory / name)
        (self._directory / name).rename(aside)
        return str(aside)

    def remove(self, name: str) -> None:
        (self._directory / name).unlink(missing_ok=True)

    def enter(self, name: str) -> bool:
        with contextlib.suppress(OSError):
            make_private(self._directory)
        return self._locks.enter(name)

    def leave(self, name: str) -> None:
        self._locks.leave(name)

    def _sync(self) -> None:
        """Flush the directory to the disk, and delete what killed processes left."""
        with contextlib.suppress(OSError):  # not every file system can flush a directory
            descriptor = os.open(self._directory, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        for file in self._directory.glob("*.tmp"):
            with contextlib.suppress(OSError):
                if time.time() - file.stat().st_mtime > STALE:
                    file.unlink()


class Stored(msgspec.Struct, kw_only=True):
    """Data that a `FileStore` saves."""

    revision: int = 0  # drawn at each save: another one means that another process saved it


T = TypeVar("T", bound=Stored)
DAMAGES = (msgspec.DecodeError, UnicodeDecodeError)  # what is raised when a damaged file is read
DAMAGED = Message("it is damaged, or from another version of bptutor")


def drawer_of(drawer: Drawer | Path | None, kind: str) -> Drawer:
    """A drawer, or that of a folder, by default of one in the learner's data directory."""
    if drawer is None or isinstance(drawer, Path):
        return Folder(drawer or data_directory() / kind)
    return drawer


class FileStore(Generic[T]):
    """Data of one type in a drawer, by key. All methods may be called from any thread."""

    def __init__(
        self,
        kind: type[T],
        drawer: Drawer,
        suffix: str,
        what: Message,
        merge: Callable[[T, T, T | None], bool],
    ) -> None:
        """Data of one type in a drawer; `what` is their name in sentences.

        `merge` is called with our data, what another process saved meanwhile, and what both come
        from, where that is known. It merges theirs into ours, or returns False to leave theirs in
        the file.
        """
        self.drawer = drawer
        self._merge = merge
        self._kind = kind
        self._suffix = suffix
        self._what = what
        self._lock = threading.Lock()
        self._last: dict[str, tuple[int, bytes]] = {}  # what was saved last, and its revision
        self._failing = False
        self._unsaved: set[str] = set()
        self._aside: Message | None = None  # what to say of a damaged file that a save has found

    @property
    def whole(self) -> bool:
        """Has everything been saved?"""
        return not self._unsaved

    def load(self, key: str) -> T | None:
        """The data saved under a key, or None.

        Raises UserError: they cannot be read. They have been renamed, and the next call finds none.
        """
        try:
            return self._read(self.name(key))
        except OSError as error:
            why: Message | str = reason(error)
        except DAMAGES:
            why = DAMAGED
        raise UserError(self.set_aside(key, why))

    def look(self, key: str) -> T | None:
        """The data saved under a key; None where there is none that can be read.

        Nothing is renamed: whoever is to go on with it calls `load`, and is told.
        """
        try:
            return self._read(self.name(key))
        except (OSError, *DAMAGES):
            return None

    def every(self) -> Iterator[tuple[str, T | None]]:
        """What is kept, by name; None where that cannot be read."""
        for name in self.drawer.names():
            if name.endswith(self._suffix):
                try:
                    yield name, self._read(name)
                except (OSError, *DAMAGES):
                    yield name, None

    def _read(self, name: str) -> T | None:
        """What is kept under a name, if there is anything. Raises OSError, or one of DAMAGES."""
        data = self.drawer.read(name)
        return None if data is None else msgspec.msgpack.decode(data, type=self._kind)

    def set_aside(self, key: str, why: Message | str) -> Message:
        """Rename what is kept under a key, so that the next `load` finds none; a sentence on it."""
        with self._lock:
            return self._set_aside(self.name(key), why)

    def enter(self, key: str) -> bool:
        """Be at a key until `leave` or the end of the process; is another process there, too?"""
        return self.drawer.enter(self.name(key))

    def leave(self, key: str) -> None:
        self.drawer.leave(self.name(key))

    def save(self, key: str, value: T) -> bool:
        """Save data: once this returns, it outlives a power failure.

        False where what another process saved is to stay instead. Raises UserError: it cannot be
        saved. Further calls that fail are silent until one succeeds again. Or it is saved, but the
        file of before is damaged, and has been renamed.
        """
        with self._lock:
            stays = True
            self._aside = None
            try:
                before = value.revision
                try:
                    with self.drawer.saving(self.name(key)):
                        stays = self._write(key, value)
                except OSError:
                    value.revision = before  # else the next save would take ours for another's
                    raise
            except OSError as error:
                self._unsaved.add(key)
                reported, self._failing = self._failing, True
                if not reported:
                    raise UserError(
                        "bptutor cannot save your answers in {path} ({reason}). You can "
                        "continue, but your new answers are lost when you quit.",
                        path=self.drawer.place,
                        reason=reason(error),
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

    def name(self, key: str) -> str:
        """The name of a key: a readable one, and a hash that makes it unique."""
        readable = re.sub(r"[^A-Za-z0-9]+", "-", Path(key).stem)[:40].strip("-") or "lesson"
        unique = blake2b(key.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()
        return f"{readable}-{unique}{self._suffix}"

    def _write(self, key: str, value: T) -> bool:
        """Merge and write, if theirs is not to stay. Raises OSError."""
        name = self.name(key)
        try:
            theirs = self._other(name, value.revision)
        except DAMAGES:
            theirs, self._aside = None, self._set_aside(name, DAMAGED)
        except OSError as error:
            theirs, self._aside = None, self._set_aside(name, reason(error))
        if theirs is not None and not self._merge(value, theirs, self._common(key, value)):
            return False
        value.revision = secrets.randbits(63)
        data = msgspec.msgpack.encode(value)
        self.drawer.write(name, data)
        self._last[key] = value.revision, data
        return True

    def _common(self, key: str, value: T) -> T | None:
        """What our data and another process's come from: what was in the file when we saved it."""
        revision, data = self._last.get(key, (0, b""))
        same = data and revision == value.revision
        return msgspec.msgpack.decode(data, type=self._kind) if same else None

    def _other(self, name: str, revision: int) -> T | None:
        """The data under a name, if of another revision. Raises OSError, or one of DAMAGES."""
        data = self.drawer.read(name)
        if data is None or msgspec.msgpack.decode(data, type=Stored).revision == revision:
            return None
        return msgspec.msgpack.decode(data, type=self._kind)

    def _set_aside(self, name: str, why: Message | str) -> Message:
        try:
            aside = self.drawer.put_aside(name)
        except OSError:
            return Message(
                "bptutor cannot read what it saved of {what} in {path} ({reason}). It starts from "
                "the beginning.",
                what=self._what,
                path=f"{self.drawer.place}/{name}",
                reason=why,
            )
        return Message(
            "bptutor cannot read what it saved of {what} ({reason}). It renamed the file to "
            "{path} and starts from the beginning.",
            what=self._what,
            path=aside,
            reason=why,
        )
