"""Learners who follow a script over the socket of a host, and keep what was acknowledged."""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from bptutor import __version__
from bptutor.course.parts import steps_of
from bptutor.language.render import write
from bptutor.lesson.load import load
from bptutor.service import wire
from bptutor.service.client import Client
from bptutor.service.desk import Desk
from bptutor.service.host_connection import HostConnection
from bptutor.service.process import RequestRefused, ServiceLost
from bptutor.service.protocol import Hello
from bptutor.views.lesson import Opened, StepView
from bptutor.views.quiz import QuizView
from tests.near import ON_THE_TAPE
from tools.classroom import hosted

HELLO = Hello(__version__, "en", "unicode")
LESSON, EXAM, ITEMS = "two-hidden-layers", "midterm", 8
MOST_REFUSALS = 100
COURSE = json.loads(
    (Path(__file__).parents[2] / "tests" / "data" / "course_values.json").read_text()
)
MIDTERM = f"""
title = "Midterm"
kind = "exam"
lessons = ["two-hidden-layers", "softmax"]
items = {ITEMS}
"""


AS_ANOTHER = threading.Lock()
"""Held while this process is another user, with all its threads; root's work waits for it."""


class As(HostConnection):
    """A connection of some user id, which all threads have meanwhile."""

    def __init__(self, path: Callable[[], str], user: int) -> None:
        super().__init__(path(), lambda event: None)
        self._path, self._user = path, user

    def _queue_up(self) -> socket.socket:
        with AS_ANOTHER:
            self.path = self._path()
            os.seteuid(self._user)  # which is whom the kernel names to the other end
            try:
                return super()._queue_up()
            finally:
                os.seteuid(0)


def cells_of(value: Any) -> list[str]:
    """The numbers of a value as they are typed."""
    return (
        [each for part in value for each in cells_of(part)]
        if isinstance(value, list)
        else [repr(value)]
    )


class Learner:
    """One learner. What is lost or doubled is told by `wrong`."""

    def __init__(self, number: int, path: Callable[[], str], seed: int = 0) -> None:
        self.login = hosted.login(hosted.FIRST + number)
        self.client = Client(As(path, hosted.FIRST + number), HELLO, self._is_lost)
        self._random = random.Random(1000 * seed + number)
        self.verdicts: list[float] = []
        """Seconds from each answer to its verdict."""
        self.first = 0.0
        """Seconds from the connection to the first verdict that was possible."""
        self.answered_at = 0.0
        """When something was answered last, by the monotonic clock."""
        self.losses = 0
        self.kept: dict[int, tuple[str, list[str]]] = {}
        """In the exam: what was acknowledged, by item."""
        self.unsure: dict[int, list[tuple[str, list[str]]]] = {}
        """What was sent since, and may have been kept."""
        self.refused = 0

    def _is_lost(self) -> None:
        self.losses += 1

    async def still(self, work: Callable[[], Any]) -> Any:
        """Do something, again and again while there is nobody to do it with."""
        while True:
            try:
                done = await work()
            except ServiceLost:
                await asyncio.sleep(0.05)
                continue
            except RequestRefused:  # as where the database is busy: a learner tries again
                self.refused += 1
                if self.refused > MOST_REFUSALS:
                    raise
                continue
            self.answered_at = monotonic()
            return done

    # ── practice ──────────────────────────────────────────────────────────────────────────────

    async def practise(self, pause: float, seconds: float, after: float) -> None:
        """Come `after` seconds, and answer the lesson right, a step in every `pause` seconds."""
        await asyncio.sleep(after)
        began = monotonic()
        await self.client.start()
        opened = await self.client.open(LESSON, "all", False)
        assert isinstance(opened, Opened)
        course = steps_of(load(LESSON), "tape")
        while True:
            for step in course:
                product = write(step.product, "ascii") if step.kind == "backward" else ""
                product = ON_THE_TAPE.get(step.id, product)
                cells = [] if step.kind == "code" else self._typed(step.id)
                asked = monotonic()
                await self.still(partial(self.client.tutor.check, product, cells, "both"))
                self.verdicts.append(monotonic() - asked)
                self.first = self.first or monotonic() - began
                await self.still(lambda: self.client.tutor.go("next"))
                if monotonic() >= began + seconds:
                    return
                await asyncio.sleep(self._random.uniform(0.6, 1.4) * pause)
            await self.still(lambda: self.client.open(LESSON, "all", False))

    def _typed(self, step: str) -> list[str]:
        """The cells that the step asks for."""
        here = self.client.place
        cells = cells_of(COURSE[step])
        if here and len(here.grid.asked) != len(cells):
            columns = here.grid.columns
            return [cells[each.row * columns + each.column] for each in here.grid.asked]
        return cells

    # ── an exam ───────────────────────────────────────────────────────────────────────────────

    async def sit(self, until: asyncio.Event, pause: float) -> None:
        """Begin the exam, and answer some item or other until it is time to submit."""
        await self.still(self.client.start)
        await self.still(lambda: self.client.open_assignment(EXAM, "", False))
        await self.still(self.client.tutor.begin)
        while not until.is_set():
            index = self._random.randrange(ITEMS)
            view = await self.still(partial(self.client.tutor.go, index))
            assert isinstance(view, StepView)
            product = self._random.choice(["a", "b * c", ""]) if view.asks_product else ""
            cells = [str(self._random.randint(-99, 99)) for _ in view.grid.asked]
            self.unsure.setdefault(index, []).append((product, cells))
            await self.still(partial(self.client.tutor.check, product, cells, "both"))
            self.kept[index] = (product, cells)
            self.unsure[index] = []
            await asyncio.sleep(self._random.uniform(0.2, 1.8) * pause)
        end = await self.still(self.client.tutor.hand_in)
        assert isinstance(end, QuizView)

    async def stop(self) -> None:
        await self.client.stop()


async def teacher(path: str, learners: int) -> None:
    """The roster and the exam."""
    connection = As(lambda: path, hosted.TEACHER)
    await connection.start(HELLO)
    desk: Desk = wire.desk_caller(connection.call)
    roster = "\n".join(["login", *(hosted.login(hosted.FIRST + n) for n in range(learners))])
    await desk.roster(roster, "roster.csv")
    await desk.assign(MIDTERM, f"{EXAM}.toml", {})
    await connection.stop()
