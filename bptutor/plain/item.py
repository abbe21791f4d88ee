"""One item of a quiz or an exam: a step on numbers of its own, and the way among the items."""

from __future__ import annotations

from collections.abc import Sequence

from bptutor.plain import quiz_words, step_words
from bptutor.plain.clock import time_left
from bptutor.plain.commands import Command
from bptutor.plain.place import Way
from bptutor.plain.step import Done, Step
from bptutor.service.protocol import Screen
from bptutor.text import Message
from bptutor.views.lesson import StepView
from bptutor.views.quiz import QuizPlace, QuizView


class Item(Step):
    """An item: to be answered, or looked through once the quiz is over."""

    def __init__(self, way: Way, view: StepView, quiz: QuizPlace) -> None:
        super().__init__(way, view)
        self._quiz = quiz

    @property
    def _in_exam(self) -> bool:
        """Is it an exam that goes on?"""
        return self._quiz.exam and not self._quiz.reviewing

    @property
    def _is_looked_through(self) -> bool:
        """Is the quiz over?"""
        results = self._way.results
        return self._quiz.reviewing or bool(results and results.finished)

    def arrive(self) -> None:
        """Say what is asked; once the quiz is over, how it went too."""
        if self._is_looked_through:
            self._say(*step_words.question(self.view, self.entry))
            self._say(*step_words.reviewed(self.view, self.entry))
            return
        super().arrive()
        left = self._way.clock.left
        if left is not None:
            self._say(time_left(left))

    def prompt(self) -> Message:
        if self._is_looked_through:
            return Message("Press Enter for the next mistake; {results} leads back.", results=END)
        if self.entry.complete:
            return Message("Press Enter for the next item; {items} lists all of them.", items=ITEMS)
        return super().prompt()

    async def answer(self, text: str) -> None:
        if self._way.clock.over:
            await self._way.go("summary")
        elif self._is_looked_through:
            await self._next_mistake()
        elif not self.entry.complete:
            await super().answer(text)
        elif text:
            self._say(
                Message(
                    "This item has an answer: Enter alone goes on, {retype} takes it back.",
                    retype=RETYPE,
                )
            )
        else:
            await self._way.go("next")

    async def _hear(self, screen: Screen, done: Done) -> None:
        """In an exam an answer that can be read leads on to the next item, without a verdict."""
        over = isinstance(screen, QuizView) and screen.finished
        here = isinstance(screen, StepView) and screen.index == self.view.index
        if self._in_exam and not over and not here:
            self._say(Message("Your answer is kept; until you hand in it can be changed."))
        await super()._hear(screen, done)

    def _take_in(self, view: StepView, done: Done) -> None:
        worth = self._quiz.credit
        self._quiz = view.quiz or self._quiz
        super()._take_in(view, done)
        if self._is_open and not self._in_exam and self._quiz.credit != worth:
            worth_now = quiz_words.worth(self._quiz.credit)
            self._say(Message("Now {worth}.", worth=worth_now))

    # ── commands ──────────────────────────────────────────────────────────────────────────────

    def commands(self) -> Sequence[Command]:
        if self._is_looked_through:
            doing = [Command(END, Message("to how it went"), self._to_the_end)]
        elif self._in_exam:
            doing = [*self._typing(), *self._sitting_an_exam()]
        elif self._is_open:
            skip = Message("put this item off until the others are done")
            doing = [*self._helping(), *self._typing(), Command(SKIP, skip, self._skip)]
        else:
            doing = [Command(Message("/next"), Message("to the next item"), self._next)]
        looking = self._known() if self._in_exam else self._looking()
        return [self._repeating(), *doing, *looking, *self._among_items()]

    def _sitting_an_exam(self) -> list[Command]:
        offered = [
            Command(Message("/next"), Message("to the next item"), self._next),
            Command(RETYPE, Message("take the answer back and type it anew"), self._retype),
            Command(
                Message("/flag"),
                Message("flag this item to come back to, or take the flag away"),
                self._flag,
            ),
            Command(HAND_IN, Message("to the end, where you hand in"), self._to_the_end),
        ]
        if self._way.clock.left is not None:
            what = Message("how much time is left")
            offered.append(Command(Message("/time"), what, self._time))
        return offered

    def _among_items(self) -> list[Command]:
        return [
            Command(Message("/back"), Message("the item before"), self._back),
            Command(ITEMS, Message("the list of items"), self._items),
            Command(Message("/item"), Message("to an item"), self._way.to_item, Message("NUMBER")),
            Command(
                Message("/seed"),
                Message("the seed of the quiz, and the code of this item"),
                self._seed,
            ),
            *self._way.leaving(),
        ]

    async def _skip(self, _: str) -> None:
        await self._way.present(await self._way.screen(self._tutor.skip))

    async def _flag(self, _: str) -> None:
        screen = await self._way.screen(self._tutor.flag)
        if not (isinstance(screen, StepView) and screen.quiz):
            await self._way.present(screen)
            return
        self._quiz = screen.quiz
        flagged = self._quiz.flagged
        self._say(Message("Flagged.") if flagged else Message("The flag is taken away."))

    async def _retype(self, _: str) -> None:
        emptied = self._tutor.draft(*self.entry.empty())
        end = await self._way.dialogue.unless_left(emptied)
        if end:
            await self._way.present(end)

    async def _back(self, _: str) -> None:
        if self.view.index == 0:
            self._say(Message("This is the first item."))
        else:
            await self._way.go(self.view.index - 1)

    async def _items(self, _: str) -> None:
        """The list of items; where all of them may be gone to, that is the end of the quiz."""
        if self._in_exam or self._is_looked_through:
            await self._way.go("summary")
            if self._way.results:
                self._say(*quiz_words.items(self._way.results))
            return
        steps = await self._way.look(self._tutor.steps)
        self._say(*quiz_words.names(steps, self.view.index))

    async def _to_the_end(self, _: str) -> None:
        await self._way.go("summary")

    async def _next_mistake(self) -> None:
        """To the next item that did not go right; after the last one, back to the end."""
        results = self._way.results
        wrong = quiz_words.mistaken(results) if results else []
        after = next((each.index for each in wrong if each.index > self.view.index), None)
        if after is None:
            await self._way.go("summary")
        else:
            await self._way.go(after)

    async def _time(self, _: str) -> None:
        self._say(time_left(self._way.clock.left or 0))

    async def _seed(self, _: str) -> None:
        self._say(*quiz_words.seeds(self._quiz))


SKIP = Message("/skip")
RETYPE = Message("/retype")
ITEMS = Message("/items")
HAND_IN = Message("/hand-in")
END = Message("/results")
