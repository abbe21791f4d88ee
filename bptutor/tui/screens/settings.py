"""The settings: each with its value and where that comes from, kept in the learner's own file."""

import os

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.containers import Vertical

from bptutor.config.read import change, user_file
from bptutor.config.settings import ORIGINS, SETTINGS, Setting
from bptutor.text import Message
from bptutor.tui.screens.base import Dialog
from bptutor.tui.symbols import UNICODE
from bptutor.tui.theme import apply_theme
from bptutor.tui.widgets.keys import Keys
from bptutor.tui.widgets.list import Choice, Choices
from bptutor.tui.widgets.text import Words

GAP = 2
"""Cells between the names of the settings and their values."""


class SettingsScreen(Dialog[None]):
    """A line a setting; left and right change it."""

    PLACE = "settings"
    AUTO_FOCUS = "#settings-list"

    def __init__(self) -> None:
        super().__init__()
        self.list = Choices(id="settings-list", snug=True)
        self.about = Words(id="setting-about")
        self.message = Words(id="setting-said")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Words(self.words(Message("Settings")), classes="heading")
            yield from (self.list, self.about, self.message)
        yield Keys(id="keys")

    def on_screen_resume(self) -> None:
        self._say_where()
        self._show(0)

    def _say_where(self) -> None:
        self.say(
            self.words(
                Message("The settings are saved in {path}.", path=str(user_file(os.environ)))
            )
        )

    def say(self, text: str) -> None:
        self.message.show(text)

    def _show(self, index: int) -> None:
        configuration = self.frame.configuration
        symbols = self.frame.symbols is UNICODE
        names = [self.words(setting.name) for setting in SETTINGS.values()]
        width = max(map(cell_len, names)) + GAP
        shown = (
            setting.shown(configuration.value(key), symbols=symbols)
            for key, setting in SETTINGS.items()
        )
        values = [self.words(each) if isinstance(each, Message) else each for each in shown]
        rows = [
            Choice(
                set_cell_size(name, width) + value,
                self.words(ORIGINS[configuration.origin(key)]),
                place,
            )
            for place, (key, name, value) in enumerate(zip(SETTINGS, names, values, strict=True))
        ]
        self.list.show(rows, index)
        self._show_about()

    @property
    def _setting(self) -> Setting:
        return list(SETTINGS.values())[self.list.chosen or 0]

    def _show_about(self) -> None:
        self.about.show(self.words(self._setting.about))
        self.refresh_bindings()

    def allows(self, name: str) -> bool:
        """Some are set in the file alone."""
        return name.startswith("close") or bool(self._setting.values)

    def on_choices_moved(self) -> None:
        """Another setting is the chosen one; what was said of the one before holds no more."""
        self._say_where()
        self._show_about()

    def on_choices_picked(self) -> None:
        self.action_change(1)

    def action_change(self, by: int) -> None:
        """The setting's next value, which is kept at once."""
        frame, setting = self.frame, self._setting
        values = list(setting.values)
        if not values:  # a click
            return
        now = frame.configuration.value(setting.key)
        place = values.index(now) if now in values else -1 if by > 0 else 0
        value = values[(place + by) % len(values)]
        frame.configuration, outcome = change(
            frame.configuration, setting.key, value, at_once=setting.at_once
        )
        self.say(self.words(outcome))
        if setting.at_once:
            apply_theme(self.app, frame.configuration.settings, frame.ground)
        self._show(self.list.chosen or 0)
