"""Saving the code of a lesson as a file of the learner's."""

from itertools import count
from pathlib import Path

from bptutor.files import TAKEN, write_file
from bptutor.text import Message, UserError
from bptutor.views.lesson import Code


def save(code: Code, file: str = "") -> Message:
    """Save a program where the learner is, by default under a name that is free; what to say.

    Raises UserError: it cannot be written, or there is such a file.
    """
    path = Path(file).expanduser() if file else _free(Path(code.file))
    if not path.suffix:
        path = path.with_suffix(".py")
    if path.exists():
        raise UserError(Message(TAKEN.text, file=str(path)))
    write_file(path, "".join(f"{line}\n" for line in code.lines))
    return Message("Saved as {file}.", file=str(path.absolute()))


def _free(path: Path) -> Path:
    names = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    return path if not path.exists() else next(name for name in names if not name.exists())
