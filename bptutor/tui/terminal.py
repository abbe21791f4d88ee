"""The terminal: the app leaves with it, and leaves it as it was; what it may be troubled with."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress

ENDS = (signal.SIGHUP, signal.SIGTERM)


def hold_ends() -> None:
    """Have what ends the app wait until it knows how to leave the terminal as it was."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)


def leave_with_terminal(leave: Callable[[], None]) -> None:
    """Leave on SIGHUP and SIGTERM; a terminal that goes without a signal the driver notices."""
    loop = asyncio.get_running_loop()
    for number in ENDS:
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, leave)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)


def may_move(environment: Mapping[str, str], slow: bool) -> bool:
    """May anything move on the screen: is the link fast, and are animations wanted?"""
    unwanted = environment.get("TEXTUAL_ANIMATIONS", "").lower() == "none"
    return not (slow or unwanted or environment.get("SSH_CONNECTION"))
