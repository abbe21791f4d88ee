"""The learner's way: from the menu through a lesson's steps to its end, line by line."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from bptutor.config.settings import DEFAULT, Configuration
from bptutor.literals import Ask, Part, Target
from bptutor.plain.changed import Changed
from bptutor.plain.clock import Clock
from bptutor.plain.commands import HELP, QUIT, Command, find, index_of, is_command
from bptutor.plain.dialogue import Dialogue, EndOfInput
from bptutor.plain.item import Item
from bptutor.plain.menu import Menu
from bptutor.plain.offers import Offers
from bptutor.plain.place import Place
from bptutor.plain.results import Results
from bptutor.plain.settings import Settings
from bptutor.plain.step import Step
from bptutor.plain.summary import Summary
from bptutor.service.process import RequestRefused
from bptutor.service.protocol import Screen
from bptutor.service.quiz_words import TIME_IS_OVER
from bptutor.service.sentences import ANSWERS, NAMES
from bptutor.text import Message
from bptutor.views.lesson import LessonChanged, StepView, SummaryView
from bptutor.views.quiz import QuizSpec, QuizView

T = TypeVar("T")

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

    def __init__(
        self,
        dialogue: Dialogue,
        ask: Ask | None,
        part: Part,
        configuration: Configuration = DEFAULT,
    ) -> None:
        self.dialogue = dialogue
        self.asking: Ask = ask or "all"
        self._switches = ask is not None
        """Was it said what is to be asked, in a sitting that goes on, too?"""
        self.part: Part = part
        self.place: Place | None = None
        self.clock = Clock(dialogue)
        self.results: QuizView | None = None
        self._offers = Offers(self)
        self._settings = Settings(dialogue.say, configuration)
        self._over = False

    async def begin(self, lesson: str | None, quiz: QuizSpec | None = None) -> None:
        """Start the service and go where the learner wants to.

        Raises:
            RequestRefused: the lesson or the quiz cannot be opened.
            ServiceLost: the service cannot be started.
        """
        self.dialogue.say(*HOW)
        await self.dialogue.unless_left(self.dialogue.client.start())
        if quiz:
            await self.open_quiz(quiz)
        elif lesson is None:
            await self._to_menu("")
        else:
            await self.open(lesson, resume=True)

    async def go_on(self) -> None:
        """Prompt after prompt, until the learner quits or there is nothing more to read."""
        while not self._over:
            assert self.place
            place = self.place
            try:
                line = await self.dialogue.read(place.prompt())
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
            await self.dialogue.client.keep(*draft)

    # ── from place to place ───────────────────────────────────────────────────────────────────

    async def open(
        self, lesson: str, resume: bool, changed: bool = False, switch: bool = False
    ) -> None:
        """Open a lesson: its introduction and its first step, or where it was left."""
        opening = self.dialogue.client.open(
            lesson, self.asking, resume, self.part, switch or self._switches, changed
        )
        opened = await self.dialogue.unless_left(opening)
        if isinstance(opened, LessonChanged):
            self._enter(Changed(self, lesson, opened))
            return
        self._switches = False
        if not opened.resumed:
            self.dialogue.say("", opened.title, opened.introduction)
        if opened.remark:
            self.dialogue.say(opened.remark)
        await self.present(await self.dialogue.screen(lambda: self.dialogue.tutor.go("here")))

    async def go_on_in_numbers(self) -> None:
        """From the end of another part to the same lesson in numbers."""
        lesson = self.dialogue.client.lesson
        await self._close()
        self.part = "tape"
        await self.open(lesson, resume=True)

    async def open_quiz(self, spec: QuizSpec) -> None:
        """Begin a quiz, go on with one, or ask a past item again."""
        await self._close()
        self.dialogue.say_loading()  # without TensorFlow there are no numbers to ask about
        opened = await self.dialogue.unless_left(self.dialogue.client.open_quiz(spec))
        if opened.remark:
            self.dialogue.say("", opened.remark)
        await self.present(await self.dialogue.screen(lambda: self.dialogue.tutor.go("here")))

    async def present(self, screen: Screen) -> None:
        """Go to a screen."""
        if isinstance(screen, StepView) and screen.quiz:
            self.clock.set(screen.quiz.seconds_left)
            self._enter(Item(self, screen, screen.quiz))
        elif isinstance(screen, StepView):
            self._enter(Step(self, screen))
        elif isinstance(screen, SummaryView):
            self._enter(Summary(self, screen))
        else:
            self._end_quiz(screen)

    def _end_quiz(self, view: QuizView) -> None:
        if self.clock.over and view.finished:
            self.dialogue.say(TIME_IS_OVER)
        self.clock.set(view.seconds_left)
        self.results = view
        self._enter(Results(self, view))

    async def screen(self, ask: Callable[[], Coroutine[Any, Any, Screen]]) -> Screen:
        """Keep what is typed, then ask. Raises RequestRefused, ServiceLost."""
        end = await self._draft()  # where the time was over, there is nothing more to ask
        return end or await self.dialogue.screen(ask)

    async def look(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Keep what is typed, then ask. Raises RequestRefused, ServiceLost."""
        await self._draft()
        return await self.dialogue.unless_left(ask())

    async def _draft(self) -> QuizView | None:
        """Keep what is typed; the end of an exam whose time is over."""
        draft = self.place.draft() if self.place else None
        if not draft:
            return None
        return await self.dialogue.unless_left(self.dialogue.tutor.draft(*draft))

    async def go(self, to: int | Target) -> None:
        """Go to another step of the lesson, or item of the quiz."""
        await self.present(await self.screen(lambda: self.dialogue.tutor.go(to)))

    async def to_item(self, number: str) -> None:
        """Go to an item of the quiz by its number."""
        place = self.place
        items = len(self.results.items) if self.results else 0
        count = place.view.total if isinstance(place, Item) else items
        index = index_of(number, count)
        if index is None:
            self.dialogue.say(Message("Say the number of an item, from 1 to {count}.", count=count))
        else:
            await self.go(index)

    async def hand_in(self) -> None:
        """The exam is over."""
        await self.present(await self.screen(self.dialogue.tutor.hand_in))

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
            Command(QUIT, Message("quit; you go on where you were"), self._quit),
        ]

    def offers(self) -> Sequence[Command]:
        """What can be done between lessons."""
        return [*self._offers.commands(), self._settings.command()]

    def leaving(self) -> Sequence[Command]:
        """How to leave a lesson or a quiz."""
        what = Message("the menu; what you typed is kept")
        return [Command(Message("/menu"), what, self._to_menu)]

    async def _list(self, _: str) -> None:
        self._help()

    def _help(self) -> None:
        assert self.place
        self.dialogue.say(*(command.usage() for command in self._commands(self.place)))
        self.dialogue.say(*ANSWERS)
        if self.dialogue.client.hello.notation == "unicode":  # in the other they are as typed
            self.dialogue.say(Message("And {what}.", what=NAMES))
        self.dialogue.say(*TYPING)

    async def _quit(self, _: str) -> None:
        self._over = True

    async def _to_menu(self, _: str) -> None:
        await self._close()
        lessons = await self.dialogue.unless_left(self.dialogue.tutor.menu())
        self._enter(Menu(self, lessons))

    async def _close(self) -> None:
        """Leave the lesson or the quiz that is open, if one is."""
        await self._draft()
        await self.dialogue.unless_left(self.dialogue.client.leave())
        self.results = None
        self.clock.set(None)
