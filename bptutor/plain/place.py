"""A place at the prompt: the menu, a step, a summary; and how one gets from one to another."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

from bptutor.literals import Ask, Part, Target
from bptutor.plain.clock import Clock
from bptutor.plain.commands import Command
from bptutor.plain.dialogue import Dialogue
from bptutor.plain.entry import Draft as Draft
from bptutor.service.protocol import Screen
from bptutor.text import Message
from bptutor.views.quiz import QuizSpec, QuizView

T = TypeVar("T")


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

    async def open_quiz(self, spec: QuizSpec) -> None:
        """Begin a quiz, go on with one, or ask a past item again."""

    async def go_on_in_numbers(self) -> None:
        """From the end of another part to the same lesson in numbers."""

    async def screen(self, ask: Callable[[], Coroutine[Any, Any, Screen]]) -> Screen:
        """Keep what is typed, then ask; where the time of an exam was over, its end instead."""

    async def look(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Keep what is typed, then ask."""

    async def go(self, to: int | Target) -> None:
        """Go to another step of the lesson or item of the quiz, or to the end of the quiz."""

    async def present(self, screen: Screen) -> None:
        """Go to a screen."""

    async def to_item(self, number: str) -> None:
        """Go to an item of the quiz by its number."""

    async def hand_in(self) -> None:
        """The exam is over."""

    def offers(self) -> Sequence[Command]:
        """What can be done between lessons."""

    def leaving(self) -> Sequence[Command]:
        """How to leave a lesson or a quiz."""
