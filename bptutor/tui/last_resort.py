"""The last resort: an app that does not come to its end is ended, and what held it is written down.

Whatever hangs (the loop, a thread, a terminal that takes nothing any more), nobody is left with a
process that stays, or with a terminal that is not theirs.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import traceback
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import StringIO

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
        """From now on there are but seconds."""
        if self._timer is None:
            self._timer = threading.Timer(PATIENCE, self._end)
            self._timer.daemon = True
            self._timer.start()

    def _end(self) -> None:
        try:
            with suppress(Exception):
                _write_down("The app did not end in time.\n" + "".join(_stacks(self._loop)))
            self._give_back()
        finally:
            os._exit(1)


def _write_down(text: str) -> None:
    from bptutor.tui.log import logger

    logger().error(text)


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
