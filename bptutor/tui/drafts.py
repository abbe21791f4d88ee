"""What is half typed is kept a moment after the typing pauses, so that it outlives everything."""

from __future__ import annotations

from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

from textual.timer import Timer

from bptutor.service.client import RequestRefused, ServiceLost

if TYPE_CHECKING:
    from textual.widgets import Input

    from bptutor.tui.app import TutorApp

PAUSE = 0.4
"""Seconds without a change after which what is typed is kept."""
LONGEST = 0.8
"""Seconds after which it is kept even while somebody types on."""
AT_ONCE = 0.01
"""Seconds: Textual divides by a timer's time, so that it cannot be none."""


class Drafts:
    """Tells the service what is typed, besides any command: nobody waits for it."""

    def __init__(self, app: TutorApp) -> None:
        self._app = app
        self._timer: Timer | None = None
        self._since = 0.0
        """When the first change came that has not been told, by the monotonic clock."""

    def notice(self, event: Input.Changed) -> None:
        """A field has changed: whoever types on is left alone, for a while."""
        if event.input.screen is self._app.room:
            self._wait()

    def _wait(self) -> None:
        now = monotonic()
        if self._timer:
            self._timer.stop()
        else:
            self._since = now
        pause = max(AT_ONCE, min(PAUSE, self._since + LONGEST - now))
        self._timer = self._app.set_timer(pause, self._tell)

    def _tell(self) -> None:
        """A command that is on its way has told it already, or changes the step."""
        self._timer = None
        if not self._app.screen_stack:  # the app is on its way out
            return
        if self._app.busy:
            self._wait()
        elif self._app.room.draft():
            self._app.run_worker(self._keep(), group="draft", exit_on_error=False)

    async def _keep(self) -> None:
        with suppress(RequestRefused, ServiceLost):  # the next command says so
            await self._app.journey.keep_draft(unsaid=True)
