"""The menu: the lessons, where one was left, and what is asked in them."""

from collections.abc import Sequence
from itertools import groupby

from textual.app import ComposeResult
from textual.content import Content

from bptutor.front.here import Here
from bptutor.front.tour import CHOICES
from bptutor.literals import Ask
from bptutor.service.assignment_words import in_menu, no_lessons
from bptutor.service.quiz_words import MOST_LEFT, left
from bptutor.service.words import ASKS, MEANS, WELCOME, numbered, reached, state, where_left
from bptutor.text import Message
from bptutor.tui.screens.base import STYLES, Room, engine_words
from bptutor.tui.widgets.list import Choice, Choices
from bptutor.tui.widgets.parts import mark_of, marks, strip
from bptutor.tui.widgets.text import Bar, Words
from bptutor.views.assignments import AssignmentItem
from bptutor.views.lesson import LessonItem, Lessons
from bptutor.views.quiz import QuizLeft


class Menu(Room):
    """The lessons to choose from; there before the service is."""

    PLACE = "menu"
    CSS_PATH = STYLES / "menu.tcss"
    AUTO_FOCUS = "#lessons"

    def __init__(self) -> None:
        super().__init__()
        self.items: list[LessonItem] = []
        self.lessons = Choices(id="lessons")
        self.rule = Bar(rule=True, id="rule")
        self.summary = Words(id="lesson-summary")
        self.place_words = Words(id="lesson-place", classes="aside")
        self.quizzes = Words(id="quizzes", classes="aside")
        self.assignments = Words(id="assignments-here", classes="aside")
        self._in_class = False
        self._assignments: list[AssignmentItem] = []
        self.asked = Words(id="asked")
        self._last = ""
        """The lesson that was open last, as far as the menu knows."""

    def compose(self) -> ComposeResult:
        yield self.place
        yield Words(
            self.words(WELCOME),
            id="welcome",
        )
        yield from (self.lessons, self.rule, self.summary, self.place_words)
        yield from (self.quizzes, self.assignments, self.asked, self.message, self.keys)

    def on_mount(self) -> None:
        """The first frame: everything but the lessons."""
        self.show_engine()
        self._show_ask()
        self.lessons.show([Choice(self.words(Message("Loading the lessons")))], None)

    def on_resize(self) -> None:  # type: ignore[override]
        """(Only after `on_resize` Textual says how low the screen is now.)"""
        self.call_after_refresh(self._show_ask)

    async def present(self, lessons: Lessons) -> None:
        """Show the lessons; the one that was chosen still is."""
        self.show_engine()
        chosen = self._item
        self.items = lessons.items
        names = [item.name for item in self.items]
        wanted = chosen.name if chosen and lessons.last == self._last else lessons.last
        self._last = lessons.last
        self._assignments = lessons.assignments or []
        self._show_lessons(names.index(wanted) if wanted in names else None)
        self._show_left(lessons.quizzes)
        self._in_class = lessons.assignments is not None
        here = in_menu(self._assignments)
        self.assignments.show(self.words(here) if here else "")
        self.lessons.focus()
        self._show_item()

    def _show_lessons(self, here: int | None) -> None:
        rows: list[Choice] = []
        for group, lessons in groupby(enumerate(self.items), lambda each: each[1].group):
            members = list(lessons)
            if group:
                there = (reached(item, self.tour.part) for _, item in members)
                done = sum(place is not None and place.done for place in there)
                rows.append(Choice(group, f"{done}/{len(members)}", heading=True))
            rows += (self._row(index, item) for index, item in members)
        if not rows:
            rows = [Choice(self.words(no_lessons(self._assignments)))]
        self.lessons.show(rows, here)

    def _row(self, index: int, item: LessonItem) -> Choice:
        """A lesson: whether it is finished, begun or new, and how far its parts have come."""
        part, symbols = self.tour.part, self.frame.symbols
        mark = mark_of(reached(item, part), symbols) or symbols.new
        right = [self.words(state(item, part))]
        if item.parts and not self.has_class("-narrow"):
            right.append(marks(item.parts, symbols))
        return Choice(f"{mark} {item.title}", "  ".join(right), index)

    def _show_left(self, quizzes: Sequence[QuizLeft]) -> None:
        named = [left(quiz) for quiz in quizzes[:MOST_LEFT]]
        if more := len(quizzes) - len(named):
            named.append(Message("{count} more", count=more))
        there = self.frame.symbols.dotted(*map(self.words, named))
        text = self.words(Message("F3 resumes: {what}", what=there))
        self.quizzes.show(text if quizzes else "")

    @property
    def _item(self) -> LessonItem | None:
        chosen = self.lessons.chosen
        return None if chosen is None or chosen >= len(self.items) else self.items[chosen]

    def _show_item(self) -> None:
        item = self._item
        self._show_more()
        self._show_ask()
        self.summary.show((item.problem or item.summary) if item else "")
        there = where_left(item, self.tour.part) if item else None
        self.place_words.show(self.words(there) if there else "")
        self.say("")
        self.refresh_bindings()

    def _show_more(self) -> None:
        """The chosen lesson's title; and how many lessons are out of sight, on the line below."""
        item, symbols = self._item, self.frame.symbols
        ways = ((symbols.up, self.lessons.above), (symbols.down, self.lessons.below))
        more = "  ".join(
            f"{sign} {self.words(Message('{count} more', count=count))}"
            for sign, count in ways
            if count and self.items
        )
        self.rule.show(item.title if item else "", more)

    def on_choices_scrolled(self) -> None:
        self._show_more()

    def _show_ask(self) -> None:
        """The part to begin, and what is asked in it: the chosen ones stand in brackets.

        On a low terminal they stand there alone, and leave their room to the lessons.
        """
        here, ask = CHOICES[self.tour.choice]
        heads = Message("Part (left, right):"), Message("Steps to answer:")
        head, steps = (Content(self.words(each)).stylize("$aside") for each in heads)
        if self.has_class("-low"):
            texts = [numbered(here), *([ASKS[ask]] if here == "tape" else [])]
            chosen = self.frame.symbols.dotted(*map(self.words, texts))
            self.asked.show(Content.assemble(head, " ", (f"[{chosen}]", "bold")))
            return
        parts = self._item.parts if self._item else {}
        asked = Content(self.words(MEANS[here])) if here != "tape" else self._asks(ask)
        self.asked.show(
            Content.assemble(head, " ", strip(parts, here, self.frame), "\n", steps, " ", asked)
        )

    def _asks(self, chosen: Ask) -> Content:
        """What can be asked in numbers."""
        return Content("").join(
            Content(f"[{self.words(text)}]").stylize("bold")
            if ask == chosen
            else Content(f" {self.words(text)} ")
            for ask, text in ASKS.items()
        )

    def show_engine(self) -> None:
        self.place.show("bptutor", engine_words(self.frame))

    def on_choices_moved(self) -> None:
        self._show_item()

    def on_choices_picked(self) -> None:
        self._begin(resume=True)

    @property
    def here(self) -> Here:
        return Here(lesson=self._item, part=self.tour.part, in_class=self._in_class)

    def action_ask(self, by: int) -> None:
        self.tour.choose(self.tour.choice + by)
        self.frame.commands.beside(self.tour.remember())
        if self.items:
            self._show_lessons(self.lessons.chosen)
        self._show_item()

    def action_quiz(self) -> None:
        name = self._item.name if self._item else ""
        self.frame.command(lambda: self.tour.choose_quiz(name))

    def action_settings(self) -> None:
        self.app.push_screen("settings")

    def action_open(self) -> None:
        """Begin the chosen lesson, with what may be half typed at its first step."""
        self._begin(resume=True, switch=True)

    def action_resume(self) -> None:
        self._begin(resume=True)

    def action_anew(self) -> None:
        """Start the chosen lesson again; this deletes its answers, so it takes two presses."""
        item = self._item
        place = reached(item, self.tour.part) if item else None
        cost = Message(
            "Ask again to start over. This deletes your answers here ({answered} in all).",
            answered=place.answered if place else 0,
        )
        if item and self.tour.sure(f"anew {item.name} {self.tour.part}", cost):
            self._begin(resume=False)

    def _begin(self, resume: bool, switch: bool = False) -> None:
        item = self._item
        if item:
            self.frame.command(lambda: self.tour.open(item.name, resume, switch))
