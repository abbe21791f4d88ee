"""What a step's screen does in a quiz alone: its keys for items of a quiz and an exam."""

from __future__ import annotations

from bptutor.service.messages import Flag, Request, Skip, StepView
from bptutor.tui.screens.room import Room


class ItemScreen(Room):
    """The step's screen, as far as it is an item's."""

    view: StepView | None = None

    def put(self, request: Request) -> None:
        """Ask this of the service, and show the reply."""
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
            self.put(Skip(session=self.view.session))

    def action_flag(self) -> None:
        """Mark this question to come back to, or take the mark away."""
        if self.view:
            self.put(Flag(session=self.view.session))

    def action_hand_in(self) -> None:
        """First an overview of the exam, and there the end of it."""
        self.tutor.journey.go("summary")
