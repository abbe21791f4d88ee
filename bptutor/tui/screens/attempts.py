"""The past attempts, the latest first; one that is chosen is asked again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from bptutor.locale import Message
from bptutor.service.messages import AttemptLine
from bptutor.service.words import outcome
from bptutor.tui.screens.room import Dialog
from bptutor.tui.widgets.choices import Choice, Choices
from bptutor.tui.widgets.keys import Keys
from bptutor.tui.widgets.words import Words


class AttemptList(Dialog[str]):
    """A line an attempt; dismissed with the code of the one that is to be asked again."""

    AUTO_FOCUS = "#attempt-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "replay", Message("Ask it again").text, id="replay", priority=True),
        Binding("escape", "close", Message("Close").text, id="close"),
        Binding("f6", "close", show=False, id="close-too"),
    ]

    def __init__(self) -> None:
        super().__init__(id="attempts")
        self.items: list[AttemptLine] = []
        self._more = False
        """Are there earlier ones?"""
        self.list = Choices(id="attempt-list")
        self.typed = Words(id="attempt-typed")
        self.code = Words(id="attempt-code", classes="aside")

    def compose(self) -> ComposeResult:
        """The list, and below it what was typed in the chosen attempt."""
        with Vertical(classes="dialog"):
            yield Words(self.words(Message("Past attempts")), classes="heading")
            yield self.list
            yield self.typed
            yield self.code
            yield Keys(id="keys")

    def show(self, items: Sequence[AttemptLine]) -> None:
        """Show these attempts instead."""
        self.items = []
        self.add(items)

    def add(self, items: Sequence[AttemptLine]) -> None:
        """Show these below the others; where there are none, those were all."""
        self._more = bool(items)
        here = self.list.chosen if self.items else 0
        self.items += items
        self._list(here)
        self._show_attempt()

    def on_resize(self) -> None:  # type: ignore[override]
        """Where there is room, the time of day stands beside the day."""
        self.call_after_refresh(lambda: self._list(self.list.chosen))

    def _list(self, here: int | None) -> None:
        self.list.show([self._line(key, each) for key, each in enumerate(self.items)], here)

    def _line(self, key: int, attempt: AttemptLine) -> Choice:
        form = "%m-%d" if self.has_class("-narrow") else "%Y-%m-%d %H:%M"
        at = datetime.fromtimestamp(attempt.at).strftime(form)
        symbols = self.tutor.symbols
        of = attempt.verdict
        mark = (
            symbols.stages[of]
            if of == "shown"
            else symbols.mark("exact" if of == "product" else of)
        )
        verdict = f"{mark} {self.words(outcome(of))}"
        return Choice(f"{at}  {attempt.name} {symbols.dot} {attempt.lesson}", verdict, key)

    def _show_attempt(self) -> None:
        chosen = self.list.chosen
        attempt = self.items[chosen] if chosen is not None else None
        typed = Message("You typed: {typed}", typed=attempt.typed if attempt else "")
        self.typed.show(self.words(typed) if attempt and attempt.typed else "")
        self.code.show(attempt.code if attempt else "")

    def on_choices_moved(self) -> None:
        """Another attempt is the chosen one; at the last one the earlier ones are fetched."""
        self._show_attempt()
        if self._more and self.list.chosen == len(self.items) - 1:
            self._more = False
            self.tutor.quizzing.list_earlier(self.items[-1].id)

    def on_choices_picked(self) -> None:
        """A click on the chosen attempt."""
        self.action_replay()

    def action_replay(self) -> None:
        """The same item with the same numbers."""
        chosen = self.list.chosen
        if chosen is not None:
            self.dismiss(self.items[chosen].code)

    def action_close(self) -> None:
        """Back to the progress."""
        self.dismiss(None)
