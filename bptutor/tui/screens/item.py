"""What a step's screen does in a quiz alone: its keys for items of a quiz and an exam."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bptutor.service.protocol import Screen
from bptutor.tui.screens.room import Room
from bptutor.views.lesson import StepView


def nothing() -> None:
    """There is nothing more to do."""


class ItemScreen(Room):
    """The step's screen, as far as it is an item's."""

    view: StepView | None = None

    def put(self, ask: Callable[[], Awaitable[Screen]], then: Callable[[], None] = nothing) -> None:
        """Ask this of the service, show the screen that comes of it, and `then` what is new."""
        raise NotImplementedError

    def action_check(self) -> None:
        """Let the answer be checked."""
        raise NotImplementedError

    def action_note(self) -> None:
        """Enter in an exam: the answer is noted, and the next question comes."""
        self.action_check()

    def action_items(self) -> None:
        """The items of the quiz: with how they went, once that may be seen."""
        view = self.view
        if not view or not view.quiz:
            return
        if view.quiz.exam or view.quiz.answered == view.total:
            self.tutor.journey.go("summary")
        else:
            self.tutor.journey.list_steps(view)

    def action_skip(self) -> None:
        """Put this item off until the others are done."""
        if self.view:
            self.put(self.tutor.service.skip)

    def action_flag(self) -> None:
        """Mark this question to come back to, or take the mark away."""
        if self.view:
            self.put(self.tutor.service.flag)

    def action_hand_in(self) -> None:
        """First an overview of the exam, and there the end of it."""
        self.tutor.journey.go("summary")
