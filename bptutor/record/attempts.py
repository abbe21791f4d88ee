"""What the record is made of: attempts, and what follows from them about a learner."""

import os
import secrets
import time
from collections.abc import Callable
from hashlib import blake2b
from typing import Literal, TypeAlias

from msgspec import Struct, field

from bptutor.literals import Part, Verdict
from bptutor.text import Message, UserError
from bptutor.text.printable import printable

Purpose: TypeAlias = Literal["quiz", "exam", "replay"]
Occasion: TypeAlias = Literal["lesson"] | Purpose
"""Where an attempt was made."""
Came: TypeAlias = Verdict | Literal["shown"]
"""What came of it."""
Review: TypeAlias = Callable[[str | None], tuple[str, float]]
"""From the JSON of the FSRS card of a kind of step (None: there is none yet) to that of the card
after a review, and when it is due: seconds since 1970, UTC."""


def new_id() -> str:
    """The id of an attempt made now: a later one's is greater, and no two are the same."""
    return f"{time.time_ns():016x}{secrets.token_hex(4)}"


def id_at(moment: float, place: int, learner: str) -> str:
    """The id of an attempt among those that a learner makes at one moment: always the same one.

    Others who hand in at that moment too may be kept in the same database.
    """
    whose = blake2b(learner.encode(), digest_size=4).hexdigest()
    return f"{int(moment * 1e9) + place:016x}{whose}"


def learner_name() -> str:
    """Whose attempts are kept: `BPTUTOR_LEARNER`, else the user of the operating system.

    Raises:
        UserError: the name is no text.
    """
    if given := os.environ.get("BPTUTOR_LEARNER"):
        if not given.isprintable():  # bytes that are no UTF-8 are surrogates here
            raise UserError(
                Message(
                    "BPTUTOR_LEARNER is “{given}”; it must be a name in UTF-8 without control "
                    "characters.",
                    given=printable(given)[:80],
                )
            )
        return given
    try:
        import pwd
    except ImportError:  # Windows
        import getpass

        return getpass.getuser()
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"


class Attempt(Struct, frozen=True, kw_only=True):
    """One answer of a learner's, or an answer that was shown to them."""

    id: str = field(default_factory=new_id)
    learner: str = field(default_factory=learner_name)
    at: float = field(default_factory=time.time)
    """Seconds since 1970, UTC."""
    lesson: str
    """Its name, or the path of its file."""
    digest: str
    """Of the lesson's file."""
    part: Part = "tape"
    step: str
    kind: str
    skill: str
    seed: int | None = None
    """Of the numbers; None for the lesson's own."""
    made_for: str = ""
    """The step that the numbers were made for, where it is another one."""
    iteration: int = 0
    """Of the lesson's own numbers: after how many iterations."""
    sitting: Occasion = "lesson"
    product: str = ""
    cells: list[str] = []
    verdict: Came
    misconceptions: list[str] = []
    """The ids of what went wrong, the likeliest first."""
    hints: int = 0
    number: int = 1
    """Which attempt at this step it was."""
    closed: bool = False
    """Is the step over by it?"""
    milliseconds: int = 0


class Met(Struct, frozen=True):
    """How often an item could have shown a misconception, and did."""

    met: int
    made: int
    last_made: float
    """Seconds since 1970, UTC; 0 for never."""


class Practice(Struct, frozen=True):
    """What was done on a day, or of a kind of step."""

    attempts: int
    right: int
    """Right attempts."""
    items: int
    """Steps that were over."""
    at_once: int
    """Of them those that were right at the first attempt and without a hint."""


class Made(Struct, frozen=True):
    """A misconception that was seen."""

    misconception: str
    times: int
    days: int
    """On how many days."""
    last: float
    """Seconds since 1970, UTC."""


class Activity(Struct, frozen=True):
    """All that a learner did, summed up."""

    since: float | None = None
    """The first attempt; None where there is none."""
    days: dict[int, Practice] = {}
    """By day, as `date.toordinal` counts them, in the learner's own time; the first one first."""
    skills: dict[str, Practice] = {}
    """By kind of step."""
    made: list[Made] = []
    """The most frequent first."""
    unreadable: int = 0
    """Attempts that are passed over: their rows are damaged."""

    @property
    def attempts(self) -> int:
        """How many attempts there were."""
        return sum(day.attempts for day in self.days.values())
