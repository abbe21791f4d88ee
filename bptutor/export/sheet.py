"""A sheet of headings, lines and tables: a learner's answers, or a teacher's key."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from bptutor.export.document import BLANK, Entry, document, rows
from bptutor.export.notebook import packed, text_cell
from bptutor.export.pages import STYLE, escaped
from bptutor.lesson.lesson import Lesson
from bptutor.literals import Ask, Part
from bptutor.text import Message
from bptutor.text.printable import printable_lines


@dataclass(frozen=True)
class Block:
    heading: str
    lines: Sequence[str] = ()
    table: Sequence[Sequence[str]] = ()  # rows of as many texts; the first is the head
    level: int = 2


@dataclass(frozen=True)
class Sheet:
    language: str
    title: str
    blocks: Sequence[Block]
    lines: Sequence[str] = ()  # below the title

    @property
    def all_blocks(self) -> Iterator[Block]:
        yield Block(self.title, self.lines, level=1)
        yield from self.blocks

    def markdown(self) -> str:
        lines = (line for block in self.all_blocks for line in _markdown(block))
        return printable_lines("\n".join(lines).rstrip("\n")) + "\n"

    def notebook(self) -> str:
        return packed(text_cell(_markdown(block)) for block in self.all_blocks)

    def page(self) -> str:
        return printable_lines("\n".join(self._html())) + "\n"

    def _html(self) -> Iterator[str]:
        yield "<!doctype html>"
        yield f'<html lang="{self.language}">'
        yield '<head><meta charset="utf-8">'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
        yield f"<title>{escape(self.title)}</title>"
        yield f"<style>{STYLE}</style></head><body>"
        for block in self.all_blocks:
            yield f'<section class="step"><h{block.level}>{escape(block.heading)}</h{block.level}>'
            yield from (f"<p>{escape(line)}</p>" for line in block.lines)
            if block.table:
                yield '<table class="sheet">'
                for place, row in enumerate(block.table):
                    kind = "td" if place else "th"
                    cells = "".join(f"<{kind}>{escape(text)}</{kind}>" for text in row)
                    yield f"<tr>{cells}</tr>"
                yield "</table>"
            yield "</section>"
        yield "</body></html>"


def _markdown(block: Block) -> Iterator[str]:
    yield from (f"{'#' * block.level} {escaped(block.heading)}", "")
    for line in block.lines:
        yield from (escaped(line), "")
    for place, row in enumerate(block.table):
        yield f"| {' | '.join(map(escaped, row))} |"
        if place == 0:
            yield "|" + " --- |" * len(row)
    if block.table:
        yield ""


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
