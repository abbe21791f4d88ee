"""The forward and the backward pass, line by line: values appear, then gradients."""

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from msgspec.structs import replace
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer

from bptutor.text import Message
from bptutor.tui.screens.base import Dialog
from bptutor.tui.widgets.tape import Tape
from bptutor.tui.widgets.text import Words
from bptutor.views.lesson import TapeLine

Place: TypeAlias = tuple[int, Literal["down", "up"]]
"""The line that the pass is at, and which pass it is."""

SECONDS, LONGEST = 0.4, 12.0
"""Seconds at each line, and for the whole way, of a long program."""
DOWN = Message("Forward pass: each line computes its value and saves what its derivative needs.")
UP = Message("Backward pass: each line gets an upstream gradient and passes one to its inputs.")


def way(lines: int) -> Iterator[Place]:
    """Down through so many lines, and back up."""
    yield from ((index, "down") for index in range(lines))
    yield from ((index, "up") for index in reversed(range(lines)))


def lines_at(lines: Sequence[TapeLine], place: Place) -> list[TapeLine]:
    """The tape as it is when the pass is at a place.

    A gradient has the shape of the value: in symbols that is all there is to show of it.
    """
    here, direction = place
    return [
        replace(
            line,
            value=line.value if direction == "up" or index <= here else None,
            # The loss itself is where the way back begins.
            gradient=line.value if direction == "up" and here <= index < len(lines) - 1 else None,
            current=index == here,
            direction=direction if index == here else "",
        )
        for index, line in enumerate(lines)
    ]


class SignalScreen(Dialog[None]):
    """The tape alone, with both passes going over it; any key ends it."""

    PLACE = "signal"

    def __init__(self) -> None:
        super().__init__()
        self.tape = Tape()
        self.explanation = Words()
        self.lines: list[TapeLine] = []
        self._way: Iterator[Place] = iter(())
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Words(self.words(Message("Forward and backward pass")), classes="heading")
            yield from (self.tape, self.explanation)
            yield Words(
                self.words(Message("Press any key to return to the step.")), classes="aside"
            )

    def show(self, lines: list[TapeLine]) -> None:
        self.lines = lines
        self._way = way(len(lines))
        self._stop()
        self._move()
        seconds = min(SECONDS, LONGEST / (2 * len(lines)))
        self._timer = self.set_interval(seconds, self._move)

    def _move(self) -> None:
        """One line further, and stop at the end."""
        place = next(self._way, None)
        if place is None:
            self._stop()
            return
        step = self.tour.step
        self.tape.show(lines_at(self.lines, place), step.layers if step else {})
        self.explanation.show(self.words(DOWN if place[1] == "down" else UP))

    def _stop(self) -> None:
        if self._timer:
            self._timer.stop()
        self._timer = None

    @property
    def moving(self) -> bool:
        return self._timer is not None

    def on_key(self, event: events.Key) -> None:
        """Any key closes the animation."""
        event.stop()
        self._stop()
        self.dismiss(None)
