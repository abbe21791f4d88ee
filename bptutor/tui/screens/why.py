"""Why a step is as it is; and a gradient tried out, by moving one number a little."""

from __future__ import annotations

import re
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll

from bptutor.service.sentences import moved
from bptutor.text import Message
from bptutor.tui.screens.room import Dialog
from bptutor.tui.widgets.answer import AnswerInput
from bptutor.tui.widgets.keys import Keys
from bptutor.tui.widgets.text import Words
from bptutor.views.lesson import Explained, Nudged, StepView

NUDGE = "0.001"
"""By how much a number is moved, until the learner says otherwise."""


class WhyScreen(Dialog[None]):
    """The rule, the way of the signal, the shapes, the story of one number; then a nudge."""

    AUTO_FOCUS = "#why-text"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "nudge", Message("Move it").text, id="nudge", priority=True),
        Binding("enter", "close", show=False, id="close-enter", priority=True),
        Binding("f9", "close", show=False, id="close-too", priority=True),
        Binding("escape", "close", Message("Close").text, id="close", priority=True),
        Binding("tab", "app.focus_next", show=False, id="next-field", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__(id="why")
        self.view: StepView | None = None
        self.title_words = Words(classes="heading")
        self.rule = Words()
        self.picture = Words(id="picture")
        self.shapes = Words()
        self.story = Words()
        self.try_row = Horizontal(id="try-row")
        self.try_words = Words()
        self.cell = AnswerInput(id="cell", limit=20, takes_matrix=False)
        self.by = AnswerInput(id="by", limit=20, takes_matrix=False)
        self.outcome = Words(id="outcome")

    def compose(self) -> ComposeResult:
        """What explains, and below it what can be tried."""
        with Vertical(classes="dialog"):
            with VerticalScroll(id="why-text"):
                yield self.title_words
                yield self.rule
                yield self.picture
                yield self.shapes
                yield self.story
            yield self.try_words
            with self.try_row:
                yield Words(self.words(Message("cell")) + " [", classes="frame")
                yield self.cell
                yield Words("] " + self.words(Message("by")) + " [", classes="frame")
                yield self.by
                yield Words("]", classes="frame")
            yield self.outcome
            yield Keys(id="keys")

    def show(self, view: StepView, explained: Explained) -> None:
        """Explain a step."""
        self.view = view
        self.title_words.show(self.words(Message("Why {name}", name=explained.name)))
        self.rule.show(explained.rule)
        self.picture.show("\n".join(explained.picture))
        self.shapes.show("\n".join(explained.shapes))
        self.story.show("\n".join(explained.story))
        self.try_row.display = bool(view.nudgeable)
        moved = Message("Try it: move one number of {name}.", name=view.nudgeable)
        self.try_words.show(self.words(moved) if view.nudgeable else "")
        self.cell.value = "0, 0" if view.grid.rows > 1 or view.grid.columns > 1 else "0"
        self.by.value = NUDGE
        self.outcome.show("")
        self.refresh_bindings()
        if view.nudgeable:
            self.by.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter moves a number where there is one to move."""
        return bool(self.view and self.view.nudgeable) if action == "nudge" else True

    def say(self, text: str) -> None:
        self.outcome.show(text)

    def action_nudge(self) -> None:
        """Enter, once the field has taken what was typed before it."""
        (self.focused or self).call_later(self._nudge)

    def _nudge(self) -> None:
        view = self.view
        place = [int(found) for found in re.findall(r"\d{1,9}", self.cell.value, re.ASCII)]
        try:
            by = float(self.by.value)
        except ValueError:
            by = 0.0
        if not view or not 1 <= len(place) <= 2 or not by:
            self.say(
                self.words(Message("Say which number, as in 0, 2, and by how much, as in 0.01."))
            )
            return
        row, column = place if len(place) == 2 else (0, place[0])

        async def work() -> None:
            self.say(self._told(await self.tutor.service.nudge(row, column, by)))

        self.tutor.command(work)

    def _told(self, nudged: Nudged) -> str:
        return "\n".join([*map(self.words, moved(nudged)), nudged.remark]).strip()

    def action_close(self) -> None:
        """Back to the step."""
        self.dismiss(None)
