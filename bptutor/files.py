"""Files that are read once and within bounds, and written as a whole."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path


class NotAFileError(OSError):
    """A pipe, a device or a socket, which is not opened: it may never come to an end."""


class TooLargeError(OSError):
    """A file of more bytes than are read."""


def read_whole(path: Path, most: int) -> bytes:
    """The bytes of a regular file of at most so many.

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
        content = file.read(min(state.st_size, most) + 1)  # so much memory is taken
    if len(content) > most:
        raise TooLargeError
    return content


_READING = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"):  # as far as the system has them
    _READING |= getattr(os, _flag, 0)


def _require_file(state: os.stat_result) -> None:
    if stat.S_ISDIR(state.st_mode):
        raise IsADirectoryError
    if not stat.S_ISREG(state.st_mode):
        raise NotAFileError


def write_whole(path: Path, content: bytes, *, over: bool = True, private: bool = True) -> None:
    """Make a file, or replace one, as a whole: its content is on the disk when this returns.

    Args:
        path: where; of a link, where it leads to.
        content: what is to be in it.
        over: may it replace a file that is there?
        private: is it the owner's alone (mode 0600), as everything that is kept of a learner is?
            Else it has the mode of the file that it replaces, or the usual one.

    Raises:
        FileExistsError: it is there, and may not be replaced.
        OSError: it cannot be written. What was there before is still there.
    """
    path = Path(os.path.realpath(path))
    descriptor, temporary = tempfile.mkstemp(prefix=".bptutor-", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if not private:
                os.chmod(temporary, _usual_mode(path))
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
    """Give a file its name, unless that is taken."""
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
