"""Help: the keys of the screen it is called on, those of a step, what may be typed, the marks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll

from bptutor.locale import Message
from bptutor.service.sentences import ANSWERS
from bptutor.service.words import VERDICTS
from bptutor.tui.screens.item import ItemScreen
from bptutor.tui.screens.room import Dialog
from bptutor.tui.widgets.keys import Keys, key_name, keys_of
from bptutor.tui.widgets.words import Words

KEYS = {
    "Enter": Message("check the answer; after it, go on"),
    "Tab, arrows": Message("from cell to cell; right, where a name is suggested, takes it"),
    "F2": Message("a hint; after the last one, the answer"),
    "F3": Message("show the answer (the step counts as shown, not as solved)"),
    "F4, PgUp": Message("the step before"),
    "F5, PgDn": Message("the step after, where it has been reached"),
    "F6": Message("the list of steps, to go back to any of them"),
    "F7": Message("every known quantity, whole; in symbols the signal on its way"),
    "F12, Ctrl+P": Message("the network or the graph as a picture, and matrices as heat maps"),
    "F8": Message("to the next question; or the numbers, where they are offered"),
    "F9": Message("why this step is as it is, and a nudge to try it out"),
    "Ctrl+Up, Ctrl+Down": Message("scroll, where the screen is small"),
    "Esc": Message("the menu; what you typed is kept"),
    "F10, Ctrl+Q": Message("quit; you go on where you were"),
}
QUIZ_KEYS = {
    "Enter": Message("in an exam: note the answer, and on to the next item"),
    "F5": Message("put this item off until the others are done"),
    "F6": Message("the items, and at the end how each went; Enter goes there"),
    "F7": Message("the code of the item, with which a teacher sees the same numbers"),
    "F8": Message("in an exam: flag this item to come back to, or take the flag away"),
    "F9": Message("in an exam: an overview, and there the end of it"),
}
"""Keys that do something else in a quiz."""

CALLED = {
    "Tab, arrows": Message("Tab, arrows"),
    "Ctrl+Up, Ctrl+Down": Message("Ctrl+Up, Ctrl+Down"),
}
"""Of these keys those that are called by words of a language."""


class Help(Dialog[None]):
    """What the keys do, what may be typed, what the marks mean."""

    AUTO_FOCUS = "#help-text"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", Message("Close").text, id="close", priority=True),
        Binding("f1,enter", "close", show=False, id="close-too", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__(id="help")
        self.here_heading = Words(classes="heading -first")
        self.here = Words()
        self.lesson_heading = Words(classes="heading")

    def compose(self) -> ComposeResult:
        """One text that scrolls."""
        marks = {self.tutor.symbols.verdicts[v]: text for v, text in VERDICTS.items()}
        with Vertical(classes="dialog"):
            with VerticalScroll(id="help-text"):
                yield self.here_heading
                yield self.here
                yield self.lesson_heading
                yield from self._table(self._keys())
                yield Words(self.words(Message("In a quiz")), classes="heading")
                yield from self._table(QUIZ_KEYS)
                yield Words(self.words(Message("Answers")), classes="heading")
                yield Words("\n".join(self.words(line) for line in ANSWERS))
                yield Words(self.words(Message("Marks")), classes="heading")
                yield from self._table(marks)
            yield Keys(id="keys")

    def on_screen_resume(self) -> None:
        """From the top: the keys of the screen below, also those its line of keys has no room for.

        (A step of a lesson needs none of this: its keys are explained in the section that follows.)
        """
        room, language = self.tutor.room, self.tutor.language
        view = room.view if isinstance(room, ItemScreen) else None
        explained = view is not None and view.quiz is None
        keys = [] if explained else [binding for binding, _ in keys_of(room)]
        names = [key_name(binding.key, language) for binding in keys]
        width = max(map(cell_len, names), default=0) + 2
        self.lesson_heading.show(self.words(Message("In a lesson")))
        self.lesson_heading.set_class(explained, "-first")
        self.here_heading.show("" if explained else self.words(Message("Keys on this screen")))
        self.here.show(
            "\n".join(
                set_cell_size(name, width) + self.words(Message(binding.description))
                for name, binding in zip(names, keys, strict=True)
            )
        )
        self.query_one("#help-text").scroll_home(animate=False)

    def _keys(self) -> dict[str, Message]:
        """The keys by their names in the learner's language."""
        return {
            self.words(CALLED[name]) if name in CALLED else name: text
            for name, text in KEYS.items()
        }

    def _table(self, rows: dict[str, Message]) -> Iterator[Horizontal]:
        """What wraps goes on below its own beginning."""
        width = max(map(cell_len, rows)) + 2
        for left, text in rows.items():
            name, said = Words(left), Words(self.words(text), classes="said")
            name.styles.width, said.styles.width = width, "1fr"
            yield Horizontal(name, said, classes="row")

    def action_close(self) -> None:
        """Back to the step."""
        self.dismiss(None)
