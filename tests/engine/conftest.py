"""Lessons to compute with: the course's, those under `tests/data`, and ones written on the spot."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="session")
def course() -> Lesson:
    return load("two-hidden-layers")


@pytest.fixture(scope="session")
def lesson_of() -> Callable[[str], Lesson]:
    """The lesson of a name under `tests/data/lessons`, with all local derivatives."""
    return lambda name: replace(load(str(DATA / "lessons" / f"{name}.toml")), local="tape")


@pytest.fixture
def write_lesson(tmp_path: Path) -> Callable[[str], Lesson]:
    """Writes a lesson's text to a file, and loads it."""

    def write(text: str) -> Lesson:
        path = tmp_path / "lesson.toml"
        path.write_text(text, encoding="utf-8")
        return load(str(path))

    return write
