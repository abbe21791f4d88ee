"""The user's folders, and files that are read within bounds and written as a whole."""

import contextlib
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
            Message(
                "Your home folder is not known: set HOME (or {variable}) to an absolute path.",
                variable=variable,
            )
        )
    return folder


class NotAFileError(OSError):
    """A pipe, a device or a socket, which is not opened: it may never end."""


class TooLargeError(OSError):
    """A file that is larger than the limit."""


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
    """Create or replace a file as a whole: its content is on the disk when this returns.

    Args:
        path: the file; of a link, its target.
        content: the new content.
        over: may it replace a file?
        private: give it mode 0600, as everything about a learner has; else the mode of the file
            that it replaces, or the usual one.

    Raises:
        FileExistsError: it exists, and may not be replaced.
        OSError: it cannot be written. The old file is unchanged.
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
