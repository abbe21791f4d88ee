"""The teacher's app: the screens of a class, and the connection to its host."""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import Any, cast

from textual.screen import Screen

from bptutor.config.settings import DEFAULT, Configuration, ignored
from bptutor.service.client import ServiceFactory
from bptutor.service.desk_client import NO_HOST, DeskClient
from bptutor.service.process import RequestRefused, ServiceLost
from bptutor.text import Message
from bptutor.tui.commands import Commands
from bptutor.tui.screens.base import Placed, Room
from bptutor.tui.screens.class_forms import ChangeForm
from bptutor.tui.screens.class_live import Live
from bptutor.tui.screens.classroom import Sheet
from bptutor.tui.stage import loaded
from bptutor.tui.symbols import Notation
from bptutor.tui.terminal_app import TerminalApp, run_here
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
    "palette": "palette:Palette",
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


class DeskApp(TerminalApp):
    TITLE = "bptutor class"
    SCREENS = {name: partial(loaded, where) for name, where in ROOMS.items()}

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
        super().__init__(["class"], language, notation, configuration)
        self.client = DeskClient(service(lambda event: None), self.hello)
        self.desk = self.client.desk
        self.assignment: AssignmentLine | None = None
        self.login = ""
        self.item: int | None = None
        self.commands = Commands(self, lambda why: Message(NO_HOST.text, why=why), self.tell)
        self._first = assignment
        self._every = every or (EVERY_SLOWLY if self.slow else EVERY)

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
        self.set_timer(self._every, self._look_again)
        self.begin(self._begin)

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

    # ── from screen to screen ─────────────────────────────────────────────────────────────────

    def enter(self, place: str) -> None:
        self.command(lambda: self._enter(place))

    async def _enter(self, place: str) -> None:
        """Go to a room once the host has said what to show in it."""
        room = cast(Sheet, self.get_screen(place))
        view = await room.fetch()
        with self.one_frame():
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

    async def action_help(self) -> None:
        if self.screen.id != "class-help":
            await self.open_dialog("class-help")

    def action_how_to_quit(self) -> None:
        """Ctrl+C, pressed out of habit, says how to quit and does not."""
        self.tell(QUIT)

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

    return run_here(
        lambda: DeskApp(
            partial(HostConnection, socket),
            assignment=assignment,
            language=language,
            notation=notation,
            configuration=configuration,
        )
    )
