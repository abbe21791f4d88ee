"""Before a quiz: resume the one that was left, or choose a new one; the cover of a timed exam."""

from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult

from bptutor.front.stage import QuizChoice
from bptutor.service.quiz_words import EXAM_RULES, MOST_LEFT, about_exam, kind_of, left
from bptutor.service.words import PARTS, numbered
from bptutor.text import Message
from bptutor.tui.screens.base import STYLES, Room, engine_words
from bptutor.tui.widgets.list import Choice, Choices
from bptutor.tui.widgets.text import ScrolledText, Words
from bptutor.views.lesson import LessonItem
from bptutor.views.quiz import ExamCover, QuizLeft, QuizSpec

VALUES: dict[str, tuple[Any, ...]] = {
    "exam": (False, True),
    "items": (5, 10, 20, 40),
    "minutes": (0, 15, 30, 60),
    "lessons": ("begun", "all", "this"),
    "part": ("begun", *PARTS),
}
"""What can be chosen; the command line takes more."""
NAMES = {
    "exam": Message("Kind"),
    "items": Message("Items"),
    "minutes": Message("Time"),
    "lessons": Message("Lessons"),
    "part": Message("Part"),
}
LESSONS = {
    "begun": Message("those you have begun"),
    "all": Message("all lessons"),
}
PRACTICE = Message(
    "Try as often as you like, with hints. An item that went wrong comes back, easier at first."
)
EXAM = Message("There are no hints and no verdicts. After you submit, every mistake is explained.")
ABOUT = {
    "items": Message("Each item is one step of a lesson, on fresh numbers."),
    "minutes": Message("The clock starts when you press Enter on the next page."),
    "lessons": Message("The lessons that the items come from."),
    "part": Message("The part of the lessons: 1 in symbols, 2 in numbers, 3 in Keras."),
}
EXAM_KEYS = Message(
    "Enter saves an answer. {back} and {on} go back and on, {flag} flags an item, {submit} leads "
    "to the overview."
)
GAP = 2
"""Cells between the names of the choices and what is chosen."""
PREPARING = Message("The items are being prepared")


