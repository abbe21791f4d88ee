"""The nearest right spelling of a name that is not there."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate nearest to `name`, or None where none is near."""
    by_lower: dict[str, str] = {}
    for candidate in candidates:  # of `relu` and `ReLU` the first is the one to suggest
        by_lower.setdefault(candidate.lower(), candidate)
    found = get_close_matches(name.lower()[:80], by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None
