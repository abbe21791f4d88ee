"""The cells of the value that is asked, in the matrix' shape, each with its verdict beside it."""

from __future__ import annotations

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Container, Horizontal

from bptutor.service.messages import AskedCell, Grid
from bptutor.tui.look import look_of
from bptutor.tui.widgets.answer_input import AnswerInput
from bptutor.tui.widgets.words import Words

WIDEST, NARROWEST = 20, 8
"""Widths of a field, in cells of the terminal."""
FRAME = 5
"""Brackets around a field, its verdict's mark and the gap after it."""
GOOD = ("exact", "right")


class FieldRow(Horizontal):
    """A line with a field in brackets, which tell where the cursor is.

    (The pseudo-class `:focus-within` would do, but it makes Textual draw the whole screen anew.)
    """

    def on_descendant_focus(self) -> None:
        """The cursor is here."""
        self.add_class("-here")

    def on_descendant_blur(self) -> None:
        """The cursor is elsewhere."""
        self.remove_class("-here")


class Cell(FieldRow):
    """One cell: where it is (in a large matrix), its field in brackets, its mark."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Words("[", classes="frame")
        self.field = AnswerInput(limit=4000)
        self.mark = Words("]", classes="mark")

    def compose(self) -> ComposeResult:
        """The three parts in a line."""
        yield self.place
        yield self.field
        yield self.mark

    def judge(self, asked: AskedCell) -> None:
        """Show the cell's verdict."""
        self.mark.show("]" + look_of(self).symbols.mark(asked.verdict))
        self.mark.set_classes(f"mark -{asked.verdict}")


class ValueGrid(Container):
    """The cells that are asked. Fields are made once and used again for every step."""

    def __init__(self) -> None:
        super().__init__(id="grid")
        self.cells: list[Cell] = []
        self._pool: list[Cell] = []
        self._across = 1

    @property
    def texts(self) -> list[str]:
        """What has been typed, cell after cell."""
        return [cell.field.value for cell in self.cells]

    @texts.setter
    def texts(self, texts: list[str]) -> None:
        for cell, text in zip(self.cells, texts, strict=True):
            cell.field.value = text

    @property
    def rows(self) -> int:
        """Lines that the cells take."""
        return -(-len(self.cells) // self._across)

    async def lay_out(self, grid: Grid, room: int) -> None:
        """Lay the fields out for another step."""
        missing = len(grid.asked) - len(self._pool)
        if missing > 0:
            fresh = [Cell() for _ in range(missing)]
            self._pool += fresh
            await self.mount_all(fresh)
        self.cells = self._pool[: len(grid.asked)]
        for index, cell in enumerate(self._pool):
            cell.display = index < len(grid.asked)
        self.fit_to(grid, room)

    def fit_to(self, grid: Grid, room: int) -> None:
        """Lay the cells out in so many columns of the terminal.

        A matrix keeps its shape. Where it is too wide, or where only a few of its cells are
        asked, each cell says where it is.
        """
        whole = grid.rows * grid.columns == len(grid.asked)
        shaped = whole and grid.columns * (NARROWEST + FRAME) <= room
        places = ["[" if shaped else f"[{a.row}, {a.column}] [" for a in grid.asked]
        label = max(map(cell_len, places), default=1) - 1
        narrowest = NARROWEST + FRAME + label
        self._across = grid.columns if shaped else max(1, min(len(places), room // narrowest, 3))
        width = max(NARROWEST, min(WIDEST, room // self._across - FRAME - label))
        for cell, place in zip(self.cells, places, strict=True):
            cell.place.show(" " * (label + 1 - cell_len(place)) + place)
            cell.place.styles.width = label + 1
            cell.field.styles.width = width
        self.styles.grid_size_columns = self._across
        self.styles.width = self._across * (width + FRAME + label)
        self.styles.height = self.rows

    def judge(self, grid: Grid, open_: bool, typing: bool) -> None:
        """Show the verdicts; in the fields, unless somebody is `typing`, what the service has."""
        for cell, asked in zip(self.cells, grid.asked, strict=True):
            cell.judge(asked)
            cell.field.disabled = not open_
            if not typing:
                cell.field.value = asked.text

    def focus_first(self, grid: Grid, *, scroll_visible: bool = True) -> None:
        """Go to the first cell that is not right yet."""
        for cell, asked in zip(self.cells, grid.asked, strict=True):
            if asked.verdict not in GOOD:
                cell.field.focus(scroll_visible=scroll_visible)
                return

    def next_empty(self, field: AnswerInput | None = None) -> AnswerInput | None:
        """The next cell after this one, in a circle, that nothing has been typed in; or the first.

        Raises:
            ValueError: that is none of the cells.
        """
        fields = [cell.field for cell in self.cells]
        start = fields.index(field) + 1 if field else 0
        return next((f for f in fields[start:] + fields[:start] if not f.value.strip()), None)

    def on_answer_input_move(self, event: AnswerInput.Move) -> None:
        """From cell to cell; past the last row or the first, it is the screen's business."""
        fields = [cell.field for cell in self.cells]
        if event.field not in fields:
            return
        index = fields.index(event.field)
        target = index + event.right + event.down * self._across
        if 0 <= target < len(self.cells):
            event.stop()
            fields[target].focus()
            fields[target].cursor_position = 0 if event.right > 0 else len(fields[target].value)
        elif event.right:
            event.stop()
