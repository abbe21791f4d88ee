"""The terminal: the app leaves with it, and leaves it as it was; what it may be troubled with."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import copy_context
from typing import Any

ENDS = (signal.SIGHUP, signal.SIGTERM)


def hold_ends() -> None:
    """Have what ends the app wait until it knows how to leave the terminal as it was."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)


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
    return not (slow or unwanted or environment.get("SSH_CONNECTION"))
