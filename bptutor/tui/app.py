"""The app: the stage of the tour, and the frame around its screens."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual.app import App
from textual.screen import Screen

from bptutor import __version__
from bptutor.config.settings import DEFAULT, Configuration, ignored
from bptutor.front.assignments import open_assignment
from bptutor.front.tour import Tour
from bptutor.literals import Ask, Part
from bptutor.service.assignment_words import UNREACHABLE
from bptutor.service.client import Client, ServiceFactory
from bptutor.service.host_connection import service_of
from bptutor.service.process import RequestRefused, ServiceLost
from bptutor.service.protocol import (
    EngineState,
    Event,
    Hello,
    HostState,
    Keeping,
    TimeLeft,
    Training,
)
from bptutor.service.words import RESTARTING, kept, reachable
from bptutor.text import Message
from bptutor.text.numbers import shown
from bptutor.tui.ahead import EDITING, Ahead
from bptutor.tui.commands import Commands
from bptutor.tui.driver import OnlySeen, TerminalDriver, hold_ends, leave_with_terminal, may_move
from bptutor.tui.keymap import bindings, full_keymap
from bptutor.tui.screens.base import STYLES, Placed, Room
from bptutor.tui.stage import SCREENS, ScreenStage
from bptutor.tui.symbols import SYMBOLS, Notation
from bptutor.tui.theme import apply_theme, scrollbars
from bptutor.tui.timers import Drafts, Idle, Preview
from bptutor.views.lesson import StepView
from bptutor.views.quiz import QuizSpec

if TYPE_CHECKING:
    from textual.widgets import Input

    from bptutor.tui.clock import Clock

LOST = Message("The service cannot start: {why}. {kept} Press F10 to quit.")
HOME_STYLES = {"assignment": "quiz"}
PATIENCE = 3.0
"""Seconds that leaving may wait for the service to keep what was typed."""
PAGE = 100
"""Past attempts that are fetched at a time."""


class TutorApp(App[int]):
    TITLE = "bptutor"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-usual"), (110, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-short"), (24, "-usual-height"), (34, "-tall")]
    SCREENS = SCREENS
    BINDINGS = bindings("app")

    def __init__(
        self,
        service: ServiceFactory,
        *,
        lesson: str | None = None,
        ask: Ask | None = None,
        part: Part = "tape",
        quiz: QuizSpec | None = None,
        assignment: str = "",
        language: str = "en",
        notation: Notation = "unicode",
        configuration: Configuration = DEFAULT,
    ) -> None:
        wanted = {"assignment": assignment, "quiz": quiz, "introduction": lesson}
        self.home = next((room for room, asked in wanted.items() if asked), "menu")
        """The room of the first frame, which does not wait for the service."""
        super().__init__(
            driver_class=TerminalDriver,
            css_path=[
                STYLES / "app.tcss",
                STYLES / f"{HOME_STYLES.get(self.home, self.home)}.tcss",
            ],
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
        self.client = Client(
            service(self.hear),
            hello,
            lambda: self.stage.say(RESTARTING),
            lambda name: self.commands.tell_late(name),
        )
        self.stage = ScreenStage(self, self.home)
        self.commands = Commands(
            self,
            self._lost,
            self.stage.say,
            on_end=lambda: self.ahead.arrive(),
        )
        self.tour = Tour(self.client, self.stage, ask, part, PAGE)
        self.drafts = Drafts(self)
        self.idle = Idle(self, configuration.settings.idle_minutes)
        self.preview = Preview(self, lesson)
        self._asked_for = lesson, quiz
        self._host = ""
        """What is still to be said of the class host."""
        self._assignment = assignment
        self.client.only_host = bool(assignment)
        self._leaving = False
        self._pressed: events.Event | None = None
        self.ahead: Ahead = Ahead(self, self._dispatch)

    def _lost(self, why: str) -> Message:
        """There is no service, and none can be started; for an assignment, no host."""
        if self.client.only_host:
            return Message(UNREACHABLE.text, why=why)
        return Message(LOST.text, why=why, kept=kept(self.client))

    @cached_property
    def clock(self) -> Clock:
        from bptutor.tui.clock import Clock

        return Clock(self)

    @property
    def slow(self) -> bool:
        return self.configuration.settings.profile == "slow"

    @property
    def moves(self) -> bool:
        return may_move(os.environ, self.slow)

    @property
    def room(self) -> Room:
        return self.stage.room

    def words(self, message: Message) -> str:
        return message.to(self.language)

    def get_default_screen(self) -> Screen[Any]:
        """The first frame is the first room's, not an empty one."""
        return self.get_screen(self.home)

    def on_mount(self) -> None:
        """Draw first, start the service beside it, and leave with the terminal."""
        leave_with_terminal(self.action_leave, self._must_end)
        self.idle.start()
        self.preview.start()
        self.call_after_refresh(self.commands.start, self._begin)

    async def _begin(self) -> None:
        await self.client.start()
        self.room.show_engine()
        try:
            if self._assignment:
                await open_assignment(self.tour, self._assignment)
            else:
                await self.tour.begin(*self._asked_for)
        except RequestRefused as refused:
            self.room.refuse(refused.message)
        findings = self.configuration.findings
        if findings or self._host:
            parts = [self.client.opened.remark if self.client.opened else "", self._host]
            parts += [self.words(ignored(finding)) for finding in findings[:1]]
            if (count := len(findings) - 1) > 0:
                more = Message("{count} more; `bptutor doctor` lists them.", count=count)
                parts.append(f"({self.words(more)})")
            self.room.say(" ".join(filter(None, parts)))

    @property
    def takes_typing(self) -> bool:
        return cast(Placed, self.screen).takes_typing

    async def on_event(self, event: events.Event) -> None:
        if not self.ahead.holds(event):
            await self._dispatch(event)

    async def _dispatch(self, event: events.Event) -> None:
        """A key or the mouse shows that the learner is there."""
        self.idle.notice(event)
        if isinstance(event, events.Key) and not event.is_forwarded:
            cast(Placed, self.screen).expect(event)
            if event.key in EDITING and self.focused is None:
                return  # or it would edit the field to which a later key brings the focus
        press = isinstance(event, events.Key | events.MouseDown)
        if press and event is not self._pressed:  # it bubbles back here where nobody takes it
            self._pressed = event
            self.tour.presses += 1
        await super().on_event(event)

    def on_input_changed(self, event: Input.Changed) -> None:
        self.drafts.notice(event)

    def command(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do one thing with the service; False while another one is on its way."""
        return self.commands.run(work)

    # ── what the service tells ────────────────────────────────────────────────────────────────

    def hear(self, event: Event) -> None:
        if not self.screen_stack:  # the app is on its way out
            return
        if isinstance(event, EngineState):
            self.client.engine = event
            self.room.show_engine()
            if event.state == "ready" and self.room.id == "step" and self.client.early:
                self.commands.beside(self._look_again(self.tour.step))
        elif isinstance(event, Keeping):
            self.client.all_kept = event.whole
        elif isinstance(event, Training):
            self.room.show_training(event)
        elif isinstance(event, HostState):
            self._host = self.words(reachable(event))
            self.stage.say(self._host)
        elif isinstance(event, TimeLeft) and self.client.assignment:
            self.clock.set(event.seconds)
            self.room.show_engine()
            self.room.time_changed(event.seconds)

    async def _look_again(self, shown: StepView | None) -> None:
        """The step as it is now that TensorFlow is there.

        This is no command: a key that is pressed meanwhile is one, and its reply shows as much. The
        reply to one that was pressed before says something once, which is not to be overwritten.
        """
        here = await self.tour.look(lambda: self.tour.tutor.go("here"))
        if not self.commands.busy and self.tour.step is shown:
            await self.tour.arrive(here)

    # ── keys that work everywhere ─────────────────────────────────────────────────────────────

    def action_help(self) -> None:
        if self.screen.id != "help":
            self.push_screen("help")

    def action_how_to_quit(self) -> None:
        """Ctrl+C, pressed out of habit, says how to quit and does not."""
        self.stage.say(
            Message(
                "Press F10 or Ctrl+Q to quit, F1 or Ctrl+G for help. {kept}", kept=kept(self.client)
            )
        )

    def action_leave(self) -> None:
        """Quit; what was typed is kept, where the service takes it in time."""
        if not self._leaving:
            self._leaving = True
            self._must_end()
            self.run_worker(self._leave(), group="leave", exit_on_error=False)

    def on_terminal_gone(self) -> None:
        self.action_leave()

    def on_too_much(self) -> None:
        self.stage.say(Message("Too much input arrived at once. Part of it is dropped."))

    def _must_end(self) -> None:
        """End the process within seconds, even where something hangs, and free the terminal."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.must_end()

    async def _leave(self) -> None:
        try:
            with suppress(RequestRefused, ServiceLost, asyncio.TimeoutError):
                await asyncio.wait_for(self.tour.keep_draft(unsaid=True), PATIENCE)
        finally:
            self.exit(0)

    async def on_unmount(self) -> None:
        """The service goes with the app."""
        await self.client.stop()


def run(
    lesson: str | None,
    ask: Ask | None,
    part: Part,
    language: str,
    notation: Notation,
    configuration: Configuration,
    quiz: QuizSpec | None = None,
    assignment: str = "",
) -> int:
    """Run the app on this terminal until the learner leaves; its exit status.

    `lesson` is a name or a path to a .toml; without one the menu comes first. What `ask` says holds
    in a sitting that goes on, too; None leaves that as it was. A quiz comes before both, and an
    assignment before all.
    """
    for name in ("COLUMNS", "LINES"):  # where a shell exports them, they do not follow a resize
        os.environ.pop(name, None)
    app = TutorApp(
        service_of(configuration),
        lesson=lesson,
        ask=ask,
        part=part,
        quiz=quiz,
        assignment=assignment,
        language=language,
        notation=notation,
        configuration=configuration,
    )
    hold_ends()
    app.run(mouse=configuration.settings.mouse)
    return app.return_code or 0
