"""The menu: the lessons, where one was left, what is due, and what is asked in a lesson."""

from __future__ import annotations

from asyncio import sleep
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from itertools import groupby
from time import time
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content

from bptutor.front.actions import BEGIN, GO_ON
from bptutor.front.here import Here
from bptutor.front.tour import CHOICES
from bptutor.literals import Ask
from bptutor.service.assignment_words import in_menu, no_lessons
from bptutor.service.lesson_words import in_a_row, is_found
from bptutor.service.process import RequestRefused
from bptutor.service.quiz_words import MOST_LEFT, left
from bptutor.service.words import (
    ASKS,
    MEANS,
    numbered,
    reached,
    state,
)
from bptutor.text import Message
from bptutor.tui.screens.base import STYLES, Room, engine_words
from bptutor.tui.widgets.beside import Beside
from bptutor.tui.widgets.list import Choice, Choices
from bptutor.tui.widgets.parts import NUMBERS, column, come, count, strip
from bptutor.tui.widgets.rows import entitle
from bptutor.tui.widgets.text import Words
from bptutor.views.assignments import AssignmentItem
from bptutor.views.lesson import LessonItem, Lessons, Outlook

SUBJECT = Message("backpropagation by hand")
BAR, LONG_BAR = 8, 10
REST = 0.12
"""Seconds without a move after which the picture follows: held keys send no pictures."""

if TYPE_CHECKING:
    from bptutor.tui.widgets.answer import AnswerInput
    from bptutor.views.picture import Pictured


