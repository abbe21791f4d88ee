"""What is typed as an answer: fields that suggest names, and cells in rows and columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.geometry import Offset
from textual.message import Message as Event
from textual.suggester import Suggester
from textual.widgets import Input

from bptutor.text import Message
from bptutor.text.numbers import cell_words, element_words
from bptutor.tui.figures import fit
from bptutor.tui.keymap import bindings
from bptutor.tui.symbols import look_of
from bptutor.tui.widgets.text import Words
from bptutor.views.lesson import AskedCell, Grid, Known

_WORD = re.compile(r"[^\W\d]\w*$")


class Names(Suggester):
    """The quantities that are known, for the field in which a formula is typed."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self.knowns: Sequence[Known] = ()

    def matching(self, text: str) -> list[Known]:
        """What the word at the end of a text may become; nothing where it is whole already."""
        word = _WORD.search(text)
        if not word:
            return []
        begun = word.group()
        names = [known for known in self.knowns if known.typed.startswith(begun)]
        if not names:
            begun_lower = begun.lower()
            names = [known for known in self.knowns if known.typed.lower().startswith(begun_lower)]
        return [] if [known.typed for known in names] == [begun] else names

    async def get_suggestion(self, value: str) -> str | None:
        """The text with its last word completed; only where the letters typed may stay."""
        word = _WORD.search(value)
        if word is None or any(known.typed == word.group() for known in self.knowns):
            return None
        for known in self.matching(value):
            if known.typed.startswith(word.group()):
                return value[: word.start()] + known.typed
        return None


def is_matrix(text: str) -> bool:
    """Is this a matrix rather than one number: brackets, several lines or several columns?"""
    text = text.strip()
    if any(sign in text for sign in "[\n\r\t;"):
        return True
    parts = text.replace(",", " ").split()
    with suppress(ValueError):
        return len([float(part) for part in parts]) > 1
    return False


class AnswerInput(Input):
    """A compact field without a blinking cursor, left with the arrow keys at the text's ends."""

    DEFAULT_CSS = """
    AnswerInput { width: 1fr; }
    AnswerInput:disabled { opacity: 100%; }
    """
    BINDINGS = bindings("field")

    class Move(Event):
        """The cursor leaves the field this way."""

        def __init__(self, field: AnswerInput, right: int, down: int) -> None:
            super().__init__()
            self.field = field
            self.right = right
            self.down = down

    class MatrixPasted(Event):
        """A whole matrix has been pasted."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(
        self,
        *,
        id: str | None = None,
        limit: int = 4000,
        takes_matrix: bool = True,
        suggester: Suggester | None = None,
    ) -> None:
        super().__init__(
            compact=True, select_on_focus=False, max_length=limit, id=id, suggester=suggester
        )
        self.cursor_blink = False
        self._takes_matrix = takes_matrix

    @property
    def cursor_screen_offset(self) -> Offset:
        """(Textual's is a cell further at the text's end, beside the cursor that is drawn.)"""
        return super().cursor_screen_offset - (int(self.cursor_at_end), 0)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where nothing is selected, Ctrl+C copies nothing: the app says how to quit."""
        return action != "copy" or not self.selection.is_empty

    def action_move(self, right: int, down: int) -> None:
        self.post_message(self.Move(self, right, down))

    def action_cursor_left(self, select: bool = False) -> None:
        """Left within the text, and out of it at its start."""
        if select or self.cursor_position or not self.selection.is_empty:
            super().action_cursor_left(select)
        else:
            self.action_move(-1, 0)

    def action_cursor_right(self, select: bool = False) -> None:
        """Right within the text, over what is suggested, and out of it at its end."""
        inside = select or not self.cursor_at_end or not self.selection.is_empty
        if inside or self._suggestion:  # at the end it is taken over
            super().action_cursor_right(select)
        else:
            self.action_move(1, 0)

    async def _on_key(self, event: events.Key) -> None:
        """Keys that edit take effect in turn with characters, however fast they come.

        Textual leaves them to the app, which comes to them when this field has long taken in the
        characters behind them: over a slow link, "backspace, 5" in one burst added the 5 first.
        """
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()
                return
        await super()._on_key(event)

    def _on_paste(self, event: events.Paste) -> None:
        """A whole matrix is for the grid; anything else goes in here, line breaks as spaces."""
        event.prevent_default()
        event.stop()
        if self._takes_matrix and is_matrix(event.text):
            self.post_message(self.MatrixPasted(event.text))
        elif text := " ".join(event.text.split()):
            self.replace(text, *self.selection)


USUAL, NARROWEST, GROWTH = 12, 8, 6
"""Widths of a field for a number, in cells; and how much at a time it grows with what is typed."""
BESIDE = 3
"""Its verdict's mark, and what is between it and its neighbour; or its own brackets."""
BETWEEN = "  "
GOOD = ("exact", "right")


