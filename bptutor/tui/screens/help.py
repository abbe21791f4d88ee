"""Help: the keys of the screen it is called on, those of a step, what may be typed, the marks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll

from bptutor.service.sentences import ANSWERS
from bptutor.service.words import VERDICTS
from bptutor.text import Message
from bptutor.tui.screens.item import ItemScreen
from bptutor.tui.screens.room import Dialog
from bptutor.tui.screens.step_keys import KEYS as STEP_KEYS
from bptutor.tui.widgets.keys import Keys, key_name, keys_of
from bptutor.tui.widgets.text import Words

ARROWS, SCROLLING = Message("Tab, arrows"), Message("Ctrl+Up, Ctrl+Down")
"""Keys that stay what they are."""
KEYS: dict[tuple[str, ...] | Message, Message] = {
    ("check", "go-on"): Message("check the answer; after it, go on"),
    ARROWS: Message("from cell to cell; right, where a name is suggested, takes it"),
    ("hint",): Message("a hint; after the last one, the answer"),
    ("show",): Message("show the answer (the step counts as shown, not as solved)"),
    ("back", "page-back"): Message("the step before"),
    ("forward", "page-forward"): Message("the step after, where it has been reached"),
    ("steps",): Message("the list of steps, to go back to any of them"),
    ("values", "signal"): Message("every known quantity, whole; in symbols the signal on its way"),
    ("picture",): Message("the network or the graph as a picture, and matrices as heat maps"),
    ("question", "fill-in"): Message(
        "to the next question; or the numbers, where they are offered"
    ),
    ("why",): Message("why this step is as it is, and a nudge to try it out"),
    SCROLLING: Message("scroll, where the screen is small"),
    ("menu",): Message("the menu; what you typed is kept"),
    ("quit", "quit-too"): Message("quit; you go on where you were"),
}
"""What there is to do in a lesson, by the names of the keys that do it."""
QUIZ_KEYS: dict[tuple[str, ...] | Message, Message] = {
    ("note",): Message("in an exam: note the answer, and on to the next item"),
    ("skip",): Message("put this item off until the others are done"),
    ("items",): Message("the items, and at the end how each went; Enter goes there"),
    ("values",): Message("the code of the item, with which a teacher sees the same numbers"),
    ("flag",): Message("in an exam: flag this item to come back to, or take the flag away"),
    ("hand-in",): Message("in an exam: an overview, and there the end of it"),
}
"""What there is to do in a quiz alone, or is something else there."""


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
                yield from self._table(self._keys(KEYS))
                yield Words(self.words(Message("In a quiz")), classes="heading")
                yield from self._table(self._keys(QUIZ_KEYS))
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

    def _keys(self, rows: Mapping[tuple[str, ...] | Message, Message]) -> dict[str, Message]:
        """The learner's own keys, by what is written on them."""
        own = {
            str(each.id): each.key
            for each in (*STEP_KEYS, *self.tutor.BINDINGS)
            if isinstance(each, Binding)
        }
        keys = {**own, **self.tutor.configuration.settings.keys}
        return {self._called(names, keys): text for names, text in rows.items()}

    def _called(self, names: tuple[str, ...] | Message, keys: Mapping[str, str]) -> str:
        """What is written on the keys for these, each once."""
        if isinstance(names, Message):
            return self.words(names)
        own = dict.fromkeys(key for name in names for key in keys[name].split(","))
        return ", ".join(key_name(key, self.tutor.language) for key in own)

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
