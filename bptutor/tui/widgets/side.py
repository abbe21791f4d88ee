"""Beside a step, on a wide terminal: the code so far, and what else is known."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll

from bptutor.locale import Message
from bptutor.service.messages import StepView
from bptutor.tui.figures import known_line
from bptutor.tui.screens.room import tutor_of
from bptutor.tui.widgets.words import Words


class Side(Vertical):
    """The code, its last lines in sight, above a line for each known quantity."""

    def __init__(self) -> None:
        super().__init__(id="side")
        self.code_heading = Words(classes="heading")
        self.code = Words()
        self.scroll = VerticalScroll(self.code, can_focus=False)
        self.knowns_heading = Words(id="side-knowns-heading", classes="heading")
        self.knowns = Words(classes="aside")
        self.view: StepView | None = None

    def compose(self) -> ComposeResult:
        """One above the other."""
        yield self.code_heading
        yield self.scroll
        yield self.knowns_heading
        yield self.knowns

    def show(self, view: StepView) -> None:
        """Show what belongs to a step."""
        self.view = view
        words = tutor_of(self).words
        code = words(Message("The program so far, in TensorFlow"))
        self.code_heading.show(code if view.code else "")
        self.code.show("\n".join(view.code))
        self.scroll.scroll_end(animate=False)
        self.knowns_heading.show(words(Message("Known so far")))
        self.on_resize()

    def on_resize(self) -> None:
        """Each quantity in one line, cut at the width that there is."""
        if self.view and self.size.width:
            ellipsis = tutor_of(self).symbols.ellipsis
            width = self.size.width
            self.knowns.show(
                "\n".join(known_line(known, ellipsis, width) for known in self.view.knowns)
            )
