"""The terminal: the app leaves with it, and leaves it as it was; what it may be troubled with."""

from __future__ import annotations

import asyncio
import select
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from textual.app import App

WATCH = 5.0
"""Seconds between two looks at whether the terminal is still there."""


ENDS = (signal.SIGHUP, signal.SIGTERM)


def hold_ends() -> None:
    """Have what ends the app wait until it knows how to leave the terminal as it was."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)


def leave_with_terminal(app: App[Any], leave: Callable[[], None]) -> None:
    """Leave on SIGHUP and SIGTERM, and where the terminal goes without a signal (nohup)."""
    loop = asyncio.get_running_loop()
    for number in ENDS:
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, leave)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
    if not app.is_headless:
        app.set_interval(WATCH, lambda: leave() if _is_gone() else None)


def may_move(environment: Mapping[str, str], slow: bool) -> bool:
    """May anything move on the screen: is the link fast, and are animations wanted?"""
    unwanted = environment.get("TEXTUAL_ANIMATIONS", "").lower() == "none"
    return not (slow or unwanted or environment.get("SSH_CONNECTION"))


def _is_gone() -> bool:
    poll = select.poll()
    poll.register(sys.__stdin__ or 0, 0)
    return any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll(0))
