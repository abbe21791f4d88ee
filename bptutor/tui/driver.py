"""Textual's driver made fit for slow links, hang-ups, and an app that hangs."""

import asyncio
import os
import select
import signal
import sys
import termios
import threading
import time
import traceback
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from contextvars import copy_context
from io import StringIO
from typing import Any, TextIO, cast

from rich.segment import Segment
from textual import constants
from textual.color import Color
from textual.drivers.linux_driver import LinuxDriver
from textual.events import AppBlur, AppFocus, CursorPosition, Key, MouseMove
from textual.filter import LineFilter
from textual.message import Message
from textual.message_pump import MessagePump

from bptutor.text.languages import CONSOLE
from bptutor.text.printable import without_unseen
from bptutor.tui.background import BACKGROUND, ENDS
from bptutor.tui.output import LastOutput, Output
from bptutor.tui.typed import LEAVING, TooMuch, Typed

PATIENCE = 10.0
"""Seconds from the wish to leave; keeping what is typed and ending the service take 7 at most."""


class LastResort:
    """Ends this process by force, some seconds after it was to end by itself."""

    def __init__(self, loop: AbstractEventLoop, give_back: Callable[[], None]) -> None:
        """`give_back` leaves the terminal as it was; it is called in a thread of its own."""
        self._loop = loop
        self._give_back = give_back
        self._timer: threading.Timer | None = None

    def arm(self) -> None:
        """Start the countdown."""
        if self._timer is None:
            self._timer = threading.Timer(PATIENCE, self._end)
            self._timer.daemon = True
            self._timer.start()

    def _end(self) -> None:
        try:
            with suppress(Exception):
                from bptutor.tui.log import write_down

                write_down("The app did not end in time.\n" + "".join(_stacks(self._loop)))
            self._give_back()
        finally:
            os._exit(1)


def _stacks(loop: AbstractEventLoop) -> Iterator[str]:
    """Where every thread is, and what every task waits for."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    for thread, frame in sys._current_frames().items():
        yield f"\nThread {names.get(thread, thread)}:\n"
        yield from traceback.format_stack(frame)
    for task in asyncio.all_tasks(loop):
        stack = StringIO()
        task.print_stack(file=stack)
        yield f"\n{stack.getvalue()}"


TAKEN = 0.05
"""Seconds in which a thread that writes notices that it need not wait for the terminal."""


class TerminalGone(Message):
    """There is no terminal any more, whether or not a signal says so."""


LARGEST = (640, 240)
"""Columns and lines that are used at most; of a terminal that claims more, the upper left part."""


def laid_out(columns: int, lines: int) -> tuple[int, int]:
    return max(1, min(columns, LARGEST[0])), max(1, min(lines, LARGEST[1]))


class OnlySeen(LineFilter):
    """Takes out of every line of every widget what would drive the terminal, or is not seen.

    What follows adds the sequences that do drive it, so that this is the last place to tell them
    from a text that has some.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if all(text.isprintable() for text, _, _ in segments):
            return segments
        return [Segment(without_unseen(text), style) for text, style, _ in segments]


MOST = 4_000
"""Messages that wait for the app; keys beyond them are dropped."""
MANY = 500
"""Nobody has typed so many of them ahead: who wants to leave need not wait for them."""
POURED, A_SECOND = 65_536, 16_384
"""Bytes that may come without a pause, and how many more in each second; beyond them keys are
dropped, too."""
MOMENT = 64
"""Messages that the app, or a field of it, gets before it has taken in those before them."""
BREATH = 0.005
"""Seconds after which to look whether it has."""
SHOW, HIDE, BAR, USUAL = "\x1b[?25h", "\x1b[?25l", "\x1b[6 q", "\x1b[0 q"
"""The terminal's cursor, and its shape (DECSCUSR)."""
REPLACED = (AppFocus, AppBlur, CursorPosition, MouseMove, TooMuch)
"""What a later one of its kind replaces."""


def _leaves(message: Message) -> bool:
    return isinstance(message, Key) and message.key in LEAVING.values()


