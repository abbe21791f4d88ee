"""What is offered between lessons: quizzes, exams, and what the record knows."""

from __future__ import annotations

from collections.abc import Sequence
from time import time

from bptutor.plain import quiz_words, record_words
from bptutor.plain.commands import Command, index_of
from bptutor.plain.place import Way
from bptutor.text import Message
from bptutor.views.quiz import AttemptLine, QuizLeft, QuizSpec

AT_ONCE = 10
"""Past attempts that are read out at once."""
MOST_DIGITS = 12
SEED = ("seed", "시드")
HOW_TO_QUIZ = Message(
    "Say how many items, and if you like, the seed and the names of lessons: "
    "{quiz} 5 seed 42 batch",
    quiz=Message("/quiz"),
)
HOW_TO_EXAM = Message(
    "Say how many items and how many minutes, and if you like, the seed and the names of lessons: "
    "{exam} 10 30 seed 42 batch",
    exam=Message("/exam"),
)


class Offers:
    """Quizzes to begin or to go on with, and the record."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._say = way.dialogue.say
        self._told: list[AttemptLine] = []
        """The attempts that were read out, by their numbers."""
        self._has_older = False
        self._sure: QuizSpec | None = None
        """What begins when it is asked for once more."""

    def commands(self) -> Sequence[Command]:
        offered = [
            Command(
                Message("/quiz"),
                Message("a quiz on what to practise now; with no number, on with one you left"),
                self._quiz,
                Message("ITEMS"),
            ),
            Command(
                Message("/exam"),
                Message("an exam, no verdict until the end; with no number, on with one you left"),
                self._exam,
                Message("ITEMS MINUTES"),
            ),
            Command(
                Message("/replay"),
                Message("the item of an attempt, or of a code, once more, with the same numbers"),
                self._replay,
                Message("NUMBER"),
            ),
            Command(
                Message("/progress"),
                Message("what you know by now, and what is due"),
                self._progress,
            ),
            Command(
                Message("/attempts"), Message("your past attempts, the latest first"), self._latest
            ),
        ]
        if self._has_older:
            offered.append(Command(MORE, Message("older attempts"), self._older))
        return offered

    # ── quizzes ───────────────────────────────────────────────────────────────────────────────

    async def _quiz(self, argument: str) -> None:
        await self._begin(asked_for(argument, exam=False), HOW_TO_QUIZ)

    async def _exam(self, argument: str) -> None:
        await self._begin(asked_for(argument, exam=True), HOW_TO_EXAM)

    async def _begin(self, wanted: QuizSpec | None, usage: Message) -> None:
        """Begin it; where that drops one that was left, when it is asked for once more."""
        if wanted is None:
            self._say(usage)
            return
        dropped = await self._dropped(wanted)
        if dropped and wanted != self._sure:
            self._sure = wanted
            self._say(
                *quiz_words.left([dropped]),
                Message("It is forgotten if you begin another: type that once more to do so."),
            )
            return
        self._sure = None
        await self._way.open_quiz(wanted)

    async def _dropped(self, wanted: QuizSpec) -> QuizLeft | None:
        """The quiz with answers in it that would be forgotten."""
        if wanted.resume:
            return None
        left = (await self._way.look(self._way.dialogue.tutor.menu)).quizzes
        return next((quiz for quiz in left if quiz.exam == wanted.exam and quiz.answered), None)

    async def _replay(self, argument: str) -> None:
        """By the number of an attempt that was read out, or by a code."""
        place = index_of(argument, len(self._told))
        if argument and (place is not None or not _is_number(argument)):
            code = argument if place is None else self._told[place].code
            await self._way.open_quiz(QuizSpec(replay=code))
        else:
            self._say(
                Message(
                    "Say the number of an attempt, as {attempts} tells it, or the code of an item.",
                    attempts=ATTEMPTS,
                )
            )

    # ── the record ────────────────────────────────────────────────────────────────────────────

    async def _progress(self, _: str) -> None:
        progress = await self._way.look(self._way.dialogue.tutor.progress)
        self._say(*record_words.progress(progress, time()))

    async def _latest(self, _: str) -> None:
        self._told = []
        await self._older("")

    async def _older(self, _: str) -> None:
        before = self._told[-1].id if self._told else ""
        tutor = self._way.dialogue.tutor
        found = await self._way.look(lambda: tutor.attempts(before, AT_ONCE))
        if not found:
            self._say(Message("There are no attempts to tell of."))
        for number, line in enumerate(found, len(self._told) + 1):
            self._say(*record_words.attempt(number, line))
        self._told += found
        self._has_older = len(found) == AT_ONCE
        if self._has_older:
            self._say(Message("There are older ones: {more}", more=MORE))


def asked_for(argument: str, *, exam: bool) -> QuizSpec | None:
    """What quiz is typed: how many items, of an exam how many minutes, then seed and lessons.

    With nothing typed one that was left is gone on with; None where it cannot be read.
    """
    words = argument.replace(",", " ").split()
    if not words:
        return QuizSpec(exam=exam)
    numbers: list[int] = []
    while words and len(numbers) < 1 + exam and _is_number(words[0]):
        numbers.append(int(words.pop(0)))
    seed = None
    if words and words[0].casefold() in SEED:
        if len(words) < 2 or not _is_number(words[1]):
            return None
        seed = int(words[1])
        del words[:2]
    if 0 in numbers[:1] or any(_is_number(word) for word in words):
        return None
    return QuizSpec(
        lessons=words,
        items=numbers[0] if numbers else QuizSpec().items,
        seed=seed,
        exam=exam,
        minutes=numbers[1] if len(numbers) > 1 else 0,
        resume=False,
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS


ATTEMPTS = Message("/attempts")
MORE = Message("/more")
