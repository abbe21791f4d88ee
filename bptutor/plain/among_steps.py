"""The way among the steps of a lesson: back, the list of them, to one of them."""

from __future__ import annotations

from collections.abc import Sequence

from bptutor.plain import asides
from bptutor.plain.commands import Command
from bptutor.plain.place import Way
from bptutor.text import Message
from bptutor.views.lesson import StepName, StepView


class AmongSteps:
    """What can be done anywhere in a lesson; `view` is the step, None at the end."""

    def __init__(self, way: Way, view: StepView | None) -> None:
        self._way = way
        self._say = way.dialogue.say
        self._view = view

    def commands(self) -> Sequence[Command]:
        return [
            Command(Message("/back"), Message("the step before"), self._back),
            Command(
                Message("/steps"),
                Message("the list of steps"),
                self._steps,
            ),
            Command(
                Message("/step"),
                Message("to a step that has been reached"),
                self._step,
                Message("NUMBER"),
            ),
            *self._way.leaving(),
        ]

    async def _back(self, _: str) -> None:
        here = (await self._all())[1]
        if here == 0:
            self._say(Message("This is the first step."))
        else:
            await self._way.go(here - 1)

    async def _steps(self, _: str) -> None:
        steps, here = await self._all()
        furthest = self._view.furthest if self._view else len(steps)
        self._say(*asides.step_list(steps, here, furthest))

    async def _step(self, argument: str) -> None:
        steps = (await self._all())[0]
        index = asides.find_step(steps, argument)
        if index is None or not 0 <= index < len(steps):
            self._say(
                Message(
                    "There is no such step: say its number, from 1 to {count}.", count=len(steps)
                )
            )
        else:
            await self._way.go(index)

    async def _all(self) -> tuple[Sequence[StepName], int]:
        """The list of steps, and where in it the learner is: behind the last one at the end."""
        steps = await self._way.look(self._way.dialogue.tutor.steps)
        return steps, self._view.index if self._view else len(steps)
