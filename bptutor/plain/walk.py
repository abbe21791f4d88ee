"""The learner's way: from the menu through a lesson's steps to its end, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bptutor.locale import Message
from bptutor.plain import asides
from bptutor.plain.commands import HELP, Command, find, is_command
from bptutor.plain.dialogue import Dialogue, EndOfInput
from bptutor.plain.menu import Menu
from bptutor.plain.place import Place
from bptutor.plain.step import Step
from bptutor.plain.summary import Summary
from bptutor.service.client import RequestRefused
from bptutor.service.messages import (
    Ask,
    Close,
    Go,
    Lessons,
    ListLessons,
    Part,
    Reply,
    Request,
    StepName,
    StepNames,
    StepReply,
    Steps,
    SummaryReply,
)
from bptutor.service.sentences import ANSWERS, NAMES

HOW = (
    Message(
        "This is the tutor in lines of text. Answer a prompt and press Enter. A line that begins "
        "with a slash is a command: {hint} gives a hint, {quit} ends; you go on where you were.",
        hint=Message("/hint"),
        quit=Message("/quit"),
    ),
    Message("A question mark alone lists what you can do; it helps at every prompt."),
)
TYPING = (
    Message("A row's numbers are typed in one line, with commas between them: 0.5, 0.3, -0.4"),
    Message(
        "Rows and columns are counted from 1 here. In code they are counted from 0: [0, 2] is row "
        "1, column 3."
    ),
    Message("In a file of answers, a line that begins with # is passed over."),
)


class Walk:
    """Reads lines and leads from place to place."""

    def __init__(self, dialogue: Dialogue, ask: Ask | None, part: Part) -> None:
        self.dialogue = dialogue
        self.asking: Ask = ask or "all"
        self._switches = ask is not None
        """Was it said what is to be asked, in a sitting that goes on, too?"""
        self.part: Part = part
        self.place: Place | None = None
        self._over = False

    async def begin(self, lesson: str | None) -> None:
        """Start the service and go where the learner wants to.

        Raises:
            RequestRefused: the lesson cannot be opened.
            ServiceLost: the service cannot be started.
        """
        self.dialogue.say(*HOW)
        await self.dialogue.conversation.start()
        if lesson is None:
            await self._to_menu("")
        else:
            await self.open(lesson, resume=True)

    async def go_on(self) -> None:
        """Prompt after prompt, until the learner quits or there is nothing more to read."""
        while not self._over:
            assert self.place
            place = self.place
            self.dialogue.say(place.prompt())
            try:
                line = await self.dialogue.read()
            except EndOfInput:
                return
            try:
                await self._take(place, line)
            except RequestRefused as refused:
                self.dialogue.say(refused.message)

    async def _take(self, place: Place, line: str) -> None:
        if line in HELP:
            self._help()
        elif not is_command(line):
            await place.answer(line)
        elif found := find(line, self._commands(place)):
            command, argument = found
            await command.do(argument)
        else:
            self.dialogue.say(
                Message(
                    "There is no command {command} here; a question mark lists those that there "
                    "are.",
                    command=line,
                )
            )

    async def keep(self) -> None:
        """Let the service keep what is typed, on leaving. Raises RequestRefused, ServiceLost."""
        draft = self.place.draft() if self.place else None
        if draft:
            await self.dialogue.conversation.keep(draft)

    # ── from place to place ───────────────────────────────────────────────────────────────────

    async def open(self, lesson: str, resume: bool) -> None:
        """Open a lesson: its introduction and its first step, or where it was left."""
        opened = await self.dialogue.conversation.open(
            lesson, self.asking, resume, self.part, self._switches
        )
        self._switches = False
        if not opened.resumed:
            self.dialogue.say("", opened.title, opened.introduction)
        if opened.remark:
            self.dialogue.say(opened.remark)
        await self.present(await self.dialogue.ask(Go(session=opened.session, to="here")))

    async def go_on_in_numbers(self) -> None:
        """From the end of another part to the same lesson in numbers."""
        conversation = self.dialogue.conversation
        lesson = conversation.lesson
        await self.ask(Close(session=conversation.session))
        self.part = "tape"
        await self.open(lesson, resume=True)

    async def present(self, reply: Reply) -> None:
        """Go where a reply leads."""
        if isinstance(reply, StepReply):
            self._enter(Step(self, reply.view))
        elif isinstance(reply, SummaryReply):
            self._enter(Summary(self, reply.view))

    async def ask(self, request: Request) -> Reply:
        """Keep what is typed, then ask. Raises RequestRefused, ServiceLost."""
        draft = self.place.draft() if self.place else None
        if draft:
            await self.dialogue.ask(draft)
        return await self.dialogue.ask(request)

    async def go(self, to: int | Literal["next", "question"]) -> None:
        """Go to another step of the lesson."""
        await self.present(await self.ask(Go(session=self.dialogue.conversation.session, to=to)))

    def _enter(self, place: Place) -> None:
        self.place = place
        place.arrive()

    # ── what can be done ──────────────────────────────────────────────────────────────────────

    def _commands(self, place: Place) -> Sequence[Command]:
        """What can be done here, and what can be done everywhere."""
        return [
            *place.commands(),
            Command(
                Message("/help"), Message("this list; a question mark does the same"), self._list
            ),
            Command(Message("/quit"), Message("quit; you go on where you were"), self._quit),
        ]

    def lesson_commands(self) -> Sequence[Command]:
        """What can be done anywhere in a lesson."""
        return [
            Command(Message("/back"), Message("the step before"), self._back),
            Command(
                Message("/steps"),
                Message("the list of steps"),
                self._steps,
            ),
            Command(
                Message("/step"),
                Message("to a step that has been reached"),
                self._step,
                Message("NUMBER"),
            ),
            Command(Message("/menu"), Message("the menu; what you typed is kept"), self._to_menu),
        ]

    async def _list(self, _: str) -> None:
        self._help()

    def _help(self) -> None:
        assert self.place
        self.dialogue.say(*(command.usage() for command in self._commands(self.place)))
        self.dialogue.say(*ANSWERS, Message("And {what}.", what=NAMES), *TYPING)

    async def _quit(self, _: str) -> None:
        self._over = True

    async def _to_menu(self, _: str) -> None:
        conversation = self.dialogue.conversation
        if conversation.session:
            await self.ask(Close(session=conversation.session))
        conversation.leave()
        reply = await self.dialogue.ask(ListLessons())
        self._enter(Menu(self, reply.items if isinstance(reply, Lessons) else []))

    async def _back(self, _: str) -> None:
        here = (await self._all_steps())[1]
        if here == 0:
            self.dialogue.say(Message("This is the first step."))
        else:
            await self.go(here - 1)

    async def _steps(self, _: str) -> None:
        steps, here = await self._all_steps()
        furthest = self.place.view.furthest if isinstance(self.place, Step) else len(steps)
        self.dialogue.say(*asides.step_list(steps, here, furthest))

    async def _step(self, argument: str) -> None:
        steps = (await self._all_steps())[0]
        index = asides.find_step(steps, argument)
        if index is None or not 0 <= index < len(steps):
            self.dialogue.say(
                Message(
                    "There is no such step: say its number, from 1 to {count}.", count=len(steps)
                )
            )
        else:
            await self.go(index)

    async def _all_steps(self) -> tuple[Sequence[StepName], int]:
        """The list of steps, and where in it the learner is: behind the last one at the end."""
        reply = await self.ask(Steps(session=self.dialogue.conversation.session))
        steps = reply.steps if isinstance(reply, StepNames) else []
        here = self.place.view.index if isinstance(self.place, Step) else len(steps)
        return steps, here
