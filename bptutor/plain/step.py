"""One step: the question, the prompts of its answer, and all that can be done there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from bptutor.literals import Judged
from bptutor.plain import asides, picture_words, step_words
from bptutor.plain.among_steps import AmongSteps
from bptutor.plain.commands import Command
from bptutor.plain.entry import Entry
from bptutor.plain.place import Draft, Way
from bptutor.service.protocol import Screen, Tutor
from bptutor.text import Message
from bptutor.views.lesson import StepView

Done: TypeAlias = Literal["check", "fill", "help"]
"""What was asked for at a step."""

NO_ROW = Message("Say which row of the value, as in 2.")


class Step:
    """A step of a lesson, or an item of a quiz."""

    def __init__(self, way: Way, view: StepView) -> None:
        self._way = way
        self._say = way.dialogue.say
        self.view = view
        self.entry = Entry(view)

    def arrive(self) -> None:
        """Say the question; of a step that is done, its answer too."""
        self._say(*step_words.question(self.view, self.entry))
        if self._is_open:
            return
        self._say(*step_words.answer(self.view))

    @property
    def _is_open(self) -> bool:
        return step_words.is_open(self.view)

    def prompt(self) -> Message:
        if self._is_open:
            return self.entry.prompt()
        return Message("Press Enter to go on.")

    def draft(self) -> Draft | None:
        return self.entry.draft()

    # ── answering ─────────────────────────────────────────────────────────────────────────────

    async def answer(self, text: str) -> None:
        if self._is_open:
            await self._take(text)
        elif text:
            self._say(Message("This step is done: Enter alone goes on to the next one."))
        else:
            await self._way.go("next")

    async def _take(self, text: str) -> None:
        judge, numbers, row = self.entry.take(text)
        if numbers:
            split = self._way.dialogue.unless_left(self._tutor.split(numbers, row))
            judge = self.entry.fill(row, await split)
        if judge:
            await self._check(judge)
        elif draft := self.entry.draft():  # a row at a time: none is lost, whatever happens
            end = await self._way.dialogue.unless_left(self._tutor.draft(*draft))
            if end:
                await self._way.present(end)

    @property
    def _tutor(self) -> Tutor:
        return self._way.dialogue.tutor

    async def _check(self, judge: Judged) -> None:
        product, cells = self.entry.typed
        checked = await self._way.dialogue.screen(lambda: self._tutor.check(product, cells, judge))
        await self._hear(checked, "check")

    async def _hear(self, screen: Screen, done: Done) -> None:
        """Take in what has become of the step; where that leads somewhere else, go there."""
        if isinstance(screen, StepView) and screen.index == self.view.index:
            self._take_in(screen, done)
        else:
            await self._way.present(screen)

    def _take_in(self, view: StepView, done: Done) -> None:
        hints = len(self.view.hints)
        self.view = view
        self.entry = Entry(view, value_first=self.entry.value_first, checked=done == "check")
        for number, hint in enumerate(view.hints[hints:], hints + 1):
            self._say(step_words.hint_words(number, hint))
        if done != "help":
            self._say(*step_words.verdict(view))
        if self._is_open and view.offers_numbers:
            self._say(Message("You know this well: {command} fills in the numbers.", command=FILL))
        if not self._is_open:
            self._say(*step_words.answer(view))

    # ── commands ──────────────────────────────────────────────────────────────────────────────

    def commands(self) -> Sequence[Command]:
        doing = [*self._helping(), *self._typing()] if self._is_open else self._going_on()
        return [self._repeating(), *doing, *self._looking(), *self._elsewhere()]

    def _repeating(self) -> Command:
        what = Message("say where you are and what is asked")
        return Command(Message("/repeat"), what, self._repeat)

    def _helping(self) -> list[Command]:
        """What helps on with an answer."""
        return [
            Command(
                Message("/hint"), Message("a hint; after the last one, the answer"), self._hint
            ),
            Command(
                Message("/show"),
                Message("show the answer (the step counts as shown, not as solved)"),
                self._show,
            ),
        ]

    def _typing(self) -> list[Command]:
        """How an answer can be typed in another way."""
        view, ways = self.view, []
        if view.asks_value and view.grid.rows > 1:
            row = Message("type a row of the value anew")
            ways.append(Command(Message("/row"), row, self._row, Message("ROW")))
        if view.asks_product and view.asks_value:
            other = Message("the value before the product, and back")
            ways.append(Command(Message("/swap"), other, self._swap))
        if view.offers_numbers:
            ways.append(Command(FILL, Message("fill in the numbers"), self._fill))
        return ways

    def _going_on(self) -> list[Command]:
        return [
            Command(Message("/next"), Message("to the next step"), self._next),
            Command(
                Message("/question"),
                Message("over what is worked out for you, to the next question"),
                self._question,
            ),
        ]

    def _elsewhere(self) -> Sequence[Command]:
        return AmongSteps(self._way, self.view).commands()

    def _looking(self) -> list[Command]:
        """What can be looked at beside the question."""
        return [*self._known(), *self._explained()]

    def _known(self) -> list[Command]:
        return [
            Command(
                Message("/values"),
                Message(
                    "every known quantity, or one of them whole; W1 row 2 or W1 column 3 is a part"
                ),
                self._values,
                Message("NAME"),
            ),
            Command(
                Message("/program"),
                Message("the program, with its values and gradients so far"),
                self._program,
            ),
            Command(
                Message("/code"),
                Message("the last lines of the program so far, in TensorFlow"),
                self._code,
            ),
        ]

    def _explained(self) -> list[Command]:
        told = [Command(Message("/why"), Message("why this step is as it is"), self._why)]
        if self.view.part == "tape":
            what = Message("the picture in words; of a batch, for one of its examples")
            told.append(Command(Message("/picture"), what, self._picture, Message("EXAMPLE")))
        if self.view.nudgeable:
            told.append(
                Command(
                    Message("/nudge"),
                    Message("move one number a little and see what the loss does"),
                    self._nudge,
                    Message("ROW COLUMN AMOUNT"),
                )
            )
        return told

    async def _repeat(self, _: str) -> None:
        self.arrive()

    async def _hint(self, _: str) -> None:
        await self._hear(await self._way.screen(self._tutor.hint), "help")

    async def _show(self, _: str) -> None:
        await self._hear(await self._way.screen(self._tutor.show), "help")

    async def _fill(self, _: str) -> None:
        await self._hear(await self._way.screen(self._tutor.fill_in), "fill")

    async def _row(self, argument: str) -> None:
        digits = argument.isascii() and argument.isdigit() and len(argument) < 8
        if not digits or not self.entry.empty_row(int(argument) - 1):
            self._say(NO_ROW)

    async def _swap(self, _: str) -> None:
        if not self.entry.swap():
            self._say(Message("Only one of the two is still to be found."))

    async def _next(self, _: str) -> None:
        await self._way.go("next")

    async def _question(self, _: str) -> None:
        await self._way.go("question")

    async def _values(self, argument: str) -> None:
        self._say(*asides.values(await self._way.look(self._tutor.knowns), argument))

    async def _program(self, _: str) -> None:
        self._say(*step_words.program(self.view))

    async def _code(self, _: str) -> None:
        self._say(*self.view.code or (Message("There is none yet."),))

    async def _why(self, _: str) -> None:
        self._say(*asides.why(await self._way.look(self._tutor.explain)))

    async def _picture(self, argument: str) -> None:
        digits = argument.isascii() and argument.isdigit() and len(argument) < 8
        example = max(0, int(argument) - 1) if digits else 0
        pictured = await self._way.look(lambda: self._tutor.picture(example))
        self._say(*picture_words.picture(pictured))

    async def _nudge(self, argument: str) -> None:
        move = asides.move(argument)
        if move is None:
            self._say(asides.HOW_TO_NUDGE)
            return
        row, column, by = move
        if self.view.grid.rows > 1 and self.view.grid.columns == 1 and row == 0:
            row, column = column, 0  # of a column, one number says which
        came = await self._way.look(lambda: self._tutor.nudge(row, column, by))
        self._say(*asides.nudged(came))


FILL = Message("/numbers")
