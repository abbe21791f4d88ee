"""A learner who walks the lesson by what is on the screen, and may be cut off at any moment."""

from __future__ import annotations

import re
from math import inf
from random import Random
from time import monotonic

from tests.end_to_end.terminal import Terminal
from tests.kills.ledger import Fields, Ledger
from tests.kills.lesson import ANSWERS

STEP = re.compile(r"step (\d+)/\d+")
FIELD = re.compile(r"^ (?:product|value) +\[(.*?) *\](\S?)", re.MULTILINE)
BEGIN, CHECK, GO_ON = "Enter Begin", "Enter Check", "Enter Go on"
RIGHT, WRONG = "✓", "✗"
QUIET = 0.15
"""Seconds without a byte after which a screen has come whole."""


class Moment(Exception):  # noqa: N818
    """It has come: whatever was waited for is not waited for any more."""


class Doomed(Terminal):
    """A terminal in which every wait ends at a moment."""

    moment = inf
    """By the monotonic clock."""

    def _readable(self, seconds: float) -> bool:
        left = self.moment - monotonic()
        if left > seconds:
            return super()._readable(seconds)
        if left > 0 and super()._readable(left):
            return True
        raise Moment

    @property
    def step(self) -> int | None:
        """The step that is on the screen."""
        found = STEP.search(self.text)
        return int(found[1]) if found and (CHECK in self.text or GO_ON in self.text) else None

    @property
    def marks(self) -> list[str]:
        """The mark of each field, from above; empty where there is none."""
        return [mark for _, mark in FIELD.findall(self.text)]

    def holds(self, fields: Fields) -> bool:
        """Are these in the fields, from above (a name that is completed is longer there)?"""
        shown = [text for text, _ in FIELD.findall(self.text)]
        return len(shown) == len(fields) and all(
            text.startswith(field.rstrip())
            and (field or not text or text.startswith("such a name"))
            for text, field in zip(shown, fields, strict=True)
        )


class Learner:
    """Answers step after step: at once, in pieces with pauses, or wrong at first."""

    def __init__(self, terminal: Doomed, ledger: Ledger, random: Random) -> None:
        self._terminal = terminal
        self._ledger = ledger
        self._random = random

    def walk(self) -> None:
        """To the last step's verdict. Raises Moment."""
        while not (self._ledger.at == len(ANSWERS) and self._ledger.at in self._ledger.solved):
            self._do_step()

    def _do_step(self) -> None:
        ledger, terminal = self._ledger, self._terminal
        if ledger.going or ledger.at in ledger.solved:
            self._go_on()
        elif ledger.checking:
            self._await_verdict()
        else:
            answer = ANSWERS[ledger.at - 1].fields
            if not any(terminal.marks) and self._random.random() < 0.3:
                self._type((*answer[:-1], "7.5"))
                self._check()
            elif self._random.random() < 0.3:
                self._type((*answer[:-1], answer[-1] + "*1.0"[: self._random.randint(1, 4)]))
            else:
                self._type(answer)
                self._check()

    def _go_on(self) -> None:
        ledger, terminal = self._ledger, self._terminal
        if not ledger.going:
            ledger.going = True
            terminal.press("enter")
        terminal.wait_for(lambda _: terminal.step == ledger.at + 1)
        terminal.wait_for_quiet(QUIET)
        ledger.arrive(ledger.at + 1, ("",) * len(ANSWERS[ledger.at].fields))

    def _check(self) -> None:
        self._ledger.checking = True
        self._terminal.press("enter")
        self._await_verdict()

    def _await_verdict(self) -> None:
        """A wrong answer is one at which there was no mark; a right one may have an old mark."""
        terminal, ledger = self._terminal, self._ledger
        right = self._now == ANSWERS[ledger.at - 1].fields
        terminal.wait_for(
            lambda _: GO_ON in terminal.text or (not right and WRONG in terminal.marks)
        )
        terminal.wait_for_quiet(QUIET)
        ledger.checking = False
        if GO_ON in terminal.text:
            ledger.solve()

    def _type(self, fields: Fields) -> None:
        """Type all fields anew, in pieces; each piece is waited for."""
        terminal = self._terminal
        if len(fields) > 1:
            terminal.press("up")
            terminal.wait_for_quiet(QUIET)
        for place, field in enumerate(fields):
            if place:
                terminal.press("tab")
            terminal.press("ctrl+e", "ctrl+u")
            self._see(place, "")
            for end in self._pieces(len(field)):
                terminal.send(field[len(self._now[place]) : end])
                self._see(place, field[:end])
                if self._random.random() < 0.2:
                    terminal.wait_for_quiet(self._random.uniform(0.2, 1.6))

    @property
    def _now(self) -> Fields:
        return self._ledger.typed[-1].fields

    def _see(self, place: int, text: str) -> None:
        """Note what is being typed into a field, and when it is on the screen."""
        fields = (*self._now[:place], text, *self._now[place + 1 :])
        typed = self._ledger.type(fields)
        self._terminal.wait_for(lambda _: self._terminal.holds(fields))
        typed.seen = monotonic()

    def _pieces(self, length: int) -> list[int]:
        """Where the pieces of a text of so many characters end."""
        count = self._random.randint(1, min(3, length))
        return sorted({*self._random.sample(range(1, length), count - 1), length})