class FieldRow(Horizontal):
    """A line with a field in brackets, which tell where the cursor is.

    (The pseudo-class `:focus-within` would do, but it makes Textual redraw the whole screen.)
    """

    def on_descendant_focus(self) -> None:
        self.add_class("-here")

    def on_descendant_blur(self) -> None:
        self.remove_class("-here")


class Cell(FieldRow):
    """One cell: its field and its mark, between brackets or neighbours."""

    def __init__(self) -> None:
        super().__init__()
        self.before = Words("[", classes="frame")
        self.field = AnswerInput(limit=4000)
        self.mark = Words(" ", classes="mark")
        self.after = Words("]", classes="frame")

    def compose(self) -> ComposeResult:
        yield from (self.before, self.field, self.mark, self.after)

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

    The cells of a whole matrix stand in its brackets, with the names of rows and columns where
    there is room. Where it is too wide, or where only a few of its cells are asked, each cell has
    brackets of its own and says where it is.
    """

    def __init__(self) -> None:
        super().__init__(id="grid")
        self.head = Words(classes="label")
        self.cells: list[Cell] = []
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
        return -(-len(self.cells) // self._across)

    async def lay_out(self, grid: Grid, room: int) -> None:
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
        """Lay the cells out in so many columns of the terminal."""
        self._room, self._widths = room, []
        whole = grid.rows * grid.columns == len(grid.asked)
        apart = len(grid.asked) == 1 or any(each.label for each in grid.asked)
        self._matrix = whole and not apart and grid.columns * (NARROWEST + BESIDE) <= room
        names = self._names(grid)
        most = max(1, room // (max(map(cell_len, names), default=0) + NARROWEST + BESIDE + 1))
        shaped = self._matrix or (whole and grid.columns <= most)
        self._across = grid.columns if shaped else min(most, 3)
        symbols = look_of(self).symbols
        for index, (cell, name) in enumerate(zip(self.cells, names, strict=True)):
            row, column = divmod(index, self._across)
            left, right = symbols.brackets(row, grid.rows) if self._matrix else ("[", "] ")
            cell.before.show(name + (left if not (self._matrix and column) else BETWEEN))
            cell.after.show(right if not self._matrix or column + 1 == self._across else "")
        for cells in self._columns:
            label = max(cell_len(str(cell.before.content)) for cell in cells)
            for cell in cells:
                before = str(cell.before.content)
                cell.before.show(" " * (label - cell_len(before)) + before)
        self.styles.grid_size_columns = self._across
        self.grow()

    @property
    def _columns(self) -> list[list[Cell]]:
        return [self.cells[at :: self._across] for at in range(min(self._across, len(self.cells)))]

    def _names(self, grid: Grid) -> list[str]:
        """What stands before each cell: in a matrix its row, where there is room for it."""
        words = look_of(self).words
        if not self._matrix:
            alone = grid.rows * grid.columns == 1
            at = ["" if alone else words(_place(grid, each)) for each in grid.asked]
            places = [each.label or place for each, place in zip(grid.asked, at, strict=True)]
            return [f"{place} " if place else "" for place in places]
        if grid.rows == 1:
            return [""] * len(grid.asked)
        rows = [f"{words(cell_words(grid.rows, 1, row, 0))} " for row in range(grid.rows)]
        label = max(map(cell_len, rows))
        roomy = label + 2 + grid.columns * (USUAL + BESIDE) <= self._room
        return [rows[each.row] if roomy and not each.column else "" for each in grid.asked]

    def grow(self) -> None:
        """Give each column the room that is needed for what is typed in it."""
        columns = self._columns
        beside = [max(cell.beside for cell in column) for column in columns]
        wanted = [max(_wanted(cell.field.value) for cell in column) for column in columns]
        room = self._room - sum(beside)
        widths = [min(width, max(NARROWEST, room)) for width in wanted]
        while sum(widths) > room and max(widths) > NARROWEST:
            widths[widths.index(max(widths))] -= 1
        if widths == self._widths:
            return
        self._widths = widths
        for column, width in zip(columns, widths, strict=True):
            for cell in column:
                cell.field.styles.width = width
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
            single = len(self.cells) == count
            for at, (cell, width) in enumerate(zip(self.cells, self._widths, strict=False)):
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
        target = index + event.right + event.down * self._across
        if 0 <= target < len(self.cells):
            event.stop()
            fields[target].focus()
            fields[target].cursor_position = 0 if event.right > 0 else len(fields[target].value)
        elif event.right:
            event.stop()


def _wanted(text: str) -> int:
    """The width of a field with that text, which grows by a few cells at a time."""
    more = max(0, cell_len(text) + 1 - USUAL)
    return USUAL + -(-more // GROWTH) * GROWTH


def _place(grid: Grid, asked: AskedCell) -> Message:
    """Where a cell is; of a vector, and of a single row, which element it is."""
    if grid.rows == 1:
        return element_words([asked.column])
    return element_words([asked.row, asked.column])
