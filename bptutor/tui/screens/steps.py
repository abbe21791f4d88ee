"""The list of steps: what has been done, and a way back to any of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from bptutor.locale import Message
from bptutor.service.messages import StepName
from bptutor.service.words import STAGES, way
from bptutor.tui.screens.room import Dialog
from bptutor.tui.widgets.choices import Choice, Choices
from bptutor.tui.widgets.keys import Keys
from bptutor.tui.widgets.words import Words


class StepList(Dialog[int]):
    """All steps under their sections; dismissed with the index of one that was chosen."""

    AUTO_FOCUS = "#step-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "jump", Message("Go there").text, id="jump", priority=True),
        Binding("escape", "close", Message("Close").text, id="close"),
        Binding("f6", "close", show=False, id="close-too"),
    ]

    def __init__(self) -> None:
        super().__init__(id="steps")
        self.list = Choices(id="step-list")

    def compose(self) -> ComposeResult:
        """A list in a frame."""
        with Vertical(classes="dialog"):
            yield Words(self.words(Message("Steps")), classes="heading")
            yield self.list
            yield Keys(id="keys")

    def show(self, steps: Sequence[StepName], here: int, furthest: int) -> None:
        """Show these steps; those up to the furthest one can be gone to."""
        choices: list[Choice] = []
        heading = ""
        symbols = self.tutor.symbols
        for index, step in enumerate(steps):
            parts = [step.section or "", self.words(way(step.kind))]
            above = f" {symbols.dot} ".join(filter(None, parts))
            if above != heading:
                heading = above
                choices.append(Choice(above, heading=True))
            reached = index <= furthest
            stage = f"{symbols.stages[step.stage]} {self.words(STAGES[step.stage])}"
            choices.append(
                Choice(
                    f"{index + 1:4d}  {step.name}",
                    stage if reached else "",
                    index if reached else None,
                )
            )
        self.list.show(choices, here)

    def on_choices_picked(self) -> None:
        """A click on the chosen step."""
        self.action_jump()

    def action_jump(self) -> None:
        """Go to the chosen step."""
        self.dismiss(self.list.chosen)

    def action_close(self) -> None:
        """Stay where one was."""
        self.dismiss(None)
