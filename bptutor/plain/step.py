"""One step: the question, the prompts of its answer, and all that can be done there."""

from __future__ import annotations

from collections.abc import Sequence

from bptutor.locale import Message
from bptutor.plain import asides, step_words
from bptutor.plain.commands import Command
from bptutor.plain.entry import Entry
from bptutor.plain.place import Way
from bptutor.service.messages import (
    Cells,
    Check,
    Draft,
    FillIn,
    Hint,
    ListKnowns,
    Nudge,
    Reply,
    Show,
    SplitMatrix,
    StepReply,
    StepView,
    Why,
)

NO_ROW = Message("Say which row of the value, as in 2.")


class Step:
    """A step of a lesson."""

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
        return self.view.stage == "open"

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
        asked = self.entry.take(text)
        if isinstance(asked, SplitMatrix):
            cells = await self._way.dialogue.ask(asked)
            asked = self.entry.fill(asked.row, cells.texts) if isinstance(cells, Cells) else None
        if asked:
            self._hear(await self._way.dialogue.ask(asked), asked)

    def _hear(self, reply: Reply, asked: Check | Hint | Show | FillIn) -> None:
        """Take in what has become of the step, and say it."""
        if not isinstance(reply, StepReply):
            return
        hints = len(self.view.hints)
        self.view = view = reply.view
        self.entry = Entry(view, value_first=self.entry.value_first)
        for number, hint in enumerate(view.hints[hints:], hints + 1):
            self._say(step_words.hint_words(number, hint))
        if isinstance(asked, Check | FillIn):
            self._say(*step_words.verdict(view))
        if self._is_open and view.offers_numbers:
            self._say(Message("You know this well: {command} fills in the numbers.", command=FILL))
        if not self._is_open:
            self._say(*step_words.answer(view))

    # ── commands ──────────────────────────────────────────────────────────────────────────────

    def commands(self) -> Sequence[Command]:
        here = [
            Command(
                Message("/repeat"), Message("say where you are and what is asked"), self._repeat
            )
        ]
        if self._is_open:
            here += [
                Command(
                    Message("/hint"), Message("a hint; after the last one, the answer"), self._hint
                ),
                Command(
                    Message("/show"),
                    Message("show the answer (the step counts as shown, not as solved)"),
                    self._show,
                ),
            ]
            if self.view.asks_value and self.view.grid.rows > 1:
                row = Message("type a row of the value anew")
                here.append(Command(Message("/row"), row, self._row, Message("ROW")))
            if self.view.asks_product and self.view.asks_value:
                here.append(
                    Command(
                        Message("/skip"),
                        Message("the value before the product, and back"),
                        self._skip,
                    )
                )
            if self.view.offers_numbers:
                here.append(Command(FILL, Message("fill in the numbers"), self._fill))
        else:
            here += [
                Command(Message("/next"), Message("to the next step"), self._next),
                Command(
                    Message("/question"),
                    Message("over what is worked out for you, to the next question"),
                    self._question,
                ),
            ]
        here += [
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
            Command(Message("/why"), Message("why this step is as it is"), self._why),
        ]
        if self.view.nudgeable:
            here.append(
                Command(
                    Message("/nudge"),
                    Message("move one number a little and see what the loss does"),
                    self._nudge,
                    Message("ROW COLUMN AMOUNT"),
                )
            )
        return [*here, *self._way.lesson_commands()]

    async def _repeat(self, _: str) -> None:
        self.arrive()

    async def _hint(self, _: str) -> None:
        hint = Hint(session=self.view.session)
        self._hear(await self._way.ask(hint), hint)

    async def _show(self, _: str) -> None:
        show = Show(session=self.view.session)
        self._hear(await self._way.ask(show), show)

    async def _fill(self, _: str) -> None:
        fill = FillIn(session=self.view.session)
        self._hear(await self._way.ask(fill), fill)

    async def _row(self, argument: str) -> None:
        digits = argument.isascii() and argument.isdigit() and len(argument) < 8
        if not digits or not self.entry.empty_row(int(argument) - 1):
            self._say(NO_ROW)

    async def _skip(self, _: str) -> None:
        if not self.entry.skip():
            self._say(Message("Only one of the two is still to be found."))

    async def _next(self, _: str) -> None:
        await self._way.go("next")

    async def _question(self, _: str) -> None:
        await self._way.go("question")

    async def _values(self, argument: str) -> None:
        reply = await self._way.ask(ListKnowns(session=self.view.session))
        self._say(*asides.values(reply, argument))

    async def _program(self, _: str) -> None:
        self._say(*step_words.program(self.view))

    async def _code(self, _: str) -> None:
        self._say(*self.view.code or (Message("There is none yet."),))

    async def _why(self, _: str) -> None:
        self._say(*asides.why(await self._way.ask(Why(session=self.view.session))))

    async def _nudge(self, argument: str) -> None:
        move = asides.move(argument)
        if move is None:
            self._say(asides.HOW_TO_NUDGE)
            return
        row, column, by = move
        if self.view.grid.rows > 1 and self.view.grid.columns == 1 and row == 0:
            row, column = column, 0  # of a column, one number says which
        nudge = Nudge(session=self.view.session, row=row, column=column, by=by)
        self._say(*asides.nudged(await self._way.ask(nudge)))


FILL = Message("/numbers")
