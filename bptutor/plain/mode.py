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
from bptutor.plain import picture_text, quiz_text, step_text
from bptutor.plain.commands import (
    HELP,
    find,
    index_of,
    is_command,
    is_number,
    quiz_of,
    step_of,
    usage,
)
from bptutor.plain.dialogue import Clock, Dialogue, EndOfInput, Said
from bptutor.plain.place import Place, Shared
from bptutor.plain.places import Changed, Menu, Step, Summary
from bptutor.plain.quiz_places import ExamStart, QuizEnd
from bptutor.plain.settings import Settings
from bptutor.service.process import RequestRefused
from bptutor.service.protocol import Screen
from bptutor.service.quiz_words import TIME_IS_OVER, time_left
from bptutor.service.words import ANSWERS, functions, how_typed
from bptutor.text import Message
from bptutor.views.lesson import (
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
    QuizLeft,
    QuizSpec,
    QuizView,
)

AT_ONCE = 10
"""Past attempts that are read out at once."""
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
HOW_TO_QUIZ = Message(
    "Type the number of items, and optionally a seed and lesson names, or {all}: "
    "{quiz} 5 seed 42 batch",
    all=Message("all"),
    quiz=Message("/quiz"),
)
HOW_TO_EXAM = Message(
    "Type the number of items and minutes, and optionally a seed and lesson names: {exam} 10 30 "
    "seed 42 batch. The word {again} at the end takes a submitted exam again.",
    exam=Message("/exam"),
    again=Message("again"),
)


