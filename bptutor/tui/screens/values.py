"""Everything that is known at a step, whole: a list of names and a table that scrolls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from bptutor.locale import Message
from bptutor.service.figures import rows_there, size_of
from bptutor.service.messages import Known
from bptutor.tui.figures import number, shape_text
from bptutor.tui.screens.room import Dialog
from bptutor.tui.widgets.choices import Choice, Choices
from bptutor.tui.widgets.keys import Keys
from bptutor.tui.widgets.table import Table
from bptutor.tui.widgets.words import Words


class Values(Dialog[None]):
    """The known quantities, one of them at a time as a table of any size."""

    AUTO_FOCUS = "#names"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", Message("To the table").text, id="to-table"),
        Binding("escape", "close", Message("Close").text, id="close", priority=True),
        Binding("f7,enter", "close", show=False, id="close-too", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__(id="values")
        self.knowns: Sequence[Known] = ()
        self.names = Choices(id="names")
        self.table = Table(id="known")
        self.code = Words(id="item-code", classes="aside")

    def compose(self) -> ComposeResult:
        """The names beside the table."""
        with Vertical(classes="dialog"):
            yield Words(self.words(Message("Known so far")), classes="heading")
            with Horizontal():
                yield self.names
                yield self.table
            yield self.code
            yield Keys(id="keys")

    def show(self, knowns: Sequence[Known], code: str) -> None:
        """Show these quantities; the first that matters here is open.

        With the code of a quiz' item somebody else can be shown the same numbers.
        """
        self.knowns = knowns
        of_item = Message("Code of this item, to hand on: {code}", code=code)
        self.code.show(self.words(of_item) if code else "")
        first = next((i for i, known in enumerate(knowns) if known.relevant), 0)
        self.names.show(
            [
                Choice(known.name, shape_text(known.matrix.shape), i)
                for i, known in enumerate(knowns)
            ],
            first,
        )
        self.on_choices_moved()

    def on_choices_moved(self) -> None:
        """Show the quantity that the cursor is on."""
        chosen = self.names.chosen
        if chosen is None:
            return
        matrix = self.knowns[chosen].matrix
        _, columns = size_of(matrix.shape)
        there = len(matrix.values)
        ellipsis = self.tutor.symbols.ellipsis
        headings = ["", *(f"[{column}]" for column in range(columns))]

        def cell(row: int, column: int) -> str:
            position = row * columns + column - 1
            if column == 0:
                return f"[{row}]"
            return number(matrix.values[position]) if position < there else ellipsis

        self.table.fill(headings, rows_there(matrix), cell)

    def action_close(self) -> None:
        """Back to the step."""
        self.dismiss(None)
