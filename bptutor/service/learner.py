"""One connection's own: its language and notation, what it has open, its record."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from bptutor.course.session import Session
from bptutor.quiz.quiz import Quiz
from bptutor.quiz.recorder import Recorder
from bptutor.service.view import Viewer
from bptutor.text import Message
from bptutor.text.numbers import SHOWN

_numbers = count(1)


@dataclass
class Learner:
    """A learner at the other end of a connection."""

    viewer: Viewer
    recorder: Recorder
    figures: int = SHOWN
    """Significant figures that known quantities are shown to."""
    open: dict[str, Session | Quiz] = field(default_factory=dict)
    """Lessons and quizzes, by session."""
    unsaid: list[Message] = field(default_factory=list)
    """Why something could not be kept, until there is a screen to say it on."""
    failed: bool = False
    """Was the last answer not recorded, by a fault of ours?"""
    all_kept: bool = True
    """Has the learner been told that all is kept that was answered? If not, that it is not."""

    @property
    def language(self) -> str:
        return self.viewer.language

    def enter(self, what: Session | Quiz) -> str:
        """Open a lesson or a quiz; its session."""
        name = str(next(_numbers))
        self.open[name] = what
        return name

    def say_later(self, message: Message | None) -> None:
        """Say it, if there is something to say, with the next screen, and once."""
        if message and message not in self.unsaid:
            self.unsaid.append(message)

    def with_unsaid(self, text: str) -> str:
        """A text of a screen, and behind it what there is still to say."""
        said, self.unsaid = self.unsaid, []
        return " ".join(filter(None, (text, *(message.to(self.language) for message in said))))