class TerminalDriver(LinuxDriver):
    """Textual's own driver; its output outlives its terminal, and it sleeps while nobody types."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._size = self._get_terminal_size()  # else the app would ask the terminal itself
        self._output = Output(cast(TextIO, self._file), self._get_terminal_size, self._is_slow)
        self._file = cast(Any, self._output)
        self._last_resort = LastResort(self._loop, self._give_back)
        self._woken, self._wake = os.pipe()
        """What the thread that reads the keys listens to besides them: a byte there ends it."""
        self._sent: deque[Message] = deque()
        """What the app has not been handed yet."""
        self._latest: dict[type[Message], Message] = {}
        self._handing_on = False
        self._early = b""
        """What was typed before the app took the terminal."""
        self._cursor = False
        """Does the terminal show its cursor?"""
        self._shaped = os.environ.get("TERM") != CONSOLE  # which may print the order
        self._poured, self._since = 0.0, time.monotonic()
        """Bytes of keys that came without a pause, beyond what anybody types; and until when."""
        for number, handle in ((signal.SIGTSTP, self._stop), (signal.SIGCONT, self._go_on)):
            self._loop.add_signal_handler(number, handle)

    def _is_slow(self) -> bool:
        return bool(getattr(self._app, "slow", False))

    def start_application_mode(self) -> None:
        self._early = BACKGROUND.give_back()
        self._cursor = False
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        self._output.holds.clear()  # else the cursor would be held back with the frame
        if self._cursor and self._shaped:
            self.write(USUAL)
        super().stop_application_mode()

    def hold(self) -> Callable[[], None]:
        """Send no frame until what is given back is called: they become one."""
        holder = object()
        self._output.holds.add(holder)

        def release() -> None:
            if holder in self._output.holds:
                self._output.holds.discard(holder)
                if self._writer_thread:  # which sends what it has
                    self.write("")

        return release

    def show_cursor(self, shown: bool) -> None:
        """Show the terminal's own cursor, as a bar where that is known, or hide it.

        (Where it is a block, it reverses the reversed cell that is drawn there; a line stays.)
        """
        if shown != self._cursor:
            self._cursor = shown
            shape = BAR if self._shaped else ""
            self.write(f"{shape}{SHOW}" if shown else HIDE)
            self.flush()

    def run_input_thread(self) -> None:
        """Hand on what is typed. Unlike Textual's own it wakes up for nothing else.

        An Esc may be a key or the beginning of a longer one: that is known once the keys have been
        quiet for a moment, and only that moment is waited for by the clock.
        """
        typed = Typed(self._is_full, self._debug)
        for event in typed.feed(self._early):
            self.process_message(event)
        moment: float | None = constants.ESCAPE_DELAY if self._early else None
        self._early = b""
        while True:
            ready, _, _ = select.select([self.fileno, self._woken], [], [], moment)
            if self._woken in ready:
                return
            if ready:
                data = self._read()
                if data is None:
                    self.send_message(TerminalGone())
                    return
                events = typed.feed(data)
                moment = constants.ESCAPE_DELAY
            else:
                events = typed.quiet()
                moment, self._poured = None, 0.0
            for event in events:
                self.process_message(event)

    def send_message(self, message: Message) -> None:
        """Have the loop hand a message to the app, once for all that wait.

        Each wake-up takes a place in the loop's pipe. With one a key, a few hundred keys filled it,
        and a signal that came then was lost.
        """
        if _leaves(message) and len(self._sent) > MANY:
            self._sent.clear()
        self._sent.append(message)
        self._latest[type(message)] = message
        if not self._handing_on:
            self._handing_on = True
            self._loop.call_soon_threadsafe(self._hand_on)

    def _hand_on(self) -> None:
        """Hand on what is sent, as fast as it is taken."""
        with suppress(IndexError):  # the other thread may have dropped them
            while self._sent and (_leaves(self._sent[0]) or not self._is_behind()):
                message = self._sent.popleft()
                if not isinstance(message, REPLACED) or self._latest[type(message)] is message:
                    self._app.post_message(message)
        self._handing_on = False  # before the look: the other thread may add something after it
        if self._sent:
            self._handing_on = True
            self._loop.call_later(BREATH, self._hand_on)

    def _is_behind(self) -> bool:
        """Has the app, or whatever in it gets the keys, more to do than a moment's work?"""
        takers: list[MessagePump | None] = [self._app, *self._app.screen_stack[-1:]]
        if len(takers) > 1:
            takers.append(self._app.focused)
        return any(taker.message_queue_size >= MOMENT for taker in takers if taker)

    def _is_full(self, coming: int) -> bool:
        """Are there, with so many bytes that are coming, more keys than anybody types?"""
        passed, self._since = time.monotonic() - self._since, time.monotonic()
        self._poured = max(0.0, self._poured - passed * A_SECOND) + coming
        return len(self._sent) >= MOST or self._poured > POURED

    def _get_terminal_size(self) -> tuple[int, int]:
        return laid_out(*super()._get_terminal_size())

    def _query_in_band_window_resize(self) -> None:
        """The system tells the size."""

    def _read(self) -> bytes | None:
        """What has been typed; None where there is no terminal any more."""
        try:
            return os.read(self.fileno, 4096) or None
        except OSError:
            return None

    def disable_input(self) -> None:
        """End the thread that hands on what is typed, and drop what it has not read.

        Asked for again once that is done, it must not drop what is typed for the shell.
        """
        if self._key_thread:
            os.write(self._wake, b".")
            super().disable_input()
            os.read(self._woken, 1)
            self._key_thread = None

    def must_end(self) -> None:
        """The app is leaving: force it where that takes too long."""
        self._last_resort.arm()

    def _give_back(self) -> None:
        """Leave the terminal as it was, past every thread that may hang."""
        terminal = self._output.fileno()
        self._output.closed = True
        blocking = os.get_blocking(terminal)
        os.set_blocking(terminal, False)
        try:
            for _ in range(2):  # the thread that writes may have been waiting to write some more
                with suppress(termios.error):
                    termios.tcflush(terminal, termios.TCOFLUSH)
                time.sleep(TAKEN)
            self._writer_thread = cast(Any, LastOutput(terminal))
            self._key_thread = None
            self._disable_mouse_support()
            self.stop_application_mode()
        finally:
            os.set_blocking(terminal, blocking)

    def _stop(self) -> None:
        """Hand the terminal back, and stop until somebody wants us to go on (Ctrl+Z, SIGTSTP)."""
        if self._auto_restart:
            self.suspend_application_mode()
            self._must_signal_resume = True
        os.kill(os.getpid(), signal.SIGSTOP)

    def _go_on(self) -> None:
        """Take the terminal again (SIGCONT).

        A terminal that is closed sends this signal too, after SIGHUP; and whoever was stopped by
        SIGSTOP has not handed the terminal back. Beginning anew without an end would leave a second
        thread that reads the keys, which nothing ends.
        """
        if not (self._auto_restart and self._app.is_running and os.isatty(self.fileno)):
            return
        if not self._must_signal_resume:
            self.suspend_application_mode()
        self.resume_application_mode()
        # In its own size nothing would be drawn that has not changed, and the shell wrote over it.
        self._app.call_later(self._app.screen.refresh)


def leave_with_terminal(leave: Callable[[], None], warn: Callable[[], None]) -> None:
    """Leave on SIGHUP and SIGTERM; a terminal that goes without a signal the driver notices.

    The loop's own handler only wakes the loop: where hundreds of wake-ups wait in its pipe, what it
    would call is lost. `warn` is called at once, in the middle of whatever holds the loop up.
    """
    loop = asyncio.get_running_loop()
    context = copy_context()

    def hear(*_: Any) -> None:
        warn()
        with suppress(RuntimeError):  # the loop is closed: the app has left
            loop.call_soon_threadsafe(leave, context=context)

    for number in ENDS:
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, lambda: None)
            signal.signal(number, hear)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)


def may_move(environment: Mapping[str, str], slow: bool) -> bool:
    """May anything move on the screen: is the link fast, and are animations wanted?"""
    unwanted = environment.get("TEXTUAL_ANIMATIONS", "").lower() == "none"
    unwanted = unwanted or bool(environment.get("NO_MOTION"))
    return not (slow or unwanted or environment.get("SSH_CONNECTION"))
