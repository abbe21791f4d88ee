"""A lesson's file that its author is writing is looked at again whenever it changes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bptutor.tui.app import TutorApp

LOOKS = 1.0
"""Seconds between two looks at the file."""


class Preview:
    """Watches the file of the lesson that was named on the command line, if it is a file."""

    def __init__(self, app: TutorApp) -> None:
        self._app = app
        named = app.lesson or ""
        self._path = Path(os.path.expanduser(named)) if named.endswith(".toml") else None
        self._seen = self._stamp()

    def start(self) -> None:
        """Look at the file every now and then; a lesson by name has none to watch."""
        if self._path:
            self._app.set_interval(LOOKS, self.look)

    def look(self) -> None:
        """Have the lesson read again where its file has changed."""
        stamp = self._stamp()
        conversation = self._app.conversation
        if stamp and stamp != self._seen and conversation.session and not self._app.busy:
            self._seen = stamp
            self._app.journey.reload()

    def _stamp(self) -> tuple[int, int] | None:
        """What changes when the file does; None while it is not there."""
        try:
            found = self._path.stat() if self._path else None
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_size) if found else None
