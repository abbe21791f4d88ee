"""A learner's place in a lesson, kept in one file a lesson, which is never half written."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import threading
import time
from hashlib import blake2b
from math import prod
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct
from platformdirs import user_data_dir

from bptutor.files import write_whole
from bptutor.locale import Message, UserError

Ask: TypeAlias = Literal["all", "backward", "products", "values"]
Part: TypeAlias = Literal["derive", "tape", "keras"]
Stage: TypeAlias = Literal["open", "solved", "shown", "worked", "waiting"]
Verdict: TypeAlias = Literal["exact", "right", "imprecise", "wrong", "unreadable"]

SUFFIX = ".sitting"
STALE = 3600.0
"""Seconds after which a half-written file of a process that was killed is cleared away."""


class Numbers(Struct, frozen=True):
    """An array's numbers in their shape, row after row; a scalar's shape is empty."""

    shape: list[int]
    values: list[float]

    def __post_init__(self) -> None:
        if prod(self.shape) != len(self.values):
            raise ValueError(f"{len(self.values)} numbers in the shape {self.shape}")


class Mark(Struct):
    """What the learner did at a step."""

    stage: Stage = "open"
    product: str = ""
    cells: list[str] = []
    product_verdict: Verdict | None = None
    verdicts: list[Verdict | None] = []
    """A verdict a cell; empty or None where there is none yet."""
    hints: int = 0
    attempts: int = 0


class Sitting(Struct):
    """A learner's place in a lesson, with all that it takes to go on from there."""

    lesson: str
    digest: str
    """Of the lesson's file, to notice that it has changed since."""
    ask: Ask
    iterations: int
    """How many iterations are over."""
    index: int
    furthest: int
    leaves: dict[str, Numbers]
    """The parameters of this iteration; empty in the first, which has the lesson's own."""
    marks: dict[str, Mark]
    """By step, of this iteration."""
    losses: list[float]
    """The loss before each iteration that is over; of a long training some of them."""
    streaks: dict[str, int] = {}
    """How often in a row each kind of step went right at once."""
    trained: dict[str, Numbers] = {}
    """The parameters after training on from this iteration; empty where there was none."""
    part: Part = "tape"
    """Of the course. Each part of a lesson has a sitting of its own."""


class Sittings:
    """The sittings of one learner, in a directory that is theirs alone.

    A lesson's key is its name, or the absolute path of its file. All methods may be called from
    any thread; of two processes that keep the same lesson the later one's file stays.
    """

    def __init__(self, directory: Path | None = None) -> None:
        """Keep sittings in `directory`, else in `BPTUTOR_DATA_DIR`, else the user's data."""
        self.directory = directory or data_directory() / "sittings"
        self._lock = threading.Lock()
        self._failing = False

    def load(self, key: str) -> Sitting | None:
        """The sitting kept for a lesson, or None.

        Raises:
            UserError: what is there cannot be read. It has been set aside under a new name, and
                the next call finds nothing.
        """
        path = self._path(key)
        try:
            return msgspec.msgpack.decode(path.read_bytes(), type=Sitting)
        except FileNotFoundError:
            return None
        except OSError as error:
            reason: Message | str = _reason(error)
        except (msgspec.DecodeError, UnicodeDecodeError):
            reason = Message("it is damaged, or from another version of bptutor")
        raise UserError(self._set_aside(path, reason))

    def save(self, key: str, sitting: Sitting) -> None:
        """Keep a sitting: once this returns, it outlives a power failure.

        Raises:
            UserError: it cannot be kept. This is said once; further calls that fail are silent,
                until one succeeds again.
        """
        content = msgspec.msgpack.encode(sitting)
        with self._lock:
            try:
                self._write(self._path(key), content)
            except OSError as error:
                said, self._failing = self._failing, True
                if not said:
                    raise UserError(
                        Message(
                            "Your answers cannot be kept in {path} ({reason}); you can go on, but "
                            "what you do now will be gone when you leave.",
                            path=str(self.directory),
                            reason=_reason(error),
                        )
                    ) from error
            else:
                self._failing = False

    def drop(self, key: str) -> None:
        """Forget the sitting kept for a lesson, if there is one and it can be removed."""
        with self._lock, contextlib.suppress(OSError):
            self._path(key).unlink()

    def _path(self, key: str) -> Path:
        """Where a lesson's sitting is: a name to recognise it by, and a hash to tell it apart."""
        readable = re.sub(r"[^A-Za-z0-9]+", "-", Path(key).stem)[:40].strip("-") or "lesson"
        told_apart = blake2b(key.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()
        return self.directory / f"{readable}-{told_apart}{SUFFIX}"

    def _write(self, path: Path, content: bytes) -> None:
        """Replace a file as a whole, on the disk when this returns."""
        if not self.directory.parent.exists():
            self.directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.directory.mkdir(mode=0o700, exist_ok=True)
        write_whole(path, content)
        self._settle()

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

    def _set_aside(self, path: Path, reason: Message | str) -> Message:
        """Rename a file that cannot be read, never over another one."""
        stamp = time.strftime("%Y%m%d-%H%M%S")
        names = (path.with_suffix(f".damaged-{stamp}-{count}") for count in range(1_000))
        aside = next(name for name in names if not name.exists())
        try:
            path.rename(aside)
        except OSError:
            return Message(
                "What was kept of this lesson in {path} cannot be read ({reason}); it begins anew.",
                path=str(path),
                reason=reason,
            )
        return Message(
            "What was kept of this lesson cannot be read ({reason}); it was set aside as {path}, "
            "and the lesson begins anew.",
            path=str(aside),
            reason=reason,
        )


def part_key(key: str, part: Part) -> str:
    """The key of a part of a lesson; the part `tape` has the lesson's own."""
    return key if part == "tape" else f"{key} {part}"


def data_directory() -> Path:
    """Where what a learner did is kept: `BPTUTOR_DATA_DIR`, else the user's data directory."""
    return Path(os.environ.get("BPTUTOR_DATA_DIR") or user_data_dir("bptutor"))


def _reason(error: OSError) -> Message | str:
    """Why the disk does not do it, in the learner's language where it is one of the usual ones."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Message("the disk is full")
    if error.errno == errno.EROFS:
        return Message("the disk is read-only")
    if error.errno in (errno.EACCES, errno.EPERM):
        return Message("it is not allowed")
    return error.strerror or str(error)
