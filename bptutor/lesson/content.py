"""The bytes of a file that somebody names: a lesson, a model, examples."""

import os
from pathlib import Path

from bptutor.files import NotAFileError, TooLargeError, read_whole
from bptutor.text import Message, UserError


class ContentError(UserError):
    """Why a file cannot be read, in words that follow its name."""


def content_of(path: Path, most: int, suffix: str) -> bytes:
    """All bytes of a regular file, read once.

    Args:
        path: where it is.
        most: bytes that are taken.
        suffix: what the name of such a file ends in, for the sentence.

    Raises:
        ContentError: it is none, or is larger.
    """
    try:
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
