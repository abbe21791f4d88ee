"""The app: it holds the conversation with the service and moves between its screens."""

from __future__ import annotations

import asyncio
import select
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, ClassVar, cast

from textual.app import App
from textual.binding import Binding, BindingType
from textual.message_pump import MessagePump
from textual.screen import ModalScreen, Screen

from bptutor import __version__
from bptutor.locale import Message
from bptutor.service.client import RequestRefused, ServiceLost
from bptutor.service.messages import (
    Ask,
    Close,
    Draft,
    EngineState,
    Event,
    Hello,
    Reply,
    Request,
    StepReply,
    SummaryReply,
    Training,
)
from bptutor.tui.conversation import Conversation, ServiceFactory
from bptutor.tui.log import log_path, logger
from bptutor.tui.rooms import ROOMS, Room
from bptutor.tui.symbols import SYMBOLS, Notation
from bptutor.tui.theme import THEME, plain_scrollbars

PATIENCE = 1.0
"""Seconds that leaving may wait for the service to keep what was typed."""
WATCH = 5.0
"""Seconds between two looks at whether the terminal is still there."""


class TutorApp(App[int]):
    """The tutor in a terminal."""

    TITLE = "bptutor"
    CSS_PATH: ClassVar[list[str]] = ["styles/app.tcss", "styles/step.tcss"]  # type: ignore[assignment]
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [(0, "-narrow"), (72, "-usual"), (110, "-wide")]
    VERTICAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [(0, "-short"), (24, "-usual-height"), (34, "-tall")]
    SCREENS = ROOMS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", Message("Help").text, id="help"),
        Binding("f10,ctrl+q", "leave", Message("Quit").text, id="quit", priority=True),
        Binding("ctrl+c", "how_to_quit", show=False, id="how-to-quit"),
    ]

    def __init__(
        self,
        service: ServiceFactory,
        *,
        lesson: str | None = None,
        ask: Ask = "all",
        language: str = "en",
        notation: Notation = "unicode",
    ) -> None:
        super().__init__()
        self.animation_level = "none"
        self.register_theme(THEME)
        self.theme = THEME.name
        self.lesson = lesson
        self.asking: Ask = ask
        self.language = language
        self.symbols = SYMBOLS[notation]
        self.set_class(notation == "ascii", "-ascii")
        hello = Hello(version=__version__, language=language, notation=notation)
        self.conversation = Conversation(service(self.hear), hello, self.tell_lost)
        self.busy = False
        """Is a command on its way?"""

    def words(self, message: Message) -> str:
        """A sentence in the learner's language."""
        return message.to(self.language)

    @property
    def room(self) -> Room:
        """The screen under any dialogs."""
        return cast(Room, next(s for s in reversed(self.screen_stack) if not s.is_modal))

    def get_default_screen(self) -> Screen[Any]:
        """The first frame does not wait for the service: it has its own text."""
        return self.get_screen("introduction" if self.lesson else "menu")

    def on_mount(self) -> None:
        """Draw first, start the service beside it, and leave with the terminal."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGTERM):
            with suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self.action_leave)
        if not self.is_headless:
            self.set_interval(WATCH, self.leave_with_terminal)
        self.call_after_refresh(self.command, self.begin)

    def leave_with_terminal(self) -> None:
        """Leave where the terminal is gone and no signal said so (under nohup)."""
        poll = select.poll()
        poll.register(sys.__stdin__ or 0, 0)
        if any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll(0)):
            self.action_leave()

    # ── what is asked of the service ──────────────────────────────────────────────────────────

    def command(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do one thing with the service; while it is on its way, there is no second one."""
        if self.busy:
            return False
        self.busy = True
        self.run_worker(self._carry_out(work), group="command", exit_on_error=False)
        return True

    async def _carry_out(self, work: Callable[[], Awaitable[None]]) -> None:
        """Whatever goes wrong is said on the screen, and the learner goes on."""
        try:
            await work()
        except RequestRefused as refused:
            self.say(refused.message)
        except ServiceLost as lost:
            logger().error("The service is lost.", exc_info=lost)
            self.say(LOST_FOR_GOOD)
        except Exception as error:
            logger().error("A command failed.", exc_info=error)
            self.say(Message(OURS, path=str(log_path())))
        finally:
            self.busy = False

    def say(self, message: Message) -> None:
        """Say a sentence on the screen that is there."""
        self.room.say(self.words(message))

    async def ask(self, request: Request) -> Reply:
        """Ask the service. Raises RequestRefused, ServiceLost."""
        return await self.conversation.ask(request)

    async def begin(self) -> None:
        """Start the service, then what was asked for on the command line."""
        await self.conversation.start()
        self.room.show_engine()
        if self.lesson:
            await self.open(self.lesson, resume=True)
        else:
            await self.get_screen("menu", ROOMS["menu"]).begin()

    async def open(self, lesson: str, resume: bool) -> None:
        """Open a lesson: its introduction, or where it was left."""
        opened = await self.conversation.open(lesson, self.asking, resume)
        if opened.resumed:
            await self.present(StepReply(view=opened.view))
            self.room.say(opened.remark)
        else:
            introduction = await self.enter("introduction")
            introduction.show(opened)
