"""What is typed at a step: the formula in a line, the value row by row, or the matrix whole."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from bptutor.front.here import is_silent
from bptutor.front.stage import Draft
from bptutor.literals import IN_LETTERS, Judged, Verdict
from bptutor.text import Message
from bptutor.text.numbers import cell_words, shape_words
from bptutor.views.lesson import AskedCell, StepView

GOOD: tuple[Verdict | None, ...] = ("exact", "right")
BAD: tuple[Verdict | None, ...] = ("wrong", "unreadable", "imprecise")


class Taken(NamedTuple):
    """What to ask the service after a line."""

    judge: Judged | None = None
    """What of the answer to have checked."""
    numbers: str = ""
    """What to have split into numbers."""
    row: int | None = None
    """Of which row they are; None where they are all of the value."""


class Entry:
    """The answer to one step, as far as it has been typed."""

    def __init__(self, view: StepView, *, value_first: bool = False, checked: bool = False) -> None:
        """What the view has; where it was just `checked`, what cannot be read is still open."""
        self.view = view
        self.value_first = value_first
        """Is the value to be found before the formula?"""
        self._blind = is_silent(view)
        """Is nothing said on what is typed, so that whatever can be read is an answer?"""
        self.product = view.product
        self._faulty = checked and view.product_fault is not None
        self.cells = [asked.text for asked in view.grid.asked]
        self.kept = self.typed
        """What the service has heard of."""
        self.bracketed = ""
        """The beginning of a matrix whose brackets are still open."""
        self._open = {
            index
            for index, asked in enumerate(view.grid.asked)
            if not asked.text.strip()
            or asked.verdict in BAD
            or (checked and self._blind and asked.note)
        }
        """The cells that are still to be typed, by their place among those that are asked."""

    # ── what is asked next ────────────────────────────────────────────────────────────────────

    @property
    def asks_product(self) -> bool:
        """Is it the formula's turn, and not the value's?"""
        return self._product_is_open and not (self.value_first and self._value_is_open)

    @property
    def complete(self) -> bool:
        """Of an exam: has all that is asked been typed?"""
        return self._blind and not (self._product_is_open or self._value_is_open)

    @property
    def _product_is_open(self) -> bool:
        done = self.view.product_verdict in GOOD
        if self._blind:
            done = bool(self.product.strip()) and not self._faulty
        return self.view.asks_product and not done

    @property
    def _product_waits(self) -> bool:
        """Has it been typed, and never been checked?"""
        typed = bool(self.product.strip()) and not self._blind
        return typed and self.view.product_verdict is None

    @property
    def _value_is_open(self) -> bool:
        asked = self.view.grid.asked
        done = not self._open if self._blind else all(each.verdict in GOOD for each in asked)
        return self.view.asks_value and not done

    @property
    def row(self) -> int | None:
        """The row that is to be typed next, from 0; None once all have been."""
        asked = self.view.grid.asked
        return asked[min(self._open)].row if self._open else None

    def prompt(self) -> Message:
        """What to type next."""
        if self.bracketed:
            return Message("The matrix is incomplete. Type the rest, or an empty line to cancel.")
        if self.asks_product:
            if self._product_waits:
                return Message("Press Enter to check the formula, or type it again.")
            if self.view.kind in IN_LETTERS[1:]:
                return Message("Type the formula.")
            return Message("Type your answer.")
        row = self.row
        if row is None:
            return Message("The value is complete. Press Enter to check it.")
        wanted = shape_words([len(self._places(row))])
        grid = self.view.grid
        if len(grid.asked) == 1 and grid.rows * grid.columns > 1:
            asked = grid.asked[0]
            cell = cell_words(grid.rows, grid.columns, asked.row, asked.column)
            return Message("Type the number at {cell}.", cell=cell)
        if len(self._places(row)) < grid.columns:
            columns = ", ".join(str(grid.asked[place].column + 1) for place in self._places(row))
            return Message(
                "Type row {row}, columns {columns}: {numbers}.",
                row=row + 1,
                columns=columns,
                numbers=wanted,
            )
        if grid.rows > 1:
            return Message("Type row {row}: {numbers}.", row=row + 1, numbers=wanted)
        return Message("Type the value: {numbers}.", numbers=wanted)

    def typed_rows(self) -> list[tuple[int, str]]:
        """The rows of which something is typed, with their numbers."""
        typed = zip(self.view.grid.asked, self.cells, strict=True)
        rows = ((row, [text for _, text in pairs]) for row, pairs in groupby(typed, _row_of))
        return [(row, ", ".join(texts)) for row, texts in rows if any(texts)]

    # ── what is typed ─────────────────────────────────────────────────────────────────────────

    def take(self, text: str) -> Taken:
        """Take a line; what to ask the service then, or nothing where more is to be typed."""
        if self.bracketed:
            text = f"{self.bracketed}\n{text}" if text else ""
            self.bracketed = ""
        if self.asks_product:
            if not text and not self._product_waits:
                return Taken()
            self.product, self._faulty = text or self.product, False
            return Taken(self._judged("product"))
        if not text:
            return Taken(self._judged("value") if self.row is None else None)
        if text.count("[") > text.count("]"):
            self.bracketed = text
            return Taken()
        whole = (self.view.grid.rows > 1 and text.count("[") > 1) or self.row is None
        return Taken(numbers=text, row=None if whole else self.row)

    def fill(self, row: int | None, texts: Sequence[str]) -> Judged | None:
        """Take what a line was split into: a row, or (None) all; what to judge once it is all."""
        places = range(len(self.cells)) if row is None else self._places(row)
        for place, text in zip(places, texts, strict=True):
            self.cells[place] = text
        self._open -= set(places)
        return None if self._open else self._judged("value")

    def _judged(self, typed: Judged) -> Judged | None:
        """What to have checked after the formula, or the value; of an exam, all of it at once."""
        if self._blind:
            return "both" if self.complete else None
        return typed

    def empty_row(self, row: int) -> bool:
        """Have a row typed again; False where there is no such row."""
        places = self._places(row)
        for place in places:
            self.cells[place] = ""
        self._open |= set(places)
        return bool(places)

    def empty(self) -> None:
        """Have all of it typed again."""
        self.product, self.bracketed = "", ""
        self.cells = [""] * len(self.cells)
        self._open = set(range(len(self.cells)))

    def swap(self) -> bool:
        """Turn to the value before the formula, or back; False where one of them is all there is.

        A value that is right already stays so, and a product as well.
        """
        if not (self._product_is_open and self._value_is_open):
            return False
        self.value_first = not self.value_first
        return True

    def draft(self) -> Draft | None:
        """What has been typed since the service heard of it."""
        return None if self.view.stage != "open" or self.kept == self.typed else self.typed

    @property
    def typed(self) -> Draft:
        """What is typed as the formula, and into the cells."""
        return self.product, list(self.cells)

    def _places(self, row: int) -> list[int]:
        asked = self.view.grid.asked
        return [place for place, each in enumerate(asked) if each.row == row]


def _row_of(pair: tuple[AskedCell, str]) -> int:
    return pair[0].row
