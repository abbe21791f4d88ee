"""The bytes of a file that somebody names: a lesson, a model, examples."""

import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from bptutor.files import NotAFileError, TooLargeError, read_whole
from bptutor.text import Message, UserError


class ContentError(UserError):
    """Why a file cannot be read, in words that follow its name."""


class FileWanted(Exception):  # noqa: N818
    """The file is the learner's, and is not here: whoever asks can send it and ask again.

    It is no UserError, so that nobody goes on without the file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


MOST_SENT = 250_000_000  # bytes of all files sent to one process: a model, data and some lessons


class Sent:
    """The files of a learner whose folders this process may not, or must not, read."""

    def __init__(self, open_folders: Iterable[Path]) -> None:
        """Files right in the `open_folders` are read as ever."""
        self._folders = {*open_folders}
        self._files: dict[Path, bytes] = {}
        self._coming: dict[Path, list[bytes]] = {}

    def take(self, path: Path, piece: bytes, more: bool) -> None:
        """Take a piece of a file; the last one makes it complete. Raises UserError: too much."""
        pieces = self._coming.setdefault(path, [])
        pieces.append(piece)
        kept = sum(len(file) for at, file in self._files.items() if at != path)
        if kept + sum(len(each) for all_ in self._coming.values() for each in all_) > MOST_SENT:
            self._coming.clear()
            raise UserError(
                "Your files have more than {limit} MB in all. Start bptutor again.",
                limit=MOST_SENT // 1_000_000,
            )
        if not more:
            self._files[path] = b"".join(self._coming.pop(path))

    @contextmanager
    def open_also(self, folders: Iterable[Path]) -> Iterator[None]:
        """Read in these folders, too, for a while."""
        before = self._folders
        self._folders = {*before, *folders}
        try:
            yield
        finally:
            self._folders = before

    def has_open(self, path: Path) -> bool:
        return path.parent in self._folders and path.name not in ("", "..")

    def content(self, path: Path, most: int) -> bytes:
        """Raises FileWanted, TooLargeError."""
        if path not in self._files:
            raise FileWanted(path)
        if len(self._files[path]) > most:
            raise TooLargeError
        return self._files[path]


_sent: Sent | None = None


def read_only_sent(sent: Sent) -> None:
    """From now on, read of files only what is sent; there is no way back in this process."""
    global _sent
    _sent = sent


def sent() -> Sent | None:
    return _sent


def readable(folders: Iterable[Path]) -> AbstractContextManager[None]:
    """Folders of this process's own, in which files are read as ever meanwhile."""
    return nullcontext() if _sent is None else _sent.open_also(folders)


def stamp_of(path: Path) -> tuple[int, int] | None:
    """What changes when a file does; None where there is no file."""
    if _sent is not None and not _sent.has_open(path):
        content = _sent.content(path, MOST_SENT)
        return hash(content), len(content)
    try:
        state = path.stat()
    except (OSError, ValueError):  # whoever reads the file says what is wrong with it
        return None
    return state.st_mtime_ns, state.st_size


def content_of(path: Path, most: int, suffix: str) -> bytes:
    """At most so many bytes of a regular file, whose name ends in `suffix`, read once.

    Raises ContentError: it is none, or is larger. FileWanted: it is the learner's, and was not
    sent.
    """
    try:
        if _sent is not None and not _sent.has_open(path):
            return _sent.content(path, most)
        return read_whole(path, most)
    except FileNotFoundError:
        problem = Message("the file does not exist; check its path")
    except IsADirectoryError:
        problem = Message("is a folder; give the {suffix} file in it", suffix=suffix)
    except NotAFileError:
        problem = Message("is not a regular file; give one that ends in {suffix}", suffix=suffix)
    except TooLargeError:
        problem = Message(
            "is larger than {limit} MB; make its matrices smaller", limit=most // 1_000_000
        )
    except PermissionError:
        problem = Message("permission is denied; change its permissions")
    except (OSError, ValueError) as error:  # a path with a null character is a ValueError
        reason = getattr(error, "strerror", None) or str(error)
        problem = Message("cannot be read: {reason}", reason=reason)
    raise ContentError(problem)


def path_of(written: str) -> Path:
    """A path as somebody wrote it; `~` of nobody's is a name like any other."""
    return Path(os.path.expanduser(written))
