"""Text mode: reads lines, does what they say, and tells what there is at each place of the tour."""

from collections.abc import Sequence
from time import time
from typing import cast

from bptutor.config.settings import DEFAULT, Configuration
from bptutor.front.action import Action
from bptutor.front.actions import TABLE
from bptutor.front.keys import worded
from bptutor.front.stage import Done, Draft
from bptutor.front.tour import Tour
from bptutor.literals import Ask, Part
from bptutor.plain import assignment_text, picture_text, quiz_text, step_text
from bptutor.plain.between import AT_ONCE, Between
from bptutor.plain.commands import (
    HELP,
    find,
    is_command,
    step_of,
    usage,
)
from bptutor.plain.dialogue import Clock, Dialogue, EndOfInput, Said
from bptutor.plain.heard import AsTyped
from bptutor.plain.place import Place, Shared
from bptutor.plain.places import Changed, Menu, Step, Summary
from bptutor.plain.quiz_places import AssignmentStart, ExamStart, QuizEnd
from bptutor.plain.settings import Settings
from bptutor.service.process import RequestRefused
from bptutor.service.protocol import Screen
from bptutor.service.quiz_words import TIME_IS_OVER, time_left
from bptutor.service.words import ANSWERS, functions, how_typed, parts_line
from bptutor.text import Message, UserError
from bptutor.views.assignments import AssignmentCover, Assignments
from bptutor.views.lesson import (
    Code,
    Explained,
    Known,
    LessonChanged,
    Lessons,
    Opened,
    StepName,
    StepView,
    SummaryView,
)
from bptutor.views.picture import Pictured
from bptutor.views.quiz import (
    AttemptLine,
    ExamCover,
    ExamResult,
    ProgressView,
    QuizSpec,
    QuizView,
)

HOW = (
    Message(
        "bptutor in text mode. Type an answer and press Enter. Commands begin with a slash: "
        "{hint} shows a hint, {quit} quits and saves your place.",
        hint=Message("/hint"),
        quit=Message("/quit"),
    ),
    Message("Type ? at any prompt for a list of commands."),
)
TYPING = (
    Message("Type the numbers of a row on one line, with commas between them: 0.5, 0.3, -0.4"),
    Message(
        "Rows and columns count from 1 here. In code they count from 0: [0, 2] is row 1, column 3."
    ),
    Message("In an answer file, lines that begin with # are ignored."),
)
HINTS = [each for each in TABLE if each.word and each.id in ("hint", "show", "why")]
"""What an exam does not have."""


