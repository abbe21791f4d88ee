"""What is wrong with a lesson."""

from __future__ import annotations

from bptutor.locale import UserError


class LessonError(UserError):
    """A lesson that cannot be opened: what, where, and what to do."""
