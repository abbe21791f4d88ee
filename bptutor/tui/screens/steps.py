"""The list of steps: what has been done, and a way back to any of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from bptutor.locale import Message
from bptutor.service.messages import StepName, StepView
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
        self.heading = Words(classes="heading")
        self.list = Choices(id="step-list")

    def compose(self) -> ComposeResult:
        """A list in a frame."""
        with Vertical(classes="dialog"):
            yield self.heading
            yield self.list
            yield Keys(id="keys")

    def show(self, steps: Sequence[StepName], view: StepView) -> None:
        """Show these steps, or items of a quiz; those up to the furthest one can be gone to."""
        self.heading.show(self.words(Message("Items") if view.quiz else Message("Steps")))
        choices: list[Choice] = []
        heading = ""
        symbols = self.tutor.symbols
        for index, step in enumerate(steps):
            parts = [step.section or "", self.words(way(step.kind))]
            above = f" {symbols.dot} ".join(filter(None, parts))
            if above != heading:
                heading = above
                choices.append(Choice(above, heading=True))
            reached = index <= view.furthest
            stage = f"{symbols.stages[step.stage]} {self.words(STAGES[step.stage])}"
            choices.append(
                Choice(
                    f"{index + 1:4d}  {step.name}",
                    stage if reached else "",
                    index if reached else None,
                )
            )
        self.list.show(choices, view.index)

    def on_choices_picked(self) -> None:
        """A click on the chosen step."""
        self.action_jump()

    def action_jump(self) -> None:
        """Go to the chosen step."""
        self.dismiss(self.list.chosen)

    def action_close(self) -> None:
        """Stay where one was."""
        self.dismiss(None)
