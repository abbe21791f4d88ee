"""The cells of the value that is asked, in the matrix' shape, each with its verdict beside it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container, Horizontal

from bptutor.service.messages import AskedCell, Grid
from bptutor.tui.screens.room import tutor_of
from bptutor.tui.widgets.answer_input import AnswerInput
from bptutor.tui.widgets.words import Words

WIDEST, NARROWEST = 16, 7
"""Widths of a field, in cells of the terminal."""
MARK = 2
"""Width of a verdict's mark."""
LABELLED = 3
"""Columns where only a few cells of a large matrix are asked."""


class Cell(Horizontal):
    """One cell: where it is (in a large matrix), its field, its mark."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Words(classes="place")
        self.field = AnswerInput(limit=400)
        self.mark = Words(classes="mark")

    def compose(self) -> ComposeResult:
        """The three parts in a line."""
        yield self.place
        yield self.field
        yield self.mark

    def judge(self, asked: AskedCell) -> None:
        """Show the cell's verdict."""
        self.mark.show(tutor_of(self).symbols.mark(asked.verdict))
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

    async def arrange(self, grid: Grid, room: int) -> None:
        """Lay the fields out for another step, with what was typed in them before."""
        labelled = grid.rows * grid.columns > len(grid.asked)
        missing = len(grid.asked) - len(self._pool)
        if missing > 0:
            fresh = [Cell() for _ in range(missing)]
            self._pool += fresh
            await self.mount_all(fresh)
        self.cells = self._pool[: len(grid.asked)]
        for index, cell in enumerate(self._pool):
            cell.display = index < len(grid.asked)
        self._across = min(LABELLED, len(grid.asked)) if labelled else grid.columns
        places = [f"[{a.row},{a.column}] " if labelled else "" for a in grid.asked]
        label = max(map(len, places), default=0)
        width = max(NARROWEST, min(WIDEST, room // max(1, self._across) - MARK - label))
        for cell, asked, place in zip(self.cells, grid.asked, places, strict=True):
            cell.place.show(place.rjust(label))
            cell.field.styles.width = width
            cell.field.placeholder = "_" * width
            cell.field.value = asked.text
            cell.judge(asked)
        self.styles.grid_size_columns = max(1, self._across)
        self.styles.width = max(1, self._across) * (width + MARK + label)

    def judge(self, grid: Grid) -> None:
        """Show the verdicts; a field that is still empty takes what the service remembers."""
        for cell, asked in zip(self.cells, grid.asked, strict=True):
            cell.judge(asked)
            if not cell.field.value:
                cell.field.value = asked.text

    def focus_first(self, grid: Grid) -> None:
        """Go to the first cell that is not right yet."""
        good = ("exact", "right")
        waiting = [c for c, a in zip(self.cells, grid.asked, strict=True) if a.verdict not in good]
        for cell in waiting[:1]:
            cell.field.focus()

    def on_answer_input_move(self, event: AnswerInput.Move) -> None:
        """From cell to cell; past the last row or the first, it is the screen's business."""
        index = [cell.field for cell in self.cells].index(event.field)
        target = index + event.right + event.down * self._across
        if 0 <= target < len(self.cells):
            event.stop()
            field = self.cells[target].field
            field.focus()
            field.cursor_position = 0 if event.right > 0 else len(field.value)
        elif event.right:
            event.stop()
