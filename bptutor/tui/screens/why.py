"""Why a step is as it is; and a gradient tried out, by moving one number a little."""

import re

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll

from bptutor.front.here import Here
from bptutor.service.words import moved
from bptutor.text import Message
from bptutor.tui.screens.base import Dialog
from bptutor.tui.widgets.answer import AnswerInput
from bptutor.tui.widgets.keys import Keys
from bptutor.tui.widgets.text import Words
from bptutor.views.lesson import Explained, StepView

WHICH = Message("Type the row and the column, counted from 1, and the change, as in 1, 3 and 0.01.")
NUDGE = "0.001"
"""By how much a number is moved, until the learner says otherwise."""


class WhyScreen(Dialog[None]):
    """The rule, the way of the signal, the shapes, the story of one number; then a nudge."""

    PLACE = "why"
    DRAWER = True
    AUTO_FOCUS = "#why-text"

    def __init__(self) -> None:
        super().__init__()
        self.view: StepView | None = None
        self.text = VerticalScroll(id="why-text")
        self.title_words = Words(classes="heading")
        self.rule = Words()
        self.picture = Words(id="why-picture")
        self.shapes = Words()
        self.story = Words()
        self.example = Words(id="why-example")
        self.try_row = Horizontal(id="try-row")
        self.try_words = Words()
        self.which = Horizontal(id="which")
        self.cell = AnswerInput(id="cell", limit=20, takes_matrix=False)
        self.by = AnswerInput(id="by", limit=20, takes_matrix=False)
        self.outcome = Words(id="outcome")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            with self.text:
                yield from (self.title_words, self.rule, self.picture, self.shapes, self.story)
                yield self.example
            yield self.try_words
            with self.try_row:
                with self.which:
                    yield Words(self.words(Message("element")) + " [", classes="frame")
                    yield self.cell
                    yield Words("] ", classes="frame")
                yield Words(self.words(Message("by")) + " [", classes="frame")
                yield self.by
                yield Words("]", classes="frame")
            yield self.outcome
        yield Keys(id="keys")

    def show(self, explained: Explained) -> None:
        view = self.view = self.tour.step
        if not view:
            return
        self.title_words.show(self.words(Message("Why {name}", name=explained.name)))
        self.rule.show(explained.rule)
        self.picture.show("\n".join(explained.picture))
        self.shapes.show("\n".join(explained.shapes))
        self.story.show("\n".join(explained.story))
        self.example.show("\n".join(explained.example))
        self.try_row.display = bool(view.nudgeable)
        moved = Message("Try it: change one number of {name}.", name=view.nudgeable)
        self.try_words.show(self.words(moved) if view.nudgeable else "")
        one = max(view.grid.rows, view.grid.columns) == 1
        self.which.display = not one
        self.cell.value = "1" if one or view.grid.rows == 1 else "1, 1"
        self.by.value = NUDGE
        self.outcome.show("")
        self.refresh_bindings()
        if view.nudgeable:
            self.by.focus()

    @property
    def here(self) -> Here:
        return Here(step=self.view)

    def say(self, text: str) -> None:
        self.outcome.show(text)

    @property
    def takes_typing(self) -> bool:
        return isinstance(self.focused, AnswerInput)

    def on_answer_input_move(self, event: AnswerInput.Move) -> None:
        """Up and down in a field scroll through the text above."""
        event.stop()
        self.text.scroll_relative(y=event.down, animate=False)

    def action_nudge(self) -> None:
        """Enter, once the field has taken what was typed before it."""
        (self.focused or self).call_later(self._nudge)

    def _nudge(self) -> None:
        view = self.view
        place = [int(digits) - 1 for digits in re.findall(r"\d{1,9}", self.cell.value, re.ASCII)]
        try:
            by = float(self.by.value)
        except ValueError:
            by = 0.0
        if not view or not 1 <= len(place) <= 2 or min(place) < 0 or not by:
            self.say(self.words(WHICH))
            return
        row, column = place if len(place) == 2 else (0, place[0])

        async def work() -> None:
            nudged = await self.tour.tutor.nudge(row, column, by)
            self.say("\n".join([*map(self.words, moved(nudged)), nudged.remark]).strip())

        self.frame.command(work)
