"""What is typed as an answer: a field that suggests names, and that is left with the arrow keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

from textual import events
from textual.containers import Horizontal
from textual.geometry import Offset
from textual.message import Message as Event
from textual.suggester import Suggester
from textual.widgets import Input

from bptutor.tui.keymap import bindings
from bptutor.views.lesson import Known

ASKS_FOR_HELP = ("?", "？")
"""In an empty field: no answer begins with it."""
_WORD = re.compile(r"[^\W\d]\w*$")


class Names(Suggester):
    """The quantities that are known, for the field in which a formula is typed."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self.knowns: Sequence[Known] = ()

    def matching(self, text: str) -> list[Known]:
        """What the word at the end of a text may become; nothing where it is whole already."""
        word = _WORD.search(text)
        if not word:
            return []
        begun = word.group()
        names = [known for known in self.knowns if known.typed.startswith(begun)]
        if not names:
            begun_lower = begun.lower()
            names = [known for known in self.knowns if known.typed.lower().startswith(begun_lower)]
        return [] if [known.typed for known in names] == [begun] else names

    async def get_suggestion(self, value: str) -> str | None:
        """The text with its last word completed; only where the letters typed may stay."""
        word = _WORD.search(value)
        if word is None or any(known.typed == word.group() for known in self.knowns):
            return None
        for known in self.matching(value):
            if known.typed.startswith(word.group()):
                return value[: word.start()] + known.typed
        return None


def is_matrix(text: str) -> bool:
    """Is this a matrix rather than one number: brackets, several lines or several columns?"""
    text = text.strip()
    if any(sign in text for sign in "[\n\r\t;"):
        return True
    parts = text.replace(",", " ").split()
    with suppress(ValueError):
        return len([float(part) for part in parts]) > 1
    return False


class AnswerInput(Input):
    """A compact field without a blinking cursor, left with the arrow keys at the text's ends."""

    DEFAULT_CSS = """
    AnswerInput { width: 1fr; }
    AnswerInput:disabled { opacity: 100%; }
    """
    BINDINGS = bindings("field")

    class Move(Event):
        """The cursor leaves the field this way."""

        def __init__(self, field: AnswerInput, right: int, down: int) -> None:
            super().__init__()
            self.field = field
            self.right = right
            self.down = down

    class MatrixPasted(Event):
        """A whole matrix has been pasted."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(
        self,
        *,
        id: str | None = None,
        limit: int = 4000,
        takes_matrix: bool = True,
        suggester: Suggester | None = None,
    ) -> None:
        super().__init__(
            compact=True, select_on_focus=False, max_length=limit, id=id, suggester=suggester
        )
        self.cursor_blink = False
        self._takes_matrix = takes_matrix

    @property
    def cursor_screen_offset(self) -> Offset:
        """(Textual's is a cell further at the text's end, beside the cursor that is drawn.)"""
        return super().cursor_screen_offset - (int(self.cursor_at_end), 0)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where nothing is selected, Ctrl+C copies nothing: the app says how to quit."""
        return action != "copy" or not self.selection.is_empty

    def action_move(self, right: int, down: int) -> None:
        self.post_message(self.Move(self, right, down))

    def action_cursor_left(self, select: bool = False) -> None:
        """Left within the text, and out of it at its start."""
        if select or self.cursor_position or not self.selection.is_empty:
            super().action_cursor_left(select)
        else:
            self.action_move(-1, 0)

    def action_cursor_right(self, select: bool = False) -> None:
        """Right within the text, over what is suggested, and out of it at its end."""
        inside = select or not self.cursor_at_end or not self.selection.is_empty
        if inside or self._suggestion:  # at the end it is taken over
            super().action_cursor_right(select)
        else:
            self.action_move(1, 0)

    async def _on_key(self, event: events.Key) -> None:
        """Keys that edit take effect in turn with characters, however fast they come.

        Textual leaves them to the app, which comes to them when this field has long taken in the
        characters behind them: over a slow link, "backspace, 5" in one burst added the 5 first.
        """
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()
                return
        if event.character in ASKS_FOR_HELP and not self.value:
            event.stop()
            event.prevent_default()
            await self.app.run_action("app.help")
            return
        await super()._on_key(event)

    def _on_paste(self, event: events.Paste) -> None:
        """A whole matrix is for the grid; anything else goes in here, line breaks as spaces."""
        event.prevent_default()
        event.stop()
        if self._takes_matrix and is_matrix(event.text):
            self.post_message(self.MatrixPasted(event.text))
        elif text := " ".join(event.text.split()):
            self.replace(text, *self.selection)


class FieldRow(Horizontal):
    """A line with a field in brackets, which tell where the cursor is.

    (The pseudo-class `:focus-within` would do, but it makes Textual redraw the whole screen.)
    """

    def on_descendant_focus(self) -> None:
        self.add_class("-here")

    def on_descendant_blur(self) -> None:
        self.remove_class("-here")
