"""A teacher at the app: presses keys, waits until it is quiet, reads the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from bptutor.classroom.rows import Event
from bptutor.classroom.store import ClassStore
from bptutor.config.settings import DEFAULT, Configuration
from bptutor.tui.desk import DeskApp
from bptutor.tui.symbols import Notation
from tests.classroom.near_host import NearHost, midterm
from tests.tui.learner import SIZE, AtApp

NEVER = 86_400.0


class Teacher(AtApp[DeskApp]):
    """One run of the app."""

    def __init__(self, pilot: Pilot[Any], app: DeskApp, host: NearHost) -> None:
        super().__init__(pilot, app)
        self.host = host

    @property
    def store(self) -> ClassStore:
        return self.host.store

    def events(self, what: str) -> list[Event]:
        """What teachers have done of a kind."""
        return [each for each in self.store.events("midterm") if each.what == what]

    async def fill(self, **fields: str) -> str:
        """Fill in the form that is open, and press Enter."""
        form: Any = self.app.screen
        for name, text in fields.items():
            form.inputs[name].value = text
        return await self.press("enter")


@asynccontextmanager
async def teaching(
    folder: Path,
    *,
    assignment: str = "",
    language: str = "en",
    notation: Notation = "unicode",
    size: tuple[int, int] = SIZE,
    configuration: Configuration = DEFAULT,
    store: ClassStore | None = None,
    down: bool = False,
    every: float = NEVER,
) -> AsyncIterator[Teacher]:
    """The app at a desk in this process, once it has shown its first screen."""
    host = NearHost(store or midterm(folder))
    host.is_down = down
    app = DeskApp(
        lambda tell: host,
        assignment=assignment,
        language=language,
        notation=notation,
        configuration=configuration,
        every=every,
    )
    async with app.run_test(size=size) as pilot:
        teacher = Teacher(pilot, app, host)
        await teacher.settle()
        yield teacher
