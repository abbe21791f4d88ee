"""One action of the learner: its key, its command, when it is there and what it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bptutor.front.here import Here
from bptutor.front.tour import Tour
from bptutor.service.protocol import Tutor
from bptutor.text import Message

FIRST = (
    *("enter", "tab", "left", "right", "pageup", "pagedown", "escape"),
    *("f10", "ctrl+q", "ctrl+z", "ctrl+underscore", "ctrl+u", "ctrl+x"),
)
"""Keys that the field with the focus does not get."""
SECOND = {
    "f1": ("ctrl+g", "alt+g"),
    "f2": ("ctrl+t", "alt+t"),
    "f3": ("ctrl+r", "alt+r"),
    "f4": ("ctrl+o", "alt+o"),
    "f5": ("ctrl+n", "alt+n"),
    "f6": ("ctrl+l", "alt+l"),
    "f7": ("ctrl+s", "alt+s"),
    "f8": ("ctrl+b", "alt+a"),
    "f9": ("ctrl+y", "alt+y"),
    "f10": ("alt+q",),
    "f11": ("ctrl+f", "alt+c"),
    "f12": ("ctrl+p", "alt+p"),
}
"""What does the same as a function key, which many terminals keep to themselves.

With Ctrl it leaves alone the letters with which a field is edited (A, D, E, K, U, W, V), and those
that terminals take for other keys (H, I, J, M). Browsers and editors keep some of the rest, but not
with Alt; there B and F go from word to word.
"""


BACK = Message("Back")
QUIZ, SUBMIT = "ctrl+k,alt+k", "ctrl+x,alt+x"  # no function key: a letter with Ctrl or Alt


def with_second(key: str) -> str:
    """A list of keys, each function key followed by those that do the same."""
    return ",".join(each for one in key.split(",") for each in (one, *SECOND.get(one, ())))


def always(_: Here) -> bool:
    """It is always there."""
    return True


def look(
    place: str, ask: Callable[[Tutor], Awaitable[object]]
) -> Callable[[Tour], Awaitable[None]]:
    """Ask the tutor for something, and show it in its place."""

    async def do(tour: Tour) -> None:
        await tour.stage.show(place, await tour.look(lambda: ask(tour.tutor)))

    return do


def say(message: Message) -> Callable[[Tour], Awaitable[None]]:
    """Say why a key does nothing."""

    async def do(tour: Tour) -> None:
        tour.stage.say(message)

    return do


@dataclass(frozen=True)
class Action:
    """One thing that can be done in one or several places."""

    id: str  # its name in the `keys` setting; in one place only one action with a key has it
    places: str
    """Where it is: screens by their names, `app` for all of them, `list` and `field` for widgets;
    text mode has `menu`, `step`, `summary`, `quiz-end`, `changed`, and `app` for all of them."""
    do: str | Callable[..., Awaitable[None]]
    """A method of the tour; or by its name what the screen, the widget or the place in text mode
    does."""
    key: str = ""  # by default; several with commas between them
    label: Message | None = None  # beside the key in the line of keys; None: not shown there
    word: Message | None = None  # the command of text mode
    does: Message | None = None  # what the command does
    takes: Message | None = None  # what may be typed after the command; the tour's method gets it
    help: Message | None = None  # what the key does in a lesson; keys that do the same share a line
    quiz_help: Message | None = None  # what it does in a quiz, where that is something else
    when: Callable[[Here], bool] = always
    rank: int = 5  # the lower, the earlier in the line of keys, which may not have room for all
    idle: bool = False  # does it only say why its key does nothing? Others may have the key too.

    @property
    def keys(self) -> list[str]:
        return self.key.split(",")

    @property
    def priority(self) -> bool:
        return any(key in FIRST or key.removeprefix("shift+") in FIRST for key in self.keys)

    def run(self, tour: Tour, argument: str = "") -> Awaitable[None]:
        """Do it, where it is the tour's."""
        assert not isinstance(self.do, str)
        return self.do(tour, argument) if self.takes else self.do(tour)
