"""The way through a course: where the learner is, what comes next, what is asked of the tutor.

It knows no screen and no prompt. What is to be seen it hands to its `Stage`: the screen app shows
it, text mode says it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar, get_args

from bptutor.front.here import has_picture
from bptutor.front.saving import save
from bptutor.front.stage import Done, QuizChoice, Stage
from bptutor.literals import Ask, Judged, Part, Target
from bptutor.service.client import Client
from bptutor.service.protocol import Screen, Tutor
from bptutor.service.quiz_words import NOT_IN_AN_EXAM
from bptutor.service.words import SHOWING
from bptutor.text import Message
from bptutor.views.lesson import LessonChanged, Onward, StepView, SummaryView
from bptutor.views.picture import Pictured
from bptutor.views.quiz import QuizSpec, QuizView

T = TypeVar("T")

CHOICES: tuple[tuple[Part, Ask], ...] = (
    ("derive", "all"),
    *(("tape", ask) for ask in get_args(Ask)),
    ("keras", "all"),
)
"""What can be asked: one of the parts of the course; of the one in numbers all or some steps."""


class Tour:
    """Each method is one thing that a learner does. Raises RequestRefused, ServiceLost."""

    def __init__(
        self, client: Client, stage: Stage, ask: Ask | None, part: Part, page: int
    ) -> None:
        """`page` past attempts are listed at once."""
        self.client = client
        self.stage = stage
        self.part: Part = part
        self.asking: Ask = (ask or "all") if part == "tape" else "all"
        self._switches = ask is not None and part == "tape"  # for a sitting that goes on, too?
        self._page = page
        self.step: StepView | None = None  # the step that was shown last
        self.replays = False  # is a past attempt asked again that was chosen from the list of them?
        self.returns: tuple[str, Part] | None = None  # lesson and part to go back to
        self._changed = "", False  # the lesson that has changed, and whether `ask` holds in it
        self.presses = 0  # keys pressed, or lines typed, so far
        self._onward: Sequence[Onward] = []  # what comes after the part at whose end the learner is
        self._chosen = ask is not None or part != "tape"  # else the menu says what was last
        self._armed = "", 0  # what is done when asked again, and the presses before

    @property
    def tutor(self) -> Tutor:
        return self.client.tutor

    def sure(self, what: str, cost: Message) -> bool:
        """Is this asked for twice, with nothing in between? If not, say what it costs."""
        asked, presses = self._armed
        if asked == what and self.presses - presses <= 1:
            self._armed = "", 0
            return True
        self._armed = what, self.presses
        self.stage.say(cost)
        return False

    # ── into a lesson or a quiz, and out of it ────────────────────────────────────────────────

    async def begin(self, lesson: str | None, quiz: QuizSpec | None) -> None:
        """To what was asked for on the command line; else to the menu."""
        if quiz:
            await self.start_quiz(quiz)
        elif lesson:
            await self.open(lesson, resume=True)
        else:
            await self.menu()

    async def open(
        self, lesson: str, resume: bool, switch: bool = False, changed: bool = False
    ) -> None:
        """Open a lesson: its introduction, or where it was left.

        Where it has changed since, the learner is asked; `changed` is the answer, to go on in it.
        With `switch`, what is to be asked holds where it is gone on with, too.
        """
        switch = resume and (switch or self._switches)
        opened = await self.client.open(lesson, self.asking, resume, self.part, switch, changed)
        if isinstance(opened, LessonChanged):
            self._changed = lesson, switch
            await self.stage.show("changed", opened)
            return
        self._switches = False
        self.step = opened.view
        if opened.resumed:
            await self.arrive(opened.screen, remark=opened.remark)
        else:
            await self.stage.show("introduction", opened)

    async def go_on_changed(self) -> None:
        """Go on in the lesson that has changed."""
        lesson, switch = self._changed
        await self.open(lesson, True, switch, changed=True)

    async def start_again(self) -> None:
        """Start the lesson that has changed from its first step."""
        await self.open(self._changed[0], resume=False)

    async def onward(self) -> None:
        """From the end of a part to what comes after it; where nothing does, to the menu."""
        await self._go_onward(lambda ahead: True)

    async def next_lesson(self) -> None:
        """From the end of a part to the next lesson; where there is none, to the menu."""
        await self._go_onward(lambda ahead: not ahead.same)

    async def _go_onward(self, wanted: Callable[[Onward], bool]) -> None:
        ahead = next(filter(wanted, self._onward), None)
        if ahead is None:
            await self.menu()
            return
        await self.close()
        self.part = ahead.part
        await self.open(ahead.lesson, resume=True)

    async def choose_quiz(self, lesson: str = "") -> None:
        await self.close()
        lessons = await self.tutor.menu()
        chosen = next((item for item in lessons.items if item.name == lesson), None)
        await self.stage.show("quiz", QuizChoice(lessons.quizzes, chosen))

    async def to_attempts(self) -> None:
        """From a past attempt that is asked again, back to the list of them."""
        await self.close()
        await self.stage.show("progress", await self.tutor.progress())
        await self.attempts()

    async def replay(self, code: str) -> None:
        await self.start_quiz(QuizSpec(replay=code), replays=True)

    async def open_exam(self, key: str) -> None:
        """Go on with an exam of the list, or look at it once it is submitted."""
        await self.start_quiz(QuizSpec(exam=True, past=key))

    async def try_again(self) -> None:
        code = await self.look(self.tutor.afresh)
        await self.start_quiz(QuizSpec(replay=code), returns=(self.client.lesson, self.part))

    async def to_lesson(self) -> None:
        """Back to the lesson whose step was tried again."""
        if self.returns:
            lesson, self.part = self.returns
            await self.close()
            await self.open(lesson, resume=True)

    async def start_quiz(
        self, spec: QuizSpec, replays: bool = False, returns: tuple[str, Part] | None = None
    ) -> None:
        await self.close()
        self.replays, self.returns = replays, returns
        opened = await self.client.open_quiz(spec)
        await self.arrive(opened.screen, remark=opened.remark)

    async def menu(self) -> None:
        """To the menu; what was typed is kept."""
        await self.close()
        lessons = await self.tutor.menu()
        if not (self._chosen or self.step):
            self.part, self.asking = lessons.part, lessons.ask
        self._chosen = True
        await self.stage.show("menu", lessons)

    @property
    def choice(self) -> int:
        """Which of CHOICES is asked in a lesson that is begun."""
        return CHOICES.index((self.part, self.asking if self.part == "tape" else "all"))

    def choose(self, choice: int) -> None:
        """Ask that in the lessons that are begun; `remember` keeps it for the next time."""
        self.part, self.asking = CHOICES[choice % len(CHOICES)]
        self._chosen = True

    async def remember(self) -> None:
        await self.tutor.choose(self.part, self.asking)

    async def close(self) -> None:
        await self.keep_draft()
        await self.client.leave()
        self.replays, self.returns = False, None

    # ── the way ───────────────────────────────────────────────────────────────────────────────

    async def go(self, to: int | Target, done: Done = "") -> None:
        await self._ask(lambda: self.tutor.go(to), done)

    async def here(self) -> None:
        await self.go("here")

    async def next(self) -> None:
        if self.returns:
            await self.to_lesson()
        else:
            await self.go("next")

    async def to_question(self) -> None:
        """To the next step that asks something."""
        await self.go("question")

    async def overview(self) -> None:
        """To the end of a quiz; of an exam, to where it can be handed in."""
        await self.go("summary")

    async def back(self) -> None:
        """To the step before; from the end to the step or item that was shown last."""
        step, here = self.step, self.client.place
        if here and here.index > 0:
            await self.go(here.index - 1)
        elif here:
            first = Message("This is the first step.")
            self.stage.say(Message("This is the first item.") if here.quiz else first)
        elif step and not step.quiz:
            await self.go(step.total - 1)
        else:
            await self.go(step.index if step else 0)

    async def forward(self) -> None:
        if self.step:
            await self.go(self.step.index + 1)

    async def items(self) -> None:
        """The items of the quiz; with how they went, once that may be seen."""
        step = self.step
        quiz = step.quiz if step else None
        if step and quiz and (quiz.exam or quiz.assignment or quiz.answered == step.total):
            await self.go("summary", "items")
        else:
            await self.steps()

    async def skip(self) -> None:
        await self._ask(self.tutor.skip)

    async def flag(self) -> None:
        await self._ask(self.tutor.flag, "flag")

    async def no_hints(self) -> None:
        """Say why the keys of hint and answer do nothing."""
        self.stage.say(NOT_IN_AN_EXAM)

    async def no_further(self) -> None:
        """Say why the key of the next step does nothing."""
        step = self.step
        if step and step.quiz:
            self.stage.say(Message("There is no further item."))
        elif step and step.stage == "open":
            self.stage.say(Message("Answer this step to go further."))
        else:
            self.stage.say(Message("This is the furthest step so far. Press Enter to continue."))

    async def begin_exam(self) -> None:
        await self._ask(self.tutor.begin)

    async def open_assignment(self, name: str, password: str = "", *, again: bool = False) -> None:
        """To an assignment: its cover, the item where it was left, or its end."""
        await self.close()
        opened = await self.client.open_assignment(name, password, again)
        await self.arrive(opened.screen, remark=opened.remark)

    async def begin_assignment(self, password: str = "") -> None:
        """Begin the assignment whose cover is shown; with its password, where it takes one."""
        if password:
            await self.client.open_assignment(self.client.assignment, password, again=True)
        await self.begin_exam()

    async def another_attempt(self) -> None:
        """From the end of one attempt to the cover of the next."""
        await self.open_assignment(self.client.assignment, again=True)

    async def hand_in(self) -> None:
        await self._ask(self.tutor.hand_in)

    async def hand_in_late(self) -> None:
        """The time is over: the service submits the exam, unless its own clock has time left."""
        await self.arrive(await self.keep_draft() or await self.tutor.go("here"))

    async def again(self) -> None:
        await self._ask(self.tutor.again)

    async def train(self, iterations: int, larger: bool = False) -> None:
        """Let TensorFlow train on; with the larger learning rate, where one is offered."""
        await self._ask(lambda: self.tutor.train(iterations, larger))

    async def reload(self) -> None:
        await self._ask(self.tutor.reload)
        self.stage.say(Message("The lesson file has changed. This is the new version."))

    # ── at a step ─────────────────────────────────────────────────────────────────────────────

    async def check(self, product: str, cells: list[str], judge: Judged) -> None:
        await self.arrive(await self.tutor.check(product, cells, judge), "check")

    async def hint(self) -> None:
        if self.client.place and self.client.place.last_hint:
            await self.show_answer()
        else:
            await self._ask(self.tutor.hint, "hint")

    async def show_answer(self) -> None:
        """The answer; the first time, only what it costs."""
        here = self.client.place
        scored = here is not None and here.quiz is not None and here.quiz.seed is not None
        if self.sure(f"show {self.client.openings} {here and here.index}", SHOWING[scored]):
            await self._ask(self.tutor.show, "show")

    async def fill_in(self) -> None:
        await self._ask(self.tutor.fill_in, "fill-in")

    # ── what is looked at ─────────────────────────────────────────────────────────────────────

    async def steps(self) -> None:
        await self.stage.show("steps", await self.look(self.tutor.steps))

    async def code(self, file: str = "") -> None:
        """The program so far; where a file is named, it is saved there."""
        code = await self.look(self.tutor.code)
        if file:
            self.stage.say(save(code, file))
        else:
            await self.stage.show("code", code)

    async def values(self, name: str = "") -> None:
        await self.stage.show("values", await self.look(self.tutor.knowns), name)

    async def picture(self, wanted: str = "") -> None:
        """The lesson as a picture: of an example by its number, or one quantity of it by name."""
        digits = wanted.isascii() and wanted.isdigit() and len(wanted) < 8
        pictured = await self.pictured(max(0, int(wanted) - 1) if digits else 0)
        if pictured:
            await self.stage.show("picture", pictured, "" if digits else wanted)

    async def pictured(self, example: int = 0) -> Pictured | None:
        """The picture of an example at the step that is shown; None where it has none."""
        here = self.client.place
        if here is None or not has_picture(here):
            return None
        return await self.look(lambda: self.tutor.picture(example))

    async def signal(self) -> None:
        """The signal on its way through the program."""
        if self.step:
            await self.stage.show("signal", self.step.tape)

    async def attempts(self, before: str = "") -> None:
        """Past attempts, the latest first; or those before one, by its id."""
        found = await self.look(lambda: self.tutor.attempts(before, self._page))
        await self.stage.show("attempts", found, before)

    async def exams(self) -> None:
        await self.stage.show("exams", await self.look(self.tutor.exams))

    # ── asking ────────────────────────────────────────────────────────────────────────────────

    async def look(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask what leads nowhere; what is typed is kept first."""
        await self.keep_draft()
        return await ask()

    async def _ask(self, ask: Callable[[], Awaitable[Screen]], done: Done = "") -> None:
        """Go to the screen that is asked for; what is typed is kept first.

        Where the time of an exam was over by then, its end has come, and there is nothing to ask.
        """
        await self.arrive(await self.keep_draft() or await ask(), done)

    async def arrive(self, screen: Screen, done: Done = "", remark: str = "") -> None:
        """Go to a screen that the tutor has given."""
        if isinstance(screen, StepView):
            self.step = screen
        self._onward = screen.onward if isinstance(screen, SummaryView) else []
        await self.stage.present(screen, done, remark)

    async def keep_draft(self, *, unsaid: bool = False) -> QuizView | None:
        """Let the tutor keep what is typed and not checked; the end of an exam that is over.

        Where nobody asked for it, a service that has to be started again is started unsaid.
        """
        draft = self.stage.draft()
        if draft is None:
            return None
        end = await (self.client.keep if unsaid else self.tutor.draft)(*draft)
        self.stage.kept(draft)
        return end
