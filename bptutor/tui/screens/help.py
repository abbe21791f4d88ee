"""Help: the keys of the screen it is called on, those of a step, what may be typed, the marks."""

from collections.abc import Iterator
from typing import Literal, TypeAlias

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical, VerticalScroll

from bptutor.front.keys import help_rows
from bptutor.service.words import ANSWERS, MATHEMATICS, VERDICTS, functions
from bptutor.text import Message
from bptutor.tui.keymap import key_name, told_keys
from bptutor.tui.screens.base import Dialog
from bptutor.tui.widgets.keys import Keys, keys_of
from bptutor.tui.widgets.text import Words

ARROWS = (
    Message("Tab, arrows"),
    Message("move between cells; Right accepts a suggested name"),
)
SCROLLING = Message("Ctrl+Up, Ctrl+Down"), Message("scroll, on a small screen")
"""Keys that stay what they are, and what they do."""
WIDEST = 22
"""Cells of what is on the left; more keys than that stand in several lines."""


Row: TypeAlias = tuple[str, Message]
"""What is written on a key, or in a formula, and what it does or means."""


class Help(Dialog[None]):
    """What the keys do, what may be typed, what the marks mean."""

    PLACE = "help"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-usual"), (150, "-broad")]
    AUTO_FOCUS = "#help-text"

    def __init__(self) -> None:
        super().__init__()
        self.here_heading = Words(classes="heading -first")
        self.keys_here = Words()
        self.lesson_heading = Words(classes="heading")

    def compose(self) -> ComposeResult:
        marks = [(self.frame.symbols.verdicts[v], text) for v, text in VERDICTS.items()]
        text = VerticalScroll(id="help-text")
        with Vertical(classes="dialog"), text, Container(id="help-columns"):
            with Vertical(classes="column"):
                yield from (self.here_heading, self.keys_here, self.lesson_heading)
                yield from self._table(self._in_a_lesson())
                yield Words(self.words(Message("In a quiz")), classes="heading")
                yield from self._table(self._keys("quiz_help"))
            with Vertical(classes="column"):
                yield Words(self.words(Message("Answers")), classes="heading -second")
                yield Words("\n".join(self.words(line) for line in (*ANSWERS, functions())))
                yield Words(self.words(Message("Mathematics")), classes="heading")
                yield from self._table(self._mathematics())
                yield Words(self.words(Message("Marks")), classes="heading")
                yield from self._table(marks)
        yield Keys(id="keys")

    def on_screen_resume(self) -> None:
        """From the top: the keys of the screen below, also those its line of keys has no room for.

        (A step of a lesson needs none of this: its keys are explained in the section that follows.)
        """
        room, language = self.frame.room, self.frame.language
        below = self.app.screen_stack[-2]
        explained = below is room and room.here.in_lesson
        keys = [] if explained else [binding for binding, _ in keys_of(below)]
        names = [key_name(binding.key, language) for binding in keys]
        width = max(map(cell_len, names), default=0) + 2
        self.lesson_heading.show(self.words(Message("In a lesson")))
        self.lesson_heading.set_class(explained, "-first")
        self.here_heading.show("" if explained else self.words(Message("Keys on this screen")))
        self.keys_here.show(
            "\n".join(
                set_cell_size(name, width) + self.words(Message(binding.description))
                for name, binding in zip(names, keys, strict=True)
            )
        )
        for text in self.query("#help-text"):  # none where the app is leaving already
            text.scroll_home(animate=False)

    def _in_a_lesson(self) -> list[Row]:
        """What the keys do there, among them those that stay what they are."""
        first, *rows, menu, help_, leave = self._keys("help")
        arrows, scrolling = ((self.words(key), does) for key, does in (ARROWS, SCROLLING))
        return [first, arrows, *rows, scrolling, menu, help_, leave]

    def _mathematics(self) -> list[Row]:
        """What stands in formulas, in this terminal's notation."""
        unicode = self.frame.symbols.braille
        return [
            (self.words(sign) if isinstance(sign, Message) else sign if unicode else ascii_, means)
            for sign, ascii_, means in MATHEMATICS
        ]

    def _keys(self, column: Literal["help", "quiz_help"]) -> list[Row]:
        """What the learner's own keys do, by what is written on them."""
        given = self.frame.configuration.settings.keys
        rows: list[Row] = []
        for actions, text in help_rows(column):
            keys = [
                key
                for action in actions
                for key in told_keys(
                    given.get(action.id, action.key).split(","), self.frame.kept_keys
                )
            ]
            names = ", ".join(key_name(key, self.frame.language) for key in dict.fromkeys(keys))
            rows.append((names, text))
        return rows

    def _table(self, rows: list[Row]) -> Iterator[Horizontal]:
        """What wraps goes on below its own beginning."""
        width = min(WIDEST, max(cell_len(left) for left, _ in rows) + 2)
        for left, text in rows:
            name, does = Words(left), Words(self.words(text), classes="said")
            name.styles.width, does.styles.width = width, "1fr"
            yield Horizontal(name, does, classes="row")
