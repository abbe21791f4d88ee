"""The teacher's screens: a table to choose from, and what there is to know of the chosen row."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol, cast

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.events import Resize

from bptutor.service.desk import Desk
from bptutor.service.desk_tables import Table, assignments, people, preview
from bptutor.service.desk_words import (
    about,
    about_question,
    assigned,
    item_heading,
    read_in,
)
from bptutor.text import Message
from bptutor.text.printable import printable
from bptutor.tui.screens.base import STYLES, Room
from bptutor.tui.screens.class_forms import ChangeForm, Field
from bptutor.tui.symbols import Symbols
from bptutor.tui.widgets.list import Choice, Choices
from bptutor.tui.widgets.text import Bar, Words
from bptutor.views.classroom import AssignmentLine, PreviewView, RosterView

MARGIN = 6
"""Columns beside the text of a row: the list's margins, the cursor's mark, the scrollbar."""


class Teacher(Protocol):
    """What the teacher's screens may ask of their app."""

    desk: Desk
    symbols: Symbols
    assignment: AssignmentLine | None
    """The one that is looked at."""
    login: str
    """The learner who was chosen last."""
    item: int | None
    """The item that was chosen last, in the live view."""

    def words(self, message: Message) -> str: ...

    def command(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do one thing with the host; False while another one is on its way."""

    def enter(self, place: str) -> None:
        """Go to another screen, with what the host has for it now."""

    async def reload(self) -> None:
        """The same screen, with what the host has now."""

    def back(self) -> None:
        """To the screen below."""

    def change(self, form: ChangeForm) -> None:
        """Ask for what a change needs."""

    @property
    def room(self) -> Room:
        """The screen under any dialog."""


class Sheet(Room):
    """A table whose rows can be chosen, and below it what there is to know of the chosen one."""

    CSS_PATH = STYLES / "class.tcss"
    AUTO_FOCUS = "#rows"
    TITLE_WORDS: ClassVar[Message]

    def __init__(self) -> None:
        super().__init__()
        self.view: Any = None
        self.columns = Words(id="columns", classes="aside")
        self.rows = Choices(id="rows", snug=True)
        self.rule = Bar(rule=True, id="rule")
        self.about = Words()
        self.detail = VerticalScroll(self.about, id="detail", can_focus=False)
        self._keys: Sequence[str] = ()

    def compose(self) -> ComposeResult:
        yield from (self.place, self.columns, self.rows, self.rule, self.detail)
        yield from (self.message, self.keys)

    @property
    def teacher(self) -> Teacher:
        return cast(Teacher, self.app)

    @property
    def name_of_assignment(self) -> str:
        line = self.teacher.assignment
        return line.name if line else ""

    # ── what a screen says for itself ─────────────────────────────────────────────────────────

    async def fetch(self) -> Any:
        """What the host has for this screen."""
        raise NotImplementedError

    def table(self) -> Table:
        raise NotImplementedError

    def keys_of_rows(self) -> Sequence[str]:
        """What each row stands for, so that the chosen one stays chosen."""
        raise NotImplementedError

    def told(self, index: int) -> Iterable[Message]:
        """What there is to know of a row."""
        return ()

    def titled(self, index: int) -> str:
        """What stands above that."""
        return ""

    def place_words(self) -> tuple[str, str]:
        """What stands at the top, left and right."""
        line = self.teacher.assignment
        title = self.words(self.TITLE_WORDS)
        return (self.frame.symbols.dotted(title, line.title if line else ""), "")

    # ── how it is shown ───────────────────────────────────────────────────────────────────────

    async def present(self, view: Any) -> None:
        """Show a view; whoever was chosen still is."""
        chosen = self.chosen_key
        self.view = view
        self._keys = self.keys_of_rows()
        self.place.show(*self.place_words())
        here = self._keys.index(chosen) if chosen in self._keys else None
        self._lay_out(here)
        self.show_row()

    def on_resize(self, event: Resize) -> None:
        """Columns are as wide as there is room for."""
        super().on_resize(event)
        self.call_after_refresh(lambda: self._lay_out(self.rows.chosen))

    @property
    def room_for_text(self) -> int:
        return max(20, self.app.size.width - MARGIN)

    def _lay_out(self, here: int | None) -> None:
        if self.view is None:
            return
        header, *lines = self.table().lines(self.room_for_text, self.frame.symbols.ellipsis)
        self.columns.show(f"  {header}")
        choices = [Choice(line, key=key) for key, line in enumerate(lines)]
        nothing = Choice(self.words(Message("Nothing here yet.")))
        self.rows.show(choices or [nothing], here)
        self.refresh_bindings()

    @property
    def chosen_key(self) -> str:
        """What the chosen row stands for; nothing where there is none."""
        chosen = self.rows.chosen
        return self._keys[chosen] if chosen is not None and chosen < len(self._keys) else ""

    def show_row(self) -> None:
        chosen = self.rows.chosen
        there = chosen is not None and self.view is not None and chosen < len(self._keys)
        self.rule.show(printable(self.titled(chosen)) if there and chosen is not None else "")
        told = self.told(chosen) if there and chosen is not None else ()
        self.about.show("\n".join(self.words(each) for each in told))
        self.detail.scroll_home(animate=False)
        self.refresh_bindings()

    def on_choices_moved(self) -> None:
        self.say("")
        self.show_row()

    def action_scroll(self, by: int) -> None:
        self.detail.scroll_relative(y=by, animate=False)

    def action_back(self) -> None:
        self.teacher.back()

    def action_go(self, place: str) -> None:
        self.teacher.enter(place)

    def show_engine(self) -> None: ...


class Assignments(Sheet):
    """The first screen: everything that is assigned."""

    PLACE = "class"
    TITLE_WORDS = Message("Class")
    NEEDS = ("class-watch", "class-mistakes", "class-marks", "class-preview")
    view: list[AssignmentLine]

    async def fetch(self) -> list[AssignmentLine]:
        return await self.teacher.desk.assignments()

    def place_words(self) -> tuple[str, str]:
        count = Message("assignments: {count}", count=len(self.view))
        return self.words(self.TITLE_WORDS), self.words(count)

    def table(self) -> Table:
        return assignments(self.view, self.words)

    def keys_of_rows(self) -> Sequence[str]:
        return [line.name for line in self.view]

    def titled(self, index: int) -> str:
        return self.view[index].title

    def told(self, index: int) -> Iterable[Message]:
        return about(self.view[index])

    def show_row(self) -> None:
        """The chosen assignment is the one that the other screens show."""
        super().show_row()
        chosen = self.rows.chosen
        there = self.view and chosen is not None
        self.teacher.assignment = self.view[chosen or 0] if there else None
        self.teacher.login = ""

    def allows(self, name: str) -> bool:
        """Without an assignment, only what makes one."""
        return name not in self.NEEDS or self.teacher.assignment is not None

    def on_choices_picked(self) -> None:
        self.teacher.enter("class-live")

    def action_assign(self) -> None:
        async def save(values: dict[str, str]) -> None:
            from bptutor.service.desk_files import assignment_of  # reads lessons, too

            path = Path(os.path.expanduser(values["file"]))
            text, lessons = assignment_of(path)
            line = await self.teacher.desk.assign(text, str(path), lessons)
            await self.teacher.reload()
            self.say(self.words(assigned(line)))

        self.teacher.change(
            ChangeForm(
                Message("Assign a file"),
                [Message("The file is TOML. Its name is the assignment's name.")],
                [Field("file", Message("File"))],
                save,
            )
        )


class People(Sheet):
    """The roster."""

    PLACE = "class-people"
    TITLE_WORDS = Message("People")
    view: RosterView

    async def fetch(self) -> RosterView:
        return await self.teacher.desk.roster()

    def place_words(self) -> tuple[str, str]:
        count = Message("people: {count}", count=len(self.view.people))
        return self.words(self.TITLE_WORDS), self.words(count)

    def table(self) -> Table:
        return people(self.view, self.words)

    def keys_of_rows(self) -> Sequence[str]:
        return [each.login for each in self.view.people]

    def titled(self, index: int) -> str:
        person = self.view.people[index]
        return self.frame.symbols.dotted(person.login, person.name, person.email)

    def action_read(self) -> None:
        async def save(values: dict[str, str]) -> None:
            from bptutor.service.desk_files import text_of

            path = Path(os.path.expanduser(values["file"]))
            view = await self.teacher.desk.roster(text_of(path, ".csv"), str(path))
            await self.present(view)
            self.say(self.words(read_in(view)))

        self.teacher.change(
            ChangeForm(
                Message("Read the roster from a file"),
                [
                    Message(
                        "The columns are login, name, number, email, section and time_factor. The "
                        "file replaces the roster; papers and marks stay."
                    )
                ],
                [Field("file", Message("File"))],
                save,
            )
        )


class Preview(Sheet):
    """The questions as a learner gets them, with the right answers."""

    PLACE = "class-preview"
    TITLE_WORDS = Message("Preview")
    view: PreviewView

    async def fetch(self) -> PreviewView:
        return await self.teacher.desk.preview(self.name_of_assignment, self.teacher.login)

    def place_words(self) -> tuple[str, str]:
        left, _ = super().place_words()
        who = Message("as {login}", login=self.view.login) if self.view.login else None
        return left, self.words(who) if who else ""

    def table(self) -> Table:
        return preview(self.view, self.words)

    def keys_of_rows(self) -> Sequence[str]:
        return [str(each.index) for each in self.view.items]

    def titled(self, index: int) -> str:
        return self.words(item_heading(self.view.items[index]))

    def told(self, index: int) -> Iterable[Message]:
        return about_question(self.view.items[index])
