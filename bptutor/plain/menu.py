"""The menu: the lessons by their numbers, where one was left, and what is asked in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import get_args

from bptutor.literals import Ask, Part
from bptutor.plain import quiz_words
from bptutor.plain.commands import Command, index_of
from bptutor.plain.dialogue import Said
from bptutor.plain.place import Draft, Way
from bptutor.service.sentences import WELCOME, reached, state, where_left
from bptutor.service.words import ASKS, PARTS
from bptutor.text import Message
from bptutor.views.lesson import LessonItem, Lessons

CHOICES: tuple[tuple[Part, Ask], ...] = (
    *(("tape", ask) for ask in get_args(Ask)),
    ("derive", "all"),
    ("keras", "all"),
)
"""What can be asked: in numbers all or some of it, or one of the other parts of the course."""


class Menu:
    """The lessons to choose from."""

    def __init__(self, way: Way, lessons: Lessons) -> None:
        self._way = way
        self._say = way.dialogue.say
        self.items = lessons.items
        self._quizzes = lessons.quizzes

    def arrive(self) -> None:
        """Say the lessons, and what is asked."""
        self._say("", WELCOME, *self._listed(), *quiz_words.left(self._quizzes))
        self._say_asked()

    def prompt(self) -> Message:
        return Message("Type the number of a lesson, or {quiz} for a quiz.", quiz=QUIZ)

    def draft(self) -> Draft | None:
        return None

    async def answer(self, text: str) -> None:
        if text:
            await self._open(text, resume=True)

    def commands(self) -> Sequence[Command]:
        return [
            Command(
                Message("/anew"),
                Message("begin a lesson anew; what you answered there is forgotten"),
                self._anew,
                Message("NUMBER"),
            ),
            Command(
                Message("/ask"),
                Message("choose what is asked when you begin"),
                self._ask,
                Message("NUMBER"),
            ),
            Command(Message("/repeat"), Message("say this once more"), self._repeat),
            *self._way.offers(),
        ]

    def _listed(self) -> Iterator[Said]:
        for number, item in enumerate(self.items, 1):
            yield Message(
                "{number}. {title}: {state}.",
                number=number,
                title=item.title,
                state=state(item, self._way.part),
            )
            left = where_left(item, self._way.part)
            yield item.problem or item.summary
            if left:
                yield left
        if not self.items:
            yield Message("There are no lessons here.")

    def _say_asked(self) -> None:
        chosen = CHOICES.index((self._way.part, self._way.asking))
        self._say(Message("What is asked, when you begin: {asked}.", asked=_named(chosen)))

    async def _repeat(self, _: str) -> None:
        self.arrive()

    async def _anew(self, argument: str) -> None:
        await self._open(argument, resume=False)

    async def _open(self, wanted: str, resume: bool) -> None:
        """Open a lesson by its number or its name; one that was left is gone on with."""
        item = self._found(wanted)
        if item is None:
            self._say(
                Message("There is no lesson {wanted} here: type its number.", wanted=wanted or "?")
            )
        elif item.problem:
            self._say(item.problem)
        else:
            there = reached(item, self._way.part)
            begun = bool(there and there.answered)
            await self._way.open(item.name, resume, switch=not begun)

    def _found(self, wanted: str) -> LessonItem | None:
        names = [item.name for item in self.items]
        if wanted in names:
            return self.items[names.index(wanted)]
        place = index_of(wanted, len(self.items))
        return None if place is None else self.items[place]

    async def _ask(self, argument: str) -> None:
        place = index_of(argument, len(CHOICES))
        if place is None:
            for number in range(len(CHOICES)):
                self._say(Message("{number}. {name}", number=number + 1, name=_named(number)))
            self._say(Message("Type {command} with one of these numbers.", command=Message("/ask")))
            return
        self._way.part, self._way.asking = CHOICES[place]
        self._say_asked()


def _named(place: int) -> Message:
    part, ask = CHOICES[place]
    return ASKS[ask] if part == "tape" else PARTS[part]


QUIZ = Message("/quiz")
