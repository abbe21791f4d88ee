"""The app: it holds the conversation with the service, and everything happens in it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import Screen

from bptutor import __version__
from bptutor.config.settings import DEFAULT, Configuration
from bptutor.literals import Ask, Part
from bptutor.service.client import Client, ServiceFactory
from bptutor.service.process import RequestRefused, ServiceLost
from bptutor.service.protocol import EngineState, Event, Hello, Keeping, Training, Tutor
from bptutor.service.sentences import RESTARTING, kept, late
from bptutor.text import Message
from bptutor.text.numbers import shown
from bptutor.tui.driver import TerminalDriver, leave_with_terminal, may_move
from bptutor.tui.journey import Journey
from bptutor.tui.rooms import ROOMS
from bptutor.tui.screens.room import STYLES, Room, Worded
from bptutor.tui.symbols import SYMBOLS, Notation
from bptutor.tui.theme import dress, scrollbars
from bptutor.tui.timers import Drafts, Idle, Preview
from bptutor.views.quiz import QuizSpec

if TYPE_CHECKING:
    from textual.widgets import Input

    from bptutor.tui.clock import Clock
    from bptutor.tui.quizzing import Quizzing

PATIENCE = 3.0
"""Seconds that leaving may wait for the service to keep what was typed."""
LOST = Message("The service cannot be started: {why}. {kept} F10 quits.")
OURS = Message("Something went wrong in the app; {path} says what. You can go on.")


class TutorApp(App[int]):
    """The tutor in a terminal."""

    TITLE = "bptutor"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-usual"), (110, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-short"), (24, "-usual-height"), (34, "-tall")]
    SCREENS = ROOMS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", Message("Help").text, id="help"),
        Binding("f10", "leave", Message("Quit").text, id="quit", priority=True),
        Binding("ctrl+q", "leave", show=False, id="quit-too", priority=True),
        Binding("ctrl+c", "how_to_quit", show=False, id="how-to-quit"),
        Binding("ctrl+z", "suspend_process", show=False, id="suspend", priority=True),
    ]

    def __init__(
        self,
        service: ServiceFactory,
        *,
        lesson: str | None = None,
        ask: Ask | None = None,
        part: Part = "tape",
        quiz: QuizSpec | None = None,
        language: str = "en",
        notation: Notation = "unicode",
        configuration: Configuration = DEFAULT,
    ) -> None:
        self.home = "quiz" if quiz else "introduction" if lesson else "menu"
        """The room of the first frame, which does not wait for the service."""
        super().__init__(
            driver_class=TerminalDriver,
            css_path=[STYLES / "app.tcss", STYLES / f"{self.home}.tcss"],
            ansi_color=True if "NO_COLOR" in os.environ else None,
        )
        self.animation_level = "none"
        self.configuration = configuration
        dress(self, configuration.settings)
        if configuration.settings.keys:
            from bptutor.tui.keymap import whole  # it reads every screen

            self.set_keymap(whole(configuration.settings.keys))
        self.lesson = lesson
        self.asking: Ask = (ask or "all") if part == "tape" else "all"
        self.switches = ask is not None and part == "tape"
        """Was it said what is to be asked, in a sitting that goes on, too?"""
        self.part: Part = part
        self.quiz = quiz
        self.language = language
        self.symbols = SYMBOLS[notation]
        self.set_class(notation == "ascii", "-ascii")
        coloured = not self.no_color and self.console.color_system is not None
        scrollbars("" if coloured and notation == "unicode" else self.symbols.full)
        hello = Hello(__version__, language, notation, shown())
        self.client = Client(service(self.hear), hello, self.tell_lost, self.tell_late)
        self.journey = Journey(self)
        self.drafts = Drafts(self)
        self.idle = Idle(self, configuration.settings.idle_minutes)
        self.preview = Preview(self)
        self.busy = True
        """Is a command on its way? One is from the start, whatever was typed before that."""
        self.late = ""
        """The request whose reply is late, if one is."""
        self._leaving = False

    @cached_property
    def quizzing(self) -> Quizzing:
        """The way through a quiz; read in when it is first needed."""
        from bptutor.tui.quizzing import Quizzing

        return Quizzing(self)

    @cached_property
    def clock(self) -> Clock:
        """The time that an exam has left."""
        from bptutor.tui.clock import Clock

        return Clock(self)

    @property
    def slow(self) -> bool:
        """Is the link slow, so that what need not be drawn is not?"""
        return self.configuration.settings.profile == "slow"

    @property
    def moves(self) -> bool:
        """May anything move on the screen?"""
        return may_move(os.environ, self.slow)

    def words(self, message: Message) -> str:
        """A sentence in the learner's language."""
        return message.to(self.language)

    @property
    def room(self) -> Room:
        """The screen under any dialogs."""
        return cast(Room, next(s for s in reversed(self.screen_stack) if not s.is_modal))

    def get_default_screen(self) -> Screen[Any]:
        """The first frame is the first room's, not an empty one."""
        return self.get_screen(self.home)

    def on_mount(self) -> None:
        """Draw first, start the service beside it, and leave with the terminal."""
        leave_with_terminal(self.action_leave, self._must_end)
        self.idle.start()
        self.preview.start()
        self.call_after_refresh(self._start, self.journey.begin)

    async def on_event(self, event: events.Event) -> None:
        """Whoever presses a key is there."""
        self.idle.notice(event)
        await super().on_event(event)

    def on_input_changed(self, event: Input.Changed) -> None:
        """What is typed is kept, checked or not."""
        self.drafts.notice(event)

    # ── what is asked of the service ──────────────────────────────────────────────────────────

    def command(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do one thing with the service; while it is on its way, there is no second one."""
        if self.busy:
            if self.late:
                self.say(late(self.late))
            return False
        self.busy = True
        self._start(work)
        return True

    def _start(self, work: Callable[[], Awaitable[None]]) -> None:
        self.run_worker(self._carry_out(work), group="command", exit_on_error=False)

    async def _carry_out(self, work: Callable[[], Awaitable[None]]) -> None:
        """Whatever goes wrong is said on the screen, and the learner goes on."""
        try:
            await work()
        except RequestRefused as refused:
            cast(Worded, self.screen).say(refused.message)
        except ServiceLost as lost:
            self._write_down(lost)
            self.say(Message(LOST.text, why=str(lost), kept=kept(self.client)))
        except Exception as error:
            self.say(Message(OURS.text, path=self._write_down(error)))
        finally:
            self.busy = False

    def say(self, message: Message) -> None:
        """Say a sentence on the screen that is there."""
        cast(Worded, self.screen).say(self.words(message))

    @property
    def service(self) -> Tutor:
        """What is asked of the service. Raises RequestRefused, ServiceLost."""
        return self.client.tutor

    def _write_down(self, error: Exception) -> str:
        """Write an error down; the path of the log. (Logging is only read in for it.)"""
        from bptutor.tui.log import log_path, logger

        logger().error("A command failed.", exc_info=error)
        return str(log_path())

    # ── what the service tells ────────────────────────────────────────────────────────────────

    def hear(self, event: Event) -> None:
        """TensorFlow's state, or how far a training has come."""
        if not self.screen_stack:  # the app is on its way out
            return
        if isinstance(event, EngineState):
            self.client.engine = event
            self.room.show_engine()
            if event.state == "ready" and self.room.id == "step" and self.client.early:
                self.run_worker(self.journey.look_again(), group="look", exit_on_error=False)
        elif isinstance(event, Keeping):
            self.client.all_kept = event.whole
        elif isinstance(event, Training):
            self.journey.show_training(event)

    def tell_lost(self) -> None:
        """The service is gone, and another one is being started."""
        self.say(RESTARTING)

    def tell_late(self, request: str) -> None:
        """The reply to a request is late, or (with nothing) has come after all."""
        self.late = request
        if self.screen_stack:  # else the app is on its way out
            cast(Worded, self.screen).say(self.words(late(request)) if request else "")

    # ── keys that work everywhere ─────────────────────────────────────────────────────────────

    def action_help(self) -> None:
        """Help, over whatever is there."""
        if self.screen is self.room:
            self.push_screen("help")

    def action_how_to_quit(self) -> None:
        """Ctrl+C is a habit; it does not throw anybody out."""
        self.say(Message("F10 or Ctrl+Q quits. {kept}", kept=kept(self.client)))

    def action_leave(self) -> None:
        """Quit; what was typed is kept, where the service takes it in time."""
        if not self._leaving:
            self._leaving = True
            self._must_end()
            self.run_worker(self._leave(), group="leave", exit_on_error=False)

    def on_terminal_gone(self) -> None:
        """There is nobody to talk to any more."""
        self.action_leave()

    def _must_end(self) -> None:
        """Whatever hangs: a terminal is not held for ever."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.must_end()

    async def _leave(self) -> None:
        try:
            with suppress(RequestRefused, ServiceLost, asyncio.TimeoutError):
                await asyncio.wait_for(self.journey.keep_draft(unsaid=True), PATIENCE)
        finally:
            self.exit(0)

    async def on_unmount(self) -> None:
        """The service goes with the app."""
        await self.client.stop()
