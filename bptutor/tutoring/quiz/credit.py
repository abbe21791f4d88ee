"""What a right answer is worth."""

from __future__ import annotations

from bptutor.record.sittings import Mark

WRONG = 0.5
"""Each wrong attempt halves it: who tries again has still learned, and guessing does not pay."""
HINT = 0.8
"""Each hint costs a fifth of it."""


def credit(mark: Mark) -> float:
    """What a right answer is worth by now, from 0 to 1; nothing once the answer was shown."""
    if mark.stage == "shown":
        return 0.0
    worth: float = WRONG**mark.wrong * HINT**mark.hints
    return worth
