"""The settings: each with its value and where that comes from, kept in the learner's own file."""

from __future__ import annotations

import os
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from bptutor.config.read import read, user_file
from bptutor.config.settings import ORIGINS, Configuration, shown_address
from bptutor.config.write import keep
from bptutor.locale import Message, UserError, significant
from bptutor.tui.screens.room import Dialog
from bptutor.tui.symbols import UNICODE
from bptutor.tui.theme import dress
from bptutor.tui.widgets.choices import Choice, Choices
from bptutor.tui.widgets.keys import Keys
from bptutor.tui.widgets.words import Words

NAMES: dict[str, Message] = {
    "language": Message("Language"),
    "theme": Message("Colours"),
    "notation": Message("Notation"),
    "mouse": Message("Mouse"),
    "profile": Message("Link"),
    "idle_minutes": Message("Rest after"),
    "record": Message("Record"),
    "precision": Message("Figures"),
    "keys": Message("Other keys"),
}
ABOUT: dict[str, Message] = {
    "language": Message("By itself, it is that of your locale."),
    "theme": Message(
        "The terminal's own colours suit every background. Dark and light ones need 256 colours; "
        "where there are fewer, and under NO_COLOR, the terminal's own stay."
    ),
    "notation": Message(
        "How formulas are written: with the signs of mathematics, or as dL_dW where the terminal "
        "has none or draws them too wide. By itself, it is what the locale allows."
    ),
    "mouse": Message("Without it, the terminal's own selection of text works as everywhere."),
    "profile": Message(
        "On a slow link less is drawn, and less often: no curves while TensorFlow trains, and the "
        "terminal's own colours, which are the shortest to send."
    ),
    "idle_minutes": Message(
        "After so long without a key TensorFlow's memory is given back, until you go on."
    ),
    "record": Message(
        "Where your answers are kept. Another place is named in the file, as README.md tells."
    ),
    "precision": Message(
        "How many significant figures known numbers are shown to. Arithmetic on what is shown is "
        "right; of your answer three are enough."
    ),
    "keys": Message('They are set in the file, as in: keys.help = "f12,ctrl+g"'),
}
VALUES: dict[str, tuple[Any, ...]] = {
    "language": ("auto", "en", "ko"),
    "theme": ("terminal", "dark", "light"),
    "notation": ("auto", "unicode", "ascii"),
    "mouse": (True, False),
    "profile": ("normal", "slow"),
    "idle_minutes": (5.0, 10.0, 30.0, 60.0, 0.0),
    "precision": (4, 5, 6, 7, 8),
}
"""What can be chosen here; the file takes more."""
WORDS: dict[Any, Message | str] = {
    "auto": Message("by itself"),
    "en": "English",
    "ko": "한국어",
    "terminal": Message("the terminal's own"),
    "dark": Message("dark"),
    "light": Message("light"),
    "unicode": "∂L/∂W",
    "ascii": "dL_dW",
    True: Message("taken"),
    False: Message("left to the terminal"),
    "normal": Message("normal"),
    "slow": Message("slow"),
}
AT_ONCE = ("theme", "profile")
"""What changes under the learner's eyes; the rest holds from the next start."""


class SettingsScreen(Dialog[None]):
    """A line a setting; left and right change it."""

    AUTO_FOCUS = "#settings-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "change(-1)", show=False, id="setting-before", priority=True),
        Binding("right", "change(1)", Message("Change").text, id="setting-after", priority=True),
        Binding("enter", "change(1)", show=False, id="setting-change", priority=True),
        Binding("escape", "close", Message("Close").text, id="close"),
        Binding("f2", "close", show=False, id="close-too", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__(id="settings")
        self.list = Choices(id="settings-list")
        self.about = Words(id="setting-about")
        self.said = Words(id="setting-said")

    def compose(self) -> ComposeResult:
        """The list, and below it the chosen one."""
        with Vertical(classes="dialog"):
            yield Words(self.words(Message("Settings")), classes="heading")
            yield self.list
            yield self.about
            yield self.said
            yield Keys(id="keys")

    def on_screen_resume(self) -> None:
        """As they are now."""
        self.said.show(
            self.words(Message("They are kept in {path}.", path=str(user_file(os.environ))))
        )
        self._show(0)

    def say(self, text: str) -> None:
        self.said.show(text)

    def _show(self, index: int) -> None:
        configuration = self.tutor.configuration
        names = {key: self.words(name) for key, name in NAMES.items()}
        rows = [
            Choice(
                f"{name}: {self._value(key, getattr(configuration.settings, key))}",
                self.words(ORIGINS[configuration.origin(key)]),
                place,
            )
            for place, (key, name) in enumerate(names.items())
        ]
        self.list.show(rows, index)
        self._show_about()

    def _value(self, key: str, value: Any) -> str:
        """A value in words."""
        if key == "keys":
            return " ".join(f"{name}={keys}" for name, keys in value.items()) or "-"
        if key == "record":
            return shown_address(value) if value else self.words(Message("in your data folder"))
        if key == "idle_minutes":
            return self.words(
                Message("{minutes} minutes", minutes=significant(value))
                if value
                else Message("never")
            )
        if key == "precision":
            return str(value)
        known = WORDS[value]
        if isinstance(known, Message):
            return self.words(known)
        return known if known.isascii() or self.tutor.symbols is UNICODE else str(value)

    @property
    def _key(self) -> str:
        return list(NAMES)[self.list.chosen or 0]

    def _show_about(self) -> None:
        self.about.show(self.words(ABOUT[self._key]))

    def on_choices_moved(self) -> None:
        """Another setting is the chosen one."""
        self._show_about()

    def on_choices_picked(self) -> None:
        """A click on the chosen one changes it."""
        self.action_change(1)

    def action_change(self, by: int) -> None:
        """The setting's next value, which is kept at once."""
        key = self._key
        if key not in VALUES:
            return
        now = getattr(self.tutor.configuration.settings, key)
        values = VALUES[key]
        place = values.index(now) if now in values else -1 if by > 0 else 0
        self._keep(key, values[(place + by) % len(values)])
        self._show(self.list.chosen or 0)

    def _keep(self, key: str, value: Any) -> None:
        """Write a setting, and let it hold."""
        path = user_file(os.environ)
        app = self.tutor
        try:
            keep(path, key, value)
        except UserError as error:
            app.configuration = app.configuration.under("user", {key: value})
            self.say(self.words(error.message))
        else:
            app.configuration = _read_again(app.configuration)
            self.say(self.words(self._kept(key, value, str(path))))
        if key in AT_ONCE:
            dress(app, app.configuration.settings)

    def _kept(self, key: str, value: Any, path: str) -> Message:
        """What to say of a setting that was written."""
        configuration = self.tutor.configuration
        if getattr(configuration.settings, key) != value:
            return Message(
                "It was written to {path}, but what comes from here goes before it: {origin}.",
                path=path,
                origin=ORIGINS[configuration.origin(key)],
            )
        if key in AT_ONCE:
            return Message("It was written to {path}.", path=path)
        return Message("It was written to {path}, and holds from the next start.", path=path)

    def action_close(self) -> None:
        """Back to the menu."""
        self.dismiss(None)


def _read_again(configuration: Configuration) -> Configuration:
    """The configuration as it is now, under what the command line said."""
    given = {
        key: getattr(configuration.settings, key)
        for key, origin in configuration.origins.items()
        if origin == "command line"
    }
    return read(os.environ).under("command line", given)