class QuizStart(Room):
    """A line for each quiz that was left and for each choice; left and right change a choice."""

    PLACE = "quiz"
    CSS_PATH = STYLES / "quiz.tcss"
    AUTO_FOCUS = "#choices"

    def __init__(self) -> None:
        super().__init__()
        self.left: Sequence[QuizLeft] = ()
        self.lesson: LessonItem | None = None
        self.chosen: dict[str, Any] = {
            "exam": False,
            "items": 10,
            "minutes": 0,
            "lessons": "begun",
            "part": "begun",
        }
        self._there = False
        """Is there anything to choose yet?"""
        self._sure = False
        """Does the next Enter discard the quiz that was left?"""
        self.heading = Words(id="heading", classes="heading")
        self.list = Choices(id="choices", snug=True)
        self.about = Words(id="about", classes="aside")

    def compose(self) -> ComposeResult:
        yield from (self.place, self.heading, self.list, self.about, self.message, self.keys)

    def on_mount(self) -> None:
        """The first frame, where a quiz was asked for on the command line, waits for nothing."""
        self.show_engine()
        if not self._there:
            self.heading.show(self.words(PREPARING))

    async def present(self, choice: QuizChoice) -> None:
        """Show what can be gone on with, and what can be chosen."""
        self.left = choice.left[:MOST_LEFT]
        self.lesson = choice.lesson or self.lesson
        self._there = True
        self._sure = False
        self.show_engine()
        self.heading.show(self.words(Message("A quiz asks single steps on fresh numbers")))
        self._show_choices(0)
        self.list.focus()
        self.say("")

    def refuse(self, sentence: str) -> None:
        self.heading.show(self.words(Message("This quiz cannot be prepared")))
        self.list.styles.height = 0
        self.about.show(self.words(Message("Esc leads to the menu.")))
        self.say(sentence)

    # ── what is shown ─────────────────────────────────────────────────────────────────────────

    @property
    def _options(self) -> list[str]:
        """What can be chosen now, in order."""
        offered = {"minutes": self.chosen["exam"]}
        return [name for name in NAMES if offered.get(name, True)]

    def _show_choices(self, here: int) -> None:
        known = [self._left_line(key, quiz) for key, quiz in enumerate(self.left)]
        names = {name: self.words(NAMES[name]) for name in self._options}
        width = max(map(cell_len, names.values())) + GAP
        options = [
            Choice(set_cell_size(text, width) + self._value(name), key=key)
            for key, (name, text) in enumerate(names.items(), len(known))
        ]
        headings = []
        if known:
            headings = [Choice(self.words(Message("New quiz or exam")), heading=True)]
        lines = [*known, *headings, *options]
        self.list.show(lines, here)
        self._show_about()

    def _left_line(self, key: int, quiz: QuizLeft) -> Choice:
        text = self.words(Message("Resume: {what}", what=left(quiz)))
        return Choice(text, self.words(Message("seed {seed}", seed=quiz.seed)), key)

    def _value(self, name: str) -> str:
        value = self._chosen(name)
        if name == "exam":
            return self.words(Message("exam") if value else Message("practice"))
        if name == "lessons":
            title = self.lesson.title if self.lesson else ""
            return title if value == "this" else self.words(LESSONS[value])
        if name == "part":
            return self.words(LESSONS["begun"] if value == "begun" else numbered(value))
        if name == "minutes":
            known = Message("{minutes} minutes", minutes=value)
            return self.words(known if value else Message("no limit"))
        return str(value)

    def _show_about(self) -> None:
        name = self._option
        about = Message("You continue at the item where you left.")
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
        self._sure = False
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
            values = self._values(name)
            place = values.index(self._chosen(name))
            self.chosen[name] = values[(place + by) % len(values)]
            self._sure = False
            self.say("")
            self._show_choices(self.list.chosen or 0)

    def _chosen(self, name: str) -> Any:
        """What was chosen; where that cannot be had now, the first that can."""
        values = self._values(name)
        return self.chosen[name] if self.chosen[name] in values else values[0]

    def _values(self, name: str) -> tuple[Any, ...]:
        """What can be chosen now. An exam asks the same of everybody, whatever they have begun."""
        values = VALUES[name]
        if name not in ("lessons", "part"):
            return values
        absent = {"begun": self.chosen["exam"], "this": self.lesson is None}
        if self.chosen["exam"] and name == "part":
            values = ("tape", *(part for part in PARTS if part != "tape"))
        return tuple(value for value in values if not absent.get(value, False))

    def action_go_on(self) -> None:
        quiz = self.left[self.list.chosen or 0]
        self._start(QuizSpec(exam=quiz.exam, past=quiz.past))

    def action_begin(self) -> None:
        """Begin a new one; where that discards the quiz that was left, it takes two presses."""
        exam = self.chosen["exam"]
        left = (quiz for quiz in self.left if not (exam or quiz.exam) and quiz.answered)
        dropped = next(left, None)
        if dropped and not self._sure:
            self._sure = True
            again = Message(
                "Press Enter again to begin a new one. That discards the one you left, with "
                "{answered} of {total} items answered.",
                answered=dropped.answered,
                total=dropped.total,
            )
            self.say(self.words(again))
            return
        wanted, part = self._chosen("lessons"), self._chosen("part")
        spec = QuizSpec(
            lessons=[self.lesson.name] if self.lesson and wanted == "this" else [],
            items=self.chosen["items"],
            exam=exam,
            minutes=self.chosen["minutes"] if exam else 0,
            resume=False,
            all_lessons=wanted == "all",
            part=None if part == "begun" else part,
        )
        self._start(spec)

    def _start(self, how: QuizSpec) -> None:
        """It takes a moment, and seconds where TensorFlow is still loading."""
        self.say(self.words(Message("{what}.", what=PREPARING)))
        self.frame.command(lambda: self.tour.start_quiz(how))


class ExamStart(Room):
    """The cover of an exam with a time limit: Enter starts the clock."""

    PLACE = "exam"
    CSS_PATH = STYLES / "quiz.tcss"
    AUTO_FOCUS = "#rules"

    def __init__(self) -> None:
        super().__init__()
        self.about = Words(id="heading", classes="heading")
        self.rules = ScrolledText(id="rules")

    def compose(self) -> ComposeResult:
        yield from (self.place, self.about, self.rules, self.message, self.keys)

    async def present(self, cover: ExamCover) -> None:
        about, lessons = about_exam(cover)
        self.about.show(self.words(about))
        keys = {
            "back": self.key("back", "step"),
            "on": self.key("skip", "step"),
            "flag": self.key("flag", "step"),
            "submit": self.key("hand-in", "step"),
        }
        told = (lessons, *EXAM_RULES, Message(EXAM_KEYS.text, **keys))
        self.rules.show("\n\n".join(map(self.words, told)))
        seed = self.words(Message("seed {seed}", seed=cover.seed))
        self.place.show(self.frame.symbols.dotted(self.words(kind_of(exam=True)), seed), "")
        self.say(self.words(Message("Press Enter to begin. The clock starts then.")))
        self.rules.focus()
        self.refresh_bindings()
