"""A lesson that has changed since the learner was in it: go on in it, or begin anew?"""

from __future__ import annotations

from collections.abc import Sequence

from bptutor.plain.commands import Command
from bptutor.plain.place import Draft, Way
from bptutor.service.sentences import CHANGED_ENTER, changed
from bptutor.text import Message
from bptutor.views.lesson import LessonChanged


class Changed:
    """The question; until it is answered, all is as it was left."""

    def __init__(self, way: Way, name: str, lesson: LessonChanged) -> None:
        self._way = way
        self._name = name
        self._lesson = lesson

    def arrive(self) -> None:
        """Say what has happened."""
        self._way.dialogue.say("", changed(self._lesson), CHANGED_ENTER)

    def prompt(self) -> Message:
        return Message(
            "Press Enter to go on in it, or type {anew} or {menu}.", anew=ANEW, menu=MENU
        )

    def draft(self) -> Draft | None:
        return None

    async def answer(self, text: str) -> None:
        if not text:
            await self._way.open(self._name, resume=True, changed=True)

    def commands(self) -> Sequence[Command]:
        what = Message("begin the lesson anew; what you answered there is forgotten")
        return [Command(ANEW, what, self._anew), *self._way.leaving()]

    async def _anew(self, _: str) -> None:
        await self._way.open(self._name, resume=False)


ANEW = Message("/anew")
MENU = Message("/menu")
