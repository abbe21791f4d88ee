"""Beside the lessons of the menu: the chosen one, its picture, what is due, the last weeks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from time import time
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.message import Message as Event

from bptutor.literals import Part
from bptutor.service.lesson_words import last_attempt, left_of, time_to_end
from bptutor.service.words import (
    KINDS,
    WELCOME,
    how_far,
    numbered,
    reached,
    where_left,
)
from bptutor.text import Message
from bptutor.text.printable import wrap
from bptutor.tui.figures import fit
from bptutor.tui.symbols import look_of
from bptutor.tui.widgets.parts import come, count, mark_of, outcome_mark
from bptutor.tui.widgets.rows import Row, Rows
from bptutor.views.lesson import LessonItem, Outlook, Place
from bptutor.views.quiz import Day

if TYPE_CHECKING:
    from bptutor.tui.widgets.picture_panel import PicturePanel
    from bptutor.views.picture import Pictured

BAR, SHORT_BAR, LONGEST_BAR = 16, 10, 40
"""Cells of a bar: of a part among the others, and of the chosen one."""
MOST_DUE = {"-short": 1, "-usual-height": 2, "-tall": 6}
"""Kinds of step that are named, by the height of the screen."""
MOST_WEEKS = {"-usual-height": 4, "-tall": 12}
HIGH = 50
"""Lines of the screen from which on a picture leaves room for all of that."""
DUE_BY_PICTURE, WEEKS_BY_PICTURE = 4, 4
ABOUT = 12
"""Lines for the chosen lesson beside its picture, which then stays where it is."""
WIDEST_DUE = 44
CALENDAR, FRAME = 21, 4
"""Cells of the calendar, and of the frame around it."""


class Beside(Vertical):
    class Widened(Event):
        """It has another width than what it shows was made for."""

    def __init__(self) -> None:
        super().__init__(id="beside")
        self._made_for = 0
        self.about = Rows(id="about")
        self.picture_place = Vertical(id="picture-place")
        self.picture: PicturePanel | None = None
        """Made when there is a picture to show, after the first frame."""
        self.due = Rows(id="due")
        self.weeks = Rows(id="weeks")

    def compose(self) -> ComposeResult:
        yield from (self.about, self.picture_place)
        with Container(id="lower"):
            yield from (self.due, self.weeks)

    def on_resize(self) -> None:
        if self._room != self._made_for:
            self.post_message(self.Widened())

    @property
    def has_picture(self) -> bool:
        """Is there room for one, and a link that carries it with each arrow key?"""
        classes = self.screen.has_class("-wide") and self.screen.has_class("-tall")
        return classes and not look_of(self).slow

    async def show_picture(self, pictured: Pictured | None) -> None:
        """The picture of the chosen lesson; None: it has none."""
        if self.picture is None:
            from bptutor.tui.widgets.picture_panel import PicturePanel

            self.picture = PicturePanel(outline=True)
            await self.picture_place.mount(self.picture)
        self.picture.show(pictured)

    def show_lesson(
        self, label: Message, item: LessonItem | None, part: Part, outlook: Outlook
    ) -> None:
        """The chosen lesson: where it goes on, and what it is about."""
        words, self._made_for = look_of(self).words, self._room
        about = self._about(item, part, outlook) if item else self._lines(words(WELCOME), "plain")
        rows = [*about]
        self.picture_place.display = self.has_picture
        self.about.styles.height = max(ABOUT, len(rows) + 2) if self.has_picture else "1fr"
        self.about.show(words(label) if item else "", rows)

    def show_outlook(self, outlook: Outlook | None, quizzes: str) -> None:
        """What is due, and the last weeks, as many lines as there is height for.

        `quizzes` says what can be gone on with; None for the outlook: it is not known yet.
        """
        words, days = look_of(self).words, outlook.days if outlook else []
        most, weeks = self._most(MOST_DUE), self._most(MOST_WEEKS)
        if self.has_picture and self.screen.size.height < HIGH:
            most, weeks = DUE_BY_PICTURE, WEEKS_BY_PICTURE
        calendar = self._calendar(days, weeks)
        beside = bool(calendar) and self.screen.has_class("-wide")
        room = max(1, self._room - CALENDAR - FRAME - 1) if beside else self._room
        room = min(room, WIDEST_DUE)
        known = outlook or Outlook()
        heading = words(Message("Due today") if known.due else Message("Quiz"))
        rows = [*self._due(known, most, room)]
        rows += [[(line, "plain")] for line in wrap(quizzes, room)] if quizzes else ()
        if outlook and not (rows or days):  # a learner's first look
            heading, rows = "bptutor", [*self._lines(words(WELCOME), "plain")]
        rows = rows if most else []
        least = max(len(rows), len(calendar)) if beside else 0
        self._fill(self.due, heading, rows, least)
        self._fill(self.weeks, words(Message("Last weeks")), calendar, least)

    def _most(self, by_height: Mapping[str, int]) -> int:
        return next((most for name, most in by_height.items() if self.screen.has_class(name)), 0)

    def _fill(self, panel: Rows, title: str, rows: list[Row], least: int) -> None:
        panel.styles.height = max(len(rows), least) + 2
        panel.display = bool(rows)
        panel.show(title, rows)

    def _due(self, outlook: Outlook, most: int, room: int) -> Iterator[Row]:
        """Each kind of step, and at the end of the line how well it is remembered."""
        look = look_of(self)
        for skill in outlook.due[:most]:
            share = f" {round(100 * skill.strength):3d} %"
            name = fit(skill.skill, room - len(share), look.symbols.ellipsis)
            yield [(name, "plain"), (share, "bold")]
        if (more := len(outlook.due) - most) > 0:
            yield [(look.words(Message("{count} more", count=more)), "faint")]

    def _calendar(self, days: Sequence[Day], weeks: int) -> list[Row]:
        if not (days and weeks):
            return []
        from bptutor.tui.report import calendar  # not before there is something to show

        head, *lines = calendar(look_of(self), days, date.fromtimestamp(time()), weeks, cells=2)
        return [[(head, "faint")], *([(line, "plain")] for line in lines)]

    @property
    def _room(self) -> int:
        return max(1, self.about.size.width)

    def _lines(self, text: str, look: str) -> Iterator[Row]:
        return ([(line, look)] for line in wrap(text, self._room))

    def _about(self, item: LessonItem, part: Part, outlook: Outlook) -> Iterator[Row]:
        look, place = look_of(self), reached(item, part)
        if not self.screen.has_class("-narrow"):  # where it stands right above
            yield from self._lines(item.title, "bold")
        if place and place.answered:
            there = left_of(outlook, item, part)
            if place.done and place.answered == place.steps:
                where = look.words(how_far(place))
            elif there:
                kind = look.words(KINDS[there.kind])
                where = look.symbols.dotted(there.section, kind, there.name)
            else:
                sentence = where_left(item, part)
                where = look.words(sentence) if sentence else ""
            yield from self._lines(where, "plain")
            most = LONGEST_BAR if self.screen.has_class("-tall") else SHORT_BAR
            bar, time_left = self._bar(place, "", most), there and time_to_end(there)
            note = look.words(time_left) if time_left else ""
            beside = [*bar, (f"  {note}", "plain")]
            fits = cell_len("".join(text for text, _ in beside)) <= self._room
            yield from [beside] if fits else [bar, [(note, "plain")]]
            yield []
        yield from self._lines(item.problem or item.summary, "faint")
        if self.screen.has_class("-tall"):
            yield []
            names = {each: look.words(numbered(each)) for each in item.parts}
            width = max(map(cell_len, names.values()), default=0)
            for each, name in names.items():
                mark = mark_of(item.parts[each], look.symbols)
                yield self._bar(item.parts[each], f"{mark} {set_cell_size(name, width)}  ", BAR)
            if last := outlook.latest.get(item.name):
                mark = outcome_mark(last.verdict, look.symbols)
                yield [(f"{mark} {look.words(last_attempt(last))}", "faint")]

    def _bar(self, place: Place, before: str, most: int) -> Row:
        """How far a part has come, as a bar and in numbers."""
        symbols, after = look_of(self).symbols, f" {count(place)}"
        width = max(0, min(most, self._room - cell_len(before + after)))
        bar = symbols.bar(come(place), place.steps, width)
        full = bar.rstrip(symbols.empty)
        return [(before, "plain"), (full, "here"), (bar[len(full) :], "faint"), (after, "plain")]
