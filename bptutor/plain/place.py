"""A place at the prompt: the menu, a step, a summary; and how one gets from one to another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from bptutor.plain.clock import Clock
from bptutor.plain.commands import Command
from bptutor.plain.dialogue import Dialogue
from bptutor.service.messages import (
    Ask,
    Draft,
    Part,
    QuizView,
    Replay,
    Reply,
    Request,
    StartQuiz,
)
from bptutor.text import Message


class Place(Protocol):
    """Where the learner is."""

    def arrive(self) -> None:
        """Say what there is here."""

    def prompt(self) -> Message:
        """What to type."""

    def commands(self) -> Sequence[Command]:
        """What can be done here, besides answering."""

    async def answer(self, text: str) -> None:
        """Take a line that is no command. Raises RequestRefused, ServiceLost."""

    def draft(self) -> Draft | None:
        """What has been typed here and must be kept."""


class Way(Protocol):
    """What a place needs in order to lead on."""

    dialogue: Dialogue
    clock: Clock
    """Of the exam that goes on."""
    results: QuizView | None
    """The end of the quiz, or what is missing before it, as it was shown last."""
    asking: Ask
    part: Part

    async def open(
        self, lesson: str, resume: bool, changed: bool = False, switch: bool = False
    ) -> None:
        """Open a lesson; one that has `changed` is gone on with all the same.

        With `switch`, what is to be asked holds where it is gone on with, too.
        """

    async def open_quiz(self, how: StartQuiz | Replay) -> None:
        """Begin a quiz, go on with one, or ask a past item again."""

    async def go_on_in_numbers(self) -> None:
        """From the end of another part to the same lesson in numbers."""

    async def ask(self, request: Request) -> Reply:
        """Keep what is typed, then ask."""

    async def go(self, to: int | Literal["next", "question", "summary"]) -> None:
        """Go to another step of the lesson or item of the quiz, or to the end of the quiz."""

    async def present(self, reply: Reply) -> None:
        """Go where a reply leads."""

    async def to_item(self, number: str) -> None:
        """Go to an item of the quiz by its number."""

    async def hand_in(self) -> None:
        """The exam is over."""

    def offers(self) -> Sequence[Command]:
        """What can be done between lessons."""

    def leaving(self) -> Sequence[Command]:
        """How to leave a lesson or a quiz."""
