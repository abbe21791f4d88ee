"""What every place at the prompt has in common."""

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field

from bptutor.front.here import Here
from bptutor.front.tour import Tour
from bptutor.plain.commands import index_of
from bptutor.plain.dialogue import Clock, Dialogue
from bptutor.text import Message
from bptutor.views.quiz import QuizView

MENU = Message("/menu")


@dataclass
class Shared:
    """What the places have in common."""

    dialogue: Dialogue
    tour: Tour
    clock: Clock
    end: QuizView | None = None
    """The end of the quiz, or what is missing before it, as it was shown last."""
    reopened: bool = False
    """Was the assignment at whose end the learner is opened again?"""
    remarks: Counter[str] = field(default_factory=Counter)
    """How often each remark on a step has been said."""
    older: bool = False
    """Are there attempts that have not been read out yet?"""


class Place(ABC):
    """Where the learner is.

    What the table of actions has as `name` and leaves to the place is its method `do_name`, which
    gets what was typed after the command.
    """

    name: str
    """In the table of actions."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.tour = shared.tour
        self.say = shared.dialogue.say

    @abstractmethod
    def arrive(self) -> None:
        """Say what there is here."""

    @abstractmethod
    def prompt(self) -> Message:
        """What to type."""

    @abstractmethod
    async def answer(self, text: str) -> None:
        """Take a line that is no command. Raises RequestRefused, ServiceLost."""

    def here(self) -> Here:
        """What the commands depend on."""
        timed = self.shared.clock.left is not None
        return Here(
            end=self.shared.end,
            returns=self.tour.returns is not None,
            text=True,
            timed=timed,
            older=self.shared.older,
        )

    async def do_repeat(self, _: str) -> None:
        self.arrive()

    async def _to_item(self, number: str, count: int) -> None:
        index = index_of(number, count)
        if index is None:
            self.say(Message("Type the number of an item, from 1 to {count}.", count=count))
        else:
            await self.tour.go(index)
