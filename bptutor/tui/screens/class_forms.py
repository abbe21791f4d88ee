"""What the teacher fills in for a change: its fields, and a reason; and the teacher's help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll

from bptutor.front.keys import keyed
from bptutor.text import Message
from bptutor.tui.keymap import key_name
from bptutor.tui.screens.base import STYLES, Dialog
from bptutor.tui.widgets.answer import AnswerInput
from bptutor.tui.widgets.keys import Keys, keys_of
from bptutor.tui.widgets.text import Words

LONGEST = 500
"""Characters of a field."""
WHY = "why"


@dataclass(frozen=True)
class Field:
    """A line to fill in."""

    id: str
    label: Message
    value: str = ""


REASON = Field(WHY, Message("Reason"))

Save = Callable[[dict[str, str]], Awaitable[None]]
"""Makes the change from what was typed. Raises UserError, RequestRefused, ServiceLost."""


class ChangeForm(Dialog[None]):
    """The fields of one change. Enter goes to the first empty one, and saves once all are full."""

    PLACE = "class-change"
    CSS_PATH = STYLES / "class.tcss"

    def __init__(
        self, heading: Message, about: Sequence[Message], fields: Sequence[Field], save: Save
    ) -> None:
        super().__init__()
        self._heading = heading
        self._about = about
        self._fields = fields
        self._save_values = save
        self.inputs = {
            field.id: AnswerInput(id=f"field-{field.id}", limit=LONGEST, takes_matrix=False)
            for field in fields
        }
        self.said = Words(id="said")

    def compose(self) -> ComposeResult:
        labels = [self.words(field.label) for field in self._fields]
        width = max(map(cell_len, labels)) + 1
        with Vertical(classes="dialog"):
            yield Words(self.words(self._heading), classes="heading")
            for text in self._about:
                yield Words(self.words(text), classes="about")
            for field, label in zip(self._fields, labels, strict=True):
                frame = Words(set_cell_size(label, width) + "[", classes="frame")
                yield Horizontal(
                    frame, self.inputs[field.id], Words("]", classes="frame"), classes="field"
                )
            yield self.said
        yield Keys(id="keys")

    def on_mount(self) -> None:
        for field in self._fields:
            self.inputs[field.id].value = field.value
        self._first_empty().focus()

    def _first_empty(self) -> AnswerInput:
        """The first field with nothing in it, or the first of all."""
        empty = (each for each in self.inputs.values() if not each.value.strip())
        return next(empty, next(iter(self.inputs.values())))

    def say(self, text: str) -> None:
        self.said.show(text)

    @property
    def takes_typing(self) -> bool:
        return True

    def on_answer_input_move(self, event: AnswerInput.Move) -> None:
        """Up and down go from field to field."""
        event.stop()
        if event.down > 0:
            self.focus_next(AnswerInput)
        elif event.down < 0:
            self.focus_previous(AnswerInput)

    def action_save(self) -> None:
        """Enter, once the field has taken what was typed before it."""
        (self.focused or self).call_later(self._save)

    def _save(self) -> None:
        for field in self._fields:
            if not self.inputs[field.id].value.strip():
                self.inputs[field.id].focus()
                missing = Message("Fill in “{field}”.", field=field.label)
                self.say(self.words(missing) if self.focused_is_last(field) else "")
                return
        values = {name: each.value.strip() for name, each in self.inputs.items()}

        async def work() -> None:
            await self._save_values(values)
            self.dismiss(None)

        self.say("")
        self.frame.command(work)

    def focused_is_last(self, field: Field) -> bool:
        """Was Enter pressed in a field that must not be empty?"""
        return self.focused is self.inputs[field.id]


class TeachersHelp(Dialog[None]):
    """The keys of the screen that it is called on, and what each does."""

    PLACE = "class-help"
    AUTO_FOCUS = "#help-text"

    def __init__(self) -> None:
        super().__init__()
        self.text = Words()

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Words(self.words(Message("Keys on this screen")), classes="heading")
            with VerticalScroll(id="help-text"):
                yield self.text
        yield Keys(id="keys")

    def on_screen_resume(self) -> None:
        below = self.app.screen_stack[-2]
        place = getattr(below, "PLACE", "")
        does = {each.id: each.label for each in keyed("app")}
        does |= {each.id: each.does or each.label for each in keyed(place)}
        language = self.frame.language
        rows = [
            (key_name(binding.key, language), does.get(str(binding.id)))
            for binding, _ in keys_of(below)
        ]
        width = max((cell_len(key) for key, _ in rows), default=0) + 2
        self.text.show(
            "\n".join(
                set_cell_size(key, width) + (self.words(text) if text else "") for key, text in rows
            )
        )
