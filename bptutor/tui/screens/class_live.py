"""An assignment as it goes: a row for each learner, and a bar for each item."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import inf
from time import strftime
from typing import get_args

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.events import Resize

from bptutor.service.desk_tables import OUTCOMES, Table, bars, learners
from bptutor.service.desk_words import (
    ALL,
    ITEMS,
    logins_of,
    minutes_of,
    new_ends,
    standing,
    turnout,
)
from bptutor.text import Message
from bptutor.tui.screens.class_forms import REASON, WHY, ChangeForm, Field, Save
from bptutor.tui.screens.classroom import Sheet
from bptutor.tui.widgets.list import Choice, Choices
from bptutor.tui.widgets.text import Words
from bptutor.views.classroom import LearnerLine, PaperState, WatchView

MINUTES = Field("minutes", Message("Minutes"))
WRONG = "x"
WHO = Message("Learners")
AWAY = Message("The host does not answer. You see the state of {time}; bptutor tries again.")


def _by_login(learner: LearnerLine) -> tuple[float, str]:
    return 0.0, learner.login


def _by_state(learner: LearnerLine) -> tuple[float, str]:
    return float(get_args(PaperState).index(learner.state)), learner.login


def _by_time_left(learner: LearnerLine) -> tuple[float, str]:
    return (inf if learner.seconds_left is None else learner.seconds_left), learner.login


def _by_last_key(learner: LearnerLine) -> tuple[float, str]:
    """Of those who work, who has pressed no key for longest."""
    works = learner.state == "working" and learner.last_key is not None
    return (learner.last_key or 0.0) if works else inf, learner.login


ORDERS: tuple[tuple[Message, Callable[[LearnerLine], tuple[float, str]]], ...] = (
    (Message("Sorted by login."), _by_login),
    (Message("Sorted by state: first those who have not begun."), _by_state),
    (Message("Sorted by the time left."), _by_time_left),
    (Message("Sorted by the last key: the longest pause comes first."), _by_last_key),
)
"""How the learners may be sorted, one after the other."""


class Live(Sheet):
    """It is asked for again every few seconds; the chosen learner and item stay chosen."""

    PLACE = "class-live"
    TITLE_WORDS = Message("Live")
    view: WatchView

    def __init__(self) -> None:
        super().__init__()
        self.bar_columns = Words(id="bar-columns", classes="aside")
        self.bars = Choices(id="bars")
        self._seen = ""
        """When the view came."""
        self._order = 0
        """Which of the orders it is."""
        self._away = False
        """Is it said that the host does not answer?"""

    def compose(self) -> ComposeResult:
        yield from (self.place, self.columns, self.rows, self.rule)
        yield from (self.bar_columns, self.bars, self.message, self.keys)

    async def fetch(self) -> WatchView:
        return await self.teacher.desk.watch(self.name_of_assignment)

    async def present(self, view: WatchView) -> None:
        _, key = ORDERS[self._order]
        view = replace(view, learners=sorted(view.learners, key=key))
        self._seen = strftime("%H:%M:%S")
        self.teacher.assignment = view.assignment
        if self._away:
            self._away = False
            self.say("")
        await super().present(view)

    def host_is_away(self) -> None:
        """The view could not be had; what is on the screen is an old one."""
        self._away = True
        self.say(self.words(Message(AWAY.text, time=self._seen)))

    def place_words(self) -> tuple[str, str]:
        line = self.view.assignment
        left = self.frame.symbols.dotted(line.title, self.words(standing(line)))
        return left, self.words(turnout(line))

    def table(self) -> Table:
        symbols = self.frame.symbols
        return learners(self.view, self.words, (symbols.items["answered"], symbols.items["open"]))

    def keys_of_rows(self) -> Sequence[str]:
        return [each.login for each in self.view.learners]

    def on_resize(self, event: Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._lay_out_bars)

    def _lay_out(self, here: int | None) -> None:
        super()._lay_out(here)
        self._lay_out_bars()

    def _lay_out_bars(self) -> None:
        if self.view is None:
            return
        here, symbols = self.bars.chosen, self.frame.symbols
        table = bars(self.view, self.words, self._signs)
        header, *lines = table.lines(self.room_for_text, symbols.ellipsis)
        self.bar_columns.show(f"  {header}")
        self.bars.show([Choice(line, key=key) for key, line in enumerate(lines)], here)

    @property
    def _signs(self) -> str:
        """The signs of the bars: right, partly right, wrong, answered, and not answered."""
        shades = self.frame.symbols.shades
        return shades[3] + shades[2] + WRONG + shades[1] + shades[0]

    def show_row(self) -> None:
        """Above the bars: what their signs mean."""
        self.teacher.login = self.chosen_key
        told = (self.words(ITEMS[outcome]) for outcome in OUTCOMES)
        legend = zip(self._signs, told, strict=True)
        self.rule.show("  ".join(f"{sign} {text}" for sign, text in legend))
        self.refresh_bindings()

    # ── what is done ──────────────────────────────────────────────────────────────────────────

    def allows(self, name: str) -> bool:
        learner = self._learner
        if name == "class-reopen":
            return learner is not None and learner.state == "submitted"
        return name not in ("class-paper", "class-preview") or learner is not None

    @property
    def _learner(self) -> LearnerLine | None:
        """The chosen learner."""
        learners = self.view.learners if self.view else []
        return next((each for each in learners if each.login == self.chosen_key), None)

    def on_choices_moved(self) -> None:
        if not self._away:
            self.say("")
        self.show_row()

    def on_choices_picked(self) -> None:
        self.action_paper()

    def action_paper(self) -> None:
        """The chosen learner's paper; with the cursor on an item, its mistakes."""
        if self.focused is self.bars:
            self.teacher.item = self.bars.chosen
            self.teacher.enter("class-mistakes")
        elif self.chosen_key:
            self.teacher.login = self.chosen_key
            self.teacher.enter("class-paper")

    def action_sort(self) -> None:
        """Sort the learners in the next way."""
        if self.view is None:
            return
        self._order = (self._order + 1) % len(ORDERS)
        said, _ = ORDERS[self._order]

        async def work() -> None:
            await self.present(self.view)
            self.say(self.words(said))

        self.teacher.command(work)

    def action_extend(self) -> None:
        async def save(values: dict[str, str]) -> None:
            logins, minutes = logins_of(values["who"]), minutes_of(values["minutes"])
            desk, name = self.teacher.desk, self.name_of_assignment
            await self._changed(new_ends(await desk.extend(name, logins, minutes, values[WHY])))

        self._ask(
            Message("Give more time"),
            [Message("Papers end so many minutes later. {all} stands for everybody.", all=ALL)],
            [Field("who", WHO, self.chosen_key), MINUTES],
            save,
        )

    def action_reopen(self) -> None:
        login = self.chosen_key

        async def save(values: dict[str, str]) -> None:
            desk, minutes = self.teacher.desk, minutes_of(values["minutes"])
            name = self.name_of_assignment
            await self._changed(new_ends([await desk.reopen(name, login, minutes, values[WHY])]))

        about = Message("{login} continues for so many minutes from now.", login=login)
        self._ask(Message("Reopen a paper"), [about], [MINUTES], save)

    def action_close(self) -> None:
        async def save(values: dict[str, str]) -> None:
            logins = logins_of(values["who"])
            desk, name = self.teacher.desk, self.name_of_assignment
            await self._changed(new_ends(await desk.close(name, logins, values[WHY])))

        self._ask(
            Message("Submit papers now"),
            [Message("{all} stands for everybody, and closes the assignment.", all=ALL)],
            [Field("who", WHO, self.chosen_key)],
            save,
        )

    def _ask(
        self, heading: Message, about: Sequence[Message], fields: Sequence[Field], save: Save
    ) -> None:
        self.teacher.change(ChangeForm(heading, about, [*fields, REASON], save))

    async def _changed(self, sentences: Iterable[Message]) -> None:
        """Show the new state, and what has changed in it."""
        await self.teacher.reload()
        self.say("  ".join(self.words(each) for each in sentences))
