"""The files of what is kept of a learner: the learner's alone, and never half written."""

import contextlib
import errno
import glob
import os
import re
import secrets
import threading
import time
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from bptutor.files import write_whole
from bptutor.folders import user_folder
from bptutor.text import Message, UserError

RECORD = "record.sqlite"
"""The file of the record in the data directory, where no other place is named for it."""


def data_directory() -> Path:
    """Where what a learner did is kept: `BPTUTOR_DATA_DIR`, else the user's data directory."""
    return user_folder("data")


def make_private(directory: Path) -> None:
    """Make a directory, and the one that it is in, the owner's alone. Raises OSError."""
    if not directory.parent.exists():
        directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.mkdir(mode=0o700, exist_ok=True)


def name_aside(path: Path) -> Path:
    """A name that is free, under which a file that cannot be read is set aside."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    names = (path.with_suffix(f".damaged-{stamp}-{count}") for count in range(1_000))
    return next(name for name in names if not os.path.lexists(name))


def named_aside(path: Path) -> list[Path]:
    """What was set aside under such a name, the oldest first."""
    return sorted(path.parent.glob(f"{glob.escape(path.stem)}.damaged-*"))


def reason(error: OSError) -> Message | str:
    """Why the disk does not do it, in the learner's language where it is one of the usual ones."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Message("the disk is full")
    if error.errno == errno.EROFS:
        return Message("the disk is read-only")
    if error.errno in (errno.EACCES, errno.EPERM):
        return Message("it is not allowed")
    return error.strerror or str(error)


class Stored(msgspec.Struct, kw_only=True):
    """What may be saved in a file of its own."""

    revision: int = 0
    """Drawn each time it is kept: another one in the file is another process'."""


T = TypeVar("T", bound=Stored)

STALE = 3600.0
"""Seconds after which a half-written file of a process that was killed is cleared away."""


class FileStore(Generic[T]):
    """Things of one kind, in a directory that is the learner's alone.

    All methods may be called from any thread.
    """

    def __init__(
        self,
        kind: type[T],
        directory: Path,
        suffix: str,
        what: Message,
        merge: Callable[[T, T], bool],
    ) -> None:
        """Keep things of a kind.

        Args:
            kind: their type.
            directory: where their files are.
            suffix: of their files.
            what: how one of them is called.
            merge: takes into ours (the first) what another process saved since we read or saved
                it; False where theirs is to stay instead.
        """
        self.directory = directory
        self._merge = merge
        self._kind = kind
        self._suffix = suffix
        self._what = what
        self._lock = threading.Lock()
        self._failing = False
        self._unkept: set[str] = set()

    @property
    def whole(self) -> bool:
        """Is all on the disk that was to be kept?"""
        return not self._unkept

    def load(self, key: str) -> T | None:
        """What is kept under a key, or None.

        Raises:
            UserError: what is there cannot be read. It has been set aside under a new name, and
                the next call finds nothing.
        """
        path = self._path(key)
        try:
            return msgspec.msgpack.decode(path.read_bytes(), type=self._kind)
        except FileNotFoundError:
            return None
        except OSError as error:
            why: Message | str = reason(error)
        except (msgspec.DecodeError, UnicodeDecodeError):
            why = Message("it is damaged, or from another version of bptutor")
        raise UserError(self._set_aside(path, why))

    def set_aside(self, key: str, why: Message) -> Message:
        """Rename what is kept under a key, so that the next call of `load` finds nothing.

        Returns:
            What became of it, to be shown to the learner.
        """
        with self._lock:
            return self._set_aside(self._path(key), why)

    def save(self, key: str, value: T) -> None:
        """Keep something: once this returns, it outlives a power failure.

        Raises:
            UserError: it cannot be kept. This is said once; further calls that fail are silent,
                until one succeeds again.
        """
        with self._lock:
            try:
                self._write(self._path(key), value)
            except OSError as error:
                self._unkept.add(key)
                said, self._failing = self._failing, True
                if not said:
                    raise UserError(
                        Message(
                            "Your answers cannot be kept in {path} ({reason}); you can go on, but "
                            "what you do now will be gone when you leave.",
                            path=str(self.directory),
                            reason=reason(error),
                        )
                    ) from error
            else:
                self._unkept.discard(key)
                self._failing = False

    def _path(self, key: str) -> Path:
        """Where something is: a name to recognise it by, and a hash to tell it apart."""
        readable = re.sub(r"[^A-Za-z0-9]+", "-", Path(key).stem)[:40].strip("-") or "lesson"
        told_apart = blake2b(key.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()
        return self.directory / f"{readable}-{told_apart}{self._suffix}"

    def _write(self, path: Path, value: T) -> None:
        """Replace a file as a whole, on the disk when this returns. Raises OSError."""
        theirs = self._others(path, value.revision)
        if theirs is not None and not self._merge(value, theirs):
            return
        before, value.revision = value.revision, secrets.randbits(63)
        try:
            make_private(self.directory)
            write_whole(path, msgspec.msgpack.encode(value))
        except OSError:
            value.revision = before  # else our own file would be another process' the next time
            raise
        self._settle()

    def _others(self, path: Path, revision: int) -> T | None:
        """What is kept, if it is not that revision of it."""
        try:
            content = path.read_bytes()
            if msgspec.msgpack.decode(content, type=Stored).revision == revision:
                return None
            return msgspec.msgpack.decode(content, type=self._kind)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None

    def _settle(self) -> None:
        """Put the directory on the disk too, and clear away what killed processes left."""
        with contextlib.suppress(OSError):  # not every file system can do the first
            descriptor = os.open(self.directory, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        for left in self.directory.glob("*.tmp"):
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > STALE:
                    left.unlink()

    def _set_aside(self, path: Path, why: Message | str) -> Message:
        """Rename a file that cannot be read, never over another one."""
        aside = name_aside(path)
        try:
            path.rename(aside)
        except OSError:
            return Message(
                "What was kept of {what} in {path} cannot be read ({reason}); it begins anew.",
                what=self._what,
                path=str(path),
                reason=why,
            )
        return Message(
            "What was kept of {what} cannot be read ({reason}); it was set aside as {path}, and "
            "it begins anew.",
            what=self._what,
            path=str(aside),
            reason=why,
        )
