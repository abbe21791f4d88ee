"""What is fuzzed: how a case is made, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tools.fuzz import answers, frames, lessons, models, records


@dataclass(frozen=True)
class Subject:
    made: Callable[[Random], tuple[str, bytes]]
    """The name of a case's file, and its content."""
    attempt: Callable[[Path], str]
    """Does with it what a learner would; what can be said of it.

    Raises:
        UserError: it is refused, in a sentence.
    """


SUBJECTS = {
    "lessons": Subject(lessons.made, lessons.attempt),
    "models": Subject(models.made, models.attempt),
    "records": Subject(records.made_record, records.attempt),
    "places": Subject(records.made_place, records.attempt),
    "answers": Subject(answers.made, answers.attempt),
    "frames": Subject(frames.made, frames.attempt),
}
