"""What text mode does between lessons: quizzes, exams, past attempts, assignments."""

from collections.abc import Sequence

from bptutor.plain import quiz_text
from bptutor.plain.commands import index_of, is_number, quiz_of
from bptutor.plain.dialogue import OVER
from bptutor.plain.place import Shared
from bptutor.service.assignment_words import REOPENED
from bptutor.service.quiz_words import time_left
from bptutor.text import Message
from bptutor.views.quiz import AttemptLine, QuizLeft, QuizSpec

AT_ONCE = 10
"""Past attempts that are read out at once."""
HOW_TO_QUIZ = Message(
    "Type the number of items, and optionally a seed, a part and lesson names, or {all}: "
    "{quiz} 5 seed 42 part keras batch",
    all=Message("all"),
    quiz=Message("/quiz"),
)
HOW_TO_EXAM = Message(
    "Type the number of items and minutes, and optionally a seed, a part and lesson names: "
    "{exam} 10 30 seed 42 part tape batch. The word {again} at the end takes a submitted exam "
    "again.",
    exam=Message("/exam"),
    again=Message("again"),
)


class Between:
    """Commands of the menu and of the end of a quiz, and what was read out for them."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.dialogue = shared.dialogue
        self.tour = shared.tour
        self.assignments: list[str] = []
        """The names of the assignments that were read out, by their numbers."""
        self._told: list[AttemptLine] = []
        """The attempts that were read out, by their numbers."""
        self._sure: QuizSpec | None = None
        """What begins when it is asked for once more."""

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
        await self.start_quiz(wanted)

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
            self.forget_quiz()
            self.dialogue.say_loading()
            await self.tour.open_exam(results[place].key)

    async def do_replay(self, argument: str) -> None:
        """By the number of an attempt that was read out, or by a code."""
        place = index_of(argument, len(self._told))
        if argument and (place is not None or not is_number(argument)):
            code = argument if place is None else self._told[place].code
            await self.start_quiz(QuizSpec(replay=code))
        else:
            self.dialogue.say(
                Message(
                    "Type the number of an attempt, listed by {attempts}, or the code of an item.",
                    attempts=Message("/attempts"),
                )
            )

    async def do_do(self, argument: str) -> None:
        """By the number of an assignment that was read out, or by its name."""
        place = index_of(argument, len(self.assignments))
        if argument:
            await self.open_assignment(argument if place is None else self.assignments[place])
        else:
            self.dialogue.say(
                Message(
                    "Type the number or the name of an assignment, listed by {assignments}.",
                    assignments=Message("/assignments"),
                )
            )

    async def open_assignment(self, name: str) -> None:
        self.forget_quiz()
        self.dialogue.say_loading()
        await self.tour.open_assignment(name)

    def time_changed(self, seconds: float | None) -> None:
        """The time of the assignment that is open was changed, or is over."""
        if not self.dialogue.client.assignment:
            return
        was_over = self.shared.clock.over
        self.shared.clock.set(seconds)
        end = self.shared.end
        self.shared.reopened = seconds != 0 and end is not None and end.finished
        if seconds == 0:
            if not was_over:  # else the clock has said it
                self.dialogue.say(OVER)
        elif self.shared.reopened:
            self.dialogue.say(REOPENED)
        elif seconds is not None:
            self.dialogue.say(Message("Your time has changed: {left}.", left=time_left(seconds)))

    async def start_quiz(self, spec: QuizSpec) -> None:
        self.forget_quiz()
        self.dialogue.say_loading()  # without TensorFlow there are no numbers to ask about
        await self.tour.start_quiz(spec)

    def forget_quiz(self) -> None:
        self.shared.end, self.shared.reopened = None, False
        self.shared.clock.set(None)

    async def do_more(self, _: str) -> None:
        await self.tour.attempts(self._told[-1].id)

    def say_attempts(self, found: Sequence[AttemptLine], *, latest: bool) -> None:
        if latest:
            self._told = []
        if not found:
            self.dialogue.say(Message("You have no attempts yet."))
        for number, line in enumerate(found, len(self._told) + 1):
            self.dialogue.say(*quiz_text.attempt(number, line))
        self._told += found
        self.shared.older = len(found) == AT_ONCE
        if self.shared.older:
            self.dialogue.say(Message("For older attempts, type {more}", more=Message("/more")))
