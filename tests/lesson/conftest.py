"""Lesson files, written for a test."""

from pathlib import Path

import pytest

from tests.lesson.sound import Write


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "unit.toml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
