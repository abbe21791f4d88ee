"""What every app of bptutor is on a terminal: its look, its words, its commands and its end."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, Iterator, Set
from contextlib import contextmanager
from typing import TypeAlias

from rich.style import Style
from textual import events
from textual.app import App
from textual.color import Color
from textual.widgets import Input

from bptutor import __version__
from bptutor.config.settings import Configuration
from bptutor.service.protocol import Hello
from bptutor.text import Message
from bptutor.text.numbers import shown
from bptutor.tui import in_browser
from bptutor.tui.background import BACKGROUND, hold_ends
from bptutor.tui.commands import Commands
from bptutor.tui.driver import OnlySeen, TerminalDriver, leave_with_terminal
from bptutor.tui.keymap import bindings, full_keymap, kept_keys
from bptutor.tui.screens.base import STYLES
from bptutor.tui.symbols import SYMBOLS, Notation
from bptutor.tui.theme import OWN, apply_theme, scrollbars

Heed: TypeAlias = Callable[[object], Awaitable[None]]
MOMENT = 0.2
"""Seconds after which a frame is sent, whatever is still to be drawn."""


class TerminalApp(App[int]):
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None  # what takes the focus by itself is scrolled to; a screen names what does
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-usual"), (110, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-short"), (24, "-usual-height"), (34, "-tall")]
    BINDINGS = bindings("app")
    commands: Commands

    def __init__(
        self,
        styles: Iterable[str],
        language: str,
        notation: Notation,
        configuration: Configuration,
    ) -> None:
        """An app with style sheets by name; what else there is to see follows from the rest."""
        super().__init__(
            driver_class=_driver(),
            css_path=[STYLES / f"{name}.tcss" for name in ("app", *styles)],
            ansi_color=True if "NO_COLOR" in os.environ else None,
        )
        self._filters.append(OnlySeen())
        self.animation_level = "none"
        self.configuration = configuration
        self.ground = BACKGROUND.colour()
        apply_theme(self, configuration.settings, self.ground)
        self.stylesheet.set_variables(self.get_css_variables())
        if configuration.settings.keys:
            self.set_keymap(full_keymap(configuration.settings.keys))
        self.language = language
        self.symbols = SYMBOLS[notation]
        self.set_class(notation == "ascii", "-ascii")
        scrollbars(self.symbols)
        self.hello = Hello(__version__, language, notation, shown())
        self._leaving = False

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The roles of the colours have to be known before a theme is worn."""
        return OWN[""].variables

    def ink(self, role: str) -> Style:
        colour = Color.parse(self.theme_variables.get(role, "ansi_default")).rich_color
        return Style() if colour.is_default else Style(color=colour)

    def post_display_hook(self) -> None:
        """The terminal's own cursor stands where one types: braille displays follow it."""
        if isinstance(self._driver, TerminalDriver) and self.screen_stack:
            self._driver.show_cursor(isinstance(self.focused, Input))

    async def on_event(self, event: events.Event) -> None:
        """A letter with Alt is no text, though a terminal sends it as one behind an Esc."""
        if isinstance(event, events.Key) and event.key.startswith("alt+"):
            event.character = None
        await self.take(event)

    async def take(self, event: events.Event) -> None:
        await super().on_event(event)

    @property
    def slow(self) -> bool:
        return self.configuration.settings.profile == "slow"

    @property
    def kept_keys(self) -> Set[str]:
        return kept_keys(os.environ, self.is_web)

    @contextmanager
    def one_frame(self) -> Iterator[None]:
        """What is changed meanwhile is drawn once, and sent once all of it has its size.

        A new screen is drawn when it is laid out, and again once its widgets know how large they
        are: what the first of these frames erases, the second one would have to send again.
        """
        driver = self._driver
        release = driver.hold() if isinstance(driver, TerminalDriver) else None
        try:
            with self.batch_update():
                yield
        finally:
            if release:
                self.set_timer(MOMENT, release)
                self.call_after_refresh(self.call_after_refresh, self.call_after_refresh, release)

    async def open_dialog(self, place: str, heed: Heed | None = None) -> None:
        """Open a dialog; `heed` hears what comes of it."""
        with self.one_frame():
            await self.push_screen(place, heed)

    async def action_palette(self) -> None:
        """The commands of the screen that is on top; what is chosen is done there."""
        below = self.screen
        if below.id == "palette":
            below.dismiss(None)
            return

        async def run(chosen: object) -> None:
            if isinstance(chosen, str):
                await self.run_action(chosen, below)

        await self.open_dialog("palette", run)

    def words(self, message: Message) -> str:
        return message.to(self.language)

    def command(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do one thing with the service; False while another one is on its way."""
        return self.commands.run(work)

    def begin(self, work: Callable[[], Awaitable[None]]) -> None:
        """Draw first, do the first command after it, and leave with the terminal."""
        leave_with_terminal(self.action_leave, self._must_end)
        self.call_after_refresh(self.commands.start, work)

    def action_leave(self) -> None:
        if not self._leaving:
            self._leaving = True
            self._must_end()
            self.leave()

    def leave(self) -> None:
        """End; what has to be done before that comes first."""
        self.exit(0)

    def on_terminal_gone(self) -> None:
        self.action_leave()

    def _must_end(self) -> None:
        """End the process within seconds, even where something hangs, and free the terminal."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.must_end()


def _driver() -> type[TerminalDriver]:
    """The driver for where the app is: on a terminal, or in a browser."""
    if not in_browser():
        return TerminalDriver
    from bptutor.tui.browser import BrowserDriver

    return BrowserDriver


def run_here(make: Callable[[], TerminalApp]) -> int:
    """Run an app on this terminal until somebody leaves it; its exit status."""
    if not in_browser():
        for name in ("COLUMNS", "LINES"):  # where a shell exports them, they do not follow a resize
            os.environ.pop(name, None)
    app = make()
    hold_ends()
    app.run(mouse=app.configuration.settings.mouse)
    return app.return_code or 0
