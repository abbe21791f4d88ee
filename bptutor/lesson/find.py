"""Where lessons are: those that come with bptutor, files, and Keras models."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import bptutor
from bptutor.files import read_whole
from bptutor.language.errors import suggestion
from bptutor.language.limits import MOST_LESSON_BYTES
from bptutor.lesson.content import path_of
from bptutor.text import Message, UserError


class LessonError(UserError):
    """A lesson that cannot be opened: what, where, and what to do."""


SUFFIX = ".keras"
OTHER_FORMATS = (".h5", ".hdf5", ".pb", "saved_model", "saved_model/")
_REFERENCE = re.compile(rf"(.*{re.escape(SUFFIX)})(?:\?([^?]*))?", re.DOTALL)


@dataclass(frozen=True)
class ModelReference:
    """A model's file with a loss and a file of examples, or without.

    It travels as one text wherever a lesson's name does: `model.keras?loss=mse&data=xy.npz`.
    """

    file: str
    loss: str = ""
    data: str = ""

    @classmethod
    def read(cls, reference: str) -> "ModelReference | None":
        """The model that a lesson's reference names, or None where it names none."""
        found = _REFERENCE.fullmatch(reference)
        if found is None:
            return None
        told = {name: values[-1] for name, values in parse_qs(found[2] or "").items()}
        return cls(found[1], told.get("loss", ""), told.get("data", ""))

    def __str__(self) -> str:
        told = {"loss": self.loss, "data": self.data}
        query = urlencode({name: value for name, value in told.items() if value})
        return f"{self.file}?{query}" if query else self.file

    @property
    def path(self) -> Path:
        return path_of(self.file)

    def absolute(self) -> "ModelReference":
        data = str(path_of(self.data).resolve()) if self.data else ""
        return replace(self, file=str(self.path.resolve()), data=data)


_ON_NUMBERS = re.compile(r"(.+)#(\w+=[-+\w.,\[\]]+(?:&\w+=[-+\w.,\[\]]+)*)", re.DOTALL)


def split_reference(reference: str) -> tuple[str, str]:
    """A lesson's reference without its numbers, and these: `gru#seed=7` is `gru` and `seed=7`.

    Numbers other than a lesson's own travel behind its name or path (see `quiz.variant`).
    """
    found = _ON_NUMBERS.fullmatch(reference)
    return (found[1], found[2]) if found and not _is_path(found[2]) else (reference, "")


def on_numbers(reference: str, numbers: str) -> str:
    """The reference of a lesson on these numbers."""
    return f"{reference}#{numbers}" if numbers else reference


def directory() -> Path:
    package = Path(bptutor.__file__).parent
    installed = package / "_lessons"
    return installed if installed.is_dir() else package.parent / "lessons"


_further: list[Path] = []


def look_in(further: Iterable[str]) -> None:
    """Find the lessons of these folders by name, too, for as long as this process lives."""
    _further[:] = map(path_of, further)


def folders() -> list[Path]:
    """Where a lesson is looked for by its name."""
    return [directory(), *_further]


def available() -> list[str]:
    """The lessons with a name: by their `order`, those without one last, by name."""
    files = _files().values()
    return [path.stem for path in sorted(files, key=lambda path: (_order(path), path.stem))]


def _files() -> dict[str, Path]:
    """The lessons by name; of two with one name that of the first folder."""
    found: dict[str, Path] = {}
    for folder in folders():
        for path in folder.glob("*.toml"):
            found.setdefault(path.stem, path)
    return found


_ORDER = re.compile(r"\A(?:(?!\[).*\n)*?order[ \t]*=[ \t]*([+-]?\d{1,9})\b")


def _order(path: Path) -> float:
    """The key `order` of a lesson file, which may be none or unsound: the menu lists it anyway.

    It stands above the first table, and is found without parsing.
    """
    try:
        text = read_whole(path, MOST_LESSON_BYTES).decode("utf-8-sig", "replace")
    except OSError:  # whoever opens the lesson is told
        return math.inf
    found = _ORDER.search(text)
    return int(found[1]) if found else math.inf


def from_anywhere(reference: str) -> str:
    """A reference that holds in any directory: a name stays, a path becomes absolute."""
    reference, numbers = split_reference(reference)
    if model := ModelReference.read(reference):
        reference = str(model.absolute())
    elif _is_path(reference):
        reference = str(path_of(reference).resolve())
    return on_numbers(reference, numbers)


def _is_path(reference: str) -> bool:
    return reference.endswith(".toml") or "/" in reference


def refuse_other_format(reference: str) -> None:
    """Raises LessonError: it is a model as an older Keras saved it."""
    if reference.lower().endswith(OTHER_FORMATS):
        raise LessonError(
            "bptutor does not read {file}: load it in Keras, save it with {call}, and give "
            "that file.",
            file=Path(reference).name,
            call=f'model.save("{Path(reference).stem}{SUFFIX}")',
        )


def locate(reference: str) -> Path:
    """The file of a lesson given by its name, or by the path to a `.toml`.

    Raises LessonError: there is no such lesson.
    """
    refuse_other_format(reference)
    if _is_path(reference):
        return path_of(reference)
    files = _files()
    if reference in files:
        return files[reference]
    raise LessonError(
        suggestion(
            reference,
            sorted(files),
            Message("There is no lesson “{name}”; did you mean {nearest}?"),
            Message(
                "There is no lesson “{name}”. `bptutor lessons` lists them; you can also give the "
                "path of a .toml file."
            ),
            name=reference,
        )
    )
