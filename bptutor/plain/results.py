"""The end of a quiz: how it went; or, of an exam, the place where one hands in."""

from __future__ import annotations

from collections.abc import Sequence

from bptutor.plain import quiz_words
from bptutor.plain.clock import time_left
from bptutor.plain.commands import Command
from bptutor.plain.item import HAND_IN, ITEMS
from bptutor.plain.place import Draft, Way
from bptutor.text import Message
from bptutor.views.quiz import QuizView


class Results:
    """How a quiz went, and the way back to each of its items."""

    def __init__(self, way: Way, view: QuizView) -> None:
        self._way = way
        self._say = way.dialogue.say
        self.view = view

    def arrive(self) -> None:
        """Say how it went, or what is still missing."""
        self._say(*quiz_words.end(self.view))

    def prompt(self) -> Message:
        if not self.view.finished:
            return Message(
                "Type {hand_in} to hand in, or the number of an item to go back to it.",
                hand_in=HAND_IN,
            )
        if quiz_words.mistaken(self.view):
            return Message(
                "Press Enter to go through what did not go right, or type the number of an item."
            )
        return Message("Type the number of an item to look at it, or {menu}.", menu=MENU)

    def draft(self) -> Draft | None:
        return None

    async def answer(self, text: str) -> None:
        if self._way.clock.over and not self.view.finished:
            await self._way.go("summary")
        elif text:
            await self._way.to_item(text)
        elif wrong := quiz_words.mistaken(self.view):
            await self._way.go(wrong[0].index)

    def commands(self) -> Sequence[Command]:
        offered = [
            Command(Message("/repeat"), Message("say this once more"), self._repeat),
            Command(ITEMS, Message("the list of items"), self._items),
            Command(Message("/item"), Message("to an item"), self._way.to_item, Message("NUMBER")),
        ]
        if not self.view.finished:
            what = Message("hand in: the exam is over then, and you hear how it went")
            offered.append(Command(HAND_IN, what, self._hand_in))
        if self._way.clock.left is not None:
            what = Message("how much time is left")
            offered.append(Command(Message("/time"), what, self._time))
        if self.view.finished:
            offered += self._way.offers()
        return [*offered, *self._way.leaving()]

    async def _repeat(self, _: str) -> None:
        self.arrive()

    async def _items(self, _: str) -> None:
        self._say(*quiz_words.items(self.view))

    async def _hand_in(self, _: str) -> None:
        await self._way.hand_in()

    async def _time(self, _: str) -> None:
        self._say(time_left(self._way.clock.left or 0))


MENU = Message("/menu")
