"""Before a quiz: go on with the one that was left, or choose what a new one is to be."""

from collections.abc import Sequence
from typing import Any

from textual.app import ComposeResult

from bptutor.front.tour import QuizChoice
from bptutor.service.words import left
from bptutor.text import Message
from bptutor.tui.screens.base import STYLES, Room, engine_words
from bptutor.tui.widgets.list import Choice, Choices
from bptutor.tui.widgets.text import Words
from bptutor.views.lesson import LessonItem
from bptutor.views.quiz import QuizLeft, QuizSpec

VALUES: dict[str, tuple[Any, ...]] = {
    "exam": (False, True),
    "items": (5, 10, 20, 40),
    "minutes": (0, 15, 30, 60),
    "alone": (False, True),
}
"""What can be chosen; the command line takes more."""
NAMES = {
    "exam": Message("Kind"),
    "items": Message("Items"),
    "minutes": Message("Time"),
    "alone": Message("Lessons"),
}
PRACTICE = Message(
    "As many attempts as you like, with hints; what went wrong comes back in an easier form first."
)
EXAM = Message(
    "Nothing is told before you hand in: then there is a score, and every mistake is explained."
)
ABOUT = {
    "items": Message("How many single steps you are asked, each on fresh numbers."),
    "minutes": Message("When the time is over, the exam is handed in by itself."),
    "alone": Message("What is asked comes from all lessons, or from the one chosen in the menu."),
}
BEING_MADE = Message("The quiz is being made")


class QuizStart(Room):
    """A line for each quiz that was left and for each choice; left and right change a choice."""

    PLACE = "quiz"
    CSS_PATH = STYLES / "quiz.tcss"
    AUTO_FOCUS = "#choices"

    def __init__(self) -> None:
        super().__init__()
        self.left: Sequence[QuizLeft] = ()
        self.lesson: LessonItem | None = None
        self.chosen: dict[str, Any] = {"exam": False, "items": 10, "minutes": 0, "alone": False}
        self._there = False
        """Is there anything to choose yet?"""
        self._sure: bool | None = None
        """The kind of quiz, of which the next Enter drops the one that was left."""
        self.heading = Words(id="heading", classes="heading")
        self.list = Choices(id="choices")
        self.about = Words(id="about", classes="aside")

    def compose(self) -> ComposeResult:
        yield from (self.place, self.heading, self.list, self.about, self.message, self.keys)

    def on_mount(self) -> None:
        """The first frame, where a quiz was asked for on the command line, waits for nothing."""
        self.show_engine()
        if not self._there:
            self.heading.show(self.words(BEING_MADE))

    async def present(self, choice: QuizChoice) -> None:
        """Show what can be gone on with, and what can be chosen."""
        self.left = choice.left
        self.lesson = choice.lesson or self.lesson
        self._there = True
        self._sure = None
        self.show_engine()
        self.heading.show(self.words(Message("A quiz: single steps, each on fresh numbers")))
        self._show_choices(0)
        self.list.focus()
        self.say("")

    def refuse(self, sentence: str) -> None:
        self.heading.show(self.words(Message("This quiz cannot be made")))
        self.list.styles.height = 0
        self.about.show(self.words(Message("Esc leads to the menu.")))
        self.say(sentence)

    # ── what is shown ─────────────────────────────────────────────────────────────────────────

    @property
    def _options(self) -> list[str]:
        """What can be chosen now, in order."""
        offered = {"minutes": self.chosen["exam"], "alone": self.lesson is not None}
        return [name for name in NAMES if offered.get(name, True)]

    def _show_choices(self, here: int) -> None:
        known = [self._left_line(key, quiz) for key, quiz in enumerate(self.left)]
        options = [
            Choice(f"{self.words(NAMES[name])}: {self._value(name)}", key=key)
            for key, name in enumerate(self._options, len(known))
        ]
        headings = []
        if known:
            headings = [Choice(self.words(Message("A new one")), heading=True)]
        lines = [*known, *headings, *options]
        self.list.styles.height = len(lines)
        self.list.show(lines, here)
        self._show_about()

    def _left_line(self, key: int, quiz: QuizLeft) -> Choice:
        text = self.words(Message("Go on: {what}", what=left(quiz)))
        return Choice(text, self.words(Message("seed {seed}", seed=quiz.seed)), key)

    def _value(self, name: str) -> str:
        value = self.chosen[name]
        if name == "exam":
            return self.words(Message("exam") if value else Message("practice"))
        if name == "alone":
            title = self.lesson.title if self.lesson else ""
            return title if value else self.words(Message("all lessons"))
        if name == "minutes":
            known = Message("{minutes} minutes", minutes=value)
            return self.words(known if value else Message("as long as it takes"))
        return str(value)

    def _show_about(self) -> None:
        name = self._option
        about = Message("You go on at the very item at which you were.")
        if name:
            about = ABOUT.get(name) or (EXAM if self.chosen["exam"] else PRACTICE)
        self.about.show(self.words(about))
        self.refresh_bindings()

    @property
    def _option(self) -> str | None:
        """The choice that the cursor is on; None on a quiz that was left."""
        place = (self.list.chosen or 0) - len(self.left)
        return self._options[place] if place >= 0 else None

    def say(self, text: str) -> None:
        super().say(text)
        self.set_class(bool(text), "-told")

    def show_engine(self) -> None:
        self.place.show("bptutor", engine_words(self.frame))

    # ── what is done ──────────────────────────────────────────────────────────────────────────

    def allows(self, name: str) -> bool:
        """Go on where the cursor is on what was left; else choose, and begin."""
        if name == "menu":
            return True
        return self._there and (self._option is None) == (name == "quiz-go-on")

    def on_choices_moved(self) -> None:
        self._sure = None
        self.say("")
        self._show_about()

    def on_choices_picked(self) -> None:
        if self._option is None:
            self.action_go_on()
        else:
            self.action_change(1)

    def action_change(self, by: int) -> None:
        name = self._option
        if name:
            values = VALUES[name]
            place = values.index(self.chosen[name])
            self.chosen[name] = values[(place + by) % len(values)]
            self._sure = None
            self.say("")
            self._show_choices(self.list.chosen or 0)

    def action_go_on(self) -> None:
        quiz = self.left[self.list.chosen or 0]
        self._start(QuizSpec(exam=quiz.exam))

    def action_begin(self) -> None:
        """Begin a new one; where one that was left is forgotten for it, that takes two presses."""
        exam = self.chosen["exam"]
        dropped = next((quiz for quiz in self.left if quiz.exam == exam), None)
        if dropped and self._sure != exam:
            self._sure = exam
            again = Message(
                "Press Enter once more to begin anew: your answers in the one you left "
                "({answered} of {total}) are forgotten then.",
                answered=dropped.answered,
                total=dropped.total,
            )
            self.say(self.words(again))
            return
        lessons = [self.lesson.name] if self.lesson and self.chosen["alone"] else []
        minutes = self.chosen["minutes"] if exam else 0
        items = self.chosen["items"]
        self._start(QuizSpec(lessons, items, exam=exam, minutes=minutes, resume=False))

    def _start(self, how: QuizSpec) -> None:
        """It takes a moment, and seconds where TensorFlow is still loading."""
        self.say(self.words(Message("{what}.", what=BEING_MADE)))
        self.frame.command(lambda: self.tour.start_quiz(how))
