"""What TensorFlow says once a step has been answered."""

from __future__ import annotations

from textual.content import Content

from bptutor.locale import Message, significant
from bptutor.service.figures import figures_for_change, weight
from bptutor.service.messages import Result, UpdateTable
from bptutor.tui.figures import index_text
from bptutor.tui.widgets.table import Table


def result_words(result: Result, says: str) -> Content:
    """The line of TensorFlow and what it says, as in a Python session."""
    if not result.code:
        return Content(says)
    line = Content(f">>> {result.code}").stylize("bold")
    return Content.assemble(line, f"\n{says}") if says else line


def fill_update(table: Table, update: UpdateTable, language: str) -> None:
    """An update cell by cell: old weight, gradient, change, new weight, side by side."""
    figures = figures_for_change(update.old, update.new)

    def cell(row: int, column: int) -> str:
        if column == 0:
            return index_text(update.old.shape, row)
        if column in (1, 4):
            matrix = update.old if column == 1 else update.new
            return weight(matrix.values[row], matrix.dtype, figures)
        return significant((update.gradient if column == 2 else update.change).values[row])

    headings = [Message("old"), Message("gradient"), Message("change"), Message("new")]
    texts = [update.name, *(heading.to(language) for heading in headings)]
    table.fill(texts, len(update.old.values), cell)