class TextMode:
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
        self.dialogue = dialogue
        self.tour = Tour(dialogue.client, self, ask, part, AT_ONCE)
        self.place: Place | None = None
        self._shared = Shared(dialogue, self.tour, Clock(dialogue))
        self._settings = Settings(dialogue.say, configuration)
        self._told: list[AttemptLine] = []
        """The attempts that were read out, by their numbers."""
        self._sure: QuizSpec | None = None
        """What begins when it is asked for once more."""
        self._over = False

    async def begin(self, lesson: str | None, quiz: QuizSpec | None = None) -> None:
        """Start the service and go where the learner wants to.

        Raises:
            EndOfInput: the learner has left meanwhile.
            RequestRefused: the lesson or the quiz cannot be opened.
            ServiceLost: the service cannot be started.
        """
        self.dialogue.say(*HOW)
        await self.dialogue.unless_left(self._begin(lesson, quiz))

    async def _begin(self, lesson: str | None, quiz: QuizSpec | None) -> None:
        await self.dialogue.client.start()
        if quiz:
            await self._start_quiz(quiz)
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
            except RequestRefused as refused:
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
        if done == "items" and self._shared.end:
            self.dialogue.say(*quiz_text.items(self._shared.end))

    def _go(self, screen: Screen) -> None:
        if isinstance(screen, StepView):
            if screen.quiz:
                self._shared.clock.set(screen.quiz.seconds_left)
            self._enter(Step(self._shared, screen))
        elif isinstance(screen, SummaryView):
            self._enter(Summary(self._shared, screen))
        elif isinstance(screen, ExamCover):
            self._enter(ExamStart(self._shared, screen))
        else:
            if self._shared.clock.over and screen.finished:
                self.dialogue.say(TIME_IS_OVER)
            self._shared.clock.set(screen.seconds_left)
            self._shared.end = screen
            self._enter(QuizEnd(self._shared, screen))

    def _enter(self, place: Place) -> None:
        self.place = place
        place.arrive()

    async def show(self, place: str, view: object, argument: str = "") -> None:
        """Go to another place, or say what there is to know here."""
        say = self.dialogue.say
        match view:
            case Lessons():
                self._forget_quiz()
                self._enter(Menu(self._shared, view))
            case LessonChanged():
                self._enter(Changed(self._shared, view))
            case Opened():
                say("", view.title, view.introduction, *filter(None, [view.remark]))
                await self.tour.here()
            case ProgressView():
                say(*quiz_text.progress(view, time()))
            case Explained():
                say(*step_text.why(view))
            case Pictured():
                say(*picture_text.picture(view))
        if place == "values":
            say(*step_text.values(cast("list[Known]", view), argument))
        elif place == "steps":
            say(*self._steps(cast("list[StepName]", view)))
        elif place == "exams":
            results = cast("list[ExamResult]", view)
            say(*quiz_text.exams(results) if results else (Message("You have taken no exam yet."),))
        elif place == "attempts":
            self._say_attempts(cast("list[AttemptLine]", view), latest=not argument)

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
        left = time_left(self._shared.clock.left or 0)
        self.dialogue.say(Message("{what}.", what=left))

    async def do_step(self, argument: str) -> None:
        steps = await self.tour.look(self.tour.tutor.steps)
        index = step_of(argument, steps)
        if index is None:
            self.dialogue.say(
                Message("There is no such step. Type a number from 1 to {count}.", count=len(steps))
            )
        else:
            await self.tour.go(index)

    # ── between lessons ───────────────────────────────────────────────────────────────────────

    async def do_quiz(self, argument: str) -> None:
        await self._begin_quiz(quiz_of(argument, exam=False), HOW_TO_QUIZ)

    async def do_exam(self, argument: str) -> None:
        await self._begin_quiz(quiz_of(argument, exam=True), HOW_TO_EXAM)

    async def _begin_quiz(self, wanted: QuizSpec | None, how: Message) -> None:
        """Begin it; where that drops one that was left, when it is asked for once more."""
        if wanted is None:
            self.dialogue.say(how)
            return
        dropped = await self._dropped(wanted)
        if dropped and wanted != self._sure:
            self._sure = wanted
            self.dialogue.say(
                *quiz_text.left([dropped]),
                Message("Starting another one deletes it. Repeat the command to confirm."),
            )
            return
        self._sure = None
        await self._start_quiz(wanted)

    async def _dropped(self, wanted: QuizSpec) -> QuizLeft | None:
        """The quiz with answers in it that would be forgotten; an exam never is."""
        if wanted.resume or wanted.exam:
            return None
        left = (await self.tour.tutor.menu()).quizzes
        return next((quiz for quiz in left if not quiz.exam and quiz.answered), None)

    async def do_results(self, argument: str) -> None:
        """The list of exams; with a number, the exam that has it there."""
        if not argument:
            await self.tour.exams()
            return
        results = await self.tour.look(self.tour.tutor.exams)
        place = index_of(argument, len(results))
        if place is None:
            self.dialogue.say(
                Message(
                    "There is no exam {number}. {results} lists your exams.",
                    number=argument,
                    results=Message("/results"),
                )
            )
        else:
            self._forget_quiz()
            self.dialogue.say_loading()
            await self.tour.open_exam(results[place].key)

    async def do_replay(self, argument: str) -> None:
        """By the number of an attempt that was read out, or by a code."""
        place = index_of(argument, len(self._told))
        if argument and (place is not None or not is_number(argument)):
            code = argument if place is None else self._told[place].code
            await self._start_quiz(QuizSpec(replay=code))
        else:
            self.dialogue.say(
                Message(
                    "Type the number of an attempt, listed by {attempts}, or the code of an item.",
                    attempts=Message("/attempts"),
                )
            )

    async def _start_quiz(self, spec: QuizSpec) -> None:
        self._forget_quiz()
        self.dialogue.say_loading()  # without TensorFlow there are no numbers to ask about
        await self.tour.start_quiz(spec)

    def _forget_quiz(self) -> None:
        self._shared.end = None
        self._shared.clock.set(None)

    async def do_more(self, _: str) -> None:
        await self.tour.attempts(self._told[-1].id)

    def _say_attempts(self, found: Sequence[AttemptLine], *, latest: bool) -> None:
        if latest:
            self._told = []
        if not found:
            self.dialogue.say(Message("You have no attempts yet."))
        for number, line in enumerate(found, len(self._told) + 1):
            self.dialogue.say(*quiz_text.attempt(number, line))
        self._told += found
        self._shared.older = len(found) == AT_ONCE
        if self._shared.older:
            self.dialogue.say(Message("For older attempts, type {more}", more=Message("/more")))
