"""Where lessons are: in the installed package, in a checkout, or wherever a path leads."""

from __future__ import annotations

from pathlib import Path

import bptutor
from bptutor.language.suggest import nearest
from bptutor.lesson.errors import LessonError
from bptutor.locale import Message


def directory() -> Path:
    """The folder of the lessons that come with bptutor."""
    package = Path(bptutor.__file__).parent
    installed = package / "_lessons"
    return installed if installed.is_dir() else package.parent / "lessons"


def available() -> list[str]:
    """The names of the lessons that come with bptutor, in the order of the menu."""
    return sorted(path.stem for path in directory().glob("*.toml"))


def locate(reference: str) -> Path:
    """The file of a lesson given by its name, or by the path to a `.toml`.

    Raises:
        LessonError: there is no such lesson.
    """
    if reference.endswith(".toml") or "/" in reference:
        return Path(reference).expanduser()
    names = available()
    if reference in names:
        return directory() / f"{reference}.toml"
    close = nearest(reference, names)
    if close:
        raise LessonError(
            Message(
                "There is no lesson “{name}”; did you mean {nearest}?",
                name=reference,
                nearest=close,
            )
        )
    raise LessonError(
        Message(
            "There is no lesson “{name}”; `bptutor lessons` lists them, and a path to a .toml "
            "file works as well.",
            name=reference,
        )
    )
