"""A lesson that has changed since the learner was in it: go on in it, or begin anew?"""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from bptutor.locale import Message
from bptutor.service.messages import LessonChanged
from bptutor.service.sentences import CHANGED_ENTER, changed
from bptutor.tui.screens.room import Dialog
from bptutor.tui.widgets.keys import Keys
from bptutor.tui.widgets.words import Words


class ChangedScreen(Dialog[Literal["go-on", "anew", "leave"]]):
    """The question; until it is answered, all is as it was left."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "choose('go-on')", Message("Go on").text, id="changed-go-on", priority=True
        ),
        Binding("f8", "choose('anew')", Message("Begin anew").text, id="changed-anew"),
        Binding("escape", "choose('leave')", Message("Leave it").text, id="changed-leave"),
    ]

    def __init__(self) -> None:
        super().__init__(id="changed")
        self.question = Words(id="changed-question", classes="heading")

    def compose(self) -> ComposeResult:
        """What has happened, and what each key does."""
        with Vertical(classes="dialog"):
            yield self.question
            yield Words(self.words(CHANGED_ENTER))
            yield Words(self.words(Message("F8 begins anew: what you answered is forgotten then.")))
            yield Words(self.words(Message("Esc leaves everything as it is.")))
        yield Keys(id="keys")

    def show(self, lesson: LessonChanged) -> None:
        """Ask about a lesson."""
        self.question.show(self.words(changed(lesson)))

    def action_choose(self, choice: Literal["go-on", "anew", "leave"]) -> None:
        """The learner has chosen."""
        self.dismiss(choice)