class Menu(Room):
    """The lessons to choose from; there before the service is."""

    PLACE = "menu"
    CSS_PATH = STYLES / "menu.tcss"
    AUTO_FOCUS = "#lessons"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-usual"), (110, "-wide")]

    def __init__(self) -> None:
        super().__init__()
        self.items: list[LessonItem] = []
        self.lessons = Choices(id="lessons")
        self.beside = Beside()
        self.assignments = Words(id="assignments-here", classes="aside")
        self.asked = Words(id="asked")
        self.find: AnswerInput | None = None
        """Made when a lesson is looked for, after the first frame."""
        self.find_row = Horizontal(id="find-row")
        self._outlook: Outlook | None = None
        """None until the record has been looked into."""
        self._quizzes = ""
        self._in_class = False
        self._assignments: list[AssignmentItem] = []
        self._told = False
        """Has the service told which lessons there are?"""
        self._last = ""
        """The lesson that was open last, as far as the menu knows."""
        self._sketches: dict[str, Pictured | None] = {}
        """Pictures of lessons by name; None of one that has none."""
        self._sketching = False

    def compose(self) -> ComposeResult:
        yield self.place
        with Horizontal(id="panels"):
            yield self.lessons
            yield self.beside
        yield from (self.assignments, self.asked)
        yield from (self.find_row, self.message, self.keys)

    def on_mount(self) -> None:
        """The first frame: everything but the lessons."""
        self.find_row.display = False
        self.show_engine()
        self._show_ask()
        self._show_lessons(None)

    def on_resize(self) -> None:  # type: ignore[override]
        """(Only after `on_resize` Textual says how large the screen is now.)"""
        self.call_after_refresh(self._lay_out)

    def on_beside_widened(self) -> None:
        self.beside.show_outlook(self._outlook, self._quizzes)
        self._show_item()

    def _lay_out(self) -> None:
        self.show_engine()
        self._show_lessons(self.lessons.chosen)
        self.beside.show_outlook(self._outlook, self._quizzes)
        self._show_item()

    async def present(self, lessons: Lessons) -> None:
        """Show the lessons; the one that was chosen still is."""
        self.say("")
        self.show_engine()
        chosen = self._item
        self.items, self._told = lessons.items, True
        names = [item.name for item in self.items]
        wanted = chosen.name if chosen and lessons.last == self._last else lessons.last
        self._last = lessons.last
        self._sketches.clear()
        self._assignments = lessons.assignments or []
        self._in_class = lessons.assignments is not None
        named = [left(quiz) for quiz in lessons.quizzes[:MOST_LEFT]]
        if more := len(lessons.quizzes) - len(named):
            named.append(Message("{count} more", count=more))
        there = self.frame.symbols.dotted(*map(self.words, named))
        resumes = Message("{key} resumes: {what}", key=self.key("quiz"), what=there)
        self._quizzes = self.words(resumes) if named else ""
        here = in_menu(self._assignments)
        self.assignments.show(self.words(here) if here else "")
        self._close_find()
        self._show_lessons(names.index(wanted) if wanted in names else None)
        self.beside.show_outlook(self._outlook, self._quizzes)
        self._show_item()
        self.frame.commands.beside(self._look())

    async def _look(self) -> None:
        """What stands beside the lessons comes after them: it takes a look into the record."""
        self._outlook = await self.tour.tutor.outlook()
        self.show_engine()
        self.beside.show_outlook(self._outlook, self._quizzes)
        self._show_item()

    # ── the lessons ───────────────────────────────────────────────────────────────────────────

    def _show_lessons(self, here: int | None) -> None:
        """All lessons in their groups; while words are typed, those that they find."""
        if self.finding and self.find:
            text = self.find.value
            found = [i for i, item in enumerate(self.items) if is_found(item, text)]
            rows = [self._row(index) for index in found]
            rows = rows or [Choice(self.words(Message("No lesson has these words.")))]
        elif self._told:
            rows = list(self._groups()) or [Choice(self.words(no_lessons(self._assignments)))]
        else:
            rows = [Choice(self.words(Message("Loading the lessons")))]
        self.lessons.show(rows, here)
        self._entitle_lessons()

    def _groups(self) -> Iterator[Choice]:
        for group, lessons in groupby(enumerate(self.items), lambda each: each[1].group):
            listed = list(lessons)
            members = [item for _, item in listed]
            if group:
                there = (reached(item, self.tour.part) for item in members)
                done = sum(place is not None and place.done for place in there)
                yield Choice(group, f"{done}/{len(members)}", heading=True, lead=NUMBERS)
            yield from (self._row(index) for index, _ in listed)

    def _row(self, index: int) -> Choice:
        """A lesson: the marks of its parts; how far the chosen part has come, with a bar."""
        item, symbols = self.items[index], self.frame.symbols
        place = reached(item, self.tour.part)
        lead = column(item.parts, symbols)
        if place is None:
            return Choice(item.title, self.words(state(item, self.tour.part)), index, lead=lead)
        far = count(place)
        if self.has_class("-narrow"):
            return Choice(item.title, far, index, lead=lead)
        places = (reached(each, self.tour.part) for each in self.items)
        room = max(len(count(each)) for each in places if each)
        bar = symbols.bar(come(place), place.steps, LONG_BAR if self.has_class("-wide") else BAR)
        return Choice(item.title, f"{bar} {far:>{room}}", index, lead=lead)

    def _entitle_lessons(self) -> None:
        """How many lessons are done, and how many are out of sight."""
        symbols = self.frame.symbols
        ways = ((symbols.up, self.lessons.above), (symbols.down, self.lessons.below))
        more = "  ".join(
            f"{sign} {self.words(Message('{count} more', count=unseen))}"
            for sign, unseen in ways
            if unseen and self.items
        )
        entitle(self.lessons, self.words(Message("Lessons")), more)

    def on_choices_scrolled(self) -> None:
        self._entitle_lessons()

    @property
    def _item(self) -> LessonItem | None:
        chosen = self.lessons.chosen
        return None if chosen is None or chosen >= len(self.items) else self.items[chosen]

    # ── beside them ───────────────────────────────────────────────────────────────────────────

    def _show_item(self) -> None:
        """The chosen lesson: where it goes on, and what it is about."""
        label = GO_ON if self.here.begun else BEGIN
        known = self._outlook or Outlook()
        self.beside.show_lesson(label, self._item, self.tour.part, known)
        self._show_ask()
        self.refresh_bindings()
        if self._outlook and self.beside.has_picture and not self._sketching:
            self._sketching = True
            self.frame.commands.beside(self._sketch())

    async def _sketch(self) -> None:
        """The picture of the chosen lesson, once the cursor rests; none of those passed over."""
        item = None
        try:
            while item is not self._item:
                item = self._item
                await sleep(REST)
                if item and item is self._item and item.name not in self._sketches:
                    self._sketches[item.name] = None
                    with suppress(RequestRefused):  # the cursor may stand on another by now
                        self._sketches[item.name] = await self.tour.tutor.sketch(item.name)
        finally:
            self._sketching = False
            await self.beside.show_picture(self._sketches.get(item.name) if item else None)

    # ── what is asked ─────────────────────────────────────────────────────────────────────────

    def _show_ask(self) -> None:
        """The part to begin, and what is asked in it: the chosen ones stand in brackets.

        On a low terminal they stand there alone, and leave their room to the lessons.
        """
        if self.finding:
            return
        here, ask = CHOICES[self.tour.choice]
        heads = Message("Part (left, right):"), Message("Steps to answer:")
        head, steps = (Content(self.words(each)).stylize("$aside") for each in heads)
        if self.has_class("-low"):
            texts = [numbered(here), *([ASKS[ask]] if here == "tape" else [])]
            symbols = self.frame.symbols
            chosen = (f"[{symbols.dotted(*map(self.words, texts))}]", "bold")
            if self.has_class("-narrow"):
                self.asked.show(Content.assemble(f"{symbols.back} ", chosen, f" {symbols.arrow}"))
            else:
                self.asked.show(Content.assemble(head, " ", chosen))
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
        practised = in_a_row(self._outlook or Outlook(), date.fromtimestamp(time()))
        right = engine_words(self.frame) or (self.words(practised) if practised else "")
        subject = "" if self.has_class("-narrow") else self.words(SUBJECT)
        self.place.show(self.frame.symbols.dotted("bptutor", subject), right)

    # ── what is done ──────────────────────────────────────────────────────────────────────────

    def on_choices_moved(self) -> None:
        self.say("")
        self._show_item()

    def on_choices_picked(self) -> None:
        self._begin(resume=True)

    @property
    def finding(self) -> bool:
        """Are words typed to find a lesson?"""
        return bool(self.find_row.display)

    @property
    def here(self) -> Here:
        return Here(
            lesson=self._item, part=self.tour.part, in_class=self._in_class, finding=self.finding
        )

    async def action_find(self) -> None:
        from bptutor.tui.widgets.answer import AnswerInput

        if self.find is None:
            lead = Words(self.words(Message("Find a lesson:")) + " [", classes="frame")
            self.find = AnswerInput(id="find", limit=60, takes_matrix=False)
            await self.find_row.mount(lead, self.find, Words("]", classes="frame"))
        self.find.value = ""
        self.find_row.display, self.asked.display = True, False
        self.find.focus()
        self.refresh_bindings()

    def action_find_end(self) -> None:
        self._close_find()
        self._show_lessons(self.lessons.chosen)
        self._show_item()

    def _close_find(self) -> None:
        self.find_row.display, self.asked.display = False, True
        self.lessons.focus()

    def on_input_changed(self) -> None:
        """Other words find other lessons."""
        if self.finding:
            self._show_lessons(self.lessons.chosen)
            self._show_item()

    def on_answer_input_move(self, event: AnswerInput.Move) -> None:
        """Up and down in the field go through what is found."""
        event.stop()
        if event.down:
            self.lessons.action_step(event.down)

    def action_ask(self, by: int) -> None:
        self.say("")
        self.tour.choose(self.tour.choice + by)
        self.frame.commands.beside(self.tour.remember())
        if self.items:
            self._show_lessons(self.lessons.chosen)
        self._show_item()

    def action_quiz(self) -> None:
        name = self._item.name if self._item else ""
        self.frame.command(lambda: self.tour.choose_quiz(name))

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
