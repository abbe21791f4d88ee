"""A learner who walks the lesson by what is on the screen, and may be cut off at any moment."""

from __future__ import annotations

import re
from math import inf
from random import Random
from time import monotonic

from tests.end_to_end.terminal import Terminal
from tests.keys import key_label
from tools.kills.ledger import Fields, Ledger
from tools.kills.subject import WRONG_ANSWER, Exam, Subject

STEP = re.compile(r"(?:step|item) (\d+)/\d+")
FIELD = re.compile(r"^ (?:formula|value) +\[(.*?) *([✓≈~✗?]?)\]", re.MULTILINE)
BEGIN = key_label("introduction", "begin")
CHECK, NOTE, GO_ON = (key_label("step", name) for name in ("check", "note", "go-on"))
SURE = "Ask again to show the answer."
WRONG = "✗"
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
        return (
            int(found[1])
            if found and any(key in self.text for key in (CHECK, NOTE, GO_ON))
            else None
        )

    @property
    def marks(self) -> list[str]:
        """The mark of each field, from above; empty where there is none."""
        return [mark for _, mark in FIELD.findall(self.text)]

    @property
    def in_example(self) -> bool:
        """Is it a worked example that goes on, which has no fields?"""
        return GO_ON in self.text and not self.marks

    def pass_example(self) -> None:
        """To the question, once the screen has come whole."""
        self.wait_for_quiet(QUIET)
        while self.in_example:
            before = self.text
            self.press("enter")
            self.wait_for(lambda now, before=before: now.text != before)  # type: ignore[misc]
            self.wait_for_quiet(QUIET)

    def holds(self, fields: Fields) -> bool:
        """Are these in the fields, from above (a name that is completed is longer there)?"""
        shown = [text for text, _ in FIELD.findall(self.text)]
        return len(shown) == len(fields) and all(
            text.startswith(field.rstrip()) and (field or not text or " is typed " in text)
            for text, field in zip(shown, fields, strict=True)
        )


class Learner:
    """Goes from step to step: answers at once, in pieces with pauses, wrong at first, or not."""

    def __init__(self, terminal: Doomed, subject: Subject, ledger: Ledger, random: Random) -> None:
        self._terminal = terminal
        self._subject = subject
        self._ledger = ledger
        self._random = random

    def walk(self) -> None:
        """Until the last step is over. Raises Moment."""
        while not (self._ledger.over or self._subject.length in self._ledger.closed):
            self._do_step()

    def _do_step(self) -> None:
        ledger, terminal = self._ledger, self._terminal
        answer = self._subject.answer(ledger.at)
        if isinstance(self._subject, Exam) and not ledger.going:
            self._note()
        elif ledger.going or ledger.at in ledger.closed:
            self._go_on()
        elif ledger.asking:
            self._listen()
        elif not any(terminal.marks) and self._random.random() < 0.3:
            self._type((WRONG_ANSWER, *self._now[1:]))
            self._ask("enter", closing=False)
        elif self._random.random() < 0.3:
            half = (answer or ("1.5",))[0] + "*1.0"[: self._random.randint(1, 4)]
            self._type((half, *self._now[1:]))
        elif answer:
            self._type(answer)
            self._ask("enter", closing=True)
        else:
            self._terminal.press("f3")
            self._terminal.wait_for(SURE)
            self._ask("f3", closing=True)

    def _note(self) -> None:
        """Answer an item of an exam, or half of it; nothing is said on it."""
        if self._random.random() < 0.3:
            self._type((WRONG_ANSWER + "*1", *self._now[1:]))
        self._type((WRONG_ANSWER,) * len(self._now))
        if self._ledger.at == self._subject.length:
            self._ledger.over = True
        else:
            self._go_on()

    def _go_on(self) -> None:
        ledger, terminal = self._ledger, self._terminal
        if not ledger.going:
            ledger.going = True
            ledger.pressed = terminal.press("enter")
        terminal.wait_for(lambda _: terminal.step == ledger.at + 1)
        terminal.pass_example()
        ledger.closed.add(ledger.at)
        ledger.arrive(ledger.at + 1, ("",) * len(terminal.marks))

    def _ask(self, key: str, closing: bool) -> None:
        """Ask for a verdict, or for the answer."""
        self._ledger.asking, self._ledger.closing = True, closing
        self._ledger.pressed = self._terminal.press(key)
        self._listen()

    def _listen(self) -> None:
        """A wrong answer is given where there is no mark; beside a right one may be an old one."""
        terminal, ledger = self._terminal, self._ledger
        terminal.wait_for(
            lambda _: GO_ON in terminal.text or (not ledger.closing and WRONG in terminal.marks)
        )
        terminal.wait_for_quiet(QUIET)
        ledger.hear(closed=GO_ON in terminal.text)

    def _type(self, fields: Fields) -> None:
        """Type into all fields anew, in pieces; each piece is waited for."""
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
        count = self._random.randint(0 if not length else 1, min(3, length))
        return sorted({*self._random.sample(range(1, length), count - 1), length}) if count else []
