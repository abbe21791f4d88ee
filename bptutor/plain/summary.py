"""The end of an iteration: the loss and the weights before and after, and how to go on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from math import prod

from bptutor.plain.among_steps import AmongSteps
from bptutor.plain.commands import Command
from bptutor.plain.dialogue import Said
from bptutor.plain.figures import MOST, cell_words, matrix_lines
from bptutor.plain.place import Draft, Way
from bptutor.service.figures import figures_for_change, size_of, weight
from bptutor.service.sentences import HOW_MANY, iterations, score
from bptutor.service.words import PARTS
from bptutor.text import Message, significant
from bptutor.views.lesson import ParameterChange, SummaryView

ON_THE_WAY = 11
"""Losses that are read out of a training."""


class Summary:
    """The summary; and the training that can follow it."""

    def __init__(self, way: Way, view: SummaryView) -> None:
        self._way = way
        self._say = way.dialogue.say
        self.view = view

    def arrive(self) -> None:
        """Say what the iteration, or the training, has come to."""
        self._say(*summary(self.view))

    def prompt(self) -> Message:
        if self.view.trains:
            return Message(
                "Type how many iterations TensorFlow is to train on, or {again} for another one by "
                "hand.",
                again=AGAIN,
            )
        if self.view.part == "derive":
            return Message("Press Enter to do the same lesson in numbers.")
        return Message("{menu} leads to the menu.", menu=Message("/menu"))

    def draft(self) -> Draft | None:
        return None

    async def answer(self, text: str) -> None:
        if self.view.trains and text:
            await self._train(text)
        elif self.view.part == "derive" and not text:
            await self._way.go_on_in_numbers()

    def commands(self) -> Sequence[Command]:
        lesson = AmongSteps(self._way, None).commands()
        repeat = Command(Message("/repeat"), Message("say this once more"), self._repeat)
        if not self.view.trains:
            return [repeat, *lesson]
        return [
            repeat,
            Command(
                Message("/train"),
                Message("let TensorFlow train on for so many iterations"),
                self._train,
                Message("ITERATIONS"),
            ),
            Command(AGAIN, Message("another iteration by hand"), self._again),
            *lesson,
        ]

    async def _repeat(self, _: str) -> None:
        self.arrive()

    async def _again(self, _: str) -> None:
        await self._way.present(await self._way.screen(self._way.dialogue.tutor.again))

    async def _train(self, text: str) -> None:
        count = iterations(text)
        if count is None:
            self._say(HOW_MANY)
            return
        dialogue = self._way.dialogue
        if dialogue.live:
            self._say(Message("TensorFlow trains. Ctrl+C stops it where it is."))
        with dialogue.interruptible(self._stop):
            screen = await self._way.screen(lambda: dialogue.tutor.train(count))
        await self._way.present(screen)

    def _stop(self) -> None:
        """Stop the training; what it has come to stands."""
        cancelling = self._way.dialogue.client.cancel()
        self._stopping = asyncio.create_task(cancelling)  # kept, lest it be collected


def summary(view: SummaryView) -> Iterator[Said]:
    """The end of an iteration, or of a training, in sentences."""
    yield ""
    yield Message(
        "{first}; {second}",
        first=view.lesson,
        second=Message("after iteration {number}", number=view.iteration),
    )
    if view.part != "tape":
        yield PARTS[view.part]
    else:
        yield Message(
            "Loss before: {before}. Loss after: {after}. Change: {change}.",
            before=significant(view.loss_before),
            after=significant(view.loss_after),
            change=significant(view.loss_after - view.loss_before, 3),
        )
    trained = len(view.losses) > 2
    if trained:
        yield Message("The loss on the way: {losses}", losses=_on_the_way(view.losses))
    yield score(view)
    if view.closing and not trained:
        yield view.closing
    for change in view.parameters:
        yield from _changed(change)


def _on_the_way(losses: Sequence[float]) -> str:
    """A few of the losses, evenly taken, the first and the last among them."""
    last = len(losses) - 1
    taken = min(ON_THE_WAY, len(losses))
    return ", ".join(
        significant(losses[round(index * last / (taken - 1))]) for index in range(taken)
    )


def _changed(change: ParameterChange) -> Iterator[Said]:
    """A parameter before and after, row by row."""
    before, after = change.before, change.after
    rows, columns = size_of(before.shape)
    if prod(before.shape) > MOST:
        yield from matrix_lines(change.name, after)
        return
    figures = figures_for_change(before, after)

    def row_of(values: Sequence[float], row: int) -> str:
        part = values[row * columns : (row + 1) * columns]
        return ", ".join(weight(value, before.dtype, figures) for value in part)

    for row in range(rows):
        of = Message("{name}, {cell}", name=change.name, cell=cell_words(rows, 1, row, 0))
        yield Message(
            "{name}: before {before}; after {after}",
            name=of if rows > 1 else change.name,
            before=row_of(before.values, row),
            after=row_of(after.values, row),
        )


AGAIN = Message("/again")
