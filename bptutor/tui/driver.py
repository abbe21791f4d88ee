"""Textual's driver, for a terminal that may go away."""

from __future__ import annotations

import os
import select
import signal
import termios
import time
from codecs import getincrementaldecoder
from collections import deque
from contextlib import suppress
from typing import Any, TextIO, cast

from textual import constants
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from bptutor.locale.printable import without_unseen
from bptutor.tui.last_resort import LastResort
from bptutor.tui.thrift import Thrift

TAKEN = 0.05
"""Seconds in which a thread that writes notices that it need not wait for the terminal."""


class TerminalGone(Message):
    """There is no terminal any more, whether or not a signal says so."""


class Output:
    """A terminal to write to, which swallows what is written once it is gone.

    Textual writes in a thread. An error there would end the thread; the app would then wait for
    ever, in the middle of leaving, for somebody to take what it still has to write.
    """

    def __init__(self, terminal: TextIO) -> None:
        self._terminal = terminal
        self._thrift = Thrift()
        self.fileno = terminal.fileno
        self.closed = False
        """Is nothing written any more?"""

    def write(self, text: str) -> None:
        """Write, in as few bytes as it takes, where there is anything to write to."""
        with suppress(OSError):
            if not self.closed:
                self._terminal.write(self._thrift.spare(without_unseen(text)))

    def flush(self) -> None:
        """Write what has not been written, where there is anything to write to."""
        with suppress(OSError):
            self._terminal.flush()


class LastOutput:
    """What is written to a terminal takes no longer than the terminal lets it."""

    def __init__(self, fileno: int) -> None:
        self._fileno = fileno

    def write(self, text: str) -> None:
        """Write, or do not."""
        with suppress(OSError):
            os.write(self._fileno, text.encode())

    def flush(self) -> None:
        """All that could be written has been."""


class TerminalDriver(LinuxDriver):
    """Textual's own driver; its output outlives its terminal, and it sleeps while nobody types."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._output = Output(cast(TextIO, self._file))
        self._file = cast(Any, self._output)
        self._last_resort = LastResort(self._loop, self._give_back)
        self._woken, self._wake = os.pipe()
        """What the thread that reads the keys listens to besides them: a byte there ends it."""
        self._sent: deque[Message] = deque()
        """What the app has not been handed yet."""
        for number, handle in ((signal.SIGTSTP, self._stop), (signal.SIGCONT, self._go_on)):
            self._loop.add_signal_handler(number, handle)

    def run_input_thread(self) -> None:
        """Hand on what is typed. Unlike Textual's own it wakes up for nothing else.

        An Esc may be a key or the beginning of a longer one: that is known once the keys have been
        quiet for a moment, and only that moment is waited for by the clock.
        """
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        moment: float | None = None
        while True:
            ready, _, _ = select.select([self.fileno, self._woken], [], [], moment)
            if self._woken in ready:
                return
            if ready:
                typed = self._read()
                if not typed:
                    self.send_message(TerminalGone())
                    return
                found = parser.feed(text) if (text := decode(typed)) else ()
                moment = constants.ESCAPE_DELAY
            else:
                found = parser.tick()
                moment = None
            for event in found:
                self.process_message(event)

    def send_message(self, message: Message) -> None:
        """Have the loop hand a message to the app, once for all that wait.

        Each wake-up takes a place in the loop's pipe. With one a key, a few hundred keys filled it,
        and a signal that came then was lost.
        """
        self._sent.append(message)
        if len(self._sent) == 1:
            self._loop.call_soon_threadsafe(self._hand_on)

    def _hand_on(self) -> None:
        while self._sent:
            self._app.post_message(self._sent.popleft())

    def _read(self) -> bytes:
        """What has been typed; nothing where there is no terminal any more."""
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""

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
        """The app leaves: within seconds, or by force."""
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
