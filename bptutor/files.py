"""The user's folders, and files that are read within bounds and written as a whole."""

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from bptutor.text import Message, UserError

Kind: TypeAlias = Literal["config", "data", "state"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def user_folder(kind: Kind, environment: Mapping[str, str] = os.environ) -> Path:
    """The folder that `BPTUTOR_<KIND>_DIR` names, else the usual one of this system.

    Raises:
        UserError: the home folder, which holds the usual one, is not known.
    """
    variable = f"BPTUTOR_{kind.upper()}_DIR"
    if named := environment.get(variable):
        return Path(named)
    import platformdirs

    try:
        folder = Path(getattr(platformdirs, f"user_{kind}_dir")("bptutor"))
    except RuntimeError:
        folder = Path()
    if not folder.is_absolute():
        raise UserError(
            "Your home folder is not known: set HOME (or {variable}) to an absolute path.",
            variable=variable,
        )
    return folder


class NotAFileError(OSError):
    """A pipe, a device or a socket, which is not opened: it may never end."""


class ForeignError(OSError):
    """A link or a file that another user put where this user's own is expected."""


class TooLargeError(OSError):
    """A file that is larger than the limit."""


class UnreachableError(OSError):
    """What is kept elsewhere than on the disk cannot be reached, and why."""

    def __init__(self, why: Message | str) -> None:
        super().__init__(errno.EIO, os.strerror(errno.EIO))
        self.why = why


def read_whole(path: Path, most: int) -> bytes:
    """The bytes of a regular file, at most so many.

    Raises:
        NotAFileError: it is neither a file nor a folder.
        TooLargeError: it is larger.
        OSError: it cannot be read, or is a folder.
        ValueError: the path holds a null character.
    """
    _require_file(path.stat())
    descriptor = os.open(path, _READING)
    with os.fdopen(descriptor, "rb") as file:
        state = os.fstat(descriptor)
        _require_file(state)  # a pipe may have taken its place meanwhile
        content = file.read(min(state.st_size, most) + 1)  # reserves so much memory
    if len(content) > most:
        raise TooLargeError(errno.EFBIG, os.strerror(errno.EFBIG))
    return content


_READING = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"):  # as far as the system has them
    _READING |= getattr(os, _flag, 0)


def _require_file(state: os.stat_result) -> None:
    if stat.S_ISDIR(state.st_mode):
        raise IsADirectoryError
    if not stat.S_ISREG(state.st_mode):
        raise NotAFileError


def reason(error: OSError) -> Message | str:
    """Why the disk failed; a `Message` for the usual reasons."""
    if isinstance(error, UnreachableError):
        return error.why
    if isinstance(error, ForeignError):
        return Message("a link or file there is another user's")
    if isinstance(error, NotAFileError):
        return Message("it is not a file")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Message("the disk is full")
    if error.errno == errno.EROFS:
        return Message("the disk is read-only")
    if error.errno in (errno.EACCES, errno.EPERM):
        return Message("permission is denied")
    return error.strerror or str(error)


def make_private(directory: Path) -> None:
    """Make a folder, and those above it that are missing, with mode 0700 whatever the umask.

    Raises:
        OSError: it cannot be made.
    """
    missing = [one for one in (directory, *directory.parents) if not one.exists()]
    for one in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another process was quicker
            one.mkdir(mode=0o700)
            one.chmod(0o700)


def followed(path: Path) -> Path:
    """The absolute path without links, as far as they may be followed.

    A link is this user's, the administrator's, or of whoever owns the folder that it is in; the
    last one only where nobody else may write in that folder. Any other link has been put there to
    have a file written somewhere else.

    Raises:
        ForeignError: a link is somebody else's.
        OSError: there is no end of links.
    """
    real, rest, links = Path("/"), list(reversed(path.absolute().parts[1:])), 0
    while rest:
        name = rest.pop()
        real = real.parent if name == ".." else real / name
        try:
            state = real.lstat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        if not stat.S_ISLNK(state.st_mode):
            continue
        folder = real.parent.stat()
        trusted = {os.geteuid(), 0}
        if rest or not folder.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            trusted.add(folder.st_uid)
        if state.st_uid not in trusted:
            raise ForeignError(errno.EPERM, "another user's link", str(real))
        links += 1
        if links > MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
        target = real.readlink()
        rest.extend(reversed(target.parts[1:] if target.is_absolute() else target.parts))
        real = Path("/") if target.is_absolute() else real.parent
    return real


MOST_LINKS = 40
"""As many as Linux follows."""


def open_own(path: str | Path, flags: int) -> int:
    """Open a file that is the user's alone, whatever the umask; make it where it is missing.

    Raises:
        ForeignError: it, or a link to it, is another user's.
        NotAFileError: it is not a file.
        OSError: it cannot be opened.
    """
    real = followed(Path(path))
    descriptor = os.open(real, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    try:
        state = os.fstat(descriptor)
        _require_file(state)
        if state.st_uid != os.geteuid():
            raise ForeignError(errno.EPERM, "another user's file", str(real))
        os.fchmod(descriptor, 0o600)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def write_whole(path: Path, content: bytes, *, over: bool = True, private: bool = True) -> None:
    """Create or replace a file as a whole: its content is on the disk when this returns.

    Args:
        path: the file; of a link that is not another user's, its target.
        content: the new content.
        over: may it replace a file?
        private: give it mode 0600, as everything about a learner has; else the mode of the file
            that it replaces, or the usual one.

    Raises:
        FileExistsError: it exists, and may not be replaced.
        ForeignError: it is another user's link.
        OSError: it cannot be written. The old file is unchanged.
    """
    path = followed(path)
    descriptor, temporary = tempfile.mkstemp(prefix=".bptutor-", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(descriptor, 0o600 if private else _usual_mode(path))
            os.fsync(descriptor)
        if over:
            os.replace(temporary, path)
        else:
            _put_new(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _put_new(temporary: str, path: Path) -> None:
    """Rename a file, unless the name is taken."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # not every file system has hard links: the name is taken first
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        os.replace(temporary, path)
    else:
        os.unlink(temporary)


def _usual_mode(path: Path) -> int:
    with contextlib.suppress(OSError):
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask


TAKEN = Message("{file} already exists; choose another name.")


def write_file(path: Path, text: str, *, over: bool = False, private: bool = False) -> None:
    """Write a text as a file, as a whole; replace a file only with `over`.

    Raises:
        UserError: it cannot be written, or exists already.
    """
    try:
        write_whole(path, text.encode("utf-8", "replace"), over=over, private=private)
    except (OSError, ValueError) as error:
        raise unwritten(path, error) from error


def unwritten(path: Path, error: OSError | ValueError) -> UserError:
    why = reason(error) if isinstance(error, OSError) else str(error)
    return UserError("{file} cannot be written: {reason}.", file=str(path), reason=why)
