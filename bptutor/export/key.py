"""The answers to a handout's blanks, by their numbers: for the teacher."""

from collections.abc import Iterator

from bptutor.export.document import BLANK, Entry, document, rows
from bptutor.export.sheet import Block, Sheet
from bptutor.lesson.lesson import Lesson
from bptutor.literals import Ask, Part
from bptutor.text import Message


def key(lesson: Lesson, language: str, part: Part, ask: Ask) -> Sheet:
    """Raises EngineError and UserError, as `document` does."""
    asked = document(lesson, language, "unicode", False, part, ask)
    worked = document(lesson, language, "unicode", True, part)
    head = (Message("number"), Message("step"), Message("formula"), Message("value"))
    blocks = []
    for blanks, answers in zip(asked.sections, worked.sections, strict=True):
        pairs = zip(blanks.entries, answers.entries, strict=True)
        answered = [tuple(_row(blank, answer)) for blank, answer in pairs if blank.number]
        if answered:
            titles = tuple(each.to(language) for each in head)
            blocks.append(Block(blanks.heading, table=[titles, *answered]))
    title = Message("Key: {title}", title=asked.title).to(language)
    return Sheet(language, title, blocks)


def _row(blank: Entry, answer: Entry) -> Iterator[str]:
    yield str(blank.number)
    yield blank.name
    lines = zip(blank.equations, answer.equations, strict=False)
    yield "; ".join(_filling(empty, right) for empty, right in lines if BLANK in empty)
    missing = blank.quantity is not None and blank.quantity.value is None
    table = rows(answer.quantity) if missing and answer.quantity else []
    yield "; ".join(", ".join(row) for row in table)


def _filling(empty: str, right: str) -> str:
    """What stands in the place of the blank."""
    before, after = empty.index(BLANK), len(empty) - 1 - empty.rindex(BLANK)
    return right[before : len(right) - after]
