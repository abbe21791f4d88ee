"""The data of the record: attempts, and what is summed up from them."""

import os
import secrets
import time
from collections.abc import Callable
from hashlib import blake2b
from typing import Literal, TypeAlias

from msgspec import Struct, field

from bptutor.literals import Part, Verdict
from bptutor.text import UserError
from bptutor.text.printable import printable

Purpose: TypeAlias = Literal["quiz", "exam", "replay", "homework"]
"""homework: fixed items with feedback, as an assignment has them."""
Occasion: TypeAlias = Literal["lesson"] | Purpose  # where an attempt was made
Outcome: TypeAlias = Verdict | Literal["shown"]
Review: TypeAlias = Callable[[str | None], tuple[str, float]]
"""From the JSON of an FSRS card (None: there is none yet) to that of the card after a review, and
when it is due: seconds since 1970, UTC."""


def new_id() -> str:
    """A unique id for an attempt made now; ids sort by time."""
    return f"{time.time_ns():016x}{secrets.token_hex(4)}"


def id_at(moment: float, place: int, learner: str) -> str:
    """The id of one of the attempts that a learner makes at one moment: always the same one.

    The learner is in it, since others who submit at that moment may share the database.
    """
    whose = blake2b(learner.encode(), digest_size=4).hexdigest()
    return f"{int(moment * 1e9) + place:016x}{whose}"


def learner_name() -> str:
    """The learner: `BPTUTOR_LEARNER`, by default the user of the operating system.

    Raises UserError: the name is not printable text.
    """
    if name := os.environ.get("BPTUTOR_LEARNER"):
        if not name.isprintable():  # bytes that are not UTF-8 are surrogates here
            raise UserError(
                "BPTUTOR_LEARNER is “{given}”; it must be a name in UTF-8 without control "
                "characters.",
                given=printable(name)[:80],
            )
        return name
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
    """An answer of a learner, or an answer that was shown to them."""

    id: str = field(default_factory=new_id)
    learner: str = field(default_factory=learner_name)
    at: float = field(default_factory=time.time)  # seconds since 1970, UTC
    lesson: str  # its name, or the path of its file
    digest: str
    part: Part = "tape"
    step: str
    kind: str
    skill: str
    seed: int | None = None  # of the numbers; None for the lesson's own
    made_for: str = ""  # the step that the numbers were drawn for, if it is another one
    iteration: int = 0  # of the lesson's own numbers: after how many iterations
    sitting: Occasion = "lesson"
    product: str = ""
    cells: list[str] = []
    verdict: Outcome
    misconceptions: list[str] = []
    hints: int = 0
    number: int = 1  # 1 for the first attempt at this step
    closed: bool = False  # is it the last attempt at the step?
    milliseconds: int = 0
    rule_shown: bool = False  # was the chain rule shown? The skill's strength does not count it.
    explained: bool = False  # was something said that may explain it, be it without an id?


class Met(Struct, frozen=True):
    """How often an item could have shown a misconception, and did."""

    met: int
    made: int
    last_made: float  # seconds since 1970, UTC; 0 for never


class Practice(Struct, frozen=True):
    """Counts for a day, or for a kind of step."""

    attempts: int
    right: int  # right attempts
    items: int  # steps that were finished
    at_once: int  # steps that were right at the first attempt and without a hint


class Made(Struct, frozen=True):
    """How often and when a misconception was seen."""

    misconception: str
    times: int
    days: int
    last: float  # seconds since 1970, UTC


class Activity(Struct, frozen=True):
    """A learner's attempts, summed up."""

    since: float | None = None  # when the first attempt was made: seconds since 1970, UTC
    days: dict[int, Practice] = {}  # by `date.toordinal` in the learner's local time, in order
    skills: dict[str, Practice] = {}  # by kind of step
    made: list[Made] = []  # the most frequent first
    unreadable: int = 0  # damaged rows, which are skipped

    @property
    def attempts(self) -> int:
        return sum(day.attempts for day in self.days.values())
