"""The real service with the real TensorFlow, from the app's end: a course that is cut off."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bptutor import __version__
from bptutor.literals import Judged
from bptutor.service import wire
from bptutor.service.process import ServiceLost, ServiceProcess
from bptutor.service.protocol import EngineState, Event, Hello, Training
from bptutor.views.lesson import Opened, StepView, SummaryView
from tests.near import ASKED, ON_THE_TAPE

COURSE = "two-hidden-layers"
PUBLISHED = json.loads((Path(__file__).parents[1] / "data" / "course_values.json").read_text())
"""Every value of the course, as its notebook printed it."""
PRODUCTS = {
    "dLoss_dY_pred": "2*(Y_pred - Y_true)",
    "dLoss_dW3": "dLoss_dY_pred * dY_pred_dW3",
    "dLoss_db3": "dLoss_dY_pred * dY_pred_db3",
    "dLoss_da2": "dLoss_dY_pred * dY_pred_da2",
    "dLoss_dZ2": "dLoss_da2 * da2_dZ2",
    "dLoss_dW2": "tf.matmul(a1, dLoss_dZ2, transpose_a=True)",
    "dLoss_db2": "dLoss_dZ2 * dZ2_db2",
    "dLoss_da1": "dLoss_dZ2 @ W2.T",
    "dLoss_dZ1": "∂Loss/∂a1 · ∂a1/∂Z1",
    "dLoss_dW1": "Xᵀ @ dLoss_dZ1",
    "dLoss_db1": "dLoss_dZ1 * dZ1_db1",
    "dLoss_dX": "dLoss_dZ1 @ W1.T",
}
"""As the course writes them, in the spellings that people use."""


class Learning(ServiceProcess):
    """A client that keeps the events, and knows how to start and to be killed."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.told = asyncio.Event()
        super().__init__(self.hear)
        self.tutor = wire.caller(self.call)

    def hear(self, event: Event) -> None:
        self.events.append(event)
        self.told.set()

    async def wait_for(self, kind: type[Event]) -> None:
        """Until an event of a kind has come."""
        while not any(isinstance(event, kind) for event in self.events):
            self.told.clear()
            await self.told.wait()

    def kill(self) -> None:
        assert self._child is not None
        os.kill(self._child.pid, signal.SIGKILL)

    async def open(self) -> Opened:
        opened = await self.tutor.open(COURSE, "all", resume=True)
        assert isinstance(opened, Opened)
        return opened

    async def check(self, product: str, cells: list[str], judge: Judged) -> StepView:
        view = await self.tutor.check(product, cells, judge)
        assert isinstance(view, StepView)
        return view

    async def go(self, to: int) -> StepView:
        view = await self.tutor.go(to)
        assert isinstance(view, StepView)
        return view


@pytest.fixture
async def client() -> AsyncIterator[Learning]:
    found = Learning()
    yield found
    await found.stop()


def answer(view: StepView) -> tuple[str, list[str], Judged]:
    """What the course says at a step."""
    if view.kind == "code":
        return ON_THE_TAPE[view.step], [], "product"
    numbers, columns = flat(PUBLISHED[view.step]), view.grid.columns
    cells = [f"{numbers[each.row * columns + each.column]:.8g}" for each in view.grid.asked]
    return PRODUCTS.get(view.step, ""), cells, "both" if view.asks_product else "value"


def flat(numbers: Any) -> list[float]:
    return [x for row in numbers for x in flat(row)] if isinstance(numbers, list) else [numbers]


async def answer_on(client: Learning, view: StepView, until: str | None) -> StepView | SummaryView:
    """Answer right, step after step, until a step is open; the summary where there is none."""
    while view.step != until:
        checked = await client.check(*answer(view))
        assert checked.stage == "solved", (view.step, checked.message)
        screen = await client.tutor.go("next")
        if isinstance(screen, SummaryView):
            return screen
        assert isinstance(screen, StepView)
        view = screen
    return view


@pytest.mark.whole
async def test_a_course_with_a_service_that_is_killed_twice(client: Learning) -> None:
    hello = Hello(__version__, "en", "unicode")
    assert (await client.start(hello)).state == "loading"
    lessons = await client.tutor.menu()
    assert COURSE in [item.name for item in lessons.items]
    opened = await client.open()
    assert not opened.resumed
    assert opened.view.step == "Z1"
    assert not client.events  # all of this while TensorFlow loads

    view = await client.check("", ["1.4", "1", "0.4"], "value")
    assert [cell.verdict for cell in view.grid.asked] == ["exact", "wrong", "exact"]
    await client.wait_for(EngineState)

    # Killed with a wrong answer on the screen.
    client.kill()
    with pytest.raises(ServiceLost):
        await client.check(*answer(view))
    await client.restart()
    opened = await client.open()
    assert opened.resumed
    assert opened.view.step == "Z1"
    assert opened.view.stage == "open"
    assert [cell.text for cell in opened.view.grid.asked] == ["1.4", "1", "0.4"]

    there = await answer_on(client, opened.view, until="dLoss_dW3")
    assert isinstance(there, StepView)

    # Killed with a half-typed answer; the answers before it are there, and so are the values.
    await client.tutor.draft("dLoss_dY_pred *", ["0.03", "", ""])
    client.kill()
    with pytest.raises(ServiceLost):
        await client.tutor.menu()
    await client.restart()
    lessons = await client.tutor.menu()
    (item,) = [item for item in lessons.items if item.name == COURSE]
    assert item.parts["tape"].answered == ASKED.index("dLoss_dW3")
    opened = await client.open()
    assert opened.view.step == "dLoss_dW3"
    assert opened.view.product == "dLoss_dY_pred *"
    assert [cell.text for cell in opened.view.grid.asked] == ["0.03", "", ""]
    before = await client.go(0)
    assert before.stage == "solved"
    assert [cell.verdict for cell in before.grid.asked] == ["exact"] * 3
    here = await client.go(18)

    summary = await answer_on(client, here, until=None)
    assert isinstance(summary, SummaryView)
    assert summary.solved == summary.asked == len(ASKED)
    assert summary.shown == 0
    assert summary.loss_before == pytest.approx(PUBLISHED["Loss"], rel=1e-6)
    after = {change.name: change.after.values for change in summary.parameters}
    assert after["W3"] == pytest.approx(flat(PUBLISHED["W3_new"]), rel=1e-6)

    # TensorFlow trains on, and stops when it is told to.
    client.events.clear()
    training = asyncio.create_task(client.tutor.train(1_000_000))
    await client.wait_for(Training)
    assert (await client.tutor.menu()).items
    await client.tutor.cancel()
    trained = await training
    assert isinstance(trained, SummaryView)
    told = [event for event in client.events if isinstance(event, Training)]
    assert [event.done for event in told] == sorted(event.done for event in told)
    assert 0 < told[-1].done < 1_000_000
    assert trained.losses[-1] < summary.loss_after
