"""What stands on a terminal that is too small for anything else."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from bptutor.locale import Message
from bptutor.tui.look import look_of

COLUMNS, ROWS = 40, 12
"""From this size on everything can be done."""


class TooSmall(Widget, can_focus=False):
    """One sentence over the whole screen, which goes on living beneath it."""

    def render(self) -> Content:
        """The sentence, cut where there is no room for it."""
        return Content(
            look_of(self).words(
                Message(
                    "The tutor needs {columns} columns and {rows} lines: make the terminal larger. "
                    "Nothing is lost.",
                    columns=COLUMNS,
                    rows=ROWS,
                )
            )
        )
