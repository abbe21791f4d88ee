"""Files that a teacher gives to the class: they travel to the host as text, never as a path."""

import tomllib
from pathlib import Path

from bptutor.classroom.assignment import files_of
from bptutor.lesson.content import ContentError, content_of
from bptutor.lesson.source import fault
from bptutor.text import Message

MOST_BYTES = 12_000_000  # of a file; a request of the wire has room for it


def text_of(path: Path, suffix: str) -> str:
    """The text of a file. Raises LessonError: it cannot be read, or is no UTF-8."""
    content = _content(path, suffix)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problem = Message("this is not UTF-8; save the file again as UTF-8")
        raise fault(path, line, problem) from error


def assignment_of(path: Path) -> tuple[str, dict[str, bytes]]:
    """The text of an assignment, and the files of its lessons, by the names that it has for them.

    What is wrong with the text is for the host to say. Raises LessonError: a file cannot be read.
    """
    text = text_of(path, ".toml")
    try:
        named = tomllib.loads(text).get("lessons")
    except tomllib.TOMLDecodeError:
        named = None
    lessons = named if isinstance(named, list) else []
    files = [file for each in lessons if isinstance(each, str) for file in files_of(each)]
    return text, {file: _content(path.parent / file, Path(file).suffix) for file in files}


def _content(path: Path, suffix: str) -> bytes:
    try:
        return content_of(path, MOST_BYTES, suffix)
    except ContentError as error:
        raise fault(path, None, error.message) from error
