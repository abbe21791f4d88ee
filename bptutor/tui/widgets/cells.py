"""The cells of an answer: in the brackets of their matrix, or each in its own."""

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content

from bptutor.text import Message
from bptutor.text.numbers import cell_words, element_words
from bptutor.tui.figures import SMALL, at_the_point, fit, number, zeros_dim
from bptutor.tui.symbols import look_of
from bptutor.tui.widgets.answer import AnswerInput, FieldRow, is_matrix
from bptutor.tui.widgets.text import Words
from bptutor.views.lesson import AskedCell, Grid

USUAL, NARROWEST, GROWTH = 12, 8, 6
"""Widths of a field for a number, in cells; and how much at a time it grows with what is typed."""
NAMED = 10
"""Width of a number that is not asked, at the least: the name of its column fits."""
BESIDE = 3
"""Its verdict's mark, and what is between it and its neighbour; or its own brackets."""
BETWEEN = "  "
GOOD = ("exact", "right")


class Cell(FieldRow):
    """One cell: its field and its mark, or its number, between brackets or neighbours."""

    def __init__(self) -> None:
        super().__init__()
        self.before = Words("[", classes="frame")
        self.field = AnswerInput(limit=4000)
        self.number = Words()
        self.mark = Words(" ", classes="mark")
        self.after = Words("]", classes="frame")

    def compose(self) -> ComposeResult:
        yield from (self.before, self.field, self.number, self.mark, self.after)

    def hold(self, number: str) -> None:
        """Show a number that is not asked; the field where there is none."""
        self.number.show(zeros_dim([number]) if number else "")
        self.field.display = not number
        if number:
            self.mark.show(" ")

    @property
    def wanted(self) -> int:
        """The width that its text needs; that of a field grows by a few cells at a time."""
        if not self.field.display:
            return max(NAMED, cell_len(str(self.number.content)))
        more = max(0, cell_len(self.field.value) + 1 - USUAL)
        return USUAL + -(-more // GROWTH) * GROWTH

    @property
    def beside(self) -> int:
        """What stands beside the field, in cells."""
        return 1 + sum(cell_len(str(part.content)) for part in (self.before, self.after))

    def judge(self, asked: AskedCell) -> None:
        """Show the verdict, as long as what it was given on stands here."""
        verdict = asked.verdict if self.field.value == asked.text else None
        self.mark.show(look_of(self).symbols.mark(verdict) or " ")
        self.mark.set_classes(f"mark -{verdict}")


class ValueGrid(Container):
    """The cells that are asked. Fields are made once and used again for every step.

    The cells of a matrix stand in its brackets, among the numbers that are not asked, with the
    names of rows and columns where there is room. Where it is too large for that, each cell that is
    asked has brackets of its own and says where it is.
    """

    def __init__(self) -> None:
        super().__init__(id="grid")
        self.head = Words(classes="label")
        self.cells: list[Cell] = []
        """Those that are asked."""
        self._shown: list[Cell] = []
        self._pool: list[Cell] = []
        self._across = 1
        self._matrix = self._headed = False
        self._room = 0
        self._widths: list[int] = []

    def compose(self) -> ComposeResult:
        yield self.head

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
        """Lines that the cells take, without the names of their columns."""
        return -(-len(self._shown) // self._across)

    @property
    def completes(self) -> bool:
        """Do the cells that are asked stand among the numbers that are not?"""
        return len(self.cells) < len(self._shown)

    async def lay_out(self, grid: Grid, room: int) -> None:
        count = grid.rows * grid.columns
        missing = (count if count <= SMALL else len(grid.asked)) - len(self._pool)
        if missing > 0:
            fresh = [Cell() for _ in range(missing)]
            self._pool += fresh
            await self.mount_all(fresh)
        self.cells = []
        self.fit_to(grid, room)

    def fit_to(self, grid: Grid, room: int) -> None:
        """Lay the cells out in so many columns of the terminal."""
        self._room, self._widths = room, []
        self._choose(grid)
        names = self._names(grid)
        most = max(1, room // (max(map(cell_len, names), default=0) + NARROWEST + BESIDE + 1))
        whole = grid.rows * grid.columns == len(grid.asked)
        shaped = self._matrix or (whole and grid.columns <= most)
        self._across = grid.columns if shaped else min(most, 3)
        symbols = look_of(self).symbols
        labels = [
            max(map(cell_len, names[at :: self._across]), default=0) for at in range(self._across)
        ]
        for index, (cell, name) in enumerate(zip(self._shown, names, strict=True)):
            row, column = divmod(index, self._across)
            left, right = symbols.brackets(row, grid.rows) if self._matrix else ("[", "] ")
            blank = " " * (labels[column] - cell_len(name))
            frame = left if not (self._matrix and column) else BETWEEN
            cell.before.show(Content.assemble(blank, (name, "$aside"), frame))
            cell.after.show(right if not self._matrix or column + 1 == self._across else "")
        self.styles.grid_size_columns = self._across
        self.grow()

    def _choose(self, grid: Grid) -> None:
        """Take a cell for each that is asked, or for each of the matrix; what is typed stays."""
        count, asked = grid.rows * grid.columns, grid.asked
        known = len(asked) == count or (grid.filled is not None and count <= SMALL)
        apart = count == 1 or any(each.label for each in asked)
        fitting = grid.columns * (NARROWEST + BESIDE) <= self._room
        self._matrix = bool(asked) and known and fitting and not apart
        before, texts = self.cells, self.texts
        places = [each.row * grid.columns + each.column for each in asked]
        if not self._matrix:
            count, places = len(asked), [*range(len(asked))]
        self._shown = self._pool[:count]
        self.cells = [self._shown[place] for place in places]
        for index, cell in enumerate(self._pool):
            cell.display = index < count
            cell.hold("")
        if self.completes and grid.filled:
            values = [number(value) for value in grid.filled.values]
            across = [at_the_point(values[at :: grid.columns]) for at in range(grid.columns)]
            for index in {*range(count)} - {*places}:
                row, column = divmod(index, grid.columns)
                self._shown[index].hold(across[column][row])
        if before and before != self.cells:
            here = [cell.field.has_focus for cell in before]
            self.texts = texts
            if True in here:
                self.cells[here.index(True)].field.focus(scroll_visible=False)

    @property
    def _columns(self) -> list[list[Cell]]:
        count = min(self._across, len(self._shown))
        return [self._shown[at :: self._across] for at in range(count)]

    def _names(self, grid: Grid) -> list[str]:
        """What stands before each cell: in a matrix its row, where there is room for it."""
        words = look_of(self).words
        if not self._matrix:
            alone = grid.rows * grid.columns == 1
            at = ["" if alone else words(_place(grid, each)) for each in grid.asked]
            places = [each.label or place for each, place in zip(grid.asked, at, strict=True)]
            return [f"{place} " if place else "" for place in places]
        if grid.rows == 1:
            return [""] * grid.columns
        rows = [f"{words(cell_words(grid.rows, 1, row, 0))} " for row in range(grid.rows)]
        label = max(map(cell_len, rows))
        roomy = label + 2 + grid.columns * (USUAL + BESIDE) <= self._room
        gaps = [""] * (grid.columns - 1)
        return [name for row in rows for name in (row if roomy else "", *gaps)]

    def grow(self) -> None:
        """Give each column the room that is needed for what is typed in it."""
        columns = self._columns
        beside = [max(cell.beside for cell in column) for column in columns]
        wanted = [max(cell.wanted for cell in column) for column in columns]
        room = self._room - sum(beside)
        widths = [min(width, max(NARROWEST, room)) for width in wanted]
        while sum(widths) > room and max(widths) > NARROWEST:
            widths[widths.index(max(widths))] -= 1
        if widths == self._widths:
            return
        self._widths = widths
        for column, width in zip(columns, widths, strict=True):
            for cell in column:
                cell.field.styles.width = cell.number.styles.width = width
        across = [width + around for width, around in zip(widths, beside, strict=True)]
        self.styles.grid_columns = " ".join(map(str, across))
        self.styles.width = sum(across)
        self.name_columns(self._headed)

    @property
    def has_columns(self) -> bool:
        """Are there columns that could be named?"""
        return self._matrix and self._across > 1

    def name_columns(self, named: bool) -> None:
        """Show the names of a matrix' columns above them, or take them away."""
        self._headed = named
        line = ""
        if named and self.has_columns:
            look, count = look_of(self), self._across
            single = len(self._shown) == count
            for at, (cell, width) in enumerate(zip(self._shown, self._widths, strict=False)):
                place = element_words([at]) if single else cell_words(1, count, 0, at)
                line += " " * (cell.beside - 1 - cell_len(str(cell.after.content)))
                line += fit(look.words(place), width, look.symbols.ellipsis) + " "
        self.head.show(line.rstrip())
        self.head.styles.column_span = self._across
        self.styles.height = self.rows + self.head.display

    def judge(self, grid: Grid, open_: bool, typing: bool) -> None:
        """Show the verdicts; in the fields, unless somebody is `typing`, what the service has."""
        for cell, asked in zip(self.cells, grid.asked, strict=True):
            if not typing:
                cell.field.value = asked.text
            cell.judge(asked)
            cell.field.disabled = not open_

    def focus_first(
        self, grid: Grid, about: int | None = None, *, scroll_visible: bool = True
    ) -> None:
        """Go to the cell that the message is about, else to the first that is not right yet."""
        for index, (cell, asked) in enumerate(zip(self.cells, grid.asked, strict=True)):
            if index == about if about is not None else asked.verdict not in GOOD:
                cell.field.focus(scroll_visible=scroll_visible)
                return

    def takes_for_all(self, field: AnswerInput) -> bool:
        """Has a whole matrix been typed into one of several cells?"""
        inside = any(cell.field is field for cell in self.cells)
        return inside and len(self.cells) > 1 and is_matrix(field.value)

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
        below = len(self.cells) if self.completes else self._across
        target = index + event.right + event.down * below
        if 0 <= target < len(self.cells):
            event.stop()
            fields[target].focus()
            fields[target].cursor_position = 0 if event.right > 0 else len(fields[target].value)
        elif event.right:
            event.stop()


def _place(grid: Grid, asked: AskedCell) -> Message:
    """Where a cell is; of a vector, and of a single row, which element it is."""
    if grid.rows == 1:
        return element_words([asked.column])
    return element_words([asked.row, asked.column])
