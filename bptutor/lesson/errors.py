"""What is wrong with a lesson, and what its author or learner may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from bptutor.locale import UserError


class LessonError(UserError):
    """A lesson that cannot be opened: what, where, and what to do."""


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that `word` is most likely a slip of, if any is like it at all."""
    matches = get_close_matches(word.lower(), {choice.lower() for choice in choices}, 1, 0.5)
    return next((choice for choice in choices if choice.lower() in matches), None)
