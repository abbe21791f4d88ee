"""The assignments of a class: the list of them, and the cover of one before it begins."""

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from bptutor.front.here import Here
from bptutor.service.assignment_words import (
    GROUPS,
    KINDS,
    NO_ASSIGNMENTS,
    about,
    grouped,
    how_to_begin,
    more_about,
    rules,
    standing,
)
from bptutor.text import Message
from bptutor.tui.screens.base import STYLES, Room, engine_words
from bptutor.tui.widgets.list import Choice, Choices
from bptutor.tui.widgets.text import Bar, ScrolledText, Words
from bptutor.views.assignments import AssignmentCover, AssignmentItem, Assignments


class AssignmentList(Room):
    """What is open, what comes, what is done; Enter opens one."""

    PLACE = "assignments"
    CSS_PATH = STYLES / "quiz.tcss"
    AUTO_FOCUS = "#assignments-list"

    def __init__(self) -> None:
        super().__init__()
        self.view: Assignments | None = None
        self.list = Choices(id="assignments-list", snug=True)
        self.rule = Bar(rule=True, id="rule")
        self.about = Words(id="about")

    def compose(self) -> ComposeResult:
        yield from (self.place, self.list, self.rule, self.about, self.message, self.keys)

    async def present(self, view: Assignments) -> None:
        chosen = self._item
        self.view = view
        self.show_engine()
        names = [item.name for item in view.items]
        here = names.index(chosen.name) if chosen and chosen.name in names else None
        self.list.show([*self._lines(view)], here)
        self.list.focus()
        self.say("" if view.items else self.words(NO_ASSIGNMENTS))
        self._show_item()

    def _lines(self, view: Assignments) -> Iterator[Choice]:
        for state, items in grouped(view.items):
            yield Choice(self.words(GROUPS[state]), heading=True)
            yield from (self._line(item, view) for item in items)

    def _line(self, item: AssignmentItem, view: Assignments) -> Choice:
        name = f"{item.title} {self.frame.symbols.dot} {self.words(KINDS[item.kind])}"
        return Choice(name, self.words(standing(item, view.now)), view.items.index(item))

    @property
    def _item(self) -> AssignmentItem | None:
        chosen, items = self.list.chosen, self.view.items if self.view else []
        return None if chosen is None or chosen >= len(items) else items[chosen]

    def _show_item(self) -> None:
        item, view = self._item, self.view
        self.rule.show(item.title if item else "")
        told = more_about(item, view.now) if item and view else ()
        self.about.show(" ".join(map(self.words, told)))
        self.refresh_bindings()

    def show_engine(self) -> None:
        learner = self.view.learner if self.view else ""
        place = self.frame.symbols.dotted(self.words(Message("Assignments")), learner)
        self.place.show(place, engine_words(self.frame))

    def on_choices_moved(self) -> None:
        self.say("")
        self._show_item()

    def on_choices_picked(self) -> None:
        self.action_do()

    def action_do(self) -> None:
        item = self._item
        if item:
            self.frame.command(lambda: self.tour.open_assignment(item.name))


class AssignmentStart(Room):
    """The cover of an assignment: its rules, and Enter to begin."""

    PLACE = "assignment"
    CSS_PATH = STYLES / "quiz.tcss"
    AUTO_FOCUS = "#rules"

    def __init__(self) -> None:
        super().__init__()
        self.cover: AssignmentCover | None = None
        self.heading = Words(id="heading", classes="heading")
        self.rules = ScrolledText(id="rules")
        self.password = Input(password=True, id="password", compact=True)
        self.label = Words(id="password-label")
        self.row = Horizontal(self.label, self.password, id="password-row")

    def compose(self) -> ComposeResult:
        yield from (self.place, self.heading, self.rules, self.row, self.message, self.keys)

    def on_mount(self) -> None:
        self.row.display = False
        self.show_engine()
        if not self.cover:
            self.heading.show(self.words(Message("Opening the assignment")))

    async def present(self, cover: AssignmentCover) -> None:
        self.cover = cover
        item = cover.item
        self.show_engine()
        self.heading.show(item.title)
        told = [about(cover), rules(cover) if item.state == "open" else ()]
        parts = ("\n".join(map(self.words, part)) for part in told)
        self.rules.show("\n\n".join(filter(None, parts)))
        self.label.show(self.words(Message("Password")))
        asks = item.state == "open" and cover.asks_password
        self.row.display = asks
        self.password.value = ""
        (self.password if asks else self.rules).focus()
        self.say(self.words(how_to_begin(cover)))
        self.refresh_bindings()

    def refuse(self, sentence: str) -> None:
        self.heading.show(self.words(Message("This assignment cannot be opened")))
        self.say(sentence)

    def show_engine(self) -> None:
        kind = self.words(KINDS[self.cover.item.kind]) if self.cover else "bptutor"
        self.place.show(kind, engine_words(self.frame))

    @property
    def here(self) -> Here:
        return Here(cover=self.cover, in_class=True)

    def action_begin(self) -> None:
        """Begin; with the password that is typed, where one is asked."""
        cover = self.cover
        if cover is None or (cover.asks_password and not self.password.value):
            return
        password = self.password.value if cover.asks_password else ""
        self.password.value = ""  # a wrong one is typed again from its beginning
        self.frame.command(lambda: self.tour.begin_assignment(password))
