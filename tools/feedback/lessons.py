"""The lessons that feedback is proved on: those that are shipped, and those of the tests."""

from __future__ import annotations

from pathlib import Path

from bptutor.lesson.find import available
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load

DATA = Path(__file__).parents[2] / "tests" / "data" / "lessons"


def lessons() -> list[Lesson]:
    """Every lesson, the shipped ones first."""
    written = [str(path) for path in sorted(DATA.glob("*.toml"))]
    return [load(reference) for reference in [*available(), *written]]
