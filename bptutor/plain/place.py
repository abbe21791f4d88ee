"""A place at the prompt: the menu, a step, a summary; and how one gets from one to another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from bptutor.locale import Message
from bptutor.plain.commands import Command
from bptutor.plain.dialogue import Dialogue
from bptutor.service.messages import Ask, Draft, Part, Reply, Request


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
    asking: Ask
    part: Part

    async def open(self, lesson: str, resume: bool) -> None:
        """Open a lesson."""

    async def go_on_in_numbers(self) -> None:
        """From the end of another part to the same lesson in numbers."""

    async def ask(self, request: Request) -> Reply:
        """Keep what is typed, then ask."""

    async def go(self, to: int | Literal["next", "question"]) -> None:
        """Go to another step of the lesson."""

    async def present(self, reply: Reply) -> None:
        """Go where a reply leads."""

    def lesson_commands(self) -> Sequence[Command]:
        """What can be done anywhere in a lesson."""
