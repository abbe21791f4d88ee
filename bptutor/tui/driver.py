"""Textual's driver, for a terminal that may go away."""

from __future__ import annotations

import os
import time
from codecs import getincrementaldecoder
from contextlib import suppress
from selectors import EVENT_READ, SelectSelector
from typing import Any, TextIO, cast

from textual import constants
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from bptutor.tui.thrift import Thrift

TICK = 0.1
"""Seconds from one look at a key that may be a part of a longer sequence to the next."""


class Output:
    """A terminal to write to, which swallows what is written once it is gone.

    Textual writes in a thread. An error there would end the thread; the app would then wait for
    ever, in the middle of leaving, for somebody to take what it still has to write.
    """

    def __init__(self, terminal: TextIO) -> None:
        self._terminal = terminal
        self._thrift = Thrift()
        self.fileno = terminal.fileno

    def write(self, text: str) -> None:
        """Write, in as few bytes as it takes, where there is anything to write to."""
        with suppress(OSError):
            self._terminal.write(self._thrift.spare(text))

    def flush(self) -> None:
        """Write what has not been written, where there is anything to write to."""
        with suppress(OSError):
            self._terminal.flush()


class TerminalDriver(LinuxDriver):
    """Textual's own driver; its output outlives its terminal, and it sleeps while nobody types."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._file = cast(Any, Output(cast(TextIO, self._file)))
        self._leaving, self._leave = os.pipe()

    def run_input_thread(self) -> None:
        """Hand on what is typed. Unlike Textual's own it wakes up for nothing else."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")().decode
        unfinished = 0.0  # until when a key may still be the first part of a sequence
        with SelectSelector() as selector:
            selector.register(self._leaving, EVENT_READ)
            selector.register(self.fileno, EVENT_READ)
            while not self.exit_event.is_set():
                ready = selector.select(TICK if time.monotonic() < unfinished else None)
                if any(key.fd == self.fileno for key, _ in ready):
                    unfinished = time.monotonic() + constants.ESCAPE_DELAY + 2 * TICK
                    sent = self._read()
                    if not sent:  # the terminal is gone: nothing will come, so wait for the end
                        selector.unregister(self.fileno)
                    if typed := decode(sent):
                        for event in parser.feed(typed):
                            self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)

    def _read(self) -> bytes:
        """What has been typed; nothing where there is no terminal any more."""
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""

    def disable_input(self) -> None:
        """End the thread that hands on what is typed."""
        os.write(self._leave, b".")
        super().disable_input()
        os.read(self._leaving, 1)