class TextMode(Between):
    """The stage of the tour at a prompt. Its `do_` methods are commands, as those of a place are.

    Commands and answers may raise RequestRefused and ServiceLost.
    """

    def __init__(
        self,
        dialogue: Dialogue,
        ask: Ask | None,
        part: Part,
        configuration: Configuration = DEFAULT,
    ) -> None:
        tour = Tour(dialogue.client, self, ask, part, AT_ONCE)
        super().__init__(Shared(dialogue, tour, Clock(dialogue)))
        self.place: Place | None = None
        self._settings = Settings(dialogue.say, configuration)
        self._over = False
        dialogue.on_time = self.time_changed

    async def begin(
        self, lesson: str | None, quiz: QuizSpec | None = None, assignment: str = ""
    ) -> None:
        """Start the service and go where the learner wants to.

        Raises:
            EndOfInput: the learner has left meanwhile.
            RequestRefused: the lesson or the quiz cannot be opened.
            ServiceLost: the service cannot be started.
        """
        self.dialogue.say(*HOW)
        self.dialogue.client.only_host = bool(assignment)
        await self.dialogue.unless_left(self._begin(lesson, quiz, assignment))

    async def _begin(self, lesson: str | None, quiz: QuizSpec | None, assignment: str) -> None:
        await self.dialogue.client.start()
        if assignment:
            await self.open_assignment(assignment)
        elif quiz:
            await self.start_quiz(quiz)
        else:
            await self.tour.begin(lesson, None)

    async def go_on(self) -> None:
        """Prompt after prompt, until the learner quits or there is nothing more to read."""
        while not self._over:
            assert self.place
            try:
                line = await self.dialogue.read(self.place.prompt())
                await self.dialogue.unless_left(self._take(self.place, line))
            except EndOfInput:
                return
            except (RequestRefused, UserError) as refused:
                self.dialogue.say(refused.message)

    async def _take(self, place: Place, line: str) -> None:
        self.tour.presses += 1
        if line in HELP:
            await self.do_help("")
        elif not is_command(line):
            await place.answer(line)
        elif found := find(line, self._actions(place)):
            await self._do(place, *found)
        elif place.here().silent and find(line, HINTS):
            await self.tour.no_hints()
        else:
            self.dialogue.say(
                Message(
                    "Unknown command {command}. Type ? for a list.",
                    command=line,
                )
            )

    @staticmethod
    def _actions(place: Place) -> list[Action]:
        return worded(place.name, place.here())

    async def _do(self, place: Place, action: Action, argument: str) -> None:
        if isinstance(action.do, str):
            name = f"do_{action.do}"
            await getattr(place if hasattr(place, name) else self, name)(argument)
        else:
            await action.run(self.tour, argument)

    # ── the stage ─────────────────────────────────────────────────────────────────────────────

    async def present(self, screen: Screen, done: Done = "", remark: str = "") -> None:
        """Go to a screen; what has come of a step is said where the learner still is there."""
        if remark:
            in_quiz = isinstance(screen, QuizView) or (
                isinstance(screen, StepView) and screen.quiz is not None
            )
            self.dialogue.say(*[""] * in_quiz, remark)
        if isinstance(screen, StepView) and self.dialogue.client.engine.state != "ready":
            await self.dialogue.loaded()
            await self.tour.arrive(await self.tour.tutor.go("here"), done)
            return
        place = self.place
        if done and isinstance(place, Step):
            if isinstance(screen, StepView) and screen.index == place.view.index:
                place.hear(screen, done)
                return
            over = isinstance(screen, QuizView) and screen.finished
            if done == "check" and place.here().silent and not over:
                kept = Message("Your answer is saved. You can change it until you submit.")
                self.dialogue.say(kept)
        self._go(screen)
        if done == "items" and self.shared.end:
            self.dialogue.say(*quiz_text.items(self.shared.end))

    def _go(self, screen: Screen) -> None:
        if isinstance(screen, StepView):
            if screen.quiz:
                self.shared.clock.set(screen.quiz.seconds_left)
            self._enter(Step(self.shared, screen))
        elif isinstance(screen, SummaryView):
            self._enter(Summary(self.shared, screen))
        elif isinstance(screen, ExamCover):
            self._enter(ExamStart(self.shared, screen))
        elif isinstance(screen, AssignmentCover):
            self.forget_quiz()
            self._enter(AssignmentStart(self.shared, screen))
        else:
            if self.shared.clock.over and screen.finished and not screen.assignment:
                self.dialogue.say(TIME_IS_OVER)
            self.shared.clock.set(screen.seconds_left)
            self.shared.end = screen
            self._enter(QuizEnd(self.shared, screen))

    def _enter(self, place: Place) -> None:
        self.place = place
        place.arrive()

    async def show(self, place: str, view: object, argument: str = "") -> None:
        """Go to another place, or say what there is to know here."""
        say = self.dialogue.say
        match view:
            case Lessons():
                self.forget_quiz()
                self._enter(Menu(self.shared, view, await self.tour.tutor.outlook()))
            case LessonChanged():
                self._enter(Changed(self.shared, view))
            case Opened():
                say("", view.title, parts_line(view.parts, view.view.part), view.introduction)
                say(*filter(None, [view.remark]))
                await self.tour.here()
            case Assignments():
                self.assignments = [item.name for item in view.items]
                say(*assignment_text.listed(view))
            case ProgressView():
                say(*quiz_text.progress(view, time()))
            case Explained():
                say(*step_text.why(view))
            case Code():
                say(*map(AsTyped, view.lines))
            case Pictured():
                of = await self._named(argument) if argument else ""
                say(*picture_text.picture(view, argument, of))
        if place == "values":
            of = await self._named(step_text.quantity_in(argument)) if argument else ""
            say(*step_text.values(cast("list[Known]", view), argument, of))
        elif place == "steps":
            say(*self._steps(cast("list[StepName]", view)))
        elif place == "exams":
            results = cast("list[ExamResult]", view)
            say(*quiz_text.exams(results) if results else (Message("You have taken no exam yet."),))
        elif place == "attempts":
            self.say_attempts(cast("list[AttemptLine]", view), latest=not argument)

    def _steps(self, steps: Sequence[StepName]) -> Sequence[Said]:
        here = self.place.view if isinstance(self.place, Step) else None
        if here and here.quiz:
            return [*quiz_text.names(steps, here.index)]
        index, furthest = (here.index, here.furthest) if here else (len(steps), len(steps))
        return [*step_text.step_list(steps, index, furthest)]

    def say(self, message: Message) -> None:
        self.dialogue.say(message)

    def draft(self) -> Draft | None:
        return self.place.entry.draft() if isinstance(self.place, Step) else None

    def kept(self, draft: Draft) -> None:
        if isinstance(self.place, Step):
            self.place.entry.kept = draft

    # ── commands of several places ────────────────────────────────────────────────────────────

    async def do_help(self, _: str) -> None:
        assert self.place
        self.dialogue.say(*map(usage, self._actions(self.place)), *ANSWERS, functions())
        typed = how_typed(self.place.view.knowns) if isinstance(self.place, Step) else None
        if typed:
            self.dialogue.say(Message("{what}.", what=typed))
        self.dialogue.say(*TYPING)

    async def do_leave(self, _: str) -> None:
        self._over = True

    async def do_settings(self, argument: str) -> None:
        self._settings.do(argument)

    async def do_time(self, _: str) -> None:
        left = time_left(self.shared.clock.left or 0)
        self.dialogue.say(Message("{what}.", what=left))

    async def _named(self, text: str) -> str:
        """The lesson's own name of what is typed."""
        return await self.tour.look(lambda: self.tour.tutor.named(text))

    async def do_step(self, argument: str) -> None:
        steps = await self.tour.look(self.tour.tutor.steps)
        index = step_of(argument, steps)
        if index is None and argument:
            index = step_of(await self._named(argument), steps)
        if index is None:
            self.dialogue.say(
                Message("There is no such step. Type a number from 1 to {count}.", count=len(steps))
            )
        else:
            await self.tour.go(index)
