"""What is typed ahead: a slow link sends the Enter of "continue" and the next answer in one."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from textual.events import Event, Key, Paste

from bptutor.tui.screens.base import Frame

Typed: TypeAlias = Key | Paste

MOST = 4_000
"""Keys and pastes that are held; further ones are dropped."""
EDITING = frozenset(
    [
        *("backspace", "delete", "home", "end"),
        *("ctrl+a", "ctrl+d", "ctrl+e", "ctrl+f", "ctrl+k", "ctrl+u", "ctrl+w"),
    ]
)
"""Keys that edit a text."""
FOLLOWING = EDITING | {"enter", "tab", "shift+tab", "left", "right", "up", "down"}
"""Keys that belong to a text typed before them. Alone they are not held: Enter pressed twice passes
over no step."""


class Ahead:
    """Holds what is typed while a command leads to another place, and types it there."""

    def __init__(self, frame: Frame, dispatch: Callable[[Event], Awaitable[None]]) -> None:
        """`dispatch` hands an event to whatever has the focus."""
        self._frame = frame
        self._dispatch = dispatch
        self._held: deque[Typed] = deque()
        self._arriving = False
        """Is a command about to begin; or has it ended, and the focus not come to its place yet?"""

    def holds(self, event: Event) -> bool:
        """Is this to wait? If so, it is held."""
        if not isinstance(event, Typed) or event.is_forwarded or not self._must_wait:
            return False
        follows = bool(self._held) and isinstance(event, Key) and event.key in FOLLOWING
        if isinstance(event, Key) and not (event.is_printable or follows):
            return False
        if len(self._held) < MOST:
            self._held.append(event)
        return True

    @property
    def _must_wait(self) -> bool:
        return bool(self._held) or self._arriving or self._is_moving

    @property
    def _is_moving(self) -> bool:
        return self._frame.commands.busy and not self._frame.takes_typing

    def wait(self) -> None:
        """A command is about to begin, or not: `arrive` is called in either case."""
        self._arriving = True

    def arrive(self) -> None:
        """A command has ended; the focus comes to its place behind what waits already."""
        self._arriving = True
        self._frame.call_later(self._release)

    async def _release(self) -> None:
        """Type what is held, up to a key that leads on to another place."""
        self._arriving = False
        while self._held and not (self._arriving or self._is_moving):
            await self._dispatch(self._held.popleft())
