"""The teacher's app: the screens of a class, and the connection to its host."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from functools import partial
from time import monotonic
from typing import Any, cast

from textual.app import App
from textual.screen import Screen

from bptutor import __version__
from bptutor.config.settings import DEFAULT, Configuration, ignored
from bptutor.service.client import ServiceFactory
from bptutor.service.desk_client import NO_HOST, DeskClient
from bptutor.service.process import RequestRefused, ServiceLost
from bptutor.service.protocol import Hello
from bptutor.text import Message
from bptutor.text.numbers import shown
from bptutor.tui.commands import Commands
from bptutor.tui.driver import OnlySeen, TerminalDriver, hold_ends, leave_with_terminal
from bptutor.tui.keymap import bindings, full_keymap
from bptutor.tui.screens.base import STYLES, Dialog, Placed, Room
from bptutor.tui.screens.class_forms import ChangeForm
from bptutor.tui.screens.class_live import Live
from bptutor.tui.screens.classroom import Sheet
from bptutor.tui.stage import loaded
from bptutor.tui.symbols import SYMBOLS, Notation
from bptutor.tui.theme import apply_theme, scrollbars
from bptutor.views.classroom import AssignmentLine

ROOMS = {
    "class": "classroom:Assignments",
    "class-people": "classroom:People",
    "class-preview": "classroom:Preview",
    "class-live": "class_live:Live",
    "class-mistakes": "class_results:Mistakes",
    "class-marks": "class_results:Marks",
    "class-paper": "class_results:Paper",
    "class-change": "class_forms:ChangeForm",
    "class-help": "class_forms:TeachersHelp",
}
"""Module and class, by the place in the table of actions."""
HOME = "class"
OVER_OTHERS = ("class-paper", "class-preview")
"""Rooms that are left for the one they were called from; the others lead home."""
EVERY, EVERY_SLOWLY = 2.0, 10.0
"""Seconds between two looks at the live view; and on a slow connection."""
SHARE = 0.1
"""Of its time that the host spends on the looks of one teacher, at most: a large class is looked at
less often."""
QUIT = Message("Press F10 or Ctrl+Q to quit, F1 or Ctrl+G for help.")


class DeskApp(App[int]):
    TITLE = "bptutor class"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-usual"), (110, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-short"), (24, "-usual-height"), (34, "-tall")]
    SCREENS = {name: partial(loaded, where) for name, where in ROOMS.items()}
    BINDINGS = bindings("app")

    def __init__(
        self,
        service: ServiceFactory,
        *,
        assignment: str = "",
        language: str = "en",
        notation: Notation = "unicode",
        configuration: Configuration = DEFAULT,
        every: float | None = None,
    ) -> None:
        """Show a class; `assignment` is looked at first, `every` so many seconds."""
        super().__init__(
            driver_class=TerminalDriver,
            css_path=[STYLES / "app.tcss", STYLES / "class.tcss"],
            ansi_color=True if "NO_COLOR" in os.environ else None,
        )
        self._filters.append(OnlySeen())
        self.animation_level = "none"
        self.configuration = configuration
        apply_theme(self, configuration.settings)
        if configuration.settings.keys:
            self.set_keymap(full_keymap(configuration.settings.keys))
        self.language = language
        self.symbols = SYMBOLS[notation]
        self.set_class(notation == "ascii", "-ascii")
        coloured = not self.no_color and self.console.color_system is not None
        scrollbars("" if coloured and notation == "unicode" else self.symbols.full)
        hello = Hello(__version__, language, notation, shown())
        self.client = DeskClient(service(lambda event: None), hello)
        self.desk = self.client.desk
        self.assignment: AssignmentLine | None = None
        self.login = ""
        self.item: int | None = None
        self.commands = Commands(self, lambda why: Message(NO_HOST.text, why=why), self.tell)
        self._first = assignment
        slow = configuration.settings.profile == "slow"
        self._every = every or (EVERY_SLOWLY if slow else EVERY)
        self._leaving = False

    def words(self, message: Message) -> str:
        return message.to(self.language)

    @property
    def room(self) -> Room:
        stack = reversed(self.screen_stack)
        return cast(Room, next(screen for screen in stack if not screen.is_modal))

    def tell(self, sentence: Message | str) -> None:
        """Show a sentence on the screen that is on top."""
        text = self.words(sentence) if isinstance(sentence, Message) else sentence
        cast(Placed, self.screen).say(text)

    def get_default_screen(self) -> Screen[Any]:
        return self.get_screen(HOME)

    def on_mount(self) -> None:
        """Draw first, connect beside it, and leave with the terminal."""
        leave_with_terminal(self.action_leave, self._must_end)
        self.set_timer(self._every, self._look_again)
        self.call_after_refresh(self.commands.start, self._begin)

    async def _begin(self) -> None:
        await self.client.start()
        await self._enter(HOME)
        if self._first:
            await self._enter_first(self._first)
        if findings := self.configuration.findings:
            self.tell(ignored(findings[0]))

    async def _enter_first(self, name: str) -> None:
        """The live view of the assignment that was named; the host says so if there is none."""
        view = await self.desk.watch(name)
        self.assignment = view.assignment
        await self._enter("class-live")

    def command(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do one thing with the host; False while another one is on its way."""
        return self.commands.run(work)

    # ── from screen to screen ─────────────────────────────────────────────────────────────────

    def enter(self, place: str) -> None:
        self.command(lambda: self._enter(place))

    async def _enter(self, place: str) -> None:
        """Go to a room once the host has said what to show in it."""
        room = cast(Sheet, self.get_screen(place))
        view = await room.fetch()
        with self.batch_update():
            if room in self.screen_stack:
                while self.room is not room:
                    await self.pop_screen()
            elif self.room.PLACE == HOME or place in OVER_OTHERS:
                await self.push_screen(place)
            else:
                await self.switch_screen(place)
            await room.present(view)
            room.say("")

    async def reload(self) -> None:
        room = cast(Sheet, self.room)
        await room.present(await room.fetch())

    def back(self) -> None:
        """To the room below, with what the host has for it now."""
        rooms = [screen for screen in self.screen_stack if not screen.is_modal]
        if len(rooms) > 1:
            self.enter(cast(Room, rooms[-2]).PLACE)

    def change(self, form: ChangeForm) -> None:
        self.push_screen(form)

    # ── the live view ─────────────────────────────────────────────────────────────────────────

    def _look_again(self) -> None:
        self.run_worker(self._look_and_wait(), group="look", exit_on_error=False)

    async def _look_and_wait(self) -> None:
        """Look, and have it done again after a while."""
        begun = monotonic()
        try:
            if self.screen_stack and isinstance(self.room, Live) and not self.commands.busy:
                await self.look()
        finally:
            self.set_timer(pause(self._every, monotonic() - begun), self._look_again)

    async def look(self) -> None:
        """Show the live view as it is now. No command: nobody waits for it."""
        room = self.room
        try:
            view = await cast(Live, room).fetch()
            if self.room is room and not self.commands.busy:
                await room.present(view)
        except (RequestRefused, ServiceLost):
            if self.screen_stack and self.room is room:
                cast(Live, room).host_is_away()

    # ── keys that work everywhere ─────────────────────────────────────────────────────────────

    def action_help(self) -> None:
        if not isinstance(self.screen, Dialog):
            self.push_screen("class-help")

    def action_how_to_quit(self) -> None:
        """Ctrl+C, pressed out of habit, says how to quit and does not."""
        self.tell(QUIT)

    def action_leave(self) -> None:
        if not self._leaving:
            self._leaving = True
            self._must_end()
            self.exit(0)

    def on_terminal_gone(self) -> None:
        self.action_leave()

    def _must_end(self) -> None:
        """End the process within seconds, even where something hangs, and free the terminal."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.must_end()

    async def on_unmount(self) -> None:
        await self.client.stop()


def pause(every: float, took: float) -> float:
    """Seconds until the next look, after one that took so long."""
    return max(every, took / SHARE)


def run(
    socket: str,
    assignment: str,
    language: str,
    notation: Notation,
    configuration: Configuration,
) -> int:
    """Run the teacher's app on this terminal, with the host at a socket; its exit status."""
    from bptutor.service.host_connection import HostConnection

    for name in ("COLUMNS", "LINES"):  # where a shell exports them, they do not follow a resize
        os.environ.pop(name, None)
    app = DeskApp(
        partial(HostConnection, socket),
        assignment=assignment,
        language=language,
        notation=notation,
        configuration=configuration,
    )
    hold_ends()
    app.run(mouse=configuration.settings.mouse)
    return app.return_code or 0
