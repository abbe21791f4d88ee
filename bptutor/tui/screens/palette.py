"""The commands of the screen below by name, for whoever has no function keys."""

from collections.abc import Sequence
from typing import cast
from unicodedata import normalize

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from bptutor.front.action import Action
from bptutor.front.actions import TABLE
from bptutor.front.keys import keyed
from bptutor.text import LANGUAGES, Message
from bptutor.tui.keymap import key_name, told_keys
from bptutor.tui.screens.base import Dialog, Placed
from bptutor.tui.widgets.answer import AnswerInput
from bptutor.tui.widgets.keys import Keys
from bptutor.tui.widgets.list import Choice, Choices
from bptutor.tui.widgets.text import Words

FILTER = Message("Command:")
NONE = Message("No command here has this name.")
LONGEST = 60


class Palette(Dialog[str]):
    """A line a command; what is typed leaves those whose name has it. Enter does the chosen one."""

    PLACE = "palette"
    AUTO_FOCUS = "#palette-filter"

    def __init__(self) -> None:
        super().__init__()
        self.typed = AnswerInput(id="palette-filter", limit=LONGEST, takes_matrix=False)
        self.list = Choices(id="palette-list", snug=True)
        self.about = Words(id="palette-about", classes="aside")
        self._commands: list[Action] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            with Horizontal(id="palette-row"):
                yield Words(f"{self.words(FILTER)} [", classes="frame")
                yield self.typed
                yield Words("]", classes="frame")
            yield from (self.list, self.about)
        yield Keys(id="keys")

    def on_screen_resume(self) -> None:
        self.typed.value = ""
        self._commands = [*self._of_screen(), *keyed("app")]
        self._show()

    def _of_screen(self) -> Sequence[Action]:
        below = cast(Placed, self.app.screen_stack[-2])
        return [
            each
            for each in keyed(below.PLACE)
            if each.id != "help" and each.when(below.here) and below.allows(each.id)
        ]

    @property
    def takes_typing(self) -> bool:
        return True

    def on_input_changed(self) -> None:
        self._show()

    def _show(self) -> None:
        sought = normalize("NFC", self.typed.value).casefold().split()
        named = {
            key: each
            for key, each in enumerate(self._commands)
            if each.label and each.id != "palette" and all(word in _names(each) for word in sought)
        }
        labels = {key: self.words(each.label) for key, each in named.items() if each.label}
        width = max(map(cell_len, labels.values()), default=0) + 2
        rows = [
            Choice(set_cell_size(labels[key], width) + self._word(each), self._keys(each), key)
            for key, each in named.items()
        ]
        self.list.show(rows or [Choice(self.words(NONE))], None)
        self.on_choices_moved()

    def _word(self, command: Action) -> str:
        word = _worded(command)
        return self.words(word) if word else ""

    def _keys(self, command: Action) -> str:
        """All keys that do the same here."""
        own = self.frame.configuration.settings.keys
        same = [each for each in self._commands if each.do == command.do]
        given = ",".join(own.get(each.id, each.key) for each in same)
        keys = told_keys([*dict.fromkeys(given.split(","))], self.frame.kept_keys)
        return ", ".join(key_name(key, self.frame.language) for key in keys)

    @property
    def _chosen(self) -> Action | None:
        chosen = self.list.chosen
        return None if chosen is None else self._commands[chosen]

    def on_choices_moved(self) -> None:
        chosen = self._chosen
        does = (chosen.help or chosen.quiz_help or chosen.does) if chosen else None
        self.about.show(self.words(does) if does else "")

    def on_choices_picked(self) -> None:
        self.action_run()

    def on_answer_input_move(self, event: AnswerInput.Move) -> None:
        """Up and down choose; the field keeps the focus."""
        event.stop()
        if event.down:
            self.list.action_step(event.down)

    def action_run(self) -> None:
        """Close, and do it on the screen below."""
        chosen = self._chosen
        if chosen:
            of_app = "app" in chosen.places.split()
            self.dismiss(f"app.{chosen.do}" if of_app else f"screen.act('{chosen.id}')")


def _worded(command: Action) -> Message | None:
    """The command of text mode that does the same."""
    places = {*command.places.split()}
    same = (each for each in TABLE if each.id == command.id and each.word)
    return command.word or next(
        (each.word for each in same if places & {*each.places.split()}), None
    )


def _names(command: Action) -> str:
    """All that a command is called, in each language."""
    named = filter(None, (command.label, _worded(command)))
    return " ".join(each.to(language) for each in named for language in LANGUAGES).casefold()
